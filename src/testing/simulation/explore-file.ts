/**
 * Many seeds of the scenario in a file, in as many processes as there are cores.
 *
 * What is found is what one process would find that runs the seeds one after the other: the first
 * failures by the number of their seeds, whoever was faster. Only a `budget` and an interruption
 * depend on time: then it is the first of those that were run.
 *
 * A seed that takes too much real time, or whose process ends, is a failure of the kind `limit`.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { quote } from "../../core/text.ts";
import type { IDelayedCall, IReactorTime } from "../../internet/interfaces-reactor.ts";
import { type ExploreOptions, type ExploreResult, runOptionsFor } from "./explore.ts";
import { SimulationFailure } from "./failure.ts";
import { ScenarioModuleError } from "./scenario-module-error.ts";
import { ScenarioProcess, ScenarioProcessLost } from "./scenario-process.ts";
import type { BatchPart, SeedBatch } from "./seed-batch.ts";
import { SeedLedger, type SeedRange } from "./seed-ledger.ts";
import { type ToldResult, toldFailure } from "./told-result.ts";
import { formatToken } from "./token.ts";

/** How {@link exploreFile} looks for failures. */
export interface ExploreFileOptions extends ExploreOptions {
  /** Tells the time, real time: the reactor of the process. It need not run. */
  readonly reactor: IReactorTime;
  /** Where the path of the file begins. Default: the current directory. */
  readonly directory?: string;
  /** How many processes. Default: one for each core. */
  readonly jobs?: number;
  /** Ends it: no seed is begun any more, and what was found is told. */
  readonly signal?: AbortSignal;
}

/** What was found in a file. */
export interface ExploreFileResult extends ExploreResult<ToldResult> {
  /** The name of the scenario. */
  readonly name: string;
  /** Seconds of real time. */
  readonly seconds: number;
  /** Seeds that had begun when it was interrupted, and did not come to their end. */
  readonly unfinished: readonly number[];
}

const SEEDS = 1000;
const CHECKED = 0.02;
const PATIENCE = 60;
/** Seconds that a batch of seeds should take: few messages, and yet something to tell. */
const BATCH_SECONDS = 0.1;
const BATCH_MAX = 5000;
/** The first batch: nobody knows yet how long a seed takes. */
const BATCH_FIRST = 2;
/** A batch is at most so many times as long as the last one. */
const BATCH_GROWTH = 4;
/** Seconds that a seed may go on when all is to end. */
const GRACE = 2;

/**
 * Explore a scenario in several processes, each of which loads the file.
 *
 * @param file A module whose default export is made by `simulation()`. TypeScript will do.
 * @throws {ScenarioModuleError} There is no such file, or it cannot be loaded, or has no scenario.
 *
 * @example
 * ```ts
 * import { reactor } from "sennit/reactor";
 * import { describeBatch, exploreFile } from "sennit/testing/simulation";
 *
 * async function nightly(): Promise<void> {
 *   const found = await exploreFile("bank.sim.ts", { reactor, seeds: 1_000_000, budget: 7200 });
 *   if (!found.ok) console.log(describeBatch(found, found));
 * }
 * ```
 */
export async function exploreFile(
  file: string,
  options: ExploreFileOptions,
): Promise<ExploreFileResult> {
  return new Exploration(file, options).go();
}

class Exploration {
  readonly #file: string;
  readonly #options: ExploreFileOptions;
  readonly #ledger: SeedLedger;
  readonly #order: Omit<SeedBatch, keyof SeedRange>;
  readonly #processes = new Set<ScenarioProcess>();
  /** Seeds at which a process has ended. Once may be an accident. */
  readonly #suspects = new Set<number>();
  readonly #unfinished: number[] = [];
  readonly #signatures = new Set<string>();
  #seeds = 0;
  #events = 0;
  #name = "";
  /** No seed is begun any more. */
  #isEnding = false;
  #isInterrupted = false;
  #trouble: { readonly error: unknown } | undefined;

  constructor(file: string, options: ExploreFileOptions) {
    const { from = 0, seeds = SEEDS, failures = 1, check = CHECKED } = options;
    this.#file = file;
    this.#options = options;
    this.#ledger = new SeedLedger({ from, seeds, failures });
    this.#order = { failures, check, options: runOptionsFor({}, options) };
  }

  async go(): Promise<ExploreFileResult> {
    const { reactor, budget, signal, jobs = availableParallelism() } = this.#options;
    const begun = reactor.seconds();
    const end = (): void => this.#end();
    const interrupt = (): void => {
      this.#isInterrupted = true;
      this.#end();
      grace = reactor.callLater(GRACE, () => this.#killAll());
    };
    let grace: IDelayedCall | undefined;
    const alarm = budget === undefined ? undefined : reactor.callLater(budget, end);
    signal?.addEventListener("abort", interrupt);
    if (signal?.aborted === true) end();
    await Promise.all(Array.from({ length: jobs }, () => this.#workGuarded()));
    signal?.removeEventListener("abort", interrupt);
    for (const one of [alarm, grace]) if (one?.active === true) one.cancel();
    await this.#killAll();
    if (this.#trouble !== undefined) throw this.#trouble.error;
    const [name, unfinished] = [this.#name, this.#unfinished];
    return { ...this.#ledger.result(), name, unfinished, seconds: reactor.seconds() - begun };
  }

  /** Begin nothing any more; what runs comes to its end. */
  #end(): void {
    this.#isEnding = true;
    for (const process of this.#processes) process.stop();
  }

  async #killAll(): Promise<void> {
    this.#isEnding = true;
    await Promise.all([...this.#processes].map((one) => one.kill()));
  }

  async #workGuarded(): Promise<void> {
    try {
      await this.#work();
    } catch (error) {
      // What a process says that was killed is of no interest.
      if (!this.#isEnding) this.#trouble ??= { error };
      await this.#killAll();
    }
  }

  /** What one worker does, and the next one, if the first is lost. */
  async #work(): Promise<void> {
    let size = BATCH_FIRST;
    let process: ScenarioProcess | undefined;
    while (!this.#isEnding) {
      const range = this.#ledger.take(size);
      if (range === undefined) return;
      process ??= await this.#start();
      const rate = await this.#run(process, range);
      if (rate === undefined) process = undefined;
      else size = Math.max(1, Math.min(rate * BATCH_SECONDS, size * BATCH_GROWTH, BATCH_MAX));
      size = Math.floor(size);
    }
  }

  async #start(): Promise<ScenarioProcess> {
    const { reactor, directory = globalThis.process.cwd(), patience = PATIENCE } = this.#options;
    const process = new ScenarioProcess({ file: this.#file, directory, reactor, patience });
    this.#processes.add(process);
    this.#name = await process.loaded();
    return process;
  }

  /** @returns Seeds a second; `undefined`: the process is lost. */
  async #run(process: ScenarioProcess, range: SeedRange): Promise<number | undefined> {
    try {
      const { parts, seconds } = await process.ask("batch", { ...range, ...this.#order });
      for (const part of parts) this.#add(part);
      const to = parts.at(-1)?.to ?? range.from;
      this.#ledger.giveBack({ from: to, to: range.to });
      return (to - range.from) / seconds;
    } catch (error) {
      if (!(error instanceof ScenarioProcessLost)) throw error;
      this.#processes.delete(process);
      if (!this.#isEnding || error.isStuck) this.#lost(range, error);
      else if (this.#isInterrupted && error.seed !== undefined) this.#unfinished.push(error.seed);
      return undefined;
    }
  }

  #add(part: BatchPart): void {
    const { seeds, events, failed } = part;
    this.#ledger.add(part);
    this.#seeds += seeds;
    this.#events += events;
    if (failed?.failure !== undefined) this.#signatures.add(failed.failure.signature);
    const failures = this.#signatures.size;
    this.#options.onProgress?.({ seeds: this.#seeds, events: this.#events, failures });
    // What is still under way does not matter any more.
    if (this.#ledger.isOver) void this.#killAll();
  }

  /** A process has ended before it had told of these seeds. */
  #lost({ from, to }: SeedRange, { seed, isStuck, message }: ScenarioProcessLost): void {
    if (seed === undefined) {
      throw new ScenarioModuleError(`Cannot simulate ${quote(this.#file)}: ${message}`);
    }
    this.#ledger.giveBack({ from, to: seed });
    this.#ledger.giveBack({ from: seed + 1, to });
    if (isStuck || this.#suspects.has(seed)) {
      this.#add(partOf(seed, `Seed ${String(seed)} did not come to its end: ${message}`));
      return;
    }
    this.#suspects.add(seed);
    this.#ledger.giveBack({ from: seed, to: seed + 1 });
  }
}

/** A seed that never told anything. */
function partOf(seed: number, message: string): BatchPart {
  const property = "it comes to an end";
  const failure = toldFailure(new SimulationFailure({ kind: "limit", property, message }));
  const failed: ToldResult = {
    ok: false,
    failure,
    seed,
    hash: "",
    events: 0,
    time: 0,
    marks: new Map(),
    settings: new Map(),
    token: formatToken({ seed }),
  };
  return { from: seed, to: seed + 1, seeds: 1, events: 0, marks: new Map(), failed };
}
