/**
 * A worker, seen from its parent: it is given tasks, one at a time, and killed when it is stuck.
 *
 * A process and not a thread: what kills one (memory, a crash of Node, an `exit()` in the program)
 * leaves the others alone.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { plural, quote } from "../../core/text.ts";
import type { IDelayedCall, IReactorTime } from "../../internet/interfaces-reactor.ts";
import { ScenarioModuleError } from "./scenario-module-error.ts";
import type { FromWorker, ScenarioTasks, TaskName } from "./scenario-tasks.ts";
import { closeTicker, openTicker, readTick } from "./seed-ticker.ts";

/** How a worker is started. */
export interface ScenarioProcessOptions {
  /** The file of the scenario. */
  readonly file: string;
  /** Where its path begins. */
  readonly directory: string;
  /** For deadlines. */
  readonly reactor: IReactorTime;
  /** Seconds of real time for one seed. Then it is killed. */
  readonly patience: number;
}

/** The process has ended before it had answered. */
export class ScenarioProcessLost extends Error {
  /** It was killed, because it was stuck. */
  readonly isStuck: boolean;
  /** The seed that it was at, if it had begun one of this task's. */
  readonly seed: number | undefined;

  constructor(message: string, isStuck: boolean, seed: number | undefined) {
    super(message);
    this.isStuck = isStuck;
    this.seed = seed;
  }
}

/** Seconds of real time for loading the scenario. */
const LOADING = 60;
/** Seconds between two looks at it, at most. */
const LOOK_EVERY = 1;
const IS_SOURCE = import.meta.url.endsWith(".ts");

/** A worker that is stuck does not notice that its parent is gone. */
const living = new Set<ChildProcess>();

function killLiving(): void {
  for (const child of living) child.kill("SIGKILL");
}

/** See the top of this file. */
export class ScenarioProcess {
  readonly #file: string;
  readonly #reactor: IReactorTime;
  readonly #patience: number;
  readonly #ticker = openTicker();
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** Told when the process ends before it has answered. */
  #reject: ((error: Error) => void) | undefined;
  #alarm: IDelayedCall | undefined;
  /** How many seeds were begun before this task. */
  #before = 0;
  /** How many when it was looked at, and since when it is no more. */
  #count = 0;
  #since = 0;
  /** It was killed after so many seconds. */
  #stuckFor: number | undefined;
  /** It has ended. */
  #lost: ScenarioProcessLost | undefined;

  /** Start one. */
  constructor(options: ScenarioProcessOptions) {
    const { file, directory, reactor, patience } = options;
    this.#file = file;
    this.#reactor = reactor;
    this.#patience = patience;
    this.#child = fork(entry(), [file, directory], {
      serialization: "advanced",
      execArgv: execArguments(),
      // What a scenario prints is for the person, and must not stand in the output.
      stdio: ["ignore", 2, 2, "ipc", this.#ticker],
    });
    this.#child.once("error", (error) => this.#ended(error.message));
    this.#child.once("exit", (code, signal) => this.#ended(signal ?? `code ${String(code)}`));
    if (living.size === 0) process.on("exit", killLiving);
    living.add(this.#child);
    this.#exited = once(this.#child, "close").finally(() => {
      living.delete(this.#child);
      if (living.size === 0) process.removeListener("exit", killLiving);
      closeTicker(this.#ticker);
    });
  }

  /**
   * Wait until it has loaded the scenario, before anything else.
   *
   * @returns The name of the scenario.
   * @throws {ScenarioModuleError} It cannot load it. The process ends.
   */
  async loaded(): Promise<string> {
    try {
      return nameIn(await this.#nextMessage(LOADING));
    } catch (error) {
      await this.kill();
      if (!(error instanceof ScenarioProcessLost)) throw error;
      const why = `Cannot load ${quote(this.#file)}: ${error.message}`;
      throw new ScenarioModuleError(why, { cause: error });
    }
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
    const next = this.#nextMessage<ScenarioTasks[Name]["answer"]>(this.#patience);
    if (this.#lost === undefined) this.#child.send({ task, order });
    const message = await next;
    if ("answer" in message) return message.answer;
    throw new Error("failed" in message ? message.failed : "It had nothing to do");
  }

  /** What it does now is to end before its next seed. It answers as soon as it has. */
  stop(): void {
    if (this.#lost === undefined) this.#child.send("stop");
  }

  /** End it at once. @returns When it has ended. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async #nextMessage<Answer>(patience: number): Promise<FromWorker<Answer>> {
    if (this.#lost !== undefined) throw this.#lost;
    const message = new Promise<FromWorker<Answer>>((resolve, reject) => {
      this.#child.once("message", resolve);
      this.#reject = reject;
    });
    this.#before = readTick(this.#ticker).count;
    this.#count = this.#before;
    this.#since = this.#reactor.seconds();
    this.#lookAgain(patience);
    try {
      return await message;
    } finally {
      this.#child.removeAllListeners("message");
      if (this.#alarm?.active === true) this.#alarm.cancel();
    }
  }

  // -- The watch

  #lookAgain(patience: number): void {
    const pause = Math.min(LOOK_EVERY, patience / 4);
    this.#alarm = this.#reactor.callLater(pause, () => this.#look(patience));
  }

  #look(patience: number): void {
    const now = this.#reactor.seconds();
    const { count } = readTick(this.#ticker);
    if (count !== this.#count) {
      this.#count = count;
      this.#since = now;
    }
    if (now - this.#since < patience) {
      this.#lookAgain(patience);
      return;
    }
    this.#stuckFor = patience;
    this.#child.kill("SIGKILL");
  }

  #ended(how: string): void {
    const { count, seed } = readTick(this.#ticker);
    const message =
      this.#stuckFor === undefined
        ? `its process ended with ${how}`
        : `it is not done after ${plural(this.#stuckFor, "second")}`;
    const at = count === this.#before ? undefined : seed;
    this.#lost = new ScenarioProcessLost(message, this.#stuckFor !== undefined, at);
    this.#reject?.(this.#lost);
  }
}

/** @throws {ScenarioModuleError} It says that there is none. */
function nameIn(message: FromWorker<never>): string {
  if ("loaded" in message) return message.loaded;
  throw new ScenarioModuleError("unloadable" in message ? message.unloadable : "");
}

/** The flags of this process go for workers too, but a debugger's port is taken. */
function execArguments(): string[] {
  return IS_SOURCE ? [] : process.execArgv.filter((flag) => !flag.startsWith("--inspect"));
}

/** The program of a worker. */
function entry(): string {
  const here = new URL("./scenario-worker.ts", import.meta.url).href.replace(/\.ts$/u, ".js");
  // From source, its twin in dist/: a process must be given JavaScript.
  const place = "/testing/simulation/scenario-worker.js";
  const file = fileURLToPath(IS_SOURCE ? here.replace(`/src${place}`, `/dist${place}`) : here);
  if (existsSync(file)) return file;
  throw new Error(`Cannot start a worker: expected its program at ${file} (npm run build)`);
}
