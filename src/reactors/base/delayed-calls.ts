/**
 * The calls that wait for their time: a binary heap ordered by time, then by age.
 *
 * Each call knows its place in the heap, so that cancelling takes it out at once: nothing is left
 * behind to be swept. The pair "make, cancel", which time-outs live on, touches the heap's end only.
 *
 * After: twisted.internet.base.DelayedCall. Differs: equal times fire first-in first-out.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { AlreadyCalled, AlreadyCancelled } from "../../internet/errors.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";

/** One call. Its fields belong to the queue; others see {@link IDelayedCall}. */
export class DelayedCall implements IDelayedCall {
  time: number;
  /** Rises with each call made or moved: the tie-breaker. */
  age: number;
  /** Place in the heap; -1 when it is not there. */
  at = -1;
  state: "pending" | "called" | "cancelled" = "pending";
  readonly f: (...args: never[]) => unknown;
  readonly args: readonly unknown[];
  readonly #queue: DelayedCallQueue;

  constructor(
    queue: DelayedCallQueue,
    time: number,
    age: number,
    f: (...args: never[]) => unknown,
    args: readonly unknown[],
  ) {
    this.#queue = queue;
    this.time = time;
    this.age = age;
    this.f = f;
    this.args = args;
  }

  get active(): boolean {
    return this.state === "pending";
  }

  getTime(): number {
    return this.time;
  }

  cancel(): void {
    this.#check("cancel");
    this.state = "cancelled";
    this.#queue.cancelled(this);
  }

  reset(seconds: number): void {
    this.#check("reset");
    this.#queue.move(this, this.#queue.seconds() + checkedDelay(seconds));
  }

  delay(seconds: number): void {
    this.#check("delay");
    if (Number.isNaN(seconds))
      throw new RangeError("Cannot delay a call: expected seconds, got NaN");
    this.#queue.move(this, this.time + seconds);
  }

  #check(what: string): void {
    if (this.state === "pending") return;
    const message = `Cannot ${what} a delayed call: it was ${this.state} already`;
    throw this.state === "called" ? new AlreadyCalled(message) : new AlreadyCancelled(message);
  }

  toString(): string {
    const name = this.f.name === "" ? "(anonymous)" : this.f.name;
    const left = (this.time - this.#queue.seconds()).toFixed(3);
    return `DelayedCall(${name}, ${this.state === "pending" ? `in ${left} s` : this.state})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** The delay itself, if it is one. @throws {RangeError} Negative or not a number. */
export function checkedDelay(seconds: number): number {
  if (seconds >= 0) return seconds;
  throw new RangeError(
    `Cannot call later: expected a delay of at least 0 seconds, got ${String(seconds)}`,
  );
}

/** The heap, and the passes that empty it. */
export class DelayedCallQueue {
  readonly #heap: DelayedCall[] = [];
  readonly #now: () => number;
  readonly #headChanged: () => void;
  #age = 0;

  /**
   * @param now The clock, in seconds.
   * @param headChanged Told when another call has become the earliest one, or none is left. Not
   *   told when the earliest one is cancelled and others wait: an alarm too early does no harm.
   */
  constructor(now: () => number, headChanged: () => void) {
    this.#now = now;
    this.#headChanged = headChanged;
  }

  seconds(): number {
    return this.#now();
  }

  get head(): DelayedCall | undefined {
    return this.#heap[0];
  }

  get size(): number {
    return this.#heap.length;
  }

  pending(): readonly DelayedCall[] {
    return [...this.#heap];
  }

  /** Make a call and put it in. */
  add(delay: number, f: (...args: never[]) => unknown, args: readonly unknown[]): DelayedCall {
    const time = this.#now() + checkedDelay(delay);
    const call = new DelayedCall(this, time, this.#age, f, args);
    this.#age += 1;
    this.#push(call);
    return call;
  }

  /** Take a call out; it may be put in again with {@link DelayedCallQueue.restore}. */
  remove(call: DelayedCall): void {
    const { at } = call;
    if (at < 0) return;
    call.at = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === call) return;
    this.#place(last, at);
  }

  /** A call was cancelled: take it out. */
  cancelled(call: DelayedCall): void {
    this.remove(call);
    if (this.#heap.length === 0) this.#headChanged();
  }

  /** Take every call out: a reactor that stops sets them aside. */
  removeAll(): DelayedCall[] {
    const calls = this.#heap.splice(0).sort((a, b) => (before(a, b) ? -1 : 1));
    for (const call of calls) call.at = -1;
    return calls;
  }

  /** Put a call back in that was taken out and is still pending. */
  restore(call: DelayedCall): void {
    if (call.state === "pending" && call.at < 0) this.#push(call);
  }

  /** Give a call another time. It is the youngest of that time. */
  move(call: DelayedCall, time: number): void {
    call.age = this.#age;
    this.#age += 1;
    const { at } = call;
    call.time = time;
    if (at < 0) return; // Set aside: it keeps its new time for when it comes back.
    this.#place(call, at);
    if (call.at === 0) this.#headChanged();
  }

  /**
   * One pass: run, in order, each call that is due now and was made before the pass began. Those
   * made on the way wait for the next pass, so that no chain of calls can starve I/O.
   */
  run(call: (due: DelayedCall) => void): void {
    const now = this.#now();
    const youngest = this.#age;
    const later: DelayedCall[] = [];
    for (let due = this.#heap[0]; due !== undefined && due.time <= now; due = this.#heap[0]) {
      this.remove(due);
      if (due.age >= youngest) {
        later.push(due);
        continue;
      }
      due.state = "called";
      call(due);
    }
    for (const made of later) this.restore(made);
  }

  #push(call: DelayedCall): void {
    const at = this.#heap.length;
    this.#heap.push(call);
    this.#rise(call, at);
    if (call.at === 0) this.#headChanged();
  }

  #place(call: DelayedCall, at: number): void {
    if (at > 0) {
      const parent = this.#heap[(at - 1) >> 1];
      if (parent !== undefined && before(call, parent)) {
        this.#rise(call, at);
        return;
      }
    }
    this.#sink(call, at);
  }

  #rise(call: DelayedCall, from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !before(call, parent)) break;
      heap[at] = parent;
      parent.at = at;
      at = up;
    }
    heap[at] = call;
    call.at = at;
  }

  #sink(call: DelayedCall, from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let down = 2 * at + 1;
      let child = heap[down];
      if (child === undefined) break;
      const right = heap[down + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        down += 1;
      }
      if (!before(child, call)) break;
      heap[at] = child;
      child.at = at;
      at = down;
    }
    heap[at] = call;
    call.at = at;
  }
}

function before(a: DelayedCall, b: DelayedCall): boolean {
  return a.time < b.time || (a.time === b.time && a.age < b.age);
}
