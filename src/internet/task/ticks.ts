/**
 * The ticks of a loop, for `for await`.
 *
 * @module
 */
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { abortCause } from "../endpoints/abort-options.ts";
import type { IReactorTime } from "../interfaces-reactor.ts";
import { checkedInterval } from "./_interval.ts";
import { LoopingCall, type LoopingCallStartOptions } from "./looping-call.ts";

/**
 * The body of a `for await` as a {@link LoopingCall}: it is run every `interval` seconds from the
 * first time round, without drift, never twice at a time. Each round is given the ticks since the
 * one before: 1, or more when the body was slow and ticks were missed.
 *
 * Nothing is started before the first round; leaving the loop stops the clock's part of it.
 *
 * @param options `signal`: aborting it ends the loop with a `CancelledError`.
 * @throws {RangeError} The interval is negative or not a number.
 *
 * @example
 * ```ts
 * import { ticks } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * let rounds = 0;
 * for await (const count of ticks(reactor, 0.01)) {
 *   rounds += count;
 *   if (rounds >= 3) break;
 * }
 * ```
 */
export function ticks(
  clock: IReactorTime,
  interval: number,
  options: LoopingCallStartOptions = {},
): AsyncIterableIterator<number> & AsyncDisposable {
  return new Ticks(clock, checkedInterval(interval), options);
}

type Round = IteratorResult<number, undefined>;

/** Somebody who has asked for a tick. */
interface Asker {
  readonly resolve: (round: Round) => void;
  readonly reject: (reason: unknown) => void;
}

const OVER: Round = { done: true, value: undefined };

class Ticks implements AsyncIterableIterator<number>, AsyncDisposable {
  readonly #loop: LoopingCall;
  readonly #interval: number;
  readonly #options: LoopingCallStartOptions;
  readonly #askers: Asker[] = [];
  #state: "new" | "ticking" | "over" = "new";
  /** What the loop waits for while nobody asks. */
  #asked: Deferred<void> | undefined;
  /** Why it is over, when the next who asks must be told. */
  #error: CancelledError | undefined;

  constructor(clock: IReactorTime, interval: number, options: LoopingCallStartOptions) {
    this.#loop = LoopingCall.withCount((count) => this.#tick(count), { clock });
    this.#interval = interval;
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Round> {
    if (this.#state === "over") return this.#afterwards();
    return new Promise<Round>((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      if (this.#state === "new") this.#start();
      else this.#goOn();
    });
  }

  #afterwards(): Promise<Round> {
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve(OVER) : Promise.reject(error);
  }

  return(): Promise<Round> {
    this.#end((asker) => asker.resolve(OVER));
    return Promise.resolve(OVER);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #start(): void {
    const { now = true, signal } = this.#options;
    if (signal?.aborted === true) {
      this.#aborted();
      return;
    }
    this.#state = "ticking";
    signal?.addEventListener("abort", this.#aborted, { once: true });
    // It ends when we stop it, and its function does not throw: nothing is left to look at.
    void this.#loop.start(this.#interval, { now });
  }

  #tick(count: number): Deferred<void> | undefined {
    this.#askers.shift()?.resolve({ done: false, value: count });
    if (this.#askers.length > 0) return undefined;
    this.#asked = new Deferred();
    return this.#asked;
  }

  #goOn(): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.callback();
  }

  readonly #aborted = (): void => {
    const error = new CancelledError(undefined, abortCause(this.#options.signal));
    if (this.#askers.length === 0) this.#error = error;
    this.#end((asker) => asker.reject(error));
  };

  #end(tell: (asker: Asker) => void): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#options.signal?.removeEventListener("abort", this.#aborted);
    if (this.#loop.running) this.#loop.stop();
    this.#goOn();
    for (const asker of this.#askers.splice(0)) tell(asker);
  }
}
