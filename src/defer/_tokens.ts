/**
 * Tokens, and the line of those who wait for one: what locks and semaphores are made of.
 *
 * @module
 */
import { succeed } from "./combinators.ts";
import type { Deferred } from "./deferred.ts";
import { NotAcquiredError } from "./hold.ts";
import { WaitingLine } from "./_fifo.ts";

/** `Owner` is what those who acquire are given: the lock, the semaphore. */
export class Tokens<Owner> {
  readonly #limit: number;
  readonly #line = new WaitingLine<Owner>();
  #free: number;
  /** Released while one is being handed over: they belong to the line already. */
  #due = 0;
  #handingOver = false;

  constructor(limit: number) {
    this.#limit = limit;
    this.#free = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  get free(): number {
    return this.#free;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.length;
  }

  acquire(owner: Owner): Deferred<Owner> {
    if (this.#free === 0) return this.#line.join();
    this.#free -= 1;
    return succeed(owner);
  }

  /** @throws {NotAcquiredError} All tokens are here. */
  release(owner: Owner): void {
    if (this.#free + this.#due === this.#limit) {
      throw new NotAcquiredError("Cannot release what is not held: it was released too often");
    }
    if (this.#line.length <= this.#due) {
      this.#free += 1;
      return;
    }
    this.#due += 1;
    if (!this.#handingOver) this.#handOver(owner);
  }

  /** A loop: thousands who wait, and release at once when it is their turn, need no stack. */
  #handOver(owner: Owner): void {
    this.#handingOver = true;
    while (this.#due > 0) {
      this.#due -= 1;
      const next = this.#line.next();
      if (next === undefined) this.#free += 1;
      else next.callback(owner);
    }
    this.#handingOver = false;
  }
}
