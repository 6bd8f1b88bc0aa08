/**
 * Port numbers, checked where they come in.
 *
 * @module
 */

/** The port itself, if it is one. @throws {RangeError} Not a whole number from 0 to 65535. */
export function checkedPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new RangeError(`Cannot use port ${String(port)}: expected a whole number from 0 to 65535`);
}
