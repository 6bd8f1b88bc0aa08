/**
 * The names of UNIX sockets on a simulated host, and the locks beside them.
 *
 * A path outlives its socket: what a program that was killed has left is in the way of the next
 * one, until somebody removes it. What lies in a file system in memory (`/run`, `/tmp`, `/dev/shm`)
 * is gone when the host has lost its power, and so are abstract names when their socket is closed.
 *
 * Differs from a real host: these files are not on the host's disk; every folder is there; all
 * programs of a host are the same user, who is not root.
 *
 * Spec: unix(7).
 *
 * @module
 */
import { posix } from "node:path";
import { isAbstract } from "../../../internet/unix-names.ts";
import { SocketLockedError } from "../../../internet/unix-errors.ts";
import type { RunningProgram } from "../world.ts";

/** Somebody who listens at a name. */
export interface NameOwner {
  readonly program: RunningProgram;
  /** May one more connection come in, or are too many waiting? */
  readonly hasRoom: boolean;
}

/** What is at a name. */
export interface SocketName {
  /** Who listens there; `undefined`: nobody any more. */
  readonly owner: NameOwner | undefined;
  /** Who may connect. */
  readonly mode: number;
}

/** The path cannot be told to the kernel. */
class LongNameError extends RangeError {
  override readonly name = "LongNameError";
  readonly code = "ENAMETOOLONG";
}

/** `sizeof(sun_path)`. A path has a NUL behind it; an abstract name may fill it. */
const FIELD_BYTES = 108;
const VOLATILE = /^\/(?:run|var\/run|tmp|dev\/shm)\//u;
/** Its programs are numbered from here on. */
const FIRST_PROCESS = 1000;

/** A name as the kernel is told it. @throws {LongNameError} It is too long. */
export function kernelName(name: string): string {
  const whole = isAbstract(name) ? name : posix.resolve("/", name);
  const bytes = Buffer.byteLength(whole) + (isAbstract(name) ? 0 : 1);
  if (bytes <= FIELD_BYTES) return whole;
  throw new LongNameError(
    `expected a name that fits into ${String(FIELD_BYTES)} bytes, got ${String(bytes)}`,
  );
}

/** See the top of this file. Names are those of {@link kernelName}. */
export class SocketNames {
  readonly #names = new Map<string, SocketName>();
  /** By the path of the lock. */
  readonly #locks = new Map<string, RunningProgram>();
  readonly #processes = new WeakMap<RunningProgram, number>();
  #lastProcess = FIRST_PROCESS - 1;

  /** What is at a name, if anything. */
  at(name: string): SocketName | undefined {
    return this.#names.get(name);
  }

  /** Listen at a name. @returns Is it free? */
  bind(name: string, owner: NameOwner, mode: number): boolean {
    if (this.#names.has(name)) return false;
    this.#names.set(name, { owner, mode });
    return true;
  }

  /** Listen there no more; what is another's by now is left alone. */
  release(name: string, owner: NameOwner): void {
    if (this.#names.get(name)?.owner === owner) this.#names.delete(name);
  }

  /** The program that listens there has ended without a word: its file stays. */
  abandon(name: string, owner: NameOwner): void {
    const there = this.#names.get(name);
    if (there?.owner !== owner) return;
    if (isAbstract(name)) this.#names.delete(name);
    else this.#names.set(name, { owner: undefined, mode: there.mode });
  }

  /**
   * Remove a file, as unlink(2) does: who listens there goes on, and is reached no more.
   *
   * @returns Was there one?
   */
  remove(path: string): boolean {
    return this.#names.delete(path);
  }

  /** The host has lost its power. */
  powerLost(): void {
    for (const name of this.#names.keys()) if (VOLATILE.test(name)) this.#names.delete(name);
    for (const path of this.#locks.keys()) if (VOLATILE.test(path)) this.#locks.delete(path);
  }

  // -- Locks

  /**
   * Take the lock of a name.
   *
   * @returns Had a program that is gone left one?
   * @throws {SocketLockedError} A program that runs has it.
   */
  lock(name: string, program: RunningProgram): boolean {
    const path = lockOf(name);
    const holder = this.#locks.get(path);
    if (holder?.alive === true) throw new SocketLockedError(path, this.#processOf(holder));
    this.#locks.set(path, program);
    return holder !== undefined;
  }

  /** Give it back. */
  unlock(name: string, program: RunningProgram): void {
    const path = lockOf(name);
    if (this.#locks.get(path) === program) this.#locks.delete(path);
  }

  /** Does a program that runs hold the lock of a name? */
  isLocked(name: string): boolean {
    return this.#locks.get(lockOf(name))?.alive === true;
  }

  #processOf(program: RunningProgram): number {
    const known = this.#processes.get(program);
    if (known !== undefined) return known;
    this.#lastProcess += 1;
    this.#processes.set(program, this.#lastProcess);
    return this.#lastProcess;
  }
}

/** Beside the name of a socket. */
export function lockOf(name: string): string {
  return `${name}.lock`;
}
