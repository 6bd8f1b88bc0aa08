/**
 * The deadlines of many, with one timer.
 *
 * A connection of HTTP/2 has a deadline for each of its streams, set anew with every step, and
 * hardly any of them ever comes. A timer for each stream took 5 % of a short request.
 *
 * @module
 */
import type { IDelayedCall, IReactorTime } from "../../internet/interfaces-reactor.ts";

/** One of them. */
export interface Watched {
  /** In the reactor's seconds; Infinity: none. It may be moved at any time; tell the group. */
  readonly deadline: number;
  /** The deadline has come. Move it before this returns. */
  expired(): void;
}

/** See the top of this file. */
export class DeadlineGroup<Member extends Watched> {
  readonly #reactor: IReactorTime;
  readonly #members = new Set<Member>();
  #timer: IDelayedCall | undefined;
  #timerAt = Infinity;

  constructor(reactor: IReactorTime) {
    this.#reactor = reactor;
  }

  /** How many there are. */
  get size(): number {
    return this.#members.size;
  }

  /** Those that are there now: the group may change meanwhile. */
  get members(): readonly Member[] {
    return [...this.#members];
  }

  add(member: Member): void {
    this.#members.add(member);
  }

  /** @returns Was it there? */
  delete(member: Member): boolean {
    return this.#members.delete(member);
  }

  /** A member has this deadline now. */
  moved(deadline: number): void {
    if (deadline >= this.#timerAt) return;
    this.#timerAt = deadline;
    const seconds = Math.max(0, deadline - this.#reactor.seconds());
    if (this.#timer === undefined)
      this.#timer = this.#reactor.callLater(seconds, () => this.#fired());
    else this.#timer.reset(seconds);
  }

  /** The end: nobody expires any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = -Infinity;
  }

  #fired(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const now = this.#reactor.seconds();
    for (const member of this.members) if (member.deadline <= now) member.expired();
    for (const member of this.#members) this.moved(member.deadline);
  }
}
