/**
 * Many seeds of one scenario: until one fails, or there are enough, or time is up.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { type NamedScenario, type ScenarioOptions, whyNotOurs } from "./module.ts";
import {
  type Scenario,
  simulate,
  type SimulateOptions,
  type SimulationResult,
} from "./simulate.ts";
import { seedsChecked } from "./seeds-checked.ts";
import type { ToldResult } from "./told-result.ts";
import { realSeconds } from "./real-time.ts";

/** How {@link explore} looks for failures. */
export interface ExploreOptions
  extends Pick<SimulateOptions, "time" | "events" | "patience" | "faults" | "drain" | "globals"> {
  /** How many seeds. Default: 1000. */
  readonly seeds?: number;
  /** The first seed. Default: 0. */
  readonly from?: number;
  /** Seconds of real time after which no seed is begun. Default: no bound. */
  readonly budget?: number;
  /** Failures with different signatures that are looked for. Default: 1. */
  readonly failures?: number;
  /** The part of the seeds that is run twice, to see that both runs are the same. Default: 0.02. */
  readonly check?: number;
  /** Called now and then. */
  readonly onProgress?: (progress: ExploreProgress) => void;
}

/** How far it has come. */
export interface ExploreProgress {
  readonly seeds: number;
  readonly events: number;
  readonly failures: number;
}

/** A seed of which two runs were not the same. */
export interface Divergence {
  readonly seed: number;
  /** The first event that differs is one of the 64 before this one. */
  readonly event: number;
}

/** What was found. */
export interface ExploreResult<Failed extends ToldResult = SimulationResult>
  extends ExploreProgress {
  readonly ok: boolean;
  /** The first run of each failure. */
  readonly failed: readonly Failed[];
  /** How often each point was reached, in all runs. */
  readonly marks: ReadonlyMap<string, number>;
  /** What `sometimes` names, and no run reached. */
  readonly neverReached: readonly string[];
  readonly diverged: readonly Divergence[];
}

const SEEDS = 1000;
const CHECKED = 0.02;
/** Seeds between two calls of `onProgress`. */
const PROGRESS_EVERY = 100;

/** Runs, counted together. */
export interface CountedRuns {
  readonly seeds: number;
  readonly events: number;
  readonly marks: ReadonlyMap<string, number>;
}

/** What {@link explore} has found so far. Others may add to it what they found elsewhere. */
export class Findings<Failed extends ToldResult = SimulationResult> {
  seeds = 0;
  events = 0;
  readonly failed: Map<string, Failed> = new Map();
  readonly marks: Map<string, number> = new Map();
  readonly diverged: Divergence[] = [];

  /** One more run. @returns Is it the first that fails in its way? */
  add(result: Failed): boolean {
    this.count({ seeds: 1, events: result.events, marks: result.marks });
    return this.fail(result);
  }

  /** More runs, of which those that failed are told apart. */
  count({ seeds, events, marks }: CountedRuns): void {
    this.seeds += seeds;
    this.events += events;
    for (const [name, count] of marks) this.marks.set(name, (this.marks.get(name) ?? 0) + count);
  }

  /** A run, which may have failed. @returns Is it the first that fails in its way? */
  fail(result: Failed): boolean {
    const { failure } = result;
    if (failure === undefined || this.failed.has(failure.signature)) return false;
    this.failed.set(failure.signature, result);
    return true;
  }

  /** Is it enough, if so many different failures are looked for? */
  isEnough(failures: number): boolean {
    return this.failed.size >= failures || this.diverged.length > 0;
  }

  get progress(): ExploreProgress {
    return { seeds: this.seeds, events: this.events, failures: this.failed.size };
  }

  /** What it comes to. A batch that has failed need not have reached everything. */
  result(): ExploreResult<Failed> {
    const neverReached =
      this.failed.size > 0 ? [] : [...this.marks].filter(([, count]) => count === 0);
    const ok = this.failed.size === 0 && neverReached.length === 0 && this.diverged.length === 0;
    return {
      ok,
      ...this.progress,
      failed: [...this.failed.values()],
      marks: this.marks,
      neverReached: neverReached.map(([name]) => name),
      diverged: this.diverged,
    };
  }
}

/**
 * Run many seeds of a scenario, in this process, one after the other. `exploreFile` uses several
 * processes.
 *
 * @throws {TypeError} The scenario was made by another copy of this package.
 */
export async function explore(
  named: NamedScenario,
  options: ExploreOptions = {},
): Promise<ExploreResult> {
  const { name, scenario, options: own } = named;
  const why = whyNotOurs(named);
  if (why !== undefined) throw new TypeError(`Cannot explore ${quote(name)}: ${why}`);
  const { seeds = SEEDS, from = 0, budget = Number.POSITIVE_INFINITY, failures = 1 } = options;
  const { check = CHECKED, onProgress } = options;
  const runOptions = runOptionsFor(own, options);
  const findings = new Findings();
  const begun = realSeconds();
  const isLate = (): boolean => realSeconds() - begun > budget;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { result, divergence } = await exploreSeed(scenario, { ...runOptions, seed }, check);
    findings.add(result);
    if (divergence !== undefined) findings.diverged.push(divergence);
    if (findings.seeds % PROGRESS_EVERY === 0) onProgress?.(findings.progress);
    if (findings.isEnough(failures) || isLate()) break;
  }
  return findings.result();
}

/** The options of one run: the scenario's own, unless they are overruled. */
export function runOptionsFor(own: ScenarioOptions, options: ExploreOptions): SimulateOptions {
  return runOptionsOf({ ...own, ...definedOf(options) });
}

/** The options that are one run's own. */
function runOptionsOf(options: ExploreOptions): SimulateOptions {
  const { time, events, patience, faults, drain, globals } = options;
  return {
    ...(time !== undefined && { time }),
    ...(events !== undefined && { events }),
    ...(patience !== undefined && { patience }),
    ...(faults !== undefined && { faults }),
    ...(drain !== undefined && { drain }),
    ...(globals !== undefined && { globals }),
  };
}

function definedOf(options: ExploreOptions): ExploreOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** One seed, and what else was seen of it. */
export interface ExploredSeed {
  readonly result: SimulationResult;
  readonly divergence: Divergence | undefined;
}

/** Run one seed; if it is of the `check` part of seeds that are, twice more to compare. */
export async function exploreSeed(
  scenario: Scenario,
  options: SimulateOptions & { readonly seed: number },
  check: number,
): Promise<ExploredSeed> {
  const result = await simulate(scenario, options);
  if (!seedsChecked(options.seed, check)) return { result, divergence: undefined };
  return { result, divergence: await compare(scenario, options, result) };
}

/** Run it twice more, and see where the runs part; a first run may differ from all later ones. */
async function compare(
  scenario: Scenario,
  options: SimulateOptions & { readonly seed: number },
  first: SimulationResult,
): Promise<Divergence | undefined> {
  const checked = { ...options, checkpoints: true };
  const one = await simulate(scenario, checked);
  const other = await simulate(scenario, checked);
  if (one.hash === other.hash && first.hash === one.hash) return undefined;
  const at = one.checkpoints.findIndex((hash, index) => hash !== other.checkpoints[index]);
  const event = at === -1 ? one.events : (at + 1) * 64;
  return { seed: options.seed, event };
}
