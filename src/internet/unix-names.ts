/**
 * Names of UNIX sockets, checked where they come in. What only a system knows (how long a name may
 * be) is for the reactor to say.
 *
 * Spec: unix(7).
 *
 * @module
 */
import { quote } from "../core/text.ts";

/** Is it of Linux's abstract kind? Then there is no file. */
export function isAbstract(name: string): boolean {
  return name.startsWith("\0");
}

/** The name itself, if it is one. @throws {RangeError} Empty, or a path with a NUL in it. */
export function checkedUNIXName(name: string): string {
  // A system would take what stands before the NUL for the path.
  if (name !== "" && (isAbstract(name) || !name.includes("\0"))) return name;
  throw new RangeError(
    `Cannot use UNIX socket ${quote(name)}: expected a path, or a NUL and an abstract name`,
  );
}

/** Read, write and execute for owner, group and others; the other bits mean nothing here. */
const MODE_MAX = 0o777;

/** The mode itself, if it is one. @throws {RangeError} Not a whole number from 0 to 0o777. */
export function checkedMode(mode: number): number {
  if (Number.isInteger(mode) && mode >= 0 && mode <= MODE_MAX) return mode;
  throw new RangeError(`Cannot use mode ${String(mode)}: expected 0 to 0o777`);
}
