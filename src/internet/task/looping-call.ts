/**
 * A function called again and again, at fixed distances from the moment it was started.
 *
 *     start(1)                     a call takes 2.5 s
 *        │0    │1    │2    │3    │4
 *        ▼     ▼━━━━━━━━━━━━━━┓     ▼        ticks 2 and 3 were missed:
 *     call 1  call 2          done call 3    call 3 hears a count of 3
 *
 * Tick n is at start + n × interval, whatever the calls take: nothing drifts. A tick that comes
 * while a call is not done is missed, and counted.
 *
 * After: twisted.internet.task.LoopingCall. Differs: the clock is given; ticks are numbered, so
 * that a timer that is early by a rounding error never makes one twice; cancelling start()'s
 * Deferred stops the loop; `reset` also counts while a call is not done; it can start again.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { fail, maybeDeferred } from "../../defer/combinators.ts";
import { captureContext } from "../../defer/context.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { abortCause, cancelOnAbort } from "../endpoints/abort-options.ts";
import type { IDelayedCall, IReactorTime } from "../interfaces-reactor.ts";
import { checkedInterval } from "./_interval.ts";
import { LoopingCallAlreadyRunning, LoopingCallNotRunning } from "./errors.ts";

/** Options of {@link LoopingCall}. */
export interface LoopingCallOptions {
  /** Keeps the time: a reactor, or a test's clock. */
  readonly clock: IReactorTime;
}

/** Options of {@link LoopingCall.start}. */
export interface LoopingCallStartOptions {
  /** Make the first call before `start` returns; else after one interval. Default: `true`. */
  readonly now?: boolean;
  /** Aborting it cancels the Deferred. Aborted beforehand, nothing is started. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls a function every so many seconds.
 *
 * If it returns a Deferred or a promise, the next call waits for that. If it throws, the loop ends.
 *
 * @example
 * ```ts
 * import { LoopingCall } from "sennit/internet";
 * import { Clock } from "sennit/testing";
 *
 * const clock = new Clock(); // or the reactor
 * const loop = new LoopingCall(() => console.log("tick"), { clock });
 * const over = loop.start(60);
 * clock.advance(60);
 * loop.stop();
 * await over; // fails with what the function throws
 * ```
 */
export class LoopingCall {
  /** Keeps the time. */
  readonly clock: IReactorTime;
  readonly #f: () => unknown;
  /** The function in the context of `start`: `reset` may be called from another. */
  #fInContext: () => unknown;
  #running = false;
  #deferred: Deferred<this> | undefined;
  #interval = 0;
  /** When tick 0 was. */
  #anchor = 0;
  /** The tick that was run last. */
  #last = 0;
  /** The tick that `#call` is for. */
  #next = 0;
  #call: IDelayedCall | undefined;
  /** Ticks from the call before to this one. */
  #count = 0;
  /** What the function has returned, when that has no result yet. */
  #pending: Deferred<unknown> | undefined;

  /** @param f Called without arguments. */
  constructor(f: () => unknown, options: LoopingCallOptions) {
    this.#f = f;
    this.#fInContext = f;
    this.clock = options.clock;
  }

  /**
   * A loop whose function is told how many ticks there were since it was called last: 1, or more
   * when ticks were missed. The counts of all calls add up to the ticks since the start. With an
   * interval of 0 it is always 1.
   */
  static withCount(f: (count: number) => unknown, options: LoopingCallOptions): LoopingCall {
    const loop: LoopingCall = new LoopingCall(() => f(loop.#count), options);
    return loop;
  }

  /** Started, and neither stopped nor failed. */
  get running(): boolean {
    return this.#running;
  }

  /** What `start` returned, until it fires. */
  get deferred(): Deferred<this> | undefined {
    return this.#deferred;
  }

  /** Seconds between ticks, as given to `start`; `undefined` before. */
  get interval(): number | undefined {
    return this.#deferred === undefined ? undefined : this.#interval;
  }

  /**
   * Call the function every `interval` seconds from now on. With an interval of 0 it is called in
   * every pass of the reactor, and I/O in between.
   *
   * @returns Fires with the loop when it was stopped and the last call is done; fails with what the
   *   function throws. Cancel it to stop the loop and to cancel the Deferred that it waits for.
   * @throws {RangeError} The interval is negative or not a number.
   * @throws {LoopingCallAlreadyRunning}
   */
  start(interval: number, options: LoopingCallStartOptions = {}): Deferred<this> {
    const { now = true, signal } = options;
    checkedInterval(interval);
    if (this.#deferred !== undefined) {
      const why = this.#running ? "it is running" : "its last call is not done";
      throw new LoopingCallAlreadyRunning(`Cannot start ${this.toString()}: ${why}`);
    }
    if (signal?.aborted === true) return fail(new CancelledError(undefined, abortCause(signal)));
    const deferred = new Deferred<this>(() => this.#cancelled());
    const context = captureContext();
    this.#fInContext = context === undefined ? this.#f : () => context(this.#f);
    this.#deferred = deferred;
    this.#running = true;
    this.#interval = interval;
    this.#anchor = this.clock.seconds();
    this.#last = now ? -1 : 0;
    this.#next = 0;
    if (now) this.#run();
    else this.#schedule();
    return cancelOnAbort(deferred, signal);
  }

  /**
   * Make no more calls. Fires start()'s Deferred, at once or when the call under way is done.
   *
   * @throws {LoopingCallNotRunning}
   */
  stop(): void {
    this.#check("stop");
    this.#running = false;
    if (this.#dropCall()) this.#finish(this);
  }

  /**
   * Count from now: the next call is one interval away. Ticks that were missed stay counted.
   *
   * @throws {LoopingCallNotRunning}
   */
  reset(): void {
    this.#check("reset");
    const now = this.clock.seconds();
    const missed = Math.max(0, this.#tickAt(now) - this.#last);
    this.#anchor = now;
    this.#last = -missed;
    if (this.#dropCall()) this.#schedule();
  }

  #check(what: string): void {
    if (this.#running) return;
    throw new LoopingCallNotRunning(`Cannot ${what} ${this.toString()}: it is not running`);
  }

  /** @returns Was there one? If not, the function is being called or not done. */
  #dropCall(): boolean {
    const call = this.#call;
    this.#call = undefined;
    call?.cancel();
    return call !== undefined;
  }

  /** The tick that `time` belongs to: the last one at or before it. */
  #tickAt(time: number): number {
    return this.#interval === 0 ? 0 : Math.floor((time - this.#anchor) / this.#interval);
  }

  /**
   * Wait for the next tick that is not run and not over. The delay is taken from the anchor and not
   * from the tick before, so errors do not add up; and since a tick has a number, a clock that
   * reads 0.30000000000000004 or 0.29999999999999998 is at tick 3 of 0.1 either way, and once.
   */
  #schedule(): void {
    const now = this.clock.seconds();
    this.#next = Math.max(this.#last, this.#tickAt(now)) + 1;
    const due = this.#anchor + this.#next * this.#interval;
    const delay = this.#interval === 0 ? 0 : Math.max(0, due - now);
    this.#call = this.clock.callLater(delay, this.#run);
  }

  readonly #run = (): void => {
    const deferred = this.#deferred;
    this.#call = undefined;
    const tick = Math.max(this.#next, this.#tickAt(this.clock.seconds()));
    this.#count = this.#interval === 0 ? 1 : tick - this.#last;
    this.#last = tick;
    let result: unknown;
    try {
      result = this.#fInContext();
    } catch (error) {
      this.#failed(deferred, Failure.of(error));
      return;
    }
    // Most functions return nothing: a Deferred for each tick would be for nothing too.
    if (typeof result !== "object" || result === null) {
      this.#done(deferred);
      return;
    }
    this.#pending = maybeDeferred(() => result);
    void this.#pending.addCallbacks(
      () => this.#done(deferred),
      (failure) => this.#failed(deferred, failure),
    );
  };

  // A call that is done tells whose it was: the loop may have been cancelled meanwhile, and started
  // again since.

  #done(deferred: Deferred<this> | undefined): void {
    if (deferred !== this.#deferred) return;
    this.#pending = undefined;
    if (this.#running) this.#schedule();
    else this.#finish(this);
  }

  #failed(deferred: Deferred<this> | undefined, failure: Failure): void {
    if (deferred !== this.#deferred) {
      void fail(failure); // Nobody waits for it: it is reported as any that nobody handles.
      return;
    }
    this.#pending = undefined;
    this.#running = false;
    this.#finish(failure);
  }

  #finish(result: this | Failure): void {
    const deferred = this.#deferred;
    this.#deferred = undefined;
    deferred?.callback(result);
  }

  /** start()'s Deferred was cancelled. */
  #cancelled(): void {
    const deferred = this.#deferred;
    this.#running = false;
    this.#dropCall();
    // What we wait for may answer at once: that is the result then, and ends it.
    this.#pending?.cancel();
    if (this.#deferred !== deferred) return;
    this.#pending = undefined;
    this.#deferred = undefined;
  }

  /** Stop, if it runs, and wait for the call under way. start()'s Deferred tells how it went. */
  async [Symbol.asyncDispose](): Promise<void> {
    const deferred = this.#deferred;
    if (deferred === undefined) return;
    const over = new Deferred<void>();
    void deferred.addBoth((result) => {
      over.callback();
      return result;
    });
    if (this.#running) this.stop();
    await over;
  }

  /** What it is and how it stands, for people. */
  toString(): string {
    if (this.#deferred === undefined) return "LoopingCall(not running)";
    const state = this.#running ? "running" : "stopping";
    return `LoopingCall(every ${String(this.#interval)} s, ${state})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
