/**
 * A pool of threads: the queue, the books, and the life with the reactor. The threads themselves
 * are kept in `workers.ts`.
 *
 *     open ─▶ stop() ─▶ stopping ─▶ stopped ─▶ start() ─▶ open
 *                          ▲            when the reactor stopped it: open at once, for its next run
 *            running tasks get until the timeout
 *
 * After: twisted.python.threadpool.ThreadPool. Differs: see `interfaces-threads.ts`.
 *
 * @module
 */
import { INSPECT } from "../../../core/inspect.ts";
import { plural } from "../../../core/text.ts";
import { fail, succeed } from "../../../defer/combinators.ts";
import { Deferred } from "../../../defer/deferred.ts";
import { CancelledError } from "../../../defer/errors.ts";
import type { IDelayedCall } from "../../../internet/interfaces-reactor.ts";
import {
  type IThreadPool,
  ThreadPoolStoppedError,
  type ThreadPoolStatistics,
  type ThreadTask,
  type ThreadTaskOptions,
} from "../../../internet/interfaces-threads.ts";
import type { Closable, ReactorBase } from "../../base/reactor-base.ts";
import { CallsFromThreads } from "./calls-from-threads.ts";
import { failureOf, lossOf } from "./failed-task.ts";
import { Job, type JobOwner } from "./job.ts";
import type { Call, Work } from "./messages.ts";
import {
  checkBounds,
  checkedSeconds,
  type NodeThreadPoolOptions,
  type PoolSettings,
  settingsFrom,
} from "./pool-options.ts";
import { calleeOf } from "./task-callee.ts";
import { PiscinaWorkers, type Workers, type WorkersOptions } from "./workers.ts";

type State = "open" | "stopping" | "stopped";

/**
 * Threads of this process.
 *
 * @example
 * ```ts
 * import { deferToThreadPool } from "sennit/internet";
 * import { NodeReactor, NodeThreadPool } from "sennit/reactors";
 *
 * await using reactor = new NodeReactor();
 * const pool = new NodeThreadPool(reactor, { max: 2, stopTimeout: 1 });
 * const square = (n: number): number => n * n;
 * const squares = [1, 2, 3].map((n) => deferToThreadPool(reactor, pool, square, n));
 * for (const one of squares) console.log(await one);
 * ```
 */
export class NodeThreadPool implements IThreadPool, Closable {
  readonly #reactor: ReactorBase;
  readonly #calls: CallsFromThreads;
  readonly #makeWorkers: (options: WorkersOptions) => Workers;
  #settings: PoolSettings;
  #state: State = "open";
  readonly #queue = new Set<Job>();
  readonly #running = new Set<Job>();
  /** Those that take new tasks, while they are usable: made when there is the first task. */
  #current: Workers | undefined;
  /** With those before them, which had other bounds and have tasks to finish. */
  readonly #workers = new Set<Workers>();
  #stopWaiters: Deferred<void>[] = [];
  #deadline: IDelayedCall | undefined;
  #counts = { handed: 0, completed: 0, failed: 0, cancelled: 0 };
  #waits = { total: 0, longest: 0 };

  /** @throws {RangeError} An option is out of range. */
  constructor(reactor: ReactorBase, options?: NodeThreadPoolOptions);
  // A test may bring other workers.
  constructor(
    reactor: ReactorBase,
    options: NodeThreadPoolOptions = {},
    makeWorkers: (options: WorkersOptions) => Workers = (options) => new PiscinaWorkers(options),
  ) {
    this.#reactor = reactor;
    this.#settings = settingsFrom(options);
    this.#makeWorkers = makeWorkers;
    this.#calls = new CallsFromThreads(reactor);
  }

  get min(): number {
    return this.#settings.min;
  }

  get max(): number {
    return this.#settings.max;
  }

  // -- Tasks

  run<Args extends unknown[], Result>(
    task: ThreadTask<Args, Result>,
    args: Args,
    options?: ThreadTaskOptions,
  ): Deferred<Awaited<Result>>;
  run(task: ThreadTask, args: readonly unknown[], options?: ThreadTaskOptions): Deferred<unknown> {
    return this.#submit([nextId(), calleeOf(task), args], options);
  }

  runMultiple(
    calls: readonly (readonly [task: ThreadTask, ...args: unknown[]])[],
    options?: ThreadTaskOptions,
  ): Deferred<unknown[]>;
  runMultiple(
    calls: readonly (readonly [task: ThreadTask, ...args: unknown[]])[],
    options?: ThreadTaskOptions,
  ): Deferred<unknown> {
    const row = calls.map(([task, ...args]): Call => [calleeOf(task), args]);
    return this.#submit([nextId(), row], options);
  }

  #submit(work: Work, { signal, transfer = [] }: ThreadTaskOptions = {}): Deferred<unknown> {
    if (this.#state !== "open") return fail(refused(this.#state));
    if (signal?.aborted === true)
      return fail(new CancelledError(undefined, { cause: signal.reason }));
    const job = new Job(work, transfer, this.#reactor.seconds(), this.#owner);
    if (signal !== undefined) cancelOnAbort(job.deferred, signal);
    if (this.#running.size < this.max) this.#hand(job, 0);
    else this.#queue.add(job);
    return job.deferred;
  }

  #hand(job: Job, waited: number): void {
    this.#waits.total += waited;
    this.#waits.longest = Math.max(this.#waits.longest, waited);
    this.#counts.handed += 1;
    this.#running.add(job);
    try {
      const workers = this.#current;
      (workers?.isUsable === true ? workers : this.#newWorkers()).run(job);
    } catch (error) {
      // No threads can be made at all. Not from inside `run`, as with any other failure.
      queueMicrotask(() => job.failed(error));
    }
  }

  #newWorkers(): Workers {
    for (const one of this.#workers) {
      if (one.count === 0) this.#workers.delete(one);
    }
    const received = (message: unknown): void => this.#calls.receive(message);
    const made = this.#makeWorkers({ ...this.#settings, received });
    this.#current = made;
    this.#workers.add(made);
    this.#reactor.opened(this);
    return made;
  }

  readonly #owner: JobOwner = {
    done: (job, outcome) => {
      if (outcome.length === 2) this.#over(job, failureOf(job.work, outcome[1]));
      else if (this.#running.delete(job)) {
        this.#counts.completed += 1;
        this.#next();
        this.#calls.afterCalls(() => job.succeed(outcome[0]));
      }
    },
    failed: (job, error) => {
      this.#over(job, lossOf(job.work, error, this.#calls.lastWordsOf(job.work[0])));
    },
    cancelled: (job) => {
      if (this.#queue.delete(job)) this.#counts.cancelled += 1;
      else if (this.#running.delete(job)) {
        this.#counts.cancelled += 1;
        job.stopper.stop();
        this.#next();
      }
    },
  };

  #over(job: Job, error: unknown): void {
    if (!this.#running.delete(job)) return; // Cancelled or given up, a moment before.
    this.#counts.failed += 1;
    this.#next();
    this.#calls.afterCalls(() => job.fail(error));
  }

  /** Hand over what there are threads for; at the end of a stop, end the threads. */
  #next(): void {
    if (this.#queue.size > 0) this.#handQueued();
    if (this.#state === "stopping" && this.#running.size === 0) this.#endThreads();
  }

  #handQueued(): void {
    const now = this.#reactor.seconds();
    for (const job of this.#queue) {
      if (this.#running.size >= this.max) return;
      this.#queue.delete(job);
      this.#hand(job, now - job.since);
    }
  }

  // -- What threads may call

  expose(functions: Readonly<Record<string, (...args: never[]) => unknown>>): void {
    this.#calls.expose(functions);
  }

  withdraw(...names: readonly string[]): void {
    this.#calls.withdraw(names);
  }

  // -- Bounds and books

  adjustPoolsize(min: number, max: number): void {
    checkBounds(min, max);
    if (min === this.min && max === this.max) return;
    this.#settings = { ...this.#settings, min, max };
    for (const one of this.#workers) one.retire();
    this.#handQueued();
  }

  statistics(): ThreadPoolStatistics {
    const { handed, ...counts } = this.#counts;
    let threads = 0;
    for (const one of this.#workers) threads += one.count;
    return {
      queued: this.#queue.size,
      running: this.#running.size,
      ...counts,
      threads,
      waits: {
        mean: handed === 0 ? 0 : this.#waits.total / handed,
        longest: this.#waits.longest,
      },
    };
  }

  // -- Life cycle

  start(): void {
    if (this.#state === "stopping") throw refused(this.#state);
    this.#state = "open";
  }

  stop({
    timeout = this.#settings.stopTimeout,
  }: {
    readonly timeout?: number;
  } = {}): Deferred<void> {
    checkedSeconds("timeout", timeout);
    if (this.#state === "stopped") return succeed(undefined);
    const stopped = new Deferred<void>();
    this.#stopWaiters.push(stopped);
    const isFirst = this.#state === "open";
    this.#state = "stopping";
    const why = "Cannot run a task in a thread pool that stops: it waited for a thread";
    for (const job of this.#queue) this.#giveUp(this.#queue, job, why);
    if (isFirst && this.#running.size === 0) this.#endThreads();
    else this.#stopWithin(timeout);
    return stopped;
  }

  #stopWithin(timeout: number): void {
    if (this.#running.size === 0) return; // The threads are ending.
    if (timeout === 0) {
      this.#endTasks();
      return;
    }
    if (timeout === Infinity) return;
    if (this.#deadline?.active !== true) {
      this.#deadline = this.#reactor.callLater(timeout, () => this.#endTasks());
    } else if (this.#deadline.getTime() > this.#reactor.seconds() + timeout) {
      this.#deadline.reset(timeout);
    }
  }

  /** The time is over. */
  #endTasks(): void {
    const why = "A thread pool stopped, and the task was not over in time: its thread was ended";
    for (const job of this.#running) {
      this.#giveUp(this.#running, job, why);
      job.stopper.stop();
    }
    this.#next();
  }

  #giveUp(from: Set<Job>, job: Job, why: string): void {
    from.delete(job);
    this.#counts.failed += 1;
    job.fail(new ThreadPoolStoppedError(why));
  }

  #endThreads(): void {
    if (this.#deadline?.active === true) this.#deadline.cancel();
    this.#deadline = undefined;
    const ending = [...this.#workers];
    this.#workers.clear();
    void Promise.all(ending.map((one) => one.end())).then(() => {
      this.#state = "stopped";
      this.#reactor.closed(this);
      const waiters = this.#stopWaiters;
      this.#stopWaiters = [];
      for (const waiter of waiters) waiter.callback();
    });
  }

  /** The reactor stops: so does the pool, and is ready again afterwards. */
  closeAtStop(): Deferred<unknown> {
    const wasOpen = this.#state === "open";
    const reopen = (): void => {
      if (wasOpen) this.start();
    };
    const isCrash = this.#reactor.running && !this.#reactor.stopping;
    if (isCrash) return this.stop({ timeout: 0 }).addCallback(reopen);
    // A crash while it stops finds this in the books, and does not wait for the tasks.
    const hurry: Closable = { closeAtStop: () => this.stop({ timeout: 0 }) };
    this.#reactor.opened(hurry);
    return this.stop().addCallback(() => {
      this.#reactor.closed(hurry);
      reopen();
    });
  }

  /** Stop. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  toString(): string {
    const { queued, running, threads } = this.statistics();
    const tasks = `${String(running)} running, ${String(queued)} queued`;
    return `NodeThreadPool(${this.#state}, ${plural(threads, "thread")}, ${tasks})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

let lastId = 0;
function nextId(): number {
  lastId += 1;
  return lastId;
}

function refused(state: State): ThreadPoolStoppedError {
  return new ThreadPoolStoppedError(
    state === "stopping"
      ? "Cannot use a thread pool that is stopping: wait until it has"
      : "Cannot run a task in a thread pool that has stopped: call start() first",
  );
}

function cancelOnAbort(deferred: Deferred<unknown>, signal: AbortSignal): void {
  const onAbort = (): void => deferred.cancel();
  signal.addEventListener("abort", onAbort, { once: true });
  void deferred.addBoth((result) => {
    signal.removeEventListener("abort", onAbort);
    return result;
  });
}
