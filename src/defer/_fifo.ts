/**
 * First in, first out, with a way out for those in the middle: each step costs the same, however
 * many there are. (A `Set` slows down when it is emptied from its front, as an array does.)
 *
 * @module
 */
import { Deferred } from "./deferred.ts";

interface Place<Item> {
  readonly item: Item;
  before: Place<Item> | undefined;
  behind: Place<Item> | undefined;
}

/** A doubly linked list. */
export class Fifo<Item> {
  #first: Place<Item> | undefined;
  #last: Place<Item> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Add at the end. @returns Takes it out of the line. Not to be called once it is out. */
  push(item: Item): () => void {
    const place: Place<Item> = { item, before: this.#last, behind: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.behind = place;
    this.#last = place;
    this.#length += 1;
    return () => this.#leave(place);
  }

  /** Take the first one out, in a box: an item may be `undefined`. */
  shift(): { readonly item: Item } | undefined {
    const place = this.#first;
    if (place !== undefined) this.#leave(place);
    return place;
  }

  #leave(place: Place<Item>): void {
    const { before, behind } = place;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    this.#length -= 1;
  }
}

/** Those who wait, first come first served. A cancel takes one out of the line. */
export class WaitingLine<T> {
  readonly #line = new Fifo<Deferred<T>>();

  get length(): number {
    return this.#line.length;
  }

  join(): Deferred<T> {
    let leave: (() => void) | undefined;
    const deferred = new Deferred<T>(() => leave?.());
    leave = this.#line.push(deferred);
    return deferred;
  }

  /** Whose turn it is. One that somebody else has fired has gone by itself. */
  next(): Deferred<T> | undefined {
    for (;;) {
      const first = this.#line.shift();
      if (first === undefined) return undefined;
      if (!first.item.called) return first.item;
    }
  }
}
