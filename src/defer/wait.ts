/**
 * What `yield*` runs through once: the eventual goes out, its result comes back.
 *
 * @module
 */
import type { Eventual } from "./deferred.ts";

/** One step of a body of `inlineCallbacks`, for `yield*`. Made by {@link wait}; used once. */
export class Waiting<T> implements Iterable<unknown, T, unknown>, Iterator<unknown, T, unknown> {
  readonly #eventual: unknown;
  #asked = false;

  constructor(eventual: Eventual<T>) {
    this.#eventual = eventual;
  }

  /** Itself: what `yield*` asks for. */
  [Symbol.iterator](): this {
    return this;
  }

  /** The first call hands the eventual out; the second is told its result, and is the end. */
  next(result?: unknown): IteratorResult<unknown, T>;
  next(result?: unknown): IteratorResult<unknown, unknown> {
    if (this.#asked) return { done: true, value: result };
    this.#asked = true;
    return { done: false, value: this.#eventual };
  }

  /** It failed: that is thrown where the body waits. */
  throw(error: unknown): IteratorResult<unknown, T> {
    throw error;
  }
}

/**
 * Wait, inside a body of `inlineCallbacks`, and get a result that has its type.
 *
 * A plain `yield d` waits as well, but TypeScript cannot know what comes back: it is `unknown`.
 *
 * @example
 * ```ts
 * import { inlineCallbacks, succeed, wait } from "sennit/defer";
 *
 * const area = inlineCallbacks(function* () {
 *   const width = yield* wait(succeed(6)); // a number
 *   const height = yield* wait(Promise.resolve(7));
 *   return width * height;
 * });
 * console.log(await area()); // 42
 * ```
 */
export function wait<T>(eventual: Eventual<T>): Waiting<T> {
  return new Waiting(eventual);
}
