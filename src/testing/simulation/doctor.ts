/**
 * Is a scenario deterministic? Its seeds are run again and again, in another order, in another
 * process, and with promises drained in the other way, and must be the same runs every time.
 *
 * - twice: the same seeds in the same order, in two processes. They differ: time, chance or the
 *   machine get in somewhere.
 * - drains: with a turn of Node's loop for every event. They differ: something waits for that turn.
 * - again, reversed, alone: the same seed after others, in the other order, and in a process of its
 *   own. They differ though twice is the same: something in a module outlives a run.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { isDeepStrictEqual } from "node:util";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { DrainMode } from "../../reactors/simulated/drain.ts";
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import type { Escape } from "./escapes.ts";
import type { ScenarioOptions } from "./module.ts";
import { ScenarioProcess, ScenarioProcessLost } from "./scenario-process.ts";
import type { RunsOrder } from "./scenario-tasks.ts";

/** How {@link examineDeterminism} looks. */
export interface DoctorOptions {
  /** Tells the time, real time. It need not run. */
  readonly reactor: IReactorTime;
  readonly directory: string;
  /** Default: 100. */
  readonly seeds?: number;
  /** The first seed. Default: 0. */
  readonly from?: number;
  /** Of the runs. */
  readonly options?: ScenarioOptions;
  /** Seconds of real time that one seed may take. Default: 60. */
  readonly patience?: number;
}

/** The ways in which runs are compared; see the top of this file. */
export type DoctorCheck = "twice" | "drains" | "again" | "reversed" | "alone";

/** Two runs of a seed that are not the same. */
export interface DoctorFinding {
  readonly check: DoctorCheck;
  /** The first seed that differs, and how many do. */
  readonly seed: number;
  readonly count: number;
  /** Where they part, if they did when they were looked at. Of the first finding only. */
  readonly parting: Parting | undefined;
}

/** Where two runs part. */
export interface Parting {
  /** How many events are the same. */
  readonly common: number;
  /** The last of these. */
  readonly before: readonly TraceEvent[];
  /** The next event of either; `undefined`: there is none. */
  readonly one: TraceEvent | undefined;
  readonly other: TraceEvent | undefined;
}

/** What was found. */
export interface DoctorReport {
  /** Of the scenario. */
  readonly name: string;
  /** How many seeds were looked at, each in every way; but few of them alone. */
  readonly seeds: number;
  readonly findings: readonly DoctorFinding[];
  /** From where the platform is asked for what. */
  readonly escapes: readonly Escape[];
}

const SEEDS = 100;
const PATIENCE = 60;
/** Seeds that get a process of their own: it takes a quarter of a second to begin. */
const ALONE = 2;
/** Events that are shown before the runs part. */
const SHOWN = 5;

/** Seeds in the order in which a process runs them. */
interface History {
  readonly seeds: readonly number[];
  readonly drain?: DrainMode;
}

/** A place in a history. */
interface Place {
  readonly history: History;
  readonly at: number;
}

/** The same seed at two places: the runs should be the same. */
interface Pair {
  readonly check: DoctorCheck;
  readonly seed: number;
  readonly one: Place;
  readonly other: Place;
}

/**
 * Look at a scenario, in processes that load its file.
 *
 * @throws {ScenarioModuleError} There is no such file, or it cannot be loaded, or has no scenario.
 * @throws {ScenarioProcessLost} A seed does not come to its end.
 */
export function examineDeterminism(file: string, options: DoctorOptions): Promise<DoctorReport> {
  return new Doctor(file, options).go();
}

class Doctor {
  readonly #file: string;
  readonly #options: DoctorOptions;
  readonly #seeds: readonly number[];
  readonly #processes = new Set<ScenarioProcess>();
  #name = "";

  constructor(file: string, options: DoctorOptions) {
    const { seeds = SEEDS, from = 0 } = options;
    this.#file = file;
    this.#options = options;
    this.#seeds = Array.from({ length: seeds }, (_, index) => from + index);
  }

  async go(): Promise<DoctorReport> {
    try {
      const escapes = await this.#escapes();
      const findings = await this.#findings();
      return { name: this.#name, seeds: this.#seeds.length, findings, escapes };
    } finally {
      await Promise.all([...this.#processes].map((one) => one.kill()));
    }
  }

  /** Let a process of its own do something. */
  async #inProcess<T>(use: (process: ScenarioProcess) => Promise<T>): Promise<T> {
    const { reactor, directory, patience = PATIENCE } = this.#options;
    const process = new ScenarioProcess({ file: this.#file, directory, reactor, patience });
    this.#processes.add(process);
    try {
      this.#name = await process.loaded();
      return await use(process);
    } catch (error) {
      if (!(error instanceof ScenarioProcessLost) || error.seed === undefined) throw error;
      const why = `Seed ${String(error.seed)} did not come to its end: ${error.message}`;
      throw new ScenarioProcessLost(why, error.isStuck, error.seed);
    } finally {
      this.#processes.delete(process);
      await process.kill();
    }
  }

  #escapes(): Promise<readonly Escape[]> {
    const { options = {} } = this.#options;
    return this.#inProcess((one) => one.ask("escapes", { seeds: this.#seeds, options }));
  }

  async #findings(): Promise<readonly DoctorFinding[]> {
    const pairs = pairsOf(this.#seeds);
    const histories = [...new Set(pairs.flatMap(({ one, other }) => [one.history, other.history]))];
    const hashes = await this.#hashesOf(histories);
    const hashAt = ({ history, at }: Place): string | undefined => hashes.get(history)?.[at];
    const different = pairs.filter(({ one, other }) => hashAt(one) !== hashAt(other));
    const byChance = different.filter(({ check }) => check === "twice");
    // What differs for no reason differs in every other way too.
    const told = byChance.length > 0 ? byChance : different;
    const findings: DoctorFinding[] = [];
    for (const check of new Set(told.map((pair) => pair.check))) {
      const [first, ...others] = told.filter((pair) => pair.check === check);
      if (first === undefined) continue;
      // The others have the same cause, most likely.
      const parting = findings.length === 0 ? await this.#partingOf(first) : undefined;
      findings.push({ check, seed: first.seed, count: 1 + others.length, parting });
    }
    return findings;
  }

  async #hashesOf(histories: readonly History[]): Promise<ReadonlyMap<History, readonly string[]>> {
    const left = [...histories];
    const hashes = new Map<History, readonly string[]>();
    const work = async (): Promise<void> => {
      for (let history = left.shift(); history !== undefined; history = left.shift()) {
        const order = this.#orderOf(history);
        hashes.set(history, await this.#inProcess((one) => one.ask("hashes", order)));
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    return hashes;
  }

  #orderOf({ seeds, drain }: History): RunsOrder {
    const { options = {} } = this.#options;
    return { seeds, options: { ...options, ...(drain !== undefined && { drain }) } };
  }

  /** Run both once more, and look for the first event that is not the same. */
  async #partingOf({ one, other }: Pair): Promise<Parting | undefined> {
    const traces: (readonly TraceEvent[])[] = [];
    for (const { history, at } of [one, other]) {
      const order = this.#orderOf({ ...history, seeds: history.seeds.slice(0, at + 1) });
      traces.push(await this.#inProcess((process) => process.ask("trace", order)));
    }
    const [first = [], second = []] = traces;
    const longer = Math.max(first.length, second.length);
    for (let common = 0; common < longer; common += 1) {
      if (isDeepStrictEqual(first[common], second[common])) continue;
      const before = first.slice(Math.max(0, common - SHOWN), common);
      return { common, before, one: first[common], other: second[common] };
    }
    return undefined;
  }
}

/** What is compared with what. */
function pairsOf(seeds: readonly number[]): readonly Pair[] {
  const once: History = { seeds };
  const twice: History = { seeds: [...seeds, ...seeds] };
  const reversed: History = { seeds: seeds.toReversed() };
  const inTurns: History = { seeds, drain: "immediate" };
  const count = seeds.length;
  return seeds.flatMap((seed, at) => {
    const one: Place = { history: once, at };
    const pairs: Pair[] = [
      { check: "twice", seed, one, other: { history: twice, at } },
      { check: "drains", seed, one, other: { history: inTurns, at } },
      { check: "again", seed, one, other: { history: twice, at: count + at } },
      { check: "reversed", seed, one, other: { history: reversed, at: count - 1 - at } },
    ];
    // The last ones: before them was most.
    if (at < count - ALONE) return pairs;
    return [...pairs, { check: "alone", seed, one, other: { history: { seeds: [seed] }, at: 0 } }];
  });
}
