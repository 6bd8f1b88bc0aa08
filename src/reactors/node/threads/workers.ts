/**
 * The threads of a pool, kept by the pool library: started, fed, ended when idle, buried.
 *
 * The queue is not the library's but the pool's (`thread-pool.ts`), which hands over no more than
 * there may be threads: when a task is aborted, the library starts no new thread for one that waits
 * behind it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { ResourceLimits } from "node:worker_threads";
import type * as piscina from "piscina";
import { Logger } from "../../../logger/logger.ts";
import type { Outcome, Work } from "./messages.ts";
import { preparations } from "./prepare-threads.ts";

const log = new Logger({ namespace: "sennit.threads" });

/** What a pool needs of its threads. */
export interface Workers {
  /** Threads there are: busy, idle or starting. */
  readonly count: number;
  /** May more be run? Not once they retire or end, or no thread can be started. */
  readonly isUsable: boolean;
  /** Run something now. */
  run(one: Runnable): void;
  /** End the threads when what runs now is over. */
  retire(): void;
  /** End the threads. Resolves when they have. */
  end(): Promise<void>;
}

/** Something to run, who hears of it, and what it takes to end it. */
export interface Runnable {
  readonly work: Work;
  readonly transfer: readonly object[];
  readonly stopper: Stopper;
  /** Told what came of it, never before `run` has returned. */
  done(outcome: Outcome): void;
  /** Told that the thread has ended, or that something could not be copied. */
  failed(error: unknown): void;
}

/** What it takes to have threads. */
export interface WorkersOptions {
  readonly min: number;
  readonly max: number;
  /** Seconds after which an idle thread ends. */
  readonly idleTimeout: number;
  readonly resourceLimits: ResourceLimits;
  readonly idle: "sleep" | "turn";
  /** Told what threads send by themselves. */
  readonly received: (message: unknown) => void;
}

/** Ends one task, with its thread: what the library needs of an `AbortSignal`, and no more. */
export class Stopper {
  aborted = false;
  #listener: (() => void) | undefined;

  addEventListener(_name: "abort", listener: () => void): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = undefined;
  }

  /** End it, if it is there. */
  stop(): void {
    this.aborted = true;
    this.#listener?.();
  }
}

/** As much of the library as is used here. */
interface Library {
  readonly threads: readonly unknown[];
  run(work: unknown, options?: object): Promise<Outcome>;
  destroy(): Promise<void>;
  on(event: "error" | "message", listener: (value: unknown) => void): unknown;
}

/** The module that threads begin with. */
function entry(): string {
  const here = new URL("./worker.ts", import.meta.url).href.replace(/\.ts$/u, ".js");
  // From source, its twin in dist/: a thread must be given JavaScript.
  const isSource = import.meta.url.endsWith(".ts");
  const place = "/reactors/node/threads/worker.js";
  const file = fileURLToPath(isSource ? here.replace(`/src${place}`, `/dist${place}`) : here);
  if (existsSync(file)) return file;
  throw new Error(`Cannot start a thread: expected its first module at ${file} (npm run build)`);
}

/** Threads kept by piscina. */
export class PiscinaWorkers implements Workers {
  readonly #library: Library;
  #running = 0;
  #isUsable = true;
  /** Why no thread could be started. */
  #trouble: unknown;

  constructor({ min, max, idleTimeout, idle, resourceLimits, received }: WorkersOptions) {
    // Loading it takes some ten milliseconds, which a program without threads need not wait for.
    const { Piscina }: typeof piscina = createRequire(import.meta.url)("piscina");
    this.#library = new Piscina({
      filename: entry(),
      minThreads: min,
      maxThreads: max,
      idleTimeout: idleTimeout * 1000,
      resourceLimits,
      atomics: idle === "sleep" ? "sync" : "disabled",
      recordTiming: false,
      workerData: { preparations: preparations() },
    });
    this.#library.on("message", received);
    this.#library.on("error", (error) => this.#idleFailed(error));
  }

  get count(): number {
    return this.#library.threads.length;
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  run(one: Runnable): void {
    this.#running += 1;
    this.#library.run(one.work, { signal: one.stopper, transferList: one.transfer }).then(
      (outcome) => {
        this.#over();
        one.done(outcome);
      },
      (error: unknown) => {
        this.#over();
        one.failed(this.#trouble ?? error);
      },
    );
  }

  #over(): void {
    this.#running -= 1;
    if (!this.#isUsable && this.#running === 0) void this.end();
  }

  retire(): void {
    this.#isUsable = false;
    if (this.#running === 0) void this.end();
  }

  async end(): Promise<void> {
    this.#isUsable = false;
    await this.#library.destroy();
  }

  /** A thread failed without a task: when one was over, or before it could begin with its first. */
  #idleFailed(error: unknown): void {
    log.failure("A thread ended while it had no task", error);
    if (this.count > 0 || this.#running === 0) return;
    // The library has something to run, and lets it wait for a thread that nobody starts.
    this.#trouble = error;
    void this.end();
  }
}
