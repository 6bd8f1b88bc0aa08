/**
 * The contracts of threads: what can run in one, who runs it, and what goes wrong with it.
 *
 *     main thread                                   a thread of the pool
 *     run(task, args) ──▶ queue ──▶ (copies) ──▶    task(...args)
 *     Deferred        ◀──────────── (copies) ◀──    what it returns, or throws
 *
 * After: twisted.internet.interfaces.IReactorThreads, twisted.python.threadpool. Differs: threads
 * share no objects, so arguments and results are copied, and functions cannot cross: a task is
 * named by its module, or sent as its own source text. A running task can be cancelled.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../core/errors.ts";
import type { Deferred } from "../defer/deferred.ts";
import { type Capability, capability } from "./capabilities.ts";

declare const signature: unique symbol;

/**
 * A function by its place: the best way to name a task. Each thread imports the module once, so the
 * module may keep things between tasks (a connection, a table), for each thread anew.
 *
 * The two type parameters are for the checker alone; leave them out and anything goes.
 */
export interface ModuleTask<Args extends unknown[] = unknown[], Result = unknown> {
  /**
   * `new URL("./work.js", import.meta.url)`, or any absolute URL or path, `node:zlib` included. For
   * a package: `import.meta.resolve("the-package")`.
   */
  readonly module: URL | string;
  /** The name it is exported by. Default: `"default"`. */
  readonly export?: string;
  /** Never there: it only ties the task to its signature. */
  readonly [signature]?: (...args: Args) => Result;
}

/**
 * What a thread can run: a function of a module, or a self-contained function.
 *
 * A self-contained function uses its arguments, what it declares itself, and globals; it may
 * `import()` modules, found as from the working directory. It goes to the thread as its source, and
 * runs there in strict mode. Either may be async: the task is over when its promise is settled.
 */
export type ThreadTask<Args extends unknown[] = never[], Result = unknown> =
  | ModuleTask<Args, Result>
  | ((...args: Args) => Result);

/** Options of {@link IThreadPool.run}. */
export interface ThreadTaskOptions {
  /** Aborting it cancels the Deferred. */
  readonly signal?: AbortSignal;
  /**
   * Parts of the arguments that are handed over instead of copied, as for `structuredClone`:
   * `ArrayBuffer`s, message ports, streams. They are gone here once the task is handed to a thread.
   */
  readonly transfer?: readonly object[];
}

/** What a pool is doing, and has done since it was made. */
export interface ThreadPoolStatistics {
  /** Tasks that wait for a thread. */
  readonly queued: number;
  /** Tasks handed to a thread, and not over. */
  readonly running: number;
  /** Tasks that gave a result. */
  readonly completed: number;
  /** Tasks that failed, or were given up when the pool stopped. */
  readonly failed: number;
  /** Tasks whose Deferred was cancelled. */
  readonly cancelled: number;
  /** Threads there are: busy, idle or starting. */
  readonly threads: number;
  /** Seconds between `run` and the handing to a thread, without the start of a new thread. */
  readonly waits: { readonly mean: number; readonly longest: number };
}

/**
 * Threads that run tasks, first come first served, each one task at a time.
 *
 * A thread is started when a task finds none idle and there are fewer than `max`. It ends when it
 * has been idle for a while and there are more than `min`. Idle threads do not keep the process
 * alive; running tasks do.
 *
 * A pool belongs to a reactor, stops with it, and is ready again afterwards. While the reactor
 * shuts down, the pool takes tasks until the phase "during", in which connections are closed as
 * well.
 */
export interface IThreadPool {
  /** Threads that stay when they are idle, from the first task on. */
  readonly min: number;
  /**
   * Threads there are at most. One that is cancelled or ends in a crash may overlap its successor.
   */
  readonly max: number;
  /**
   * Run a task in a thread.
   *
   * Cancelling the Deferred takes a task that waits off the queue. One that runs is ended together
   * with its thread, wherever it is: its `finally` blocks do not run, and what it holds outside of
   * memory (a lock file, a half-written file) stays as it is.
   *
   * A task is over when its result is there. What it leaves behind in its thread (a timer, a
   * socket) may stand still until the next task comes; see the options of the pool at hand.
   *
   * @returns Fires with a copy of the result, after every `callFromThread` that the task made.
   *   Fails
   * with a copy of what the task threw: same message, name, code, causes, properties, and the stack
   * of the thread; its class is kept for JavaScript's own errors, for others match on `code` or
   * `name`. Fails with {@link ThreadLostError} when the thread ended under it,
   * {@link ThreadArgumentError} or {@link ThreadResultError} for what cannot be copied,
   * {@link ThreadTaskNotFoundError}, {@link ThreadTaskClosureError} when that shows only now,
   * {@link ThreadPoolStoppedError}, `CancelledError`.
   * @throws {ThreadTaskRefusedError} It is nothing that a thread can run.
   * @throws {ThreadTaskClosureError} The function uses a variable from outside of it.
   */
  run<Args extends unknown[], Result>(
    task: ThreadTask<Args, Result>,
    args: Args,
    options?: ThreadTaskOptions,
  ): Deferred<Awaited<Result>>;
  /**
   * Run several tasks in one thread, one after the other. The first that fails ends the row.
   *
   * @returns Their results, in order; else as {@link IThreadPool.run}.
   * @throws As {@link IThreadPool.run}; none of them is then run.
   */
  runMultiple(
    calls: readonly (readonly [task: ThreadTask, ...args: unknown[]])[],
    options?: ThreadTaskOptions,
  ): Deferred<unknown[]>;
  /**
   * Functions that tasks may call by name, with `blockingCallFromThread` or `callFromThread`. They
   * run here, on the main thread; they may return Deferreds and promises. A Deferred is cancelled
   * when the thread that waits for it ends.
   *
   * @throws {RangeError} A name is taken. @throws {TypeError} One is no function.
   */
  expose(functions: Readonly<Record<string, (...args: never[]) => unknown>>): void;
  /** Take names back. Names that are not there are ignored. */
  withdraw(...names: readonly string[]): void;
  /**
   * Other bounds. Threads of the old ones finish what they run.
   *
   * @throws {RangeError} Not whole numbers with 0 ≤ min ≤ max and 1 ≤ max.
   */
  adjustPoolsize(min: number, max: number): void;
  /**
   * Take tasks again after `stop`. A pool is made ready: calling this on one that never stopped
   * does nothing. No thread is started before there is a task.
   *
   * @throws {ThreadPoolStoppedError} It is still stopping.
   */
  start(): void;
  /**
   * Refuse new tasks, fail those that wait, wait for those that run until `timeout` seconds have
   * passed, then fail those as well and end their threads. Calling it again may only shorten that.
   *
   * @returns Fires when the threads have ended. One whose task was given up is told to end and not
   * waited for: it may be inside a system call that blocks.
   */
  stop(options?: { readonly timeout?: number }): Deferred<void>;
  /** How it is doing. Costs little; made at each call. */
  statistics(): ThreadPoolStatistics;
}

/**
 * Work off the main thread.
 *
 * Node resolves names and reads files in threads of its own, libuv's: tasks that compute, however
 * many, never keep a name from being resolved. Tasks that themselves look names up (`dns.lookup`)
 * or use `node:fs` asynchronously share libuv's four threads with everybody.
 */
export interface IReactorThreads {
  /**
   * Run a task in the reactor's own pool, and forget about it: what it throws is logged.
   *
   * @throws As {@link IThreadPool.run}.
   */
  callInThread<Args extends unknown[]>(task: ThreadTask<Args>, ...args: Args): void;
  /** The reactor's own pool: at first 0 to 10 threads. It is the same one every time. */
  getThreadPool(): IThreadPool;
  /**
   * Have at most `size` threads in the reactor's pool. Its minimum is lowered if need be.
   *
   * @throws {RangeError} Not a whole number from 1.
   */
  suggestThreadPoolSize(size: number): void;
}
/** Asks whether a reactor provides threads. */
export const IReactorThreads: Capability<IReactorThreads> = capability("IReactorThreads");

// -- What goes wrong

/**
 * It is nothing that a thread can run: a method, a class, a native or bound function, no function.
 */
export class ThreadTaskRefusedError extends TypeError {
  readonly code: `ERR_THREAD_TASK_${string}` = "ERR_THREAD_TASK_REFUSED";

  override get name(): string {
    return this.constructor.name;
  }
}

/**
 * A function uses something that was declared outside of it, and that does not go along. Thrown by
 * `run` where it can be seen at once; else the Deferred fails, when the function gets there.
 */
export class ThreadTaskClosureError extends ThreadTaskRefusedError {
  override readonly code = "ERR_THREAD_TASK_CLOSURE";
  /** The name of the variable; `this` for an arrow function that uses the `this` around it. */
  readonly variable: string;
  constructor(task: string, variable: string, options?: ErrorOptions) {
    super(
      `Cannot run ${task} in a thread: it uses ${variable}, which is declared outside of it and ` +
        "does not go along; pass it as an argument, or put the function into a module and name " +
        'that: { module: new URL("./work.js", import.meta.url), export: "…" }',
      options,
    );
    this.variable = variable;
  }
}

/** An argument cannot be copied to another thread. */
export class ThreadArgumentError extends TypeError {
  readonly code = "ERR_THREAD_ARGUMENT";
  /** Its place among the arguments, counted from 0. */
  readonly argument: number;
  constructor(callee: string, argument: number, options?: ErrorOptions) {
    const cause = options?.cause;
    super(
      `Cannot call ${callee}: argument ${String(argument + 1)} cannot be copied to another ` +
        `thread${cause instanceof Error ? `: ${cause.message}` : ""}`,
      options,
    );
    this.argument = argument;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** A result cannot be copied to another thread. */
export class ThreadResultError extends SennitError {
  readonly code = "ERR_THREAD_RESULT";
}

/** The module has no function of that name. */
export class ThreadTaskNotFoundError extends SennitError {
  readonly code = "ERR_THREAD_TASK_NOT_FOUND";
}

/**
 * The thread ended while it ran the task: `process.exit` was called in it, it ran out of memory, or
 * an error got out of a timer or an event of it (`cause`). The others go on; a new thread takes
 * over.
 */
export class ThreadLostError extends SennitError {
  readonly code = "ERR_THREAD_LOST";
}

/** The pool has been stopped: the task was refused, or given up. */
export class ThreadPoolStoppedError extends LocalProtocolError {
  readonly code = "ERR_THREAD_POOL_STOPPED";
}

/** That can only be done in a thread of a pool. */
export class NotInThreadError extends LocalProtocolError {
  readonly code = "ERR_NOT_IN_THREAD";
}

/** The pool exposes no function of that name to its threads. */
export class NotExposedError extends SennitError {
  readonly code = "ERR_NOT_EXPOSED";
}
