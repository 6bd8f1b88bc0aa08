/**
 * Long work in small pieces, in turns with other such work and with I/O.
 *
 *     a slice, 10 ms at most            then I/O and timers          the next slice
 *     A₁ B₁ C₁ A₂ B₂ C₂ A₃ … B₇     │ dataReceived, callLater │     C₇ A₈ B₈ …
 *
 * After: twisted.internet.task.Cooperator. Differs: the clock is given; `whenDone` fires with what
 * the iterator returns; async iterators and iterables are taken too; a task that waits for a
 * Deferred is not paused by that, so its owner can pause and resume it meanwhile; whatever ends a
 * task early runs its `finally` blocks and cancels what it waits for; stopping the cooperator ends
 * paused tasks too; a slice also ends after so many steps, for clocks that stand still.
 *
 * @module
 */
import { Deferred } from "../../defer/deferred.ts";
import type { IReactorTime } from "../interfaces-reactor.ts";
import { Line } from "./_turns.ts";
import { type TaskSchedule, WorkingTask } from "./_working-task.ts";
import type { CooperativeTask, Work } from "./cooperative-task.ts";

/** Seconds: long enough to get work done, short enough for nobody to notice. */
const SLICE_DEFAULT = 0.01;
/** Steps that do nothing take about 0.1 µs each: a slice of them ends after about 1 ms. */
const SLICE_STEPS_DEFAULT = 10_000;

/** Calls a function later, once. */
export type SliceScheduler = (f: () => void) => {
  /** Do not call `f`. */
  cancel(): void;
};

/** Options of {@link Cooperator}. */
export interface CooperatorOptions {
  /** Measures the slices, and calls for the next one: a reactor, or a test's clock. */
  readonly clock: IReactorTime;
  /** Seconds after which a slice ends. A step is never cut off. Default: 0.01. */
  readonly slice?: number;
  /** Steps after which a slice ends. Default: 10,000. */
  readonly sliceSteps?: number;
  /**
   * Called when a slice begins; what it returns is called after each step, and ends the slice with
   * `true`. Default: by `slice` and `sliceSteps`.
   */
  readonly terminationPredicateFactory?: () => () => boolean;
  /** Calls for the next slice. Default: `clock.callLater(0, f)`, which lets I/O come first. */
  readonly scheduler?: SliceScheduler;
  /** `false` does nothing before {@link Cooperator.start}. Default: `true`. */
  readonly started?: boolean;
}

/** Time or number of steps, whichever is over first. */
function sliceBounds(clock: IReactorTime, seconds: number, steps: number): () => () => boolean {
  return () => {
    const end = clock.seconds() + seconds;
    let left = steps;
    return () => {
      left -= 1;
      return left <= 0 || clock.seconds() >= end;
    };
  };
}

/** @throws {RangeError} Not a number of at least `least`. */
function checkedBound(option: string, value: number, least: number): number {
  if (value >= least) return value;
  const expected = `expected ${option} of at least ${String(least)}`;
  throw new RangeError(`Cannot make a Cooperator: ${expected}, got ${String(value)}`);
}

/**
 * Gives iterators their turns, a step each, in slices between which the reactor does other things.
 *
 * @example
 * ```ts
 * import { Cooperator } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * function* sumUpTo(limit: number): Generator<undefined, number> {
 *   let sum = 0;
 *   for (let n = 1; n <= limit; n += 1) {
 *     sum += n;
 *     yield; // others may go first
 *   }
 *   return sum;
 * }
 * const cooperator = new Cooperator({ clock: reactor });
 * console.log(await cooperator.coiterate(sumUpTo(1000))); // 500500
 * ```
 */
export class Cooperator implements AsyncDisposable {
  readonly #makePredicate: () => () => boolean;
  readonly #scheduler: SliceScheduler;
  /** Those who may take a step. */
  readonly #line = new Line<WorkingTask<unknown>>();
  /** All that are not over. */
  readonly #tasks = new Set<WorkingTask<unknown>>();
  #call: { cancel(): void } | undefined;
  #isInSlice = false;
  #isStarted: boolean;
  #isStopped = false;

  /** @throws {RangeError} A slice of negative seconds or of less than one step. */
  constructor(options: CooperatorOptions) {
    const { clock, scheduler, terminationPredicateFactory, started = true } = options;
    const { slice = SLICE_DEFAULT, sliceSteps = SLICE_STEPS_DEFAULT } = options;
    checkedBound("slice", slice, 0);
    checkedBound("sliceSteps", sliceSteps, 1);
    this.#makePredicate = terminationPredicateFactory ?? sliceBounds(clock, slice, sliceSteps);
    this.#scheduler = scheduler ?? ((f) => clock.callLater(0, f));
    this.#isStarted = started;
  }

  /** Started, and not stopped. */
  get running(): boolean {
    return this.#isStarted && !this.#isStopped;
  }

  /**
   * Work through an iterator, in turns with the others; the first step is taken in a later pass. In
   * a stopped cooperator the task is over at once, with `SchedulerStopped`.
   *
   * @throws {TypeError} It is not an iterator, nor an iterable.
   */
  cooperate<Result>(work: Work<Result>): CooperativeTask<Result> {
    const task = new WorkingTask(work, this.#schedule);
    if (this.#isStopped) {
      task.schedulerStopped();
      return task;
    }
    this.#tasks.add(task);
    this.#line.join(task.place);
    this.#callForSlice();
    return task;
  }

  /**
   * {@link Cooperator.cooperate}, for those who want only the end of it.
   *
   * @returns As `whenDone`. Cancel it to stop the task.
   */
  coiterate<Result>(work: Work<Result>): Deferred<Result> {
    const task = this.cooperate(work);
    const result = new Deferred<Result>(() => {
      done.cancel();
      task.stop();
    });
    const done = task.whenDone();
    void done.addBoth((outcome) => {
      if (!result.called) result.callback(outcome);
    });
    return result;
  }

  /** Begin, or begin again after {@link Cooperator.stop}. */
  start(): void {
    this.#isStopped = false;
    this.#isStarted = true;
    this.#callForSlice();
  }

  /** End every task, also the paused ones, with `SchedulerStopped`; new ones end at once. */
  stop(): void {
    this.#isStopped = true;
    // Who is told may start us again, with new tasks: those are not meant.
    const tasks = [...this.#tasks];
    for (const task of tasks) task.schedulerStopped();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    return Promise.resolve();
  }

  readonly #schedule: TaskSchedule = {
    ready: (task) => {
      this.#line.join(task.place);
      this.#callForSlice();
    },
    unready: (task) => this.#leave(task),
    finished: (task) => {
      this.#tasks.delete(task);
      this.#leave(task);
    },
  };

  #leave(task: WorkingTask<unknown>): void {
    this.#line.leave(task.place);
    // A timer that is not needed would keep a test's clock, or a process, busy.
    if (!this.#line.isEmpty) return;
    this.#call?.cancel();
    this.#call = undefined;
  }

  #callForSlice(): void {
    if (this.#isInSlice || !this.running || this.#line.isEmpty) return;
    this.#call ??= this.#scheduler(this.#slice);
  }

  readonly #slice = (): void => {
    this.#call = undefined;
    this.#isInSlice = true;
    try {
      const isOver = this.#makePredicate();
      for (let task = this.#line.take(); task !== undefined; task = this.#line.take()) {
        task.step();
        if (task.isReady) this.#line.join(task.place);
        if (isOver()) break;
      }
    } finally {
      this.#isInSlice = false;
      this.#callForSlice();
    }
  };
}

/** One for each reactor, so that all of its work shares the slices. */
const cooperators = new WeakMap<IReactorTime, Cooperator>();

function cooperatorOf(clock: IReactorTime): Cooperator {
  let cooperator = cooperators.get(clock);
  if (cooperator === undefined) {
    cooperator = new Cooperator({ clock });
    cooperators.set(clock, cooperator);
  }
  return cooperator;
}

/**
 * {@link Cooperator.cooperate}, in the one cooperator that a reactor has for all who have none of
 * their own.
 */
export function cooperate<Result>(
  clock: IReactorTime,
  work: Work<Result>,
): CooperativeTask<Result> {
  return cooperatorOf(clock).cooperate(work);
}

/**
 * {@link Cooperator.coiterate}, in the one cooperator that a reactor has for all who have none of
 * their own.
 *
 * @example
 * ```ts
 * import { coiterate } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * function* tell(names: readonly string[]): Generator<void> {
 *   for (const name of names) yield console.log(name);
 * }
 * await coiterate(reactor, tell(["one", "two"]));
 * ```
 */
export function coiterate<Result>(clock: IReactorTime, work: Work<Result>): Deferred<Result> {
  return cooperatorOf(clock).coiterate(work);
}
