/**
 * Generators that wait for Deferreds.
 *
 *     body: ──── yield* wait(d) ┄┄┄ d fires ┄┄┄▶ goes on ──── return x ──▶ the Deferred has x
 *
 * After: twisted.internet.defer.inlineCallbacks. Differs: typed with `yield* wait(d)`; the value
 * stays in the Deferred that was waited for, so that two bodies may wait for one; what is returned
 * may be eventual; bodies that wait for bodies go on in a loop, however many there are; a cancel by
 * the body itself, while it runs, goes to what it waits for next.
 *
 * @module
 */
import { cancelEach, fromEventual } from "./_members.ts";
import { LateResult } from "./_late-result.ts";
import { captureContext } from "./context.ts";
import { Deferred, type Eventual } from "./deferred.ts";
import { Failure } from "./failure.ts";

/** A started body: what it yields is waited for, what it returns is the result. */
export type InlineBody<Result> = Generator<unknown, Eventual<Result> | Failure, unknown>;

/**
 * A function that runs the generator `body`, and waits for each Deferred or promise that it yields.
 *
 * The body gets the value back, or the error is thrown where it waits; a value that is nothing to
 * wait for comes back as it is. It runs at once, as far as it can without waiting, and goes on
 * inside the call that fires what it waits for. With `trackContext()` on, each step sees the
 * `AsyncLocalStorage` values of the call that started it.
 *
 * @returns A function that gives a Deferred of what the body returns or throws. Its `cancel()`
 * cancels what the body waits for; the body may catch the `CancelledError` and go on, and the
 * Deferred fires when it ends.
 *
 * @example
 * ```ts
 * import { inlineCallbacks, succeed, wait } from "sennit/defer";
 *
 * const sum = inlineCallbacks(function* (...numbers: number[]) {
 *   let total = 0;
 *   for (const number of numbers) total += yield* wait(succeed(number));
 *   return total;
 * });
 * console.log(await sum(1, 2, 3)); // 6
 * ```
 */
export function inlineCallbacks<This, Args extends unknown[], Result>(
  body: (this: This, ...args: Args) => InlineBody<Result>,
): (this: This, ...args: Args) => Deferred<Result> {
  return function start(this: This, ...args: Args): Deferred<Result> {
    let generator: InlineBody<Result>;
    try {
      // Evaluates the defaults of the parameters, which may throw.
      generator = body.apply(this, args);
    } catch (error) {
      const failed = new Deferred<Result>();
      failed.errback(error);
      return failed;
    }
    return runInline(generator);
  };
}

/** Run a started body. */
export function runInline<Result>(body: InlineBody<Result>): Deferred<Result>;
export function runInline(body: Generator<unknown, unknown, unknown>): Deferred<unknown> {
  return new Run(body).deferred;
}

/** The Deferred that a body, having ended, is firing. */
let firing: Deferred<unknown> | undefined;
/** Bodies that waited for it: they go on one after the other, not one inside the other. */
let ready: Run[] | undefined;

/** One body on its way. */
class Run {
  readonly deferred: Deferred<unknown>;
  readonly #body: Generator<unknown, unknown, unknown>;
  readonly #result: LateResult<unknown>;
  readonly #context = captureContext();
  #ended = false;
  /** Inside the loop: what fires now is taken by it, not by a second loop further up the stack. */
  #looping = false;
  /** What the loop waits for. */
  #waitingFor: Deferred<unknown> | undefined;
  /** What it fired with. */
  #answer: unknown = undefined;
  #cancelNext = false;

  constructor(body: Generator<unknown, unknown, unknown>) {
    this.#body = body;
    this.#result = new LateResult(() => this.#cancel());
    this.deferred = new Deferred(this.#result.canceller);
    this.#result.bind(this.deferred);
    this.#loop();
  }

  /** Step until the body ends or has to wait. */
  #loop(): void {
    this.#looping = true;
    while (!this.#ended) {
      const given = this.#step();
      const eventual = fromEventual(given);
      if (eventual === undefined) this.#answer = given;
      else if (!this.#wait(eventual)) return;
    }
    this.#fire();
  }

  /** Let the body run to its next `yield` or its end. @returns What it gives. */
  #step(): unknown {
    const answer = this.#answer;
    this.#answer = undefined;
    try {
      const { done, value } =
        answer instanceof Failure ? this.#body.throw(answer.value) : this.#body.next(answer);
      if (done === true) this.#ended = true;
      return value;
    } catch (error) {
      this.#ended = true;
      return Failure.of(error);
    }
  }

  /** @returns Whether it had fired already: its result is in `#answer`. */
  #wait(eventual: Deferred<unknown>): boolean {
    this.#waitingFor = eventual;
    void eventual.addBoth(this.#receive);
    if (this.#cancelNext && this.#waitingFor !== undefined) {
      this.#cancelNext = false;
      cancelEach([eventual]);
    }
    this.#looping = this.#waitingFor === undefined;
    return this.#looping;
  }

  readonly #receive = (result: unknown): unknown => {
    const awaited = this.#waitingFor;
    this.#waitingFor = undefined;
    this.#answer = result;
    if (!this.#looping) {
      if (awaited === firing) (ready ??= []).push(this);
      else this.#drive();
    }
    return result instanceof Failure ? undefined : result;
  };

  /** Go on, and with those who wait for this body, and those who wait for them: in a loop. */
  #drive(): void {
    const outer = ready;
    ready = undefined;
    try {
      this.#resume();
      while (ready !== undefined) {
        const next: readonly Run[] = ready;
        ready = undefined;
        for (const run of next) run.#resume();
      }
    } finally {
      ready = outer;
    }
  }

  #resume(): void {
    if (this.#context === undefined) this.#loop();
    else this.#context(() => this.#loop());
  }

  #fire(): void {
    const outer = firing;
    firing = this.deferred;
    try {
      this.#result.callback(this.#answer);
    } finally {
      firing = outer;
    }
  }

  #cancel(): void {
    if (this.#waitingFor === undefined) this.#cancelNext = true;
    else this.#waitingFor.cancel();
  }
}
