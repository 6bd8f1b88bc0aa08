/**
 * A lock that tells who has it: a symbolic link to a process id, which is made in one step or not
 * at all. Another process can ask whether the one that it names is alive.
 *
 *     /run/app.sock.lock -> 4711
 *
 * The id means something only to those who share the processes: not to another machine on the same
 * file system, and not to a container in which the program has the same id each time.
 *
 * After: twisted.python.lockfile.FilesystemLock, whose locks are the same: each program respects
 * the other's. Differs: a process of another user counts as alive; a stale lock is put aside before
 * it is removed, so that a new one which took its place meanwhile is put back.
 *
 * @module
 */
import { readlinkSync, renameSync, symlinkSync, unlinkSync } from "node:fs";
import { quote } from "../../core/text.ts";
import { SocketLockedError } from "../../internet/unix-errors.ts";

/** Each round somebody else was quicker. That often is a mistake, not bad luck. */
const ROUNDS_MAX = 100;
const PROCESS_ID = /^[1-9]\d{0,9}$/u;

/** See the top of this file. Held from {@link LockFile.take} to {@link LockFile.release}. */
export class LockFile {
  readonly #path: string;
  /** A process that is gone left it behind. */
  readonly wasStale: boolean;

  private constructor(path: string, wasStale: boolean) {
    this.#path = path;
    this.wasStale = wasStale;
  }

  /**
   * Take the lock.
   *
   * @throws {SocketLockedError} A process that lives has it, maybe this one.
   * @throws {Error} What the system says, or a file of that name that is no lock.
   */
  static take(path: string): LockFile {
    let wasStale = false;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if (made(path)) return new LockFile(path, wasStale);
      const owner = lockOwner(path);
      if (owner !== undefined) {
        if (isAlive(owner)) throw new SocketLockedError(path, owner);
        if (removeStale(path, owner)) wasStale = true;
      }
    }
    throw new Error(`Cannot take lock ${path}: it came and went ${String(ROUNDS_MAX)} times`);
  }

  /** Give it back, if it is still ours. */
  release(): void {
    try {
      if (lockOwner(this.#path) === process.pid) unlinkSync(this.#path);
    } catch {
      // Somebody has put another file there, or closed the folder: not ours to remove any more.
    }
  }
}

/** Does a process that lives hold this lock? */
export function isLocked(path: string): boolean {
  try {
    const owner = lockOwner(path);
    return owner !== undefined && isAlive(owner);
  } catch {
    return false; // A file that is no lock, or that we may not read.
  }
}

function made(path: string): boolean {
  try {
    symlinkSync(String(process.pid), path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Whom it names; `undefined` if there is none. @throws {Error} It is no lock. */
function lockOwner(path: string): number | undefined {
  let target: string;
  try {
    target = readlinkSync(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  if (PROCESS_ID.test(target)) return Number(target);
  throw new Error(`Cannot read lock ${path}: expected a process id, got ${quote(target)}`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM"; // It is somebody else's.
  }
}

/** @returns Was it that one? */
function removeStale(path: string, owner: number): boolean {
  const aside = `${path}.${String(process.pid)}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false; // Somebody else has removed it.
    throw error;
  }
  if (lockOwner(aside) === owner) {
    unlinkSync(aside);
    return true;
  }
  renameSync(aside, path);
  return false;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
