/**
 * The threads of a simulated reactor: the Node reactor's pool, with its queue, its books and its
 * life, over {@link SimulatedWorkers}.
 *
 * @module
 */
import type {
  IReactorThreads,
  IThreadPool,
  ThreadTask,
} from "../../../internet/interfaces-threads.ts";
import { Logger } from "../../../logger/logger.ts";
import { NodeThreadPool } from "../../node/threads/thread-pool.ts";
import type { WorkersOptions } from "../../node/threads/workers.ts";
import type { SimulatedSystem } from "../system.ts";
import { SimulatedWorkers } from "./simulated-workers.ts";

const log = new Logger({ namespace: "sennit.threads" });

/** What a simulated reactor does with threads. Costs nothing until a task comes. */
export class SimulatedThreads implements IReactorThreads {
  readonly #system: SimulatedSystem;
  #pool: IThreadPool | undefined;

  constructor(system: SimulatedSystem) {
    this.#system = system;
  }

  callInThread<Args extends unknown[]>(task: ThreadTask<Args>, ...args: Args): void {
    void this.getThreadPool()
      .run(task, args)
      .addErrback((failure) => log.failure("Unhandled error in a thread", failure));
  }

  getThreadPool(): IThreadPool {
    this.#pool ??= this.#makePool();
    return this.#pool;
  }

  #makePool(): IThreadPool {
    const make = (options: WorkersOptions): SimulatedWorkers =>
      new SimulatedWorkers(this.#system, options);
    // Reflect.construct, because the pool keeps from users that it takes other workers.
    const pool: IThreadPool = Reflect.construct(NodeThreadPool, [this.#system, {}, make]);
    return pool;
  }

  suggestThreadPoolSize(size: number): void {
    const pool = this.getThreadPool();
    pool.adjustPoolsize(Math.min(pool.min, size), size);
  }
}
