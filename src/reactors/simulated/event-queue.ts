/**
 * What will happen in a simulation, in order: a binary heap by time, then by tie, then first-in
 * first-out.
 *
 * @module
 */

/** Something that happens at a time. One object may wait in the queue several times. */
export interface SimulatedEvent {
  /** It is time. */
  happen(): void;
}

/** More events than any simulation sees. */
const AGES = 2 ** 50;

/** See the top of this file. Two arrays of keys beside one of events: numbers lie together. */
export class EventQueue {
  readonly #times: number[] = [];
  /** Among those of the same time: by tie, then by age. One number for both is a sixth faster. */
  readonly #orders: number[] = [];
  readonly #events: SimulatedEvent[] = [];
  #age = 0;

  get size(): number {
    return this.#events.length;
  }

  /** When the next event happens; infinity if there is none. */
  get nextTime(): number {
    return this.#times.length === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] ?? 0);
  }

  /** Those that wait, in no order. */
  waiting(): readonly SimulatedEvent[] {
    return this.#events;
  }

  /** @param tie 0 to 7, orders events of the same time; equal ones are first-in first-out. */
  push(time: number, tie: number, event: SimulatedEvent): void {
    const order = tie * AGES + this.#age;
    this.#age += 1;
    let at = this.#events.length;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#isAfter(up, time, order)) break;
      this.#move(up, at);
      at = up;
    }
    this.#set(at, time, order, event);
  }

  /** Take out the next event. */
  pop(): SimulatedEvent | undefined {
    const first = this.#events[0];
    const time = this.#times.pop() ?? 0;
    const order = this.#orders.pop() ?? 0;
    const last = this.#events.pop();
    if (last !== undefined && this.#events.length > 0) this.#sink(time, order, last);
    return first;
  }

  #sink(time: number, order: number, event: SimulatedEvent): void {
    const { length } = this.#events;
    let at = 0;
    for (let down = 1; down < length; down = 2 * at + 1) {
      const right = down + 1;
      if (right < length && this.#isAfterEntry(down, right)) down = right;
      if (this.#isAfter(down, time, order)) break;
      this.#move(down, at);
      at = down;
    }
    this.#set(at, time, order, event);
  }

  #isAfterEntry(at: number, other: number): boolean {
    return this.#isAfter(at, this.#times[other] ?? 0, this.#orders[other] ?? 0);
  }

  /** Does the entry at `at` come after this one? */
  #isAfter(at: number, time: number, order: number): boolean {
    const mine = this.#times[at] ?? 0;
    return mine === time ? (this.#orders[at] ?? 0) > order : mine > time;
  }

  #move(from: number, to: number): void {
    const event = this.#events[from];
    if (event === undefined) return;
    this.#set(to, this.#times[from] ?? 0, this.#orders[from] ?? 0, event);
  }

  #set(at: number, time: number, order: number, event: SimulatedEvent): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#events[at] = event;
  }
}
