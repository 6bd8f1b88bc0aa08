/**
 * A task as its cooperator sees it: what takes steps, waits and ends.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { fail, succeed } from "../../defer/combinators.ts";
import { captureContext } from "../../defer/context.ts";
import { Deferred, type Eventual } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { Logger } from "../../logger/logger.ts";
import { InLine } from "./_turns.ts";
import type { CooperativeTask, Work } from "./cooperative-task.ts";
import { NotPaused, SchedulerStopped, TaskDone, TaskFailed, TaskStopped } from "./errors.ts";

const log = new Logger({ namespace: "sennit.task" });

/** What a task needs of its cooperator. */
export interface TaskSchedule {
  /** It may take its next step. */
  ready(task: WorkingTask<unknown>): void;
  /** It must not, for now. */
  unready(task: WorkingTask<unknown>): void;
  /** It is over. */
  finished(task: WorkingTask<unknown>): void;
}

type Steps<Result> =
  | Iterator<unknown, Eventual<Result>, undefined>
  | AsyncIterator<unknown, Eventual<Result>, undefined>;
type Step<Result> = IteratorResult<unknown, Eventual<Result>>;

type Outcome<Result> =
  | { readonly state: "done"; readonly value: Result }
  | { readonly state: "failed" | "stopped" | "scheduler stopped"; readonly failure: Failure };

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}

function isPromised<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return isThenable(value);
}

function toDeferred<T>(value: PromiseLike<T>): Deferred<T> {
  return value instanceof Deferred ? value : Deferred.fromPromise(value);
}

/** @throws {TypeError} It is nothing that could be iterated over. */
function stepsOf<Result>(work: Work<Result>): Steps<Result> {
  if (typeof work === "object" && work !== null) {
    if (Symbol.asyncIterator in work) return work[Symbol.asyncIterator]();
    if (Symbol.iterator in work) return work[Symbol.iterator]();
    if (typeof work.next === "function") return work;
  }
  throw new TypeError(`Cannot cooperate with ${quote(work)}: expected an iterator or an iterable`);
}

/** One iterator, worked through step by step. */
export class WorkingTask<Result> implements CooperativeTask<Result> {
  /** Where it stands in its cooperator's line. */
  readonly place: InLine<WorkingTask<unknown>> = new InLine<WorkingTask<unknown>>(this);
  readonly #steps: Steps<Result>;
  readonly #schedule: TaskSchedule;
  /** Where the task was made: a slice is called for from anywhere. */
  readonly #context = captureContext();
  #waiters: Deferred<Result>[] = [];
  #pauses = 0;
  #isStepping = false;
  /** What it waits for: something it gave, or the next step of an async iterator. */
  #awaited: Deferred<unknown> | undefined;
  #outcome: Outcome<Result> | undefined;
  /** A failure that nobody has asked for: reported if nobody ever does. */
  #unclaimed: Deferred<Result> | undefined;

  constructor(work: Work<Result>, schedule: TaskSchedule) {
    this.#steps = stepsOf(work);
    this.#schedule = schedule;
  }

  /** May it take a step? */
  get isReady(): boolean {
    return this.#outcome === undefined && this.#pauses === 0 && this.#awaited === undefined;
  }

  // -- For its owner

  pause(): void {
    this.#checkUnfinished("pause");
    this.#pauses += 1;
    this.#schedule.unready(this);
  }

  resume(): void {
    if (this.#pauses === 0) {
      throw new NotPaused("Cannot resume a task: expected it to be paused, it was not");
    }
    this.#pauses -= 1;
    if (this.isReady) this.#schedule.ready(this);
  }

  stop(): void {
    this.#checkUnfinished("stop");
    const failure = new Failure(new TaskStopped("The task was stopped"));
    this.#finish({ state: "stopped", failure });
  }

  whenDone(): Deferred<Result> {
    const outcome = this.#outcome;
    if (outcome === undefined) {
      const waiter = new Deferred<Result>(() => {
        this.#waiters = this.#waiters.filter((one) => one !== waiter);
      });
      this.#waiters.push(waiter);
      return waiter;
    }
    const unclaimed = this.#unclaimed;
    this.#unclaimed = undefined;
    return unclaimed ?? resultOf(outcome);
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#outcome === undefined) this.stop();
    return Promise.resolve();
  }

  #checkUnfinished(what: string): void {
    const outcome = this.#outcome;
    if (outcome === undefined) return;
    const message = `Cannot ${what} a task: it is over already, it `;
    if (outcome.state === "done") throw new TaskDone(`${message}is done`);
    const cause = { cause: outcome.failure.value };
    if (outcome.state === "failed") throw new TaskFailed(`${message}has failed`, cause);
    if (outcome.state === "stopped") throw new TaskStopped(`${message}was stopped`, cause);
    throw new SchedulerStopped(`${message}was stopped with its scheduler`, cause);
  }

  // -- For its cooperator

  /** Take one step. Nothing that goes wrong comes out of here. */
  step(): void {
    this.#isStepping = true;
    let step: Step<Result> | PromiseLike<Step<Result>>;
    try {
      step =
        this.#context === undefined ? this.#steps.next() : this.#context(() => this.#steps.next());
    } catch (error) {
      this.#isStepping = false;
      this.#failed(Failure.of(error));
      return;
    }
    this.#isStepping = false;
    if (isPromised(step)) this.#wait(Deferred.fromPromise(step), (taken) => this.#stepped(taken));
    else this.#stepped(step);
  }

  /** The cooperator has stopped. */
  schedulerStopped(): void {
    if (this.#outcome !== undefined) return;
    const failure = new Failure(new SchedulerStopped("The scheduler of the task was stopped"));
    this.#finish({ state: "scheduler stopped", failure });
  }

  // -- Steps

  #stepped(step: Step<Result>): void {
    if (this.#outcome !== undefined) {
      // Its own step has stopped it; until now the iterator was busy.
      if (step.done !== true) this.#close();
    } else if (step.done !== true) {
      if (isThenable(step.value)) this.#wait(toDeferred(step.value), () => {});
    } else if (isPromised(step.value)) {
      this.#wait(toDeferred(step.value), (value) => this.#finish({ state: "done", value }));
    } else {
      this.#finish({ state: "done", value: step.value });
    }
  }

  /** Hold back until `awaited` has fired; then `goOn`, and be ready if that leaves it so. */
  #wait<T>(awaited: Deferred<T>, goOn: (value: T) => void): void {
    this.#awaited = awaited;
    void awaited.addCallbacks(
      (value) => {
        if (this.#awaited !== awaited) return value;
        this.#awaited = undefined;
        goOn(value);
        if (this.isReady) this.#schedule.ready(this);
        return value;
      },
      (failure) => {
        if (this.#awaited === awaited) {
          this.#awaited = undefined;
          this.#failed(failure);
          this.#close();
          return undefined;
        }
        // The task was stopped, and that cancelled it; another failure is for others to handle.
        return failure.check(CancelledError) === undefined ? failure : undefined;
      },
    );
  }

  #failed(failure: Failure): void {
    // A step that stops its own task and then throws: the end is told; the error has no taker.
    if (this.#outcome === undefined) this.#finish({ state: "failed", failure });
    else void fail(failure);
  }

  #finish(outcome: Outcome<Result>): void {
    this.#outcome = outcome;
    this.#schedule.finished(this);
    const awaited = this.#awaited;
    this.#awaited = undefined;
    if (awaited !== undefined) {
      log.failuresHandled("Cannot cancel what a task waits for", {}, () => awaited.cancel());
    }
    const wasCutOff = outcome.state === "stopped" || outcome.state === "scheduler stopped";
    if (wasCutOff && !this.#isStepping) this.#close();
    const waiters = this.#waiters;
    this.#waiters = [];
    if (waiters.length === 0 && outcome.state === "failed") this.#unclaimed = resultOf(outcome);
    for (const waiter of waiters) {
      if (waiter.called) continue; // One of the others has cancelled it.
      waiter.callback(outcome.state === "done" ? outcome.value : outcome.failure);
    }
  }

  /** The iterator will not be asked again: a generator runs its `finally` blocks. */
  #close(): void {
    const message = "Unhandled error while a task that was stopped cleans up";
    const closing: unknown = log.failuresHandled(message, {}, () => this.#steps.return?.());
    if (isThenable(closing)) {
      void Deferred.fromPromise(closing).addErrback(log.failureHandler(message));
    }
  }
}

function resultOf<Result>(outcome: Outcome<Result>): Deferred<Result> {
  return outcome.state === "done" ? succeed(outcome.value) : fail(outcome.failure);
}
