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

/** See the top of this file. Three arrays of keys beside one of events: numbers lie together. */
export class EventQueue {
  readonly #times: number[] = [];
  readonly #ties: number[] = [];
  readonly #ages: number[] = [];
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

  /** @param tie Orders events of the same time; equal ones are first-in first-out. */
  push(time: number, tie: number, event: SimulatedEvent): void {
    const age = this.#age;
    this.#age += 1;
    let at = this.#events.length;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#isAfter(up, time, tie, age)) break;
      this.#move(up, at);
      at = up;
    }
    this.#set(at, time, tie, age, event);
  }

  /** Take out the next event. */
  pop(): SimulatedEvent | undefined {
    const first = this.#events[0];
    const time = this.#times.pop() ?? 0;
    const tie = this.#ties.pop() ?? 0;
    const age = this.#ages.pop() ?? 0;
    const last = this.#events.pop();
    if (last !== undefined && this.#events.length > 0) this.#sink(time, tie, age, last);
    return first;
  }

  #sink(time: number, tie: number, age: number, event: SimulatedEvent): void {
    const { length } = this.#events;
    let at = 0;
    for (let down = 1; down < length; down = 2 * at + 1) {
      const right = down + 1;
      if (right < length && this.#isAfterEntry(down, right)) down = right;
      if (this.#isAfter(down, time, tie, age)) break;
      this.#move(down, at);
      at = down;
    }
    this.#set(at, time, tie, age, event);
  }

  #isAfterEntry(at: number, other: number): boolean {
    return this.#isAfter(
      at,
      this.#times[other] ?? 0,
      this.#ties[other] ?? 0,
      this.#ages[other] ?? 0,
    );
  }

  /** Does the entry at `at` come after this one? */
  #isAfter(at: number, time: number, tie: number, age: number): boolean {
    const mine = this.#times[at] ?? 0;
    if (mine !== time) return mine > time;
    const myTie = this.#ties[at] ?? 0;
    return myTie === tie ? (this.#ages[at] ?? 0) > age : myTie > tie;
  }

  #move(from: number, to: number): void {
    const event = this.#events[from];
    if (event === undefined) return;
    this.#set(to, this.#times[from] ?? 0, this.#ties[from] ?? 0, this.#ages[from] ?? 0, event);
  }

  #set(at: number, time: number, tie: number, age: number, event: SimulatedEvent): void {
    this.#times[at] = time;
    this.#ties[at] = tie;
    this.#ages[at] = age;
    this.#events[at] = event;
  }
}
