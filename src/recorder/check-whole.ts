/**
 * Bounds: how much there may be of something.
 *
 * @module
 */

/** @throws {RangeError} It is given, and not a whole number above 0. */
export function checkWhole(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return;
  throw new RangeError(`Cannot set ${name} to ${String(value)}: expected a whole number above 0`);
}
