/**
 * A lock that is a directory, and is taken over when its owner has died.
 *
 *     gateway.lock/                   exists and is not empty: locked
 *     gateway.lock/4711-89123-Xp3fQa  who has it: process, its start, something unique
 *
 * To lock, a directory that holds one's own entry is renamed to the lock's path. The system does
 * that in one step, and only when nothing or an empty directory is there (rename(2)). To take over
 * the lock of a dead process, its entry is renamed to one's own: of several who try, one succeeds,
 * and since no name is used twice, whoever looked too long ago renames nothing. With a single file
 * that is removed and made again, one who is late removes the lock that another has just made.
 *
 * After: twisted.python.lockfile. Differs: a directory where Twisted has a symbolic link, for the
 * reason above; where `/proc` tells when a process has started, a new process with the same number
 * does not pass for the old one.
 *
 * @module
 */
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** A lock that changes hands at every look is tried for so often; then it counts as taken. */
const TRIES_MAX = 16;
/** Process, start time in the system's own unit (0: not known), and what `mkdtemp` made up. */
const ENTRY = /^(?<pid>\d{1,10})-(?<start>\d{1,20})-[A-Za-z\d]{6}$/u;
/** How many characters `mkdtemp` makes up. */
const UNIQUE_LENGTH = 6;
/** Others who want the lock must be able to see who has it; `mkdtemp` shuts them out. */
const MODE = 0o755;
/** It was there when we looked: another process was faster. */
const GONE: readonly string[] = ["ENOENT"];
/** What systems say when a directory that is not empty is in the way. */
const IN_THE_WAY: readonly string[] =
  process.platform === "win32"
    ? ["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"]
    : ["ENOTEMPTY", "EEXIST"];

/** The lock on the disk. Every call is synchronous, and short on a local disk. */
export class LockDirectory {
  readonly path: string;
  #entry: string | undefined;
  #clean = true;

  constructor(path: string) {
    this.path = path;
  }

  get held(): boolean {
    return this.#entry !== undefined;
  }

  /** Had the owner before us released it? */
  get clean(): boolean {
    return this.#clean;
  }

  /** @returns Whether it is ours since this call. */
  acquire(): boolean {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const owners = entriesOf(this.path);
      if (owners.some(isAlive)) return false;
      const [dead] = owners;
      this.#entry = dead === undefined ? claim(this.path) : takeOver(this.path, dead);
      if (this.#entry === undefined) continue;
      this.#clean = dead === undefined;
      return true;
    }
    return false;
  }

  /** @returns Whether it was ours until this call. */
  release(): boolean {
    const entry = this.#entry;
    this.#entry = undefined;
    if (entry === undefined || !remove(join(this.path, entry))) return false;
    removeEmpty(this.path);
    return true;
  }
}

/** Who has it: no names at all when nobody has. */
function entriesOf(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isOneOf(error, GONE)) return [];
    throw error;
  }
}

/** @returns Whether it was there. */
function remove(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch (error) {
    if (isOneOf(error, GONE)) return false;
    throw error;
  }
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!isOneOf(error, GONE) && !isOneOf(error, IN_THE_WAY)) throw error;
  }
}

/** @returns Our entry, or `undefined` when another was faster. */
function claim(path: string): string | undefined {
  const prepared = mkdtempSync(`${path}.`);
  const entry = entryFor(prepared);
  try {
    chmodSync(prepared, MODE);
    writeFileSync(join(prepared, entry), "");
    // Left by one who died while releasing. Not every system renames onto an empty directory.
    removeEmpty(path);
    renameSync(prepared, path);
    return entry;
  } catch (error) {
    rmSync(prepared, { recursive: true, force: true });
    if (isOneOf(error, IN_THE_WAY)) return undefined;
    throw error;
  }
}

/** @returns Our entry, or `undefined` when another was faster. */
function takeOver(path: string, dead: string): string | undefined {
  const unique = mkdtempSync(`${path}.`);
  rmdirSync(unique);
  const entry = entryFor(unique);
  try {
    renameSync(join(path, dead), join(path, entry));
    return entry;
  } catch (error) {
    if (isOneOf(error, GONE)) return undefined;
    throw error;
  }
}

/** The name of our entry, with what `mkdtemp` has made up. */
function entryFor(made: string): string {
  const start = startOf(process.pid) ?? "0";
  return `${String(process.pid)}-${start}-${made.slice(-UNIQUE_LENGTH)}`;
}

/** An entry that is not ours to read counts as alive: better to wait than to break a lock. */
function isAlive(entry: string): boolean {
  const { pid, start } = ENTRY.exec(entry)?.groups ?? {};
  if (pid === undefined || start === undefined) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return !isOneOf(error, ["ESRCH"]);
  }
  const now = startOf(Number(pid));
  return start === "0" || now === undefined || start === now;
}

/** When the process has started, where the system tells: field 22 of `/proc/PID/stat` (proc(5)). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "latin1");
    // The name, in brackets, may hold anything; field 3 stands behind the last bracket.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    // No such file system, or no such process any more: nothing to compare with.
    return undefined;
  }
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return typeof error.code === "string" && codes.includes(error.code);
}
