/**
 * Calls in other threads, as Deferreds.
 *
 * After: twisted.internet.threads. Differs: tasks are modules or self-contained functions;
 * `blockingCallFromThread` is for code inside a thread, and is imported there, from
 * `sennit/threads`.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import { Logger } from "../logger/logger.ts";
import type { IReactorThreads, IThreadPool, ThreadTask } from "./interfaces-threads.ts";

const log = new Logger({ namespace: "sennit.threads" });

/**
 * Run a task in a thread of the reactor's pool.
 *
 * @returns As {@link IThreadPool.run}; cancelling it ends the task.
 * @throws {ThreadTaskRefusedError} It is nothing that a thread can run.
 * @throws {ThreadTaskClosureError} The function uses a variable from outside of it.
 *
 * @example
 * ```ts
 * import { deferToThread } from "sennit/internet";
 * import { NodeReactor } from "sennit/reactors";
 *
 * await using reactor = new NodeReactor();
 * const sum = await deferToThread(reactor, (a: number, b: number) => a + b, 2, 3);
 * const gzip = { module: "node:zlib", export: "gzipSync" };
 * const packed = await deferToThread(reactor, gzip, "a long text");
 * console.log(sum, packed);
 * ```
 */
export function deferToThread<Args extends unknown[], Result>(
  reactor: IReactorThreads,
  task: ThreadTask<Args, Result>,
  ...args: Args
): Deferred<Awaited<Result>> {
  return reactor.getThreadPool().run(task, args);
}

/**
 * Run a task in a thread of `pool`. For a signal, or to hand buffers over, call its `run`.
 *
 * @param _reactor The pool knows its own; it is there because it always was.
 * @returns As {@link IThreadPool.run}.
 */
export function deferToThreadPool<Args extends unknown[], Result>(
  _reactor: IReactorThreads,
  pool: IThreadPool,
  task: ThreadTask<Args, Result>,
  ...args: Args
): Deferred<Awaited<Result>> {
  return pool.run(task, args);
}

/**
 * Run several tasks in one thread of the reactor's pool, in order, and forget about them. The first
 * that throws ends the row, and that is logged. {@link IThreadPool.runMultiple} gives the results.
 *
 * @throws As {@link IThreadPool.run}; none of them is then run.
 */
export function callMultipleInThread(
  reactor: IReactorThreads,
  calls: readonly (readonly [task: ThreadTask, ...args: unknown[]])[],
): void {
  void reactor
    .getThreadPool()
    .runMultiple(calls)
    .addErrback((failure) => log.failure("Unhandled error in a thread", failure));
}
