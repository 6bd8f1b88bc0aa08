/**
 * One at a time.
 *
 * After: twisted.internet.defer.DeferredLock. Differs: a release from inside the callbacks that a
 * release has just started hands over when those are through, so that a long line needs no stack.
 *
 * @module
 */
import { Tokens } from "./_tokens.ts";
import type { Deferred, Eventual } from "./deferred.ts";
import type { Failure } from "./failure.ts";
import { Hold, runHolding } from "./hold.ts";

/**
 * A lock, held by one at a time. Those who wait get it in the order in which they came.
 *
 * @example
 * ```ts
 * import { DeferredLock } from "sennit/defer";
 *
 * const lock = new DeferredLock();
 * const answer = await lock.run(async () => 42); // released when the promise is through
 *
 * {
 *   await using held = await lock.hold();
 *   console.log(answer, held.held); // 42 true
 * }
 * console.log(lock.locked); // false
 * ```
 */
export class DeferredLock {
  readonly #tokens = new Tokens<DeferredLock>(1);

  /** Does somebody hold it? */
  get locked(): boolean {
    return this.#tokens.free === 0;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#tokens.waiting;
  }

  /**
   * Wait for the lock. Who gets it must `release()` it; see {@link DeferredLock.run} and
   * {@link DeferredLock.hold}, which do not forget.
   *
   * @returns Fires with the lock, at once when it is free. A cancel while waiting leaves the line.
   */
  acquire(): Deferred<DeferredLock> {
    return this.#tokens.acquire(this);
  }

  /**
   * Give it back. The next in line has it, and its callbacks have run, before this returns.
   *
   * @throws {NotAcquiredError} Nobody holds it.
   */
  release(): void {
    this.#tokens.release(this);
  }

  /**
   * Call `f` when the lock is ours, and release it when what `f` gives is through.
   *
   * @returns Fires with the result of `f`. A cancel while waiting leaves the line, and `f` is not
   * called; after that it goes to the Deferred that `f` gave.
   */
  run<T, Args extends unknown[]>(
    f: (...args: Args) => Eventual<T> | Failure,
    ...args: Args
  ): Deferred<T> {
    return runHolding(this.acquire(), () => this.release(), f, args);
  }

  /** Wait for the lock: `await using held = await lock.hold();` releases it at the block's end. */
  hold(): Deferred<Hold> {
    return this.acquire().addCallback(() => new Hold(() => this.release()));
  }
}
