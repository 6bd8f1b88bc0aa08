/**
 * Time for tests: it moves when it is told to.
 *
 * After: twisted.internet.task.Clock. Differs, as real reactors do: a call made during an
 * `advance` waits for the next one, even with a delay of 0; what a call throws is logged, and the
 * others still run.
 *
 * @module
 */
import type {
  IDelayedCall,
  IReactorTime,
  IReactorWallClock,
} from "../internet/interfaces-reactor.ts";
import { Logger } from "../logger/logger.ts";
import { DelayedCallQueue } from "../reactors/base/delayed-calls.ts";
import type { MakingWitness } from "../reactors/base/making-witness.ts";

const log = new Logger({ namespace: "sennit.testing" });

/** When a clock begins: 2001-09-09 01:46:40 UTC, a billion seconds after 1970. */
const EPOCH = 1_000_000_000;

/**
 * A clock that stands still until `advance`.
 *
 * @example
 * ```ts
 * import { Clock } from "sennit/testing";
 *
 * const clock = new Clock();
 * clock.callLater(5, () => console.log("five seconds"));
 * clock.advance(5); // prints before it returns
 * ```
 */
export class Clock implements IReactorTime, IReactorWallClock {
  #now = 0;
  #witness: MakingWitness | undefined;
  readonly #calls = new DelayedCallQueue(
    () => this.#now,
    () => {},
  );

  seconds(): number {
    return this.#now;
  }

  /** The time of day: the clock begins a billion seconds after 1970. */
  wallClock(): number {
    return EPOCH + this.#now;
  }

  callLater<Args extends unknown[]>(
    delay: number,
    f: (...args: Args) => unknown,
    ...args: Args
  ): IDelayedCall {
    const call = this.#calls.add(delay, f, args);
    this.#witness?.made(call);
    return call;
  }

  /** Tell `witness` of each call from now on, or nobody. @returns Who was told before. */
  setWitness(witness: MakingWitness | undefined): MakingWitness | undefined {
    const before = this.#witness;
    this.#witness = witness;
    return before;
  }

  getDelayedCalls(): readonly IDelayedCall[] {
    return this.#calls.pending();
  }

  /**
   * Move time forward at once, then run the calls that are due, in order. They all see the new
   * time.
   *
   * @throws {RangeError} Backwards.
   */
  advance(seconds: number): void {
    if (!(seconds >= 0)) {
      throw new RangeError(`Cannot advance by ${String(seconds)} seconds: expected 0 or more`);
    }
    this.#now += seconds;
    this.#calls.run((due) => {
      try {
        Reflect.apply(due.f, undefined, due.args);
      } catch (error) {
        log.failure("Unhandled error in a delayed call: {call}", error, { call: due.toString() });
      }
    });
  }

  /** `advance` by each of these in turn. */
  pump(steps: Iterable<number>): void {
    for (const seconds of steps) this.advance(seconds);
  }
}
