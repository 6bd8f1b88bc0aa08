/**
 * A connection chunk by chunk, for `for await`.
 *
 * @module
 */
import type { Inbox, Reader } from "./_inbox.ts";

type Step = IteratorResult<Buffer, undefined>;

interface Asker {
  readonly resolve: (step: Step) => void;
  readonly reject: (error: Error) => void;
}

const OVER: Step = { done: true, value: undefined };

/** What a chunk costs besides its bytes: a peer that sends them one by one is held back too. */
const CHUNK_COST = 128;

/** See the top of this file. There is one for a connection, however many loops it is read by. */
export class ChunkReader implements Reader {
  readonly #inbox: Inbox;
  readonly #highWaterMark: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #askers: Asker[] = [];
  #ended = false;
  #error: Error | undefined;

  /** @throws {StreamStateError} The connection is read in another way. */
  constructor(inbox: Inbox, highWaterMark: number) {
    this.#inbox = inbox;
    this.#highWaterMark = highWaterMark;
    inbox.claim("the async iterator", this);
  }

  take(data: Buffer): boolean {
    const asker = this.#askers.shift();
    if (asker !== undefined) asker.resolve({ done: false, value: data });
    else {
      this.#chunks.push(data);
      this.#held += data.length + CHUNK_COST;
    }
    // Nobody asks: whoever has left the loop may never come back.
    return this.#askers.length > 0 || this.#held < this.#highWaterMark;
  }

  end(): void {
    this.#ended = true;
    for (const asker of this.#askers.splice(0)) asker.resolve(OVER);
  }

  fail(error: Error): void {
    this.#ended = true;
    const [first, ...others] = this.#askers.splice(0);
    if (first === undefined) this.#error = error;
    else first.reject(error);
    for (const asker of others) asker.resolve(OVER);
  }

  next(): Promise<Step> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#held -= chunk.length + CHUNK_COST;
      return Promise.resolve({ done: false, value: chunk });
    }
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) return Promise.reject(error);
    if (this.#ended) return Promise.resolve(OVER);
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      this.#inbox.wantMore();
    });
  }

  /** A loop over what is still to come. Leaving it takes nothing along, and closes nothing. */
  loop(): AsyncIterableIterator<Buffer, undefined, undefined> {
    return {
      next: () => this.next(),
      return: () => Promise.resolve(OVER),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
