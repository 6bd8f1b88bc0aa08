/**
 * Things handed from those who make them to those who wait for them.
 *
 * After: twisted.internet.defer.DeferredQueue. Differs: an async iterable; taking from a long queue
 * costs as much as from a short one.
 *
 * @module
 */
import { LocalProtocolError } from "../core/errors.ts";
import { quote } from "../core/text.ts";
import { Fifo, WaitingLine } from "./_fifo.ts";
import { isThenable } from "./_members.ts";
import { succeed } from "./combinators.ts";
import type { Deferred } from "./deferred.ts";

/** As many items wait in the queue as its `size` allows. */
export class QueueOverflow extends LocalProtocolError {
  readonly code = "ERR_QUEUE_OVERFLOW";
}

/** As many wait for an item as the queue's `backlog` allows. */
export class QueueUnderflow extends LocalProtocolError {
  readonly code = "ERR_QUEUE_UNDERFLOW";
}

const END = { done: true, value: undefined } as const;

/**
 * A queue: each item goes to one who asks, in order on both sides.
 *
 * @example
 * ```ts
 * import { DeferredQueue } from "sennit/defer";
 *
 * const queue = new DeferredQueue<string>(100);
 * queue.put("one");
 * queue.put("two");
 * console.log(await queue.get()); // one
 * for await (const item of queue) {
 *   console.log(item); // two; then it would wait for the next
 *   break;
 * }
 * ```
 */
export class DeferredQueue<T> implements AsyncIterable<T, undefined, undefined> {
  readonly #items = new Fifo<T>();
  readonly #line = new WaitingLine<T>();
  readonly #size: number;
  readonly #backlog: number;

  /**
   * @param size How many items may wait. Default: any number.
   * @param backlog How many may wait for items. Default: any number.
   * @throws {RangeError} A number is below 0, or no number.
   */
  constructor(size: number = Infinity, backlog: number = Infinity) {
    this.#size = checked("size", size);
    this.#backlog = checked("backlog", backlog);
  }

  /** How many items wait. */
  get pending(): number {
    return this.#items.length;
  }

  /** How many wait for items. */
  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Add an item. When somebody waits, the callbacks of the first have run before this returns.
   *
   * @throws {QueueOverflow} The queue is full.
   * @throws {TypeError} The item is a Deferred or a promise, with which no Deferred can be fired.
   */
  put(item: T): void {
    if (isThenable(item)) {
      throw new TypeError(
        `Cannot put ${quote(item)} into a DeferredQueue: expected a value, or an object with it`,
      );
    }
    const first = this.#line.next();
    if (first !== undefined) first.callback(item);
    else if (this.#items.length < this.#size) this.#items.push(item);
    else {
      const size = String(this.#size);
      throw new QueueOverflow(`Cannot put into a full queue: expected at most ${size} to wait`);
    }
  }

  /**
   * Take the first item.
   *
   * @returns Fires with it: at once when there is one. A cancel while waiting leaves the line.
   * @throws {QueueUnderflow} There is none, and too many wait already.
   */
  get(): Deferred<T> {
    const first = this.#items.shift();
    if (first !== undefined) return succeed(first.item);
    if (this.#line.length < this.#backlog) return this.#line.join();
    const backlog = String(this.#backlog);
    throw new QueueUnderflow(
      `Cannot get from an empty queue: expected at most ${backlog} to wait for items`,
    );
  }

  /** The items, as they come: it has no end of its own. Leaving the loop takes nothing along. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined, undefined> {
    return new QueueItems(this);
  }
}

function checked(name: string, value: number): number {
  if (value >= 0) return value;
  throw new RangeError(
    `Cannot make a DeferredQueue: expected a ${name} of 0 or more, got ${String(value)}`,
  );
}

class QueueItems<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #queue: DeferredQueue<T>;
  readonly #asked = new Set<Deferred<T>>();
  #done = false;

  constructor(queue: DeferredQueue<T>) {
    this.#queue = queue;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#done) return END;
    const item = this.#queue.get();
    this.#asked.add(item);
    try {
      return { done: false, value: await item };
    } catch (error) {
      if (this.#done) return END;
      throw error;
    } finally {
      this.#asked.delete(item);
    }
  }

  /** Those who wait in `next` leave the queue's line, and are told that this is the end. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#done = true;
    for (const item of this.#asked) item.cancel();
    return END;
  }
}
