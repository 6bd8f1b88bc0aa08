/**
 * Values that come later.
 *
 * @module
 */

/** Is it a Deferred, a promise, or the like? */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

/**
 * Begin to listen, so that a failure that comes before its turn counts as looked at: whoever awaits
 * it later gets it. Its `then` is called here, and only here.
 */
export function attended<T>(value: PromiseLike<T>): Promise<T> {
  const promise = Promise.resolve(value);
  promise.catch(() => {});
  return promise;
}
