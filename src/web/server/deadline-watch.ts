/**
 * One deadline at a time, set anew with every message.
 *
 * @module
 */
import type { IDelayedCall, IReactorTime } from "../../internet/interfaces-reactor.ts";

/**
 * Setting a deadline costs nothing but looking at the clock: there is one timer, and it is moved
 * when it fires too early. Most deadlines of a server are set and never come.
 */
export class DeadlineWatch<Phase> {
  readonly #reactor: IReactorTime;
  readonly #expired: (phase: Phase) => void;
  #phase: Phase | undefined;
  #deadline = 0;
  #timer: IDelayedCall | undefined;
  #timerAt = 0;

  /** @param expired Called when a deadline has come; none is set then. */
  constructor(reactor: IReactorTime, expired: (phase: Phase) => void) {
    this.#reactor = reactor;
    this.#expired = expired;
  }

  /** What is waited for, if anything. */
  get phase(): Phase | undefined {
    return this.#phase;
  }

  /** Wait for something else, so many seconds from now; 0: for ever. */
  set(phase: Phase, seconds: number): void {
    if (seconds === 0) {
      this.clear();
      return;
    }
    this.#phase = phase;
    this.#deadline = this.#reactor.seconds() + seconds;
    if (this.#timer === undefined) this.#start(seconds);
    else if (this.#deadline < this.#timerAt) {
      this.#timer.reset(seconds);
      this.#timerAt = this.#deadline;
    }
  }

  /** Wait for nothing. */
  clear(): void {
    this.#phase = undefined;
  }

  /** The end: the timer is given up. */
  stop(): void {
    this.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #start(seconds: number): void {
    this.#timerAt = this.#deadline;
    this.#timer = this.#reactor.callLater(seconds, () => this.#fired());
  }

  #fired(): void {
    this.#timer = undefined;
    const phase = this.#phase;
    if (phase === undefined) return;
    const left = this.#deadline - this.#reactor.seconds();
    if (left > 0) {
      this.#start(left);
      return;
    }
    this.clear();
    this.#expired(phase);
  }
}
