/**
 * Names of UNIX sockets as the system is told them: whole, or not at all.
 *
 * libuv cuts off a path that is too long (on Node 20, and when connecting on each), and before its
 * version 1.48 (Node 20) it pads an abstract name with NULs, which are part of it then: the socket
 * would have a name that nobody asked for. A typed error is better.
 *
 * Spec: unix(7), "Address format" and "Abstract sockets".
 *
 * @module
 */
import { resolve } from "node:path";
import { isAbstract } from "../../internet/unix-names.ts";

/** `sizeof(sun_path)`. A path has a NUL behind it; an abstract name may fill it. */
const FIELD_BYTES = process.platform === "linux" ? 108 : 104;
/** From libuv 1.48 on abstract names are as long as they are. */
const EXACT_SINCE = { major: 1, minor: 48 };

/** The name cannot be said to the system. */
export class UNIXNameError extends RangeError {
  override readonly name = "UNIXNameError";
}

/**
 * What to bind or to connect to: an absolute path where it fits, so that a `chdir` in between
 * changes nothing.
 *
 * @throws {UNIXNameError} Too long, or an abstract name where the system has none.
 */
export function systemName(name: string): string {
  if (isAbstract(name)) return abstractName(name);
  const absolute = resolve(name);
  if (Buffer.byteLength(absolute) < FIELD_BYTES) return absolute;
  const bytes = Buffer.byteLength(name);
  if (bytes < FIELD_BYTES) return name; // As given: whoever names it relatively may know why.
  throw new UNIXNameError(
    `expected a path of at most ${String(FIELD_BYTES - 1)} bytes, got ${String(bytes)}`,
  );
}

function abstractName(name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes > FIELD_BYTES) {
    throw new UNIXNameError(
      `expected an abstract name of at most ${String(FIELD_BYTES)} bytes, got ${String(bytes)}`,
    );
  }
  const { platform, versions } = process;
  if (platform !== "linux") {
    throw new UNIXNameError(`expected a path, got an abstract name: ${platform} has none`);
  }
  if (bytes === FIELD_BYTES || isExact(versions.uv)) return name;
  throw new UNIXNameError(
    `expected an abstract name of ${String(FIELD_BYTES)} bytes, got ${String(bytes)}: this Node ` +
      "fills it up with NULs, and others would not find it; Node 22 does not",
  );
}

/** Does this version of libuv leave an abstract name as it is? */
export function isExact(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major !== EXACT_SINCE.major) return major > EXACT_SINCE.major;
  return minor >= EXACT_SINCE.minor;
}
