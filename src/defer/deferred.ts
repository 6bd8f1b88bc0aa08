/**
 * A result that comes later, and the chain of functions that wait for it.
 *
 *     callback(1) ──▶ f ──▶ g ──▶ …        what f returns, g gets
 *        errback(e) ──▶ h ──▶ …            what throws or returns a Failure goes on down here
 *
 * After: twisted.internet.defer.Deferred, whose behaviour it keeps to the letter
 * (test/vectors/deferred.jsonl). Differs: typed; thenable, so it can be awaited more than once;
 * a callback may return a promise; cancelling and chaining never grow the stack.
 *
 * @module
 */
import { INSPECT } from "../core/inspect.ts";
import { quote } from "../core/text.ts";
import { follow, isThenable, settle, settled, untilAborted } from "./_thenable.ts";
import { bindContext, isTrackingContext } from "./context.ts";
import { captureStack } from "./debugging.ts";
import { AlreadyCalledError, CancelledError, TimeoutError } from "./errors.ts";
import { explainDeferred } from "./explain.ts";
import { Failure } from "./failure.ts";
import { currentLedger, type UnhandledFailure } from "./unhandled.ts";

/** What a callback may return: a value, or something that will have one. */
export type Eventual<T> = T | Deferred<T> | PromiseLike<T>;

/**
 * Told that its Deferred is no longer wanted. It may fire it; if not, `CancelledError` is the
 * result.
 */
export type Canceller<T> = (deferred: Deferred<T>) => void;

/** What {@link Deferred.addTimeout} needs of a reactor or clock. */
export interface TimeoutClock {
  /** Call `f` in `delay` seconds, unless what is returned is cancelled before. */
  callLater(delay: number, f: () => void): TimeoutCall;
}

/** A call that waits for its time. */
export interface TimeoutCall {
  /** Not called and not cancelled. */
  readonly active: boolean;
  /** Do not call. */
  cancel(): void;
}

/** Stands in the chain for "give the result to the Deferred that waits for it". */
const CONTINUE = Symbol("continue");
/** Stands in the chain for "fire that Deferred with the result". */
const CHAIN = Symbol("chain");
/** Steps that have run are cut off when there are this many of them, and more than half. */
const SPENT_MAX = 64;

/**
 * A result that is not there yet.
 *
 * Callbacks run synchronously: `callback(x)` runs the whole chain before it returns, and adding a
 * callback to a Deferred that has fired runs it before `addCallback` returns.
 *
 * @example
 * ```ts
 * import { Deferred } from "sennit/defer";
 *
 * const d = new Deferred<number>();
 * void d.addCallback((n) => n + 1).addCallback((n) => console.log(n));
 * d.callback(41); // prints 42 before it returns
 * ```
 */
export class Deferred<T> implements PromiseLike<T> {
  #called = false;
  #running = false;
  #paused = 0;
  #result: unknown = undefined;
  /**
   * Pairs: callback, errback; `undefined` passes on; `CONTINUE` and `CHAIN` are followed by another
   * Deferred. Their types are forgotten here: the public signatures have checked that each fits.
   */
  readonly #steps: unknown[] = [];
  /** Where the steps to come begin. */
  #next = 0;
  #canceller: unknown;
  #suppressAlreadyCalled = false;
  #unhandled: UnhandledFailure | undefined;
  /** A failure that `then` has handed to a promise, which reports it from there on. */
  #observed: Failure | undefined;
  #stacks: { readonly created: string; fired?: string | undefined } | undefined;

  /** @param canceller Called by {@link Deferred.cancel} while the Deferred has not fired. */
  constructor(canceller?: Canceller<T>) {
    this.#canceller = canceller;
    const created = captureStack();
    if (created !== undefined) this.#stacks = { created };
  }

  /**
   * Has `callback`, `errback` or `cancel` given it a result? It may still wait for another
   * Deferred.
   */
  get called(): boolean {
    return this.#called;
  }

  /** How many times it is paused; waiting for another Deferred counts as one. */
  get paused(): number {
    return this.#paused;
  }

  /**
   * The result as it stands: a value, a {@link Failure}, the Deferred that this one waits for, or
   * `undefined` before it has fired.
   */
  get result(): unknown {
    return this.#result;
  }

  // -- Firing

  /**
   * Fire with a value. A {@link Failure} starts the error side.
   *
   * @throws {AlreadyCalledError} It has fired.
   * @throws {TypeError} The value is itself a Deferred or a promise: return it from a callback.
   */
  callback(value: T | Failure): void {
    if (typeof value === "object" && value !== null && isThenable(value)) {
      throw new TypeError(
        `Cannot fire a Deferred with ${quote(value)}: expected a value; ` +
          "chain it, or return it from a callback",
      );
    }
    this.#start(value);
  }

  /**
   * Fire with an error: an `Error`, a {@link Failure}, or anything thrown.
   *
   * @throws {AlreadyCalledError} It has fired.
   */
  errback(reason: unknown): void {
    this.#start(Failure.of(reason));
  }

  #start(result: unknown): void {
    if (!this.#accept(result)) return;
    if (this.#steps.length > 0 || result instanceof Failure) this.#run();
  }

  /** Take a first result. @returns `false`: it came too late, and that is as it should be. */
  #accept(result: unknown): boolean {
    if (this.#called) {
      if (!this.#suppressAlreadyCalled) throw this.#alreadyCalled();
      // The source does not know of our cancel: its one answer comes too late and is eaten.
      this.#suppressAlreadyCalled = false;
      return false;
    }
    if (this.#stacks !== undefined) this.#stacks.fired = captureStack();
    this.#called = true;
    this.#canceller = undefined;
    this.#result = result;
    return true;
  }

  #alreadyCalled(): AlreadyCalledError {
    const fired = this.#stacks?.fired;
    const where = fired === undefined ? "" : `; it was fired here:\n${fired}`;
    return new AlreadyCalledError(`Cannot fire a Deferred twice${where}`);
  }

  // -- The chain

  /** Call `f` with the value; errors pass by. */
  addCallback<U>(f: (result: T) => Eventual<U> | Failure): Deferred<U>;
  addCallback(f: unknown): unknown {
    return this.#add(f, undefined);
  }

  /** Call `f` with the failure; values pass by. What it returns is the value from there on. */
  addErrback<U>(f: (failure: Failure) => Eventual<U> | Failure): Deferred<T | Exclude<U, Failure>>;
  addErrback(f: unknown): unknown {
    return this.#add(undefined, f);
  }

  /** Call `f` with whatever comes. */
  addBoth<U>(f: (result: T | Failure) => Eventual<U> | Failure): Deferred<U>;
  addBoth(f: unknown): unknown {
    return this.#add(f, f);
  }

  /** Call one or the other: `errback` does not see what `callback` throws. */
  addCallbacks<U, V>(
    callback: (result: T) => Eventual<U> | Failure,
    errback: (failure: Failure) => Eventual<V> | Failure,
  ): Deferred<U | Exclude<V, Failure>>;
  addCallbacks(callback: unknown, errback: unknown): unknown {
    return this.#add(callback, errback);
  }

  #add(callback: unknown, errback: unknown): this {
    this.#append(callback, errback);
    return this;
  }

  #append(callback: unknown, errback: unknown): void {
    if (isTrackingContext()) this.#appendInContext(callback, errback);
    else this.#steps.push(callback, errback);
    if (this.#called) this.#run();
  }

  #appendInContext(callback: unknown, errback: unknown): void {
    const bound = bindContext(callback);
    this.#steps.push(bound, errback === callback ? bound : bindContext(errback));
  }

  /**
   * Give the result to `other`; this one goes on with `undefined`. A cancel of `other` stays there.
   */
  chainDeferred(other: Deferred<T>): Deferred<void>;
  chainDeferred(other: Deferred<T>): unknown {
    this.#steps.push(CHAIN, other);
    if (this.#called) this.#run();
    return this;
  }

  /** Hold the chain. Counts: as many `unpause` calls let it go on. */
  pause(): void {
    this.#paused += 1;
  }

  /** Undo one `pause`; at zero the chain goes on. @throws {RangeError} It is not paused. */
  unpause(): void {
    // To wait for another Deferred is a pause that only the other one ends.
    if (this.#paused === (this.#result instanceof Deferred ? 1 : 0)) {
      throw new RangeError("Cannot unpause a Deferred that is not paused");
    }
    this.#paused -= 1;
    if (this.#paused === 0 && this.#called) this.#run();
  }

  /**
   * Run what can be run, here, in those who wait for us and in those we are chained to. A loop with
   * a stack of its own instead of recursion: 100,000 Deferreds one after the other need no stack.
   */
  #run(): void {
    if (this.#running || this.#paused > 0) return;
    const other = this.#runOwn();
    if (other === undefined) this.#book();
    else Deferred.#runOthers(this, other);
  }

  static #runOthers(first: Deferred<unknown>, second: Deferred<unknown>): void {
    const below = [first];
    let current: Deferred<unknown> | undefined = second;
    while (current !== undefined) {
      if (current.#paused > 0) Deferred.#abandon(below);
      else {
        const other: Deferred<unknown> | undefined = current.#runOwn();
        if (other !== undefined) {
          below.push(current);
          current = other;
          continue;
        }
        current.#book();
      }
      current = below.pop();
      if (current !== undefined && current.#running) current.#fired();
    }
  }

  /**
   * Those who gave their result to one that was paused go on when somebody adds to them, as in the
   * reference; those who are chained to it do not wait for it, and go on now.
   */
  static #abandon(below: Deferred<unknown>[]): void {
    below.length = below.findLastIndex((one) => one.#running) + 1;
  }

  /** Run our own steps until they end or wait. @returns One who has our result now, and is next. */
  #runOwn(): Deferred<unknown> | undefined {
    const steps = this.#steps;
    while (this.#paused === 0 && this.#next < steps.length) {
      const step = steps[this.#next];
      const partner = steps[this.#next + 1];
      this.#next += 2;
      if (typeof step === "symbol" && partner instanceof Deferred) {
        if (step === CONTINUE) return this.#continueIn(partner);
        if (this.#fire(partner)) return partner;
        continue;
      }
      const f = this.#result instanceof Failure ? partner : step;
      if (typeof f === "function") this.#call(f);
    }
    this.#cutSpent();
    return undefined;
  }

  /** It has waited for us: our result is its own, and we have none. */
  #continueIn(waiter: Deferred<unknown>): Deferred<unknown> {
    waiter.#result = this.#release();
    waiter.#paused -= 1;
    return waiter;
  }

  /** Fire one that we are chained to. We are running until it has run, as if in a callback. */
  #fire(other: Deferred<unknown>): boolean {
    try {
      this.#running = other.#accept(this.#result);
      if (!this.#running) this.#release();
    } catch (error) {
      this.#result = Failure.of(error);
    }
    return this.#running;
  }

  /** The one that we fired has run. */
  #fired(): void {
    this.#running = false;
    this.#release();
  }

  /** Forget the steps that have run: all at the end, else when they are many. */
  #cutSpent(): void {
    if (this.#next >= this.#steps.length) this.#steps.length = 0;
    else if (this.#next > SPENT_MAX && this.#next * 2 > this.#steps.length) {
      this.#steps.splice(0, this.#next);
    } else return;
    this.#next = 0;
  }

  // oxlint-disable-next-line typescript/no-unsafe-function-type -- see #steps.
  #call(f: Function): void {
    this.#running = true;
    try {
      const result: unknown = f(this.#result);
      this.#result = result;
      // Inside the try, because a `then` getter may throw.
      if (typeof result === "object" && result !== null) this.#resultIsObject(result);
    } catch (error) {
      this.#result = Failure.of(error);
    } finally {
      this.#running = false;
    }
  }

  #resultIsObject(result: object): void {
    if (result instanceof Deferred) this.#wait(result);
    else if (!(result instanceof Failure) && isThenable(result)) {
      this.#wait(Deferred.fromPromise(result));
    }
  }

  /** Take the result of `inner` if it has one; else pause until it has. */
  #wait(inner: Deferred<unknown>): void {
    if (inner === this) {
      throw new TypeError(
        "A callback returned the Deferred it was added to: it would wait for ever",
      );
    }
    if (inner.#called && inner.#paused === 0 && !(inner.#result instanceof Deferred)) {
      this.#result = inner.#release();
      return;
    }
    this.#result = inner;
    this.#paused += 1;
    inner.#steps.push(CONTINUE, this);
  }

  /** Hand our result over: from here on we have none. */
  #release(): unknown {
    const result = this.#result;
    this.#result = undefined;
    this.#strike();
    return result;
  }

  // -- Failures that nobody handled

  /** The chain is at its end for now: enter a failure, strike out one that is gone. */
  #book(): void {
    const result = this.#result;
    const open = result instanceof Failure && result !== this.#observed ? result : undefined;
    if (this.#unhandled?.failure === open) return;
    this.#strike();
    if (open === undefined) return;
    this.#unhandled = currentLedger().enter(this, open, this.#stacks?.created);
  }

  #strike(): void {
    this.#unhandled?.ledger.strike(this.#unhandled);
    this.#unhandled = undefined;
  }

  // -- Cancelling

  /**
   * Ask for an end. Not fired: the canceller is called, and unless it fires the Deferred the result
   * is a {@link CancelledError}; without a canceller, one later `callback` or `errback` of a source
   * that does not know is ignored. Waiting for another Deferred: that one is cancelled. Else
   * nothing.
   *
   * @throws {RangeError} They wait for each other in a circle: a bug, and nothing can end it.
   */
  cancel(): void {
    const target = this.#lastWaited();
    if (!target.#called) target.#cancelOwn();
  }

  /** The Deferred at the end of those that wait for each other, this one first. */
  #lastWaited(): Deferred<unknown> {
    let target: Deferred<unknown> = this;
    let mark = target;
    let steps = 0;
    let stepsToMark = 1;
    while (target.#called && target.#result instanceof Deferred) {
      target = target.#result;
      if (target === mark) {
        throw new RangeError("Cannot cancel Deferreds that wait for each other in a circle");
      }
      steps += 1;
      if (steps < stepsToMark) continue;
      // Brent's way to find a circle: the mark moves on after 1, 2, 4, … steps.
      mark = target;
      steps = 0;
      stepsToMark *= 2;
    }
    return target;
  }

  #cancelOwn(): void {
    if (typeof this.#canceller === "function") this.#canceller(this);
    else this.#suppressAlreadyCalled = true;
    if (!this.#called) this.errback(new CancelledError());
  }

  /**
   * Cancel it unless it fires within `seconds`; the `CancelledError` becomes a `TimeoutError`. A
   * canceller that gives a value wins. Covers the callbacks added so far, not later ones.
   *
   * @param onTimeoutCancel Given what the cancel led to: returns or throws the result instead.
   */
  addTimeout(
    seconds: number,
    clock: TimeoutClock,
    onTimeoutCancel: (result: T | Failure, seconds: number) => Eventual<T> | Failure = timedOut,
  ): Deferred<T> {
    let late = false;
    const call = clock.callLater(seconds, () => {
      late = true;
      this.cancel();
    });
    return this.addBoth((result) => (late ? onTimeoutCancel(result, seconds) : result)).addBoth(
      (result) => {
        if (call.active) call.cancel();
        return result;
      },
    );
  }

  // -- Promises

  /**
   * What `await` calls. Runs the callbacks synchronously with the result; the result stays for the
   * next who awaits. A failure is the promise's from here on.
   */
  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is the point.
  then<U = T, V = never>(
    onFulfilled?: ((value: T) => U | PromiseLike<U>) | null,
    onRejected?: ((reason: Error) => V | PromiseLike<V>) | null,
  ): Promise<U | V>;
  // oxlint-disable-next-line unicorn/no-thenable -- see above.
  then(onFulfilled?: unknown, onRejected?: unknown): Promise<unknown> {
    if (this.#isAtRest()) return this.#thenNow(onFulfilled, onRejected);
    return new Promise((resolve, reject) => {
      this.#append(
        (value: unknown) => {
          settle(resolve, reject, onFulfilled, value);
          return value;
        },
        (failure: Failure) => {
          this.#observed = failure;
          if (typeof onRejected === "function") settle(resolve, reject, onRejected, failure.value);
          else reject(failure.value);
          return failure;
        },
      );
    });
  }

  /** It has its result, and nothing is left to run. */
  #isAtRest(): boolean {
    return this.#called && this.#paused === 0 && !this.#running && this.#steps.length === 0;
  }

  /** What `await` comes to most often: no steps, no closures (bench/micro/steps: 198 to 120 ns). */
  #thenNow(onFulfilled: unknown, onRejected: unknown): Promise<unknown> {
    const result = this.#result;
    if (!(result instanceof Failure)) return settled(onFulfilled, result);
    this.#observed = result;
    this.#book();
    if (typeof onRejected === "function") return settled(onRejected, result.value);
    return Promise.reject(result.value);
  }

  /** A promise of the result. Aborting `signal` cancels this Deferred. */
  toPromise(options: { readonly signal?: AbortSignal } = {}): Promise<T> {
    const { signal } = options;
    if (signal === undefined) return this.then();
    return untilAborted(this, signal, () => this.cancel());
  }

  /**
   * A Deferred of a promise's result. A cancel lets go of the promise, whose result is then
   * ignored.
   */
  static fromPromise<U>(promise: PromiseLike<U>): Deferred<U> {
    const deferred = new Deferred<U>();
    deferred.#follow(promise);
    return deferred;
  }

  #follow(thenable: PromiseLike<unknown>): void {
    follow(
      thenable,
      (value) => {
        if (!this.#called) this.#start(value);
      },
      (reason) => {
        if (!this.#called) this.errback(reason);
      },
    );
  }

  /** Start `f` with an `AbortSignal` that `cancel` aborts. What `f` throws is the failure. */
  static fromAbortable<U>(f: (signal: AbortSignal) => PromiseLike<U>): Deferred<U> {
    const controller = new AbortController();
    const deferred = new Deferred<U>(() => controller.abort(new CancelledError()));
    try {
      deferred.#follow(f(controller.signal));
    } catch (error) {
      deferred.errback(error);
    }
    return deferred;
  }

  // -- For people

  /** In words: who made it, what it waits for, what its chain will do. */
  explain(): string {
    return explainDeferred({
      called: this.#called,
      running: this.#running,
      paused: this.#paused,
      result: this.#result,
      waitsFor: this.#result instanceof Deferred ? this.#result : undefined,
      steps: this.#steps.slice(this.#next),
      cancellable: this.#canceller !== undefined,
      created: this.#stacks?.created,
      fired: this.#stacks?.fired,
    });
  }

  toString(): string {
    if (!this.#called) return "Deferred(not fired)";
    if (this.#result instanceof Deferred) return "Deferred(waiting for another)";
    return `Deferred(${quote(this.#result)})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

function timedOut<T>(result: T | Failure, seconds: number): T | Failure {
  if (!(result instanceof Failure)) return result;
  result.trap(CancelledError);
  const message = `Deferred timed out after ${String(seconds)} seconds`;
  return new Failure(new TimeoutError(message, "operation", seconds, { cause: result.value }));
}
