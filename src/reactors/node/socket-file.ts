/**
 * The file of a UNIX socket that listens: made with the right mode, and removed if it is ours.
 *
 * Node binds and listens in one step, and only then can the mode be set. In between somebody could
 * connect whom the mode keeps out, if the process's umask lets him. So where it would, the umask is
 * made as narrow for that moment; threads cannot change it, and are refused then. A file that
 * another thread makes in that same moment gets the narrower umask as well, and it is only the
 * right to write that it loses.
 *
 * When a server is closed, libuv removes whatever has its name by then: maybe the socket of another
 * program that has taken over. Such a file is put aside for that moment.
 *
 * @module
 */
import { chmodSync, lstatSync, readFileSync, renameSync, unlinkSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/** The rights to write: connecting takes no other. */
const WRITE = 0o222;
const EVERYTHING = 0o777;

/** See the top of this file. */
export class SocketFile {
  readonly #path: string;
  readonly #device: bigint;
  readonly #inode: bigint;

  private constructor(path: string) {
    const { dev, ino } = lstatSync(path, { bigint: true });
    this.#path = path;
    this.#device = dev;
    this.#inode = ino;
  }

  /**
   * Have the socket bound.
   *
   * @param bind Binds it to `path`, at once. @returns Has it?
   * @returns The file; `undefined` if it was not bound.
   * @throws {Error} What the system says; or the umask cannot be made as narrow as the mode.
   */
  static make(path: string, mode: number, bind: () => boolean): SocketFile | undefined {
    if (!narrowly(mode, bind)) return undefined;
    chmodSync(path, mode);
    return new SocketFile(path);
  }

  /** Remove what a process that is gone has left, if it is a socket. What is in the way stays. */
  static removeStale(path: string): void {
    try {
      if (lstatSync(path).isSocket()) unlinkSync(path);
    } catch {
      // There is none, or it is not ours to remove: then binding fails, and says why.
    }
  }

  /** @param close Closes the socket, at once, and removes the file. */
  remove(close: () => void): void {
    const aside = `${this.#path}.${String(process.pid)}.aside`;
    if (!this.#isAnothers() || !moved(this.#path, aside)) {
      close();
      return;
    }
    close();
    moved(aside, this.#path);
  }

  #isAnothers(): boolean {
    try {
      const { dev, ino } = lstatSync(this.#path, { bigint: true });
      return dev !== this.#device || ino !== this.#inode;
    } catch {
      return false; // There is none, or we cannot see it: then it cannot be removed either.
    }
  }
}

/** @returns Was it moved? What cannot be moved cannot be removed either. */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** Bind with a umask that keeps out whom the mode keeps out. */
function narrowly(mode: number, bind: () => boolean): boolean {
  const umask = currentUmask();
  const missing = WRITE & ~mode & ~(umask ?? 0);
  if (missing === 0) return bind();
  if (!isMainThread) {
    const [asked, is] = [mode, umask ?? 0].map((bits) => `0o${bits.toString(8)}`);
    throw new Error(
      `mode ${String(asked)} cannot be set in a thread before somebody connects: ` +
        `the umask ${String(is)} allows more; listen in the main thread, or narrow the umask`,
    );
  }
  const before = process.umask((umask ?? EVERYTHING) | missing);
  try {
    return bind();
  } finally {
    process.umask(before);
  }
}

/** `process.umask()` would set it to 0 for a moment, for every thread. */
function currentUmask(): number | undefined {
  try {
    const octal = /^Umask:\s+(?<octal>[0-7]+)$/mu.exec(readFileSync("/proc/self/status", "utf8"));
    return octal === null ? undefined : Number.parseInt(octal.groups?.["octal"] ?? "", 8);
  } catch {
    return undefined; // No /proc.
  }
}
