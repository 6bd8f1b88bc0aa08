/**
 * The threads of a reactor.
 *
 * @module
 */
import type { IReactorThreads, ThreadTask } from "../../../internet/interfaces-threads.ts";
import { Logger } from "../../../logger/logger.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import { NodeThreadPool } from "./thread-pool.ts";

const log = new Logger({ namespace: "sennit.threads" });

/** What a reactor on Node does with threads. Costs nothing until a task comes. */
export class ReactorThreads implements IReactorThreads {
  readonly #pool: NodeThreadPool;

  constructor(reactor: ReactorBase) {
    this.#pool = new NodeThreadPool(reactor);
  }

  callInThread<Args extends unknown[]>(task: ThreadTask<Args>, ...args: Args): void {
    void this.#pool
      .run(task, args)
      .addErrback((failure) => log.failure("Unhandled error in a thread", failure));
  }

  getThreadPool(): NodeThreadPool {
    return this.#pool;
  }

  suggestThreadPoolSize(size: number): void {
    this.#pool.adjustPoolsize(Math.min(this.#pool.min, size), size);
  }
}
