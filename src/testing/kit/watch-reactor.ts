/**
 * Tests that leave nothing behind: no delayed calls, ports, connections, attempts, processes,
 * failures that nobody handled, logged errors.
 *
 * After: DirtyReactorAggregateError and `_Janitor` of twisted.trial. Differs: it says who made what
 * is left; it cancels and closes nothing.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import { currentLedger } from "../../defer/unhandled.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { ReactorBase } from "../../reactors/base/reactor-base.ts";
import { type Leftover, leftIn, noteCreators, reportOf } from "./_leftovers.ts";
import {
  catchLoggedErrors,
  leftFailure,
  type LoggedErrors,
  takeLeftErrors,
} from "./logged-errors.ts";
import type { WatchedReactor } from "./watched-reactor.ts";

/** Options of {@link watchReactor}. */
export interface WatchOptions {
  /**
   * Seconds that a reactor may take to come to rest before it is looked at with `await using`:
   * real sockets close when the peer has answered. The time of a `MemoryReactor` and a `Clock`
   * moves by nobody but the test: advance them first. Default: 0.
   */
  readonly within?: number;
}

/** Looks, at its end, for what is left. */
export interface ReactorWatch extends Disposable, AsyncDisposable {
  /** Watch this one too, from now on. @returns It. */
  watch<Reactor extends WatchedReactor>(reactor: Reactor): Reactor;
  /** As {@link catchLoggedErrors} gives: the errors since the watch began. */
  readonly errors: LoggedErrors;
  /** Look now, and go on. @throws {AssertionError} Something is left. */
  check(): void;
  /** The end, at once. @throws {AssertionError} Something is left. */
  [Symbol.dispose](): void;
  /** The end, when all is at rest or `within` is over. Rejects with an AssertionError. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Seconds between two looks at a reactor that is to come to rest. */
const LOOK_EVERY = 0.01;

/**
 * Fail unless nothing is left: in these reactors delayed calls, ports, connections, attempts to
 * connect, processes; in the process failures of Deferreds that nobody handled, and errors in the
 * log since the innermost scope that catches them began (without one, logged errors are not seen).
 * Failures and errors that it names are then forgotten; what is open stays open.
 *
 * Time stands still meanwhile: flush or advance a `MemoryReactor` before. Who made what is left is
 * known of reactors that {@link watchReactor} watches.
 *
 * @throws {AssertionError} Something is left. It names each thing and its creator.
 *
 * @example
 * ```ts
 * import { expectClean, MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor();
 * const call = reactor.callLater(5, () => {});
 * call.cancel();
 * expectClean(reactor); // Without the line before, this would throw.
 * ```
 */
export function expectClean(reactors: WatchedReactor | readonly WatchedReactor[]): void {
  const left = [...listOf(reactors).flatMap(leftIn), ...errorsLeft()];
  if (left.length > 0) throw new AssertionError(reportOf(left));
}

function errorsLeft(): readonly Leftover[] {
  const open = currentLedger();
  return takeLeftErrors() ?? open.take(() => true).map(leftFailure);
}

function listOf(reactors: WatchedReactor | readonly WatchedReactor[]): readonly WatchedReactor[] {
  return "length" in reactors ? reactors : [reactors];
}

/**
 * Watch reactors until the end of the block: what is made is noted with its stack, errors are
 * caught, and at the end {@link expectClean} looks.
 *
 * Each call and each connection costs a stack meanwhile, some microseconds. Reactors that nobody
 * watches note nothing.
 *
 * @throws {RangeError} `within` for a reactor of which the time stands still.
 *
 * @example
 * ```ts
 * import { Factory, Protocol } from "sennit/internet";
 * import { MemoryReactor, watchReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor();
 * using _ = watchReactor(reactor);
 * const port = reactor.listenTCP(80, Factory.forProtocol(Protocol));
 * reactor.flush();
 * void port.stopListening();
 * reactor.flush();
 * ```
 */
export function watchReactor(
  reactors: WatchedReactor | readonly WatchedReactor[],
  options: WatchOptions = {},
): ReactorWatch {
  return new Watch(listOf(reactors), options.within ?? 0);
}

class Watch implements ReactorWatch {
  readonly errors: LoggedErrors;
  readonly #within: number;
  readonly #reactors = new Map<WatchedReactor, () => void>();

  constructor(reactors: readonly WatchedReactor[], within: number) {
    this.#within = within;
    for (const reactor of reactors) checkTime(reactor, within);
    for (const reactor of reactors) this.watch(reactor);
    this.errors = catchLoggedErrors();
  }

  watch<Reactor extends WatchedReactor>(reactor: Reactor): Reactor {
    checkTime(reactor, this.#within);
    if (!this.#reactors.has(reactor)) this.#reactors.set(reactor, noteCreators(reactor));
    return reactor;
  }

  check(): void {
    expectClean([...this.#reactors.keys()]);
  }

  [Symbol.dispose](): void {
    try {
      this.check();
    } finally {
      for (const forget of this.#reactors.values()) forget();
      this.#reactors.clear();
      this.errors[Symbol.dispose](); // Has nothing left to complain of.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#within > 0) {
      await Promise.all([...this.#reactors.keys()].map(async (one) => rest(one, this.#within)));
    }
    this[Symbol.dispose]();
  }
}

/** When nothing is left in `reactor`, or `within` is over. */
async function rest(reactor: WatchedReactor, within: number): Promise<void> {
  if (!(reactor instanceof ReactorBase)) return;
  const end = reactor.seconds() + within;
  while (leftIn(reactor).length > 0 && reactor.seconds() < end) {
    await new Promise<void>((resolve) => {
      reactor.callLater(LOOK_EVERY, resolve);
    });
  }
}

function checkTime(reactor: WatchedReactor, within: number): void {
  const moves = reactor instanceof ReactorBase && !(reactor instanceof MemoryReactor);
  if (within === 0 || (within > 0 && moves)) return;
  throw new RangeError(
    `Cannot give a reactor ${String(within)} seconds: expected 0 or more, and a reactor whose ` +
      "time moves by itself (advance a MemoryReactor or a Clock before its end)",
  );
}
