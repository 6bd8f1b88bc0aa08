/**
 * A worker, seen from its parent: it is given tasks, one at a time, and killed when it is stuck.
 *
 * A process and not a thread: what kills one (memory, a crash of Node, an `exit()` in the program)
 * leaves the others alone.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { IDelayedCall, IReactorTime } from "../../internet/interfaces-reactor.ts";
import { ScenarioModuleError } from "./scenario-module-error.ts";
import type { FromWorker, ScenarioTasks, TaskName, ToWorker } from "./scenario-tasks.ts";
import { closeTicker, openTicker, readTick } from "./seed-ticker.ts";

/** How a worker is started. */
export interface ScenarioProcessOptions {
  /** The file of the scenario. */
  readonly file: string;
  /** Where its path begins. */
  readonly directory: string;
  /** For deadlines. */
  readonly reactor: IReactorTime;
  /** Seconds of real time for one seed, and for loading. Then it is killed. */
  readonly patience: number;
}

/** The process has ended before it had answered. */
export class ScenarioProcessLost extends Error {
  /** It was killed, because it was stuck. */
  readonly isStuck: boolean;
  /** The seed that it was at. */
  readonly seed: number;

  constructor(message: string, { isStuck, seed }: { isStuck: boolean; seed: number }) {
    super(message);
    this.isStuck = isStuck;
    this.seed = seed;
  }
}

/** How often it is looked after, in seconds, at most. */
const LOOK_EVERY = 1;

/** Who waits for the next message. */
interface Waiting {
  readonly resolve: (message: FromWorker) => void;
  readonly reject: (error: Error) => void;
}

/** See the top of this file. */
export class ScenarioProcess {
  readonly #reactor: IReactorTime;
  readonly #patience: number;
  readonly #ticker = openTicker();
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #waiting: Waiting | undefined;
  #alarm: IDelayedCall | undefined;
  /** What the ticker said when it was looked at, and since when it says so. */
  #count = 0;
  #since = 0;
  #isStuck = false;
  #end: string | undefined;
  #name = "";

  private constructor({ file, directory, reactor, patience }: ScenarioProcessOptions) {
    this.#reactor = reactor;
    this.#patience = patience;
    // What a scenario prints is for the person, and must not stand in the output.
    const stdio = ["ignore", 2, 2, "ipc", this.#ticker] as const;
    this.#child = fork(entry(), [file, directory], {
      serialization: "advanced",
      stdio: [...stdio],
    });
    this.#child.on("message", (message: FromWorker) => this.#answered(message));
    this.#child.on("error", (error) => this.#ended(error.message));
    this.#exited = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => {
        this.#ended(signal === null ? `code ${String(code)}` : signal);
        resolve();
      });
    });
  }

  /**
   * Start one.
   *
   * @returns When the scenario is loaded.
   * @throws {ScenarioModuleError} It cannot be.
   */
  static async start(options: ScenarioProcessOptions): Promise<ScenarioProcess> {
    const one = new ScenarioProcess(options);
    try {
      const message = await one.#nextMessage();
      if ("loaded" in message) one.#name = message.loaded;
      if ("unloadable" in message) throw new ScenarioModuleError(message.unloadable);
      return one;
    } catch (error) {
      await one.kill();
      if (!(error instanceof ScenarioProcessLost)) throw error;
      const why = `Cannot load ${options.file}: ${error.message}`;
      throw new ScenarioModuleError(why, { cause: error });
    }
  }

  /** The name of the scenario. */
  get name(): string {
    return this.#name;
  }

  /**
   * Let it do something. One thing at a time.
   *
   * @throws {ScenarioProcessLost} It ended before it was done.
   */
  async ask<Name extends TaskName>(
    task: Name,
    order: ScenarioTasks[Name]["order"],
  ): Promise<ScenarioTasks[Name]["answer"]> {
    const message: { readonly answer?: ScenarioTasks[Name]["answer"]; readonly failed?: string } =
      await this.#exchange({ task, order });
    if (message.answer === undefined) throw new Error(message.failed);
    return message.answer;
  }

  /** What it does now is to end before its next seed. It answers as soon as it has. */
  stop(): void {
    this.#send("stop");
  }

  /** End it at once. @returns When it has ended. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}
