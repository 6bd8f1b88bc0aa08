/**
 * Where Deferreds and promises meet.
 *
 * @module
 */

/** Has it a `then`? May throw: a getter's doing. */
export function isThenable(value: object): value is PromiseLike<unknown> {
  return "then" in value && typeof value.then === "function";
}

/**
 * Resolve a promise with what `f` makes of the value, or with the value; reject with what it
 * throws.
 */
export function settle(
  resolve: (value: unknown) => void,
  reject: (reason: unknown) => void,
  f: unknown,
  value: unknown,
): void {
  try {
    resolve(typeof f === "function" ? f(value) : value);
  } catch (error) {
    reject(error);
  }
}
