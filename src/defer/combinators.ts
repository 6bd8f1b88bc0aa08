/**
 * Deferreds from values, errors and calls.
 *
 * After: twisted.internet.defer.
 *
 * @module
 */
import { Deferred, type Eventual } from "./deferred.ts";
import { Failure } from "./failure.ts";

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

/** Call `f` and give a Deferred of what comes of it: a value, a Deferred, a promise or an exception. */
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
