/**
 * How far an exploration has come, on the error stream: one line that changes on a terminal, and
 * now and then a line elsewhere.
 *
 * @module
 */
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { ExploreProgress } from "../../testing/simulation/explore.ts";

/** Seconds between two words. */
const ON_TERMINAL = 0.2;
const ELSEWHERE = 10;
/** Back to the beginning of the line, and clear it. */
const ERASE = "\r\u001B[K";

/** See the top of this file. */
export class Progress {
  readonly #reactor: IReactorTime;
  readonly #write: (text: string) => unknown;
  readonly #isTerminal: boolean;
  readonly #begun: number;
  #told: number;
  #isDirty = false;

  constructor(reactor: IReactorTime, write: (text: string) => unknown, isTerminal: boolean) {
    this.#reactor = reactor;
    this.#write = write;
    this.#isTerminal = isTerminal;
    this.#begun = reactor.seconds();
    this.#told = this.#begun;
  }

  /** So far it is. */
  readonly show = ({ seeds, failures }: ExploreProgress): void => {
    const now = this.#reactor.seconds();
    if (now - this.#told < (this.#isTerminal ? ON_TERMINAL : ELSEWHERE)) return;
    this.#told = now;
    const rate = Math.round((seeds / (now - this.#begun)) * 60);
    const counts = [counted(seeds, "seed"), `${grouped(rate)}/min`, counted(failures, "failure")];
    this.say(counts.join("   "));
  };

  /** Say something that the next word replaces. */
  say(text: string): void {
    this.#write(this.#isTerminal ? `${ERASE}${text}` : `${text}\n`);
    this.#isDirty = this.#isTerminal;
  }

  /** Leave nothing behind on the terminal. */
  end(): void {
    if (this.#isDirty) this.#write(ERASE);
    this.#isDirty = false;
  }
}

/** `12,300 seeds`, `1 seed`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `12,300`: the same on every machine. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}
