/**
 * The calls that wait for their time: a binary heap ordered by time, then by age.
 *
 * Each call knows its place, so that cancelling takes it out at once; the keys lie in arrays of
 * their own, so that sifting compares numbers that lie side by side. A call that is put off keeps
 * its place until that comes to the top: an idle time-out that is reset a thousand times costs a
 * thousand assignments. (bench/micro/timers measures both.)
 *
 * After: twisted.internet.base.DelayedCall. Differs: equal times fire first-in first-out.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { withContext } from "../../defer/context.ts";
import { AlreadyCalled, AlreadyCancelled } from "../../internet/errors.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";

type Callee = (...args: never[]) => unknown;

/** Stands where a call's function was: what is over holds on to nothing. */
const OVER: Callee = () => undefined;
const NO_ARGS: readonly unknown[] = [];

/** One call. Its fields belong to the queue; others see {@link IDelayedCall}. */
export class DelayedCall implements IDelayedCall {
  time: number;
  /** The tie-breaker among equal times. */
  age: number;
  /** Place in the heap; -1 when it is not there. */
  at = -1;
  state: "pending" | "called" | "cancelled" = "pending";
  f: Callee;
  args: readonly unknown[];
  readonly #queue: DelayedCallQueue;

  constructor(
    queue: DelayedCallQueue,
    time: number,
    age: number,
    f: Callee,
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
    this.release();
    this.#queue.cancelled(this);
  }

  /** It is over: hold on to nothing. */
  release(): void {
    this.f = OVER;
    this.args = NO_ARGS;
  }

  reset(seconds: number): void {
    this.#check("reset");
    this.#queue.move(this, this.#queue.seconds() + checkedDelay(seconds));
  }

  delay(seconds: number): void {
    this.#check("delay");
    const time = this.time + seconds;
    // Not `seconds` alone: a call for ever later, taken back by for ever, has no time either.
    if (Number.isNaN(time)) {
      throw new RangeError(`Cannot delay a call: expected seconds, got ${String(seconds)}`);
    }
    this.#queue.move(this, time);
  }

  #check(what: string): void {
    if (this.state === "pending") return;
    const message = `Cannot ${what} a delayed call: it was ${this.state} already`;
    throw this.state === "called" ? new AlreadyCalled(message) : new AlreadyCancelled(message);
  }

  toString(): string {
    if (this.f === OVER) return `DelayedCall(${this.state})`;
    const name = this.f.name === "" ? "(anonymous)" : this.f.name;
    if (this.state !== "pending") return `DelayedCall(${name}, ${this.state})`;
    return `DelayedCall(${name}, in ${(this.time - this.#queue.seconds()).toFixed(3)} s)`;
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
  // Three arrays, one heap. A call that was put off has a time and age beyond those of its place.
  readonly #times: number[] = [];
  readonly #ages: number[] = [];
  readonly #calls: DelayedCall[] = [];
  #age = 0;
  /** Falls with each call that is put before others of its time. */
  #oldest = 0;
  /** Those that have another time since the order was last put right, and where they stood. */
  readonly #moved = new Map<DelayedCall, { readonly time: number; readonly age: number }>();
  /** Those of the pass that runs whose turn has not come. */
  #due: DelayedCall[] = [];
  readonly #now: () => number;
  readonly #headChanged: () => void;

  /**
   * @param now The clock, in seconds.
   * @param headChanged Told when another call has become the earliest one, or none is left. Not
   *   told when the earliest one is cancelled or put off: an alarm too early does no harm.
   */
  constructor(now: () => number, headChanged: () => void) {
    this.#now = now;
    this.#headChanged = headChanged;
  }

  seconds(): number {
    return this.#now();
  }

  /** How many wait. */
  get size(): number {
    return this.#calls.length;
  }

  /** Those that wait, in no order. */
  pending(): readonly DelayedCall[] {
    return [...this.#calls, ...this.#due.filter((call) => call.active)];
  }

  /** The earliest call. */
  get head(): DelayedCall | undefined {
    this.#settle();
    let call = this.#calls[0];
    while (call !== undefined && this.#ages[0] !== call.age) {
      // It was put off: now is the time to find its new place.
      this.#sink(call, 0);
      call = this.#calls[0];
    }
    return call;
  }

  /** Make a call and put it in. */
  add(delay: number, f: Callee, args: readonly unknown[]): DelayedCall {
    const time = this.#now() + checkedDelay(delay);
    this.#settle();
    const call = new DelayedCall(this, time, this.#age, withContext(f), args);
    this.#age += 1;
    this.#push(call);
    return call;
  }

  /** A call was cancelled. */
  cancelled(call: DelayedCall): void {
    if (call.at < 0) return; // Set aside, or on the way back from a pass.
    this.#remove(call);
    if (this.#calls.length === 0) this.#headChanged();
  }

  /**
   * Give a call another time. Among those of that time it stands as it stood among them before: put
   * off, it is before them; made earlier, behind them.
   */
  move(call: DelayedCall, time: number): void {
    if (!this.#moved.has(call)) this.#moved.set(call, { time: call.time, age: call.age });
    call.time = time;
    if (call.at >= 0 && time < (this.#times[0] ?? 0)) this.#headChanged();
  }

  /** Give those that were moved their ages, and those made earlier their places. */
  #settle(): void {
    if (this.#moved.size === 0) return;
    const moved = [...this.#moved].sort(([, a], [, b]) => a.time - b.time || a.age - b.age);
    this.#moved.clear();
    for (const [call, old] of moved) {
      if (call.time >= old.time) continue;
      call.age = this.#age;
      this.#age += 1;
    }
    for (const [call, old] of moved.toReversed()) {
      if (call.time > old.time) {
        this.#oldest -= 1;
        call.age = this.#oldest;
      }
      if (call.at >= 0 && call.time < (this.#times[call.at] ?? 0)) this.#rise(call, call.at);
    }
  }

  /** Take every call out, in order: a reactor that stops sets them aside. */
  removeAll(): DelayedCall[] {
    this.#settle();
    const calls = [...this.pending()].sort((a, b) => a.time - b.time || a.age - b.age);
    this.#calls.length = 0;
    this.#times.length = 0;
    this.#ages.length = 0;
    this.#due = [];
    for (const call of calls) call.at = -1;
    return calls;
  }

  /** Put a call back in that was taken out and is still pending. */
  restore(call: DelayedCall): void {
    this.#settle();
    if (call.state === "pending" && call.at < 0) this.#push(call);
  }

  /**
   * One pass: run, in order, the calls that are due now. Those made on the way wait for the next
   * pass, so that no chain of calls can starve I/O; those cancelled or put off on the way do not
   * run.
   */
  run(call: (due: DelayedCall) => void): void {
    const now = this.#now();
    for (let due = this.head; due !== undefined && due.time <= now; due = this.head) {
      this.#remove(due);
      this.#due.push(due);
    }
    this.#due.reverse();
    for (let due = this.#due.pop(); due !== undefined; due = this.#due.pop()) {
      if (due.time > now) this.restore(due);
      else if (due.state === "pending") this.#call(due, call);
    }
  }

  #call(due: DelayedCall, call: (due: DelayedCall) => void): void {
    due.state = "called";
    call(due);
    due.release();
  }

  // -- The heap

  #push(call: DelayedCall): void {
    this.#rise(call, this.#calls.length);
    if (call.at === 0) this.#headChanged();
  }

  #remove(call: DelayedCall): void {
    const { at } = call;
    call.at = -1;
    const last = this.#calls.pop();
    const time = this.#times.pop() ?? 0;
    const age = this.#ages.pop() ?? 0;
    if (last === undefined || last === call) return;
    // The last entry, as it stands (its call may have been put off), goes where there is room.
    const up = (at - 1) >> 1;
    const to = at > 0 && !this.#isBefore(up, time, age) ? this.#roomAbove(time, age, at) : at;
    this.#set(to === at ? this.#roomBelow(time, age, at) : to, last, time, age);
  }

  #rise(call: DelayedCall, from: number): void {
    this.#set(this.#roomAbove(call.time, call.age, from), call, call.time, call.age);
  }

  #sink(call: DelayedCall, from: number): void {
    this.#set(this.#roomBelow(call.time, call.age, from), call, call.time, call.age);
  }

  #set(at: number, call: DelayedCall, time: number, age: number): void {
    call.at = at;
    this.#times[at] = time;
    this.#ages[at] = age;
    this.#calls[at] = call;
  }

  /** Is the entry at `at` due before (`time`, `age`)? */
  #isBefore(at: number, time: number, age: number): boolean {
    const other = this.#times[at] ?? Number.POSITIVE_INFINITY;
    return other < time || (other === time && (this.#ages[at] ?? 0) < age);
  }

  /** Move the entry at `from` to the free place `to`. */
  #shift(from: number, to: number): void {
    const call = this.#calls[from];
    if (call !== undefined) this.#set(to, call, this.#times[from] ?? 0, this.#ages[from] ?? 0);
  }

  /** Move entries down from above `from` until (`time`, `age`) fits. @returns Where. */
  #roomAbove(time: number, age: number, from: number): number {
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (this.#isBefore(up, time, age)) break;
      this.#shift(up, at);
      at = up;
    }
    return at;
  }

  /** Move entries up from below `from` until (`time`, `age`) fits. @returns Where. */
  #roomBelow(time: number, age: number, from: number): number {
    const { length } = this.#calls;
    let at = from;
    for (let down = 2 * at + 1; down < length; down = 2 * at + 1) {
      const right = down + 1;
      if (right < length && this.#isBefore(right, this.#times[down] ?? 0, this.#ages[down] ?? 0)) {
        down = right;
      }
      if (!this.#isBefore(down, time, age)) break;
      this.#shift(down, at);
      at = down;
    }
    return at;
  }
}
