/**
 * What may stand between two ticks.
 *
 * @module
 */

/** The interval itself, if it is one. @throws {RangeError} Negative or not a finite number. */
export function checkedInterval(seconds: number): number {
  if (seconds >= 0 && seconds < Infinity) return seconds;
  throw new RangeError(
    `Cannot start a loop: expected an interval of 0 seconds or more, got ${String(seconds)}`,
  );
}
