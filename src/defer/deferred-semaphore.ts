/**
 * So many at a time.
 *
 * After: twisted.internet.defer.DeferredSemaphore. Differs: as `DeferredLock` does.
 *
 * @module
 */
import { Tokens } from "./_tokens.ts";
import type { Deferred, Eventual } from "./deferred.ts";
import type { Failure } from "./failure.ts";
import { Hold, runHolding } from "./hold.ts";

/**
 * Tokens, each held by one at a time. Those who wait get one in the order in which they came.
 *
 * @example
 * ```ts
 * import { DeferredSemaphore, gatherResults } from "sennit/defer";
 *
 * const semaphore = new DeferredSemaphore(2);
 * const pages = ["a", "b", "c"].map((page) => semaphore.run(async () => page.toUpperCase()));
 * console.log(await gatherResults(pages)); // two at a time: [ 'A', 'B', 'C' ]
 * ```
 */
export class DeferredSemaphore {
  readonly #tokens: Tokens<DeferredSemaphore>;

  /**
   * @param tokens How many may hold one at the same time.
   * @throws {RangeError} Not a whole number of at least 1.
   */
  constructor(tokens: number) {
    if (!Number.isSafeInteger(tokens) || tokens < 1) {
      const got = String(tokens);
      throw new RangeError(
        `Cannot make a DeferredSemaphore: expected at least 1 token, got ${got}`,
      );
    }
    this.#tokens = new Tokens(tokens);
  }

  /** How many tokens there are in all. */
  get limit(): number {
    return this.#tokens.limit;
  }

  /** How many are free. */
  get tokens(): number {
    return this.#tokens.free;
  }

  /** How many wait for one. */
  get waiting(): number {
    return this.#tokens.waiting;
  }

  /**
   * Wait for a token. Who gets it must `release()` it; see {@link DeferredSemaphore.run} and
   * {@link DeferredSemaphore.hold}, which do not forget.
   *
   * @returns Fires with the semaphore, at once when a token is free. A cancel while waiting leaves
   * the line.
   */
  acquire(): Deferred<DeferredSemaphore> {
    return this.#tokens.acquire(this);
  }

  /**
   * Give a token back. The next in line has it, and its callbacks have run, before this returns.
   *
   * @throws {NotAcquiredError} All tokens are back.
   */
  release(): void {
    this.#tokens.release(this);
  }

  /**
   * Call `f` when a token is ours, and release it when what `f` gives is through.
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

  /** Wait for a token: `await using held = await semaphore.hold();` releases it at the end. */
  hold(): Deferred<Hold> {
    return this.acquire().addCallback(() => new Hold(() => this.release()));
  }
}
