/**
 * Descriptors as Node streams, each by what it is.
 *
 * Not `process.stdin` and `process.stdout`: those never close, so that nobody at the other end of a
 * pipe would hear of our end, and what is written to a terminal that stands still blocks the
 * process.
 *
 * Spec: fstat(2), stdio(3).
 *
 * @module
 */
import * as fs from "node:fs";
import { Socket } from "node:net";
import { devNull } from "node:os";
import type { Readable, Writable } from "node:stream";
import { isatty, ReadStream, WriteStream } from "node:tty";
import { Failure } from "../../defer/failure.ts";
import { StandardIOError, StandardIOTakenError } from "../../internet/interfaces-stdio.ts";

/** libuv leaves these open when it closes their streams. */
const STDERR = 2;

/** What a descriptor is, as far as it matters here. */
type Kind = "terminal" | "pipe" | "socket" | "file";

/** The two halves of standard I/O. */
export interface StandardStreams {
  readonly readable: Readable;
  readonly writable: Writable;
  /** Is there a peer who would lose our last bytes if theirs were left unread? */
  readonly lingers: boolean;
}

/** In use, or standard and used up. The descriptors are the process's, and so is this. */
const taken = new Set<number>();

/**
 * Open both, once.
 *
 * @throws {StandardIOTakenError} @throws {StandardIOError} See `IReactorStdio`.
 */
export function openStandardStreams(stdin: number, stdout: number): StandardStreams {
  for (const fd of [stdin, stdout]) {
    if (!taken.has(fd)) continue;
    const what = `Cannot open standard I/O: descriptor ${String(fd)} is a connection already`;
    throw new StandardIOTakenError(`${what}, or has been one; that goes once for each process`);
  }
  const readable = opened("read", stdin, readableOf);
  let writable: Writable;
  try {
    writable = opened("write", stdout, writableOf);
  } catch (error) {
    readable.destroy();
    throw error;
  }
  taken.add(stdin).add(stdout);
  writable.once("finish", () => writable.destroy()); // A terminal's does not do it by itself.
  closeAfter(readable, stdin, "r");
  closeAfter(writable, stdout, "w");
  return { readable, writable, lingers: areOneSocket(stdin, stdout) };
}

function opened<S>(what: string, fd: number, open: (fd: number, kind: Kind) => S): S {
  try {
    return open(fd, kindOf(fd));
  } catch (cause) {
    const why = Failure.of(cause).getErrorMessage();
    throw new StandardIOError(`Cannot ${what} descriptor ${String(fd)}: ${why}`, { cause });
  }
}

function kindOf(fd: number): Kind {
  if (isatty(fd)) return "terminal";
  const status = fs.fstatSync(fd);
  if (status.isFIFO()) return "pipe";
  return status.isSocket() ? "socket" : "file";
}

/** As inetd hands it over. */
function areOneSocket(one: number, other: number): boolean {
  const [first, second] = [fs.fstatSync(one), fs.fstatSync(other)];
  return first.isSocket() && first.ino === second.ino && first.dev === second.dev;
}

function isStandard(fd: number): boolean {
  return fd <= STDERR;
}

function readableOf(fd: number, kind: Kind): Readable {
  if (kind === "terminal") return new ReadStream(fd);
  if (kind === "file") return fs.createReadStream("", { fd, ...leavingOpen(fd, fs.read) });
  return new Socket({ fd, readable: true, writable: false, allowHalfOpen: true });
}

function writableOf(fd: number, kind: Kind): Writable {
  if (kind === "terminal") return unblocked(new WriteStream(fd));
  if (kind === "file") return fs.createWriteStream("", { fd, ...leavingOpen(fd, fs.write) });
  return new Socket({ fd, readable: false, writable: true, allowHalfOpen: true });
}

type Access = typeof fs.read | typeof fs.write;

/** For streams of files, which would close a standard descriptor at their end. */
function leavingOpen<A extends Access>(
  fd: number,
  access: A,
): { readonly fs?: { readonly read: A; readonly write: A; readonly close: typeof noClose } } {
  return isStandard(fd) ? { fs: { read: access, write: access, close: noClose } } : {};
}

function noClose(_fd: number, done: (error: Error | null) => void): void {
  done(null);
}

/** Node has terminals block, lest output be cut off by `process.exit()`. */
function unblocked(stream: WriteStream): WriteStream {
  const handle: unknown = Reflect.get(stream, "_handle");
  if (typeof handle !== "object" || handle === null) return stream;
  const setBlocking: unknown = Reflect.get(handle, "setBlocking");
  if (typeof setBlocking === "function") Reflect.apply(setBlocking, handle, [false]);
  return stream;
}

/** When a stream has closed, let its peer hear of it, and let nobody else have its number. */
function closeAfter(stream: Readable | Writable, fd: number, flag: "r" | "w"): void {
  const kind = kindOf(fd);
  stream.once("close", () => {
    if (!isStandard(fd)) taken.delete(fd);
    else if (kind === "pipe" || kind === "socket") plug(fd, flag);
  });
}

/**
 * Close a standard descriptor, and put the null device in its place: the lowest number that is free
 * is given out first, and 0 to 2 are never free otherwise.
 */
function plug(fd: number, flag: "r" | "w"): void {
  try {
    fs.closeSync(fd);
    const got = fs.openSync(devNull, flag);
    if (got !== fd) fs.closeSync(got); // Another thread was faster: the number is its own now.
  } catch {
    // Somebody has closed it, or there is no null device: then the number stays free.
  }
}
