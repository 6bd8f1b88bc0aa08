/**
 * A call later, and its result as a Deferred.
 *
 * After: twisted.internet.task.deferLater. Differs: without a function it is called `sleep`, and
 * takes a signal.
 *
 * @module
 */
import { fail } from "../../defer/combinators.ts";
import { Deferred, type Eventual } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import type { Failure } from "../../defer/failure.ts";
import { abortCause, cancelOnAbort } from "../endpoints/abort-options.ts";
import type { AbortOptions } from "../interfaces-factory.ts";
import type { IReactorTime } from "../interfaces-reactor.ts";

/** A Deferred that fires in `seconds`. `makeError` is what a cancel makes of it. */
function later(clock: IReactorTime, seconds: number, makeError: () => Error): Deferred<void> {
  const deferred = new Deferred<void>(() => {
    call.cancel();
    deferred.errback(makeError());
  });
  const call = clock.callLater(seconds, () => deferred.callback());
  return deferred;
}

/**
 * Call `f(...args)` in `delay` seconds.
 *
 * @returns Fires with what `f` returns, or fails with what it throws. Cancel it before, and `f` is
 *   not called; later, and the Deferred that `f` returned is cancelled.
 * @throws {RangeError} The delay is negative or not a number.
 *
 * @example
 * ```ts
 * import { deferLater } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const sum = await deferLater(reactor, 0.01, (a: number, b: number) => a + b, 1, 2);
 * console.log(sum); // 3
 * ```
 */
export function deferLater<Result, Args extends unknown[]>(
  clock: IReactorTime,
  delay: number,
  f: (...args: Args) => Eventual<Result> | Failure,
  ...args: Args
): Deferred<Result> {
  return later(clock, delay, () => new CancelledError()).addCallback(() => f(...args));
}

/**
 * Wait for `seconds`.
 *
 * @param options `signal`: aborting it cancels the wait.
 * @returns Fires when they are over. Cancel it to wake up early, with a `CancelledError`.
 * @throws {RangeError} They are negative or not a number.
 *
 * @example
 * ```ts
 * import { sleep } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * await sleep(reactor, 0.01);
 * await sleep(reactor, 60, { signal: AbortSignal.timeout(10) }).addErrback(() => undefined);
 * ```
 */
export function sleep(
  clock: IReactorTime,
  seconds: number,
  { signal }: AbortOptions = {},
): Deferred<void> {
  const makeError = (): Error => new CancelledError(undefined, abortCause(signal));
  if (signal?.aborted === true) return fail(makeError());
  return cancelOnAbort(later(clock, seconds, makeError), signal);
}
