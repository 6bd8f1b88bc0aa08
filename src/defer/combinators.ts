/**
 * Deferreds from values, errors, calls and whatever else has a result later.
 *
 * After: twisted.internet.defer. Differs: `ensureDeferred` takes promises, and functions that are
 * given an `AbortSignal`, where Twisted takes coroutines.
 *
 * @module
 */
import { quote } from "../core/text.ts";
import { Deferred, type Eventual } from "./deferred.ts";
import { Failure } from "./failure.ts";
import { type InlineBody, runInline } from "./inline-callbacks.ts";

/** A Deferred that has fired with `value`. */
export function succeed<T>(value: T): Deferred<T> {
  const deferred = new Deferred<T>();
  deferred.callback(value);
  return deferred;
}

/** A Deferred that has failed with `reason`. */
export function fail<T = never>(reason: unknown): Deferred<T> {
  const deferred = new Deferred<T>();
  deferred.errback(reason);
  return deferred;
}

/** Call `f`; a Deferred of what comes of it: a value, a Deferred, a promise or an exception. */
export function maybeDeferred<T, Args extends unknown[]>(
  f: (...args: Args) => Eventual<T> | Failure,
  ...args: Args
): Deferred<T> {
  let result: Eventual<T> | Failure;
  try {
    result = f(...args);
  } catch (error) {
    return fail(error);
  }
  if (result instanceof Deferred) return result;
  if (result instanceof Failure) return fail(result);
  return succeed(undefined).addCallback(() => result);
}

/**
 * Call `f`, which gives a plain value: a Deferred that has fired with it, or failed with what was
 * thrown. For what may give a Deferred or a promise there is {@link maybeDeferred}.
 *
 * @throws {TypeError} `f` has returned a Deferred or a promise.
 */
export function execute<T, Args extends unknown[]>(
  f: (...args: Args) => T | Failure,
  ...args: Args
): Deferred<T> {
  const deferred = new Deferred<T>();
  let result: T | Failure;
  try {
    result = f(...args);
  } catch (error) {
    deferred.errback(error);
    return deferred;
  }
  deferred.callback(result);
  return deferred;
}

/** What {@link ensureDeferred} makes a Deferred of. */
export type DeferredSource<T> =
  | Deferred<T>
  | PromiseLike<T>
  | InlineBody<T>
  | ((signal: AbortSignal) => PromiseLike<T>);

/**
 * A Deferred of whatever has a result later.
 *
 * | given | its `cancel()` |
 * |---|---|
 * | a Deferred | is its own: the same one is returned |
 * | a promise | lets go of the promise |
 * | a started generator, as for `inlineCallbacks` | cancels what it waits for |
 * | an async function | aborts the signal that it is given |
 *
 * @throws {TypeError} It is none of these.
 *
 * @example
 * ```ts
 * import { ensureDeferred } from "sennit/defer";
 *
 * const d = ensureDeferred(async (signal) => {
 *   signal.addEventListener("abort", () => console.log("asked to end"));
 *   await new Promise(() => {}); // never
 * });
 * void d.addErrback((failure) => console.log(failure.type)); // CancelledError
 * d.cancel();
 * ```
 */
export function ensureDeferred<T>(source: DeferredSource<T>): Deferred<T> {
  if (source instanceof Deferred) return source;
  if (typeof source === "function") return Deferred.fromAbortable(source);
  if (typeof source === "object" && source !== null) {
    if ("then" in source) return Deferred.fromPromise(source);
    if ("next" in source) return runInline(source);
  }
  throw new TypeError(
    `Cannot make a Deferred of ${quote(source)}: expected a Deferred, a promise, ` +
      "a started generator or an async function",
  );
}
