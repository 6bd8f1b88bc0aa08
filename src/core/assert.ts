/**
 * Checks of our own bugs: what they throw is never caught on purpose.
 *
 * @module
 */

/** Thrown by {@link assert}: a bug in sennit, or in a subclass that breaks its base's contract. */
export class AssertionError extends Error {
  readonly code = "ERR_ASSERTION";
  override readonly name = "AssertionError";
}

/**
 * Throw unless `condition` holds.
 *
 * @throws {AssertionError} The condition does not hold.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
