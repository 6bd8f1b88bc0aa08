/**
 * One process at a time, and waiting for one's turn.
 *
 * After: twisted.internet.defer.DeferredFilesystemLock. Differs: the lock of a dead process is
 * taken over by one of those who want it, never by two (`_lock-directory.ts` says how); a cancel
 * does not try for a last time.
 *
 * @module
 */
import { resolve } from "node:path";
import { LocalProtocolError } from "../core/errors.ts";
import { LockDirectory } from "./_lock-directory.ts";
import { fail } from "./combinators.ts";
import { Deferred, type Eventual, type TimeoutClock } from "./deferred.ts";
import { TimeoutError } from "./errors.ts";
import type { Failure } from "./failure.ts";
import { Hold, NotAcquiredError, runHolding } from "./hold.ts";

/** `deferUntilLocked` was called while an earlier call still tries. */
export class AlreadyTryingToLockError extends LocalProtocolError {
  readonly code = "ERR_ALREADY_TRYING_TO_LOCK";
}

/** How a {@link DeferredFilesystemLock} waits. */
export interface FilesystemLockOptions {
  /** Runs the tries. */
  readonly clock: TimeoutClock;
  /** Seconds between two tries. Default: 1. */
  readonly interval?: number;
}

/**
 * A lock between processes, by a path that they agree on.
 *
 * Looking at it is a few synchronous calls on a local disk. It holds between the processes of one
 * machine, as far as they see each other's numbers.
 *
 * @example
 * ```ts
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { DeferredFilesystemLock } from "sennit/defer";
 * import { reactor } from "sennit/reactor";
 *
 * const path = join(tmpdir(), `example-${process.pid}.lock`);
 * const lock = new DeferredFilesystemLock(path, { clock: reactor });
 * await lock.deferUntilLocked(5); // a TimeoutError after five seconds
 * console.log(lock.locked); // true
 * lock.unlock();
 * ```
 */
export class DeferredFilesystemLock {
  /** The directory that is the lock. */
  readonly path: string;
  readonly #directory: LockDirectory;
  readonly #clock: TimeoutClock;
  readonly #interval: number;
  #trying = false;

  /** @throws {RangeError} The interval is not above 0. */
  constructor(path: string, options: FilesystemLockOptions) {
    const { clock, interval = 1 } = options;
    if (!(interval > 0)) {
      const got = String(interval);
      throw new RangeError(`Cannot wait for a lock: expected an interval above 0, got ${got}`);
    }
    this.path = resolve(path);
    this.#directory = new LockDirectory(this.path);
    this.#clock = clock;
    this.#interval = interval;
  }

  /** Is it ours? */
  get locked(): boolean {
    return this.#directory.held;
  }

  /** Had the owner before us released it? Set by `lock`; false when it was taken from the dead. */
  get clean(): boolean {
    return this.#directory.clean;
  }

  /**
   * Try once.
   *
   * @returns Whether we have got it; false when it is ours already.
   * @throws The system's error: the folder that it is to stand in is missing, may not be written …
   */
  lock(): boolean {
    return this.#directory.acquire();
  }

  /**
   * Give it back.
   *
   * @throws {NotAcquiredError} It is not ours, or somebody has removed it.
   */
  unlock(): void {
    if (this.#directory.release()) return;
    const path = JSON.stringify(this.path);
    throw new NotAcquiredError(`Cannot unlock ${path}: expected it to be held by this object`);
  }

  /**
   * Try now, and again after each interval, until the lock is ours.
   *
   * @param timeout Seconds after which it gives up, having tried once more. Default: never.
   * @returns Fires when the lock is ours; fails with `TimeoutError`, with {@link
   * AlreadyTryingToLockError} while an earlier call tries, or with the system's error.
   */
  deferUntilLocked(timeout?: number): Deferred<void> {
    if (this.#trying) {
      const path = JSON.stringify(this.path);
      return fail(new AlreadyTryingToLockError(`Cannot wait for ${path} twice at the same time`));
    }
    const attempt = new Attempt(this.#directory, this.#clock);
    this.#trying = true;
    attempt.start(this.#interval, timeout);
    return attempt.deferred.addBoth((result) => {
      this.#trying = false;
      return result;
    });
  }

  /** Call `f` when the lock is ours, and unlock it when what `f` gives is through. */
  run<T, Args extends unknown[]>(
    f: (...args: Args) => Eventual<T> | Failure,
    ...args: Args
  ): Deferred<T> {
    return runHolding(this.deferUntilLocked(), () => this.unlock(), f, args);
  }

  /**
   * Wait for the lock: `await using held = await lock.hold();` unlocks it at the block's end.
   *
   * @param timeout As for {@link DeferredFilesystemLock.deferUntilLocked}.
   */
  hold(timeout?: number): Deferred<Hold> {
    return this.deferUntilLocked(timeout).addCallback(() => new Hold(() => this.unlock()));
  }
}

type Timer = ReturnType<TimeoutClock["callLater"]>;

/** One call of `deferUntilLocked`. */
class Attempt {
  readonly deferred = new Deferred<void>(() => this.#stop());
  readonly #directory: LockDirectory;
  readonly #clock: TimeoutClock;
  #next: Timer | undefined;
  #end: Timer | undefined;

  constructor(directory: LockDirectory, clock: TimeoutClock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  start(interval: number, timeout: number | undefined): void {
    this.#poll(interval);
    if (timeout === undefined || this.deferred.called) return;
    this.#end = this.#clock.callLater(timeout, () => this.#giveUp(timeout));
  }

  #poll(interval: number): void {
    if (this.#succeeds()) return;
    this.#next = this.#clock.callLater(interval, () => this.#poll(interval));
  }

  #giveUp(seconds: number): void {
    if (this.#succeeds()) return;
    this.#stop();
    const [path, waited] = [JSON.stringify(this.#directory.path), String(seconds)];
    const message = `Cannot lock ${path}: another has held it for ${waited} seconds`;
    this.deferred.errback(new TimeoutError(message, "lock", seconds));
  }

  /** Try. @returns Whether that is the end of it, for good or bad. */
  #succeeds(): boolean {
    try {
      if (!this.#directory.acquire()) return false;
    } catch (error) {
      this.#stop();
      this.deferred.errback(error);
      return true;
    }
    this.#stop();
    this.deferred.callback();
    return true;
  }

  #stop(): void {
    for (const timer of [this.#next, this.#end]) if (timer?.active === true) timer.cancel();
  }
}
