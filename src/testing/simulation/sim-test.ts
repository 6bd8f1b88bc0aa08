/**
 * A scenario as one test of any runner.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import { explore, type ExploreOptions, runOptionsFor } from "./explore.ts";
import { type NamedScenario, simulation } from "./module.ts";
import { describeBatch, describeFailure } from "./report.ts";
import { type Scenario, simulate, type SimulationResult } from "./simulate.ts";

/**
 * What defines a test: `it` of vitest, Jest and Mocha, `test` of `node:test`. Those that know the
 * third argument give a test so many milliseconds.
 */
export type DefineTest = (name: string, body: () => Promise<void>, timeout?: number) => unknown;

/** How a test looks for failures: as `explore`, with fewer seeds by default (200). */
export interface SimTestOptions extends Omit<ExploreOptions, "onProgress"> {}

const SEEDS = 200;
/** An hour: nothing is interrupted by the runner, whose word about it says nothing. */
const TIMEOUT_MS = 3_600_000;

/**
 * Define one test that explores a scenario. Its failure says which seed, what it drew, what
 * happened last, and how to run it again. `SIM_SEED` or `SIM_TOKEN` in the environment runs that
 * one alone, `SIM_SEEDS` and `SIM_TIME` (seconds) say how many there are, whatever the options say.
 *
 * @param it Of your runner. How long the test may take say `seeds`, `budget` and `patience`; the
 * runner's own timeout is set to an hour where it lets a test do that (vitest, Jest).
 *
 * @example
 * ```ts
 * import { simTest } from "sennit/testing/simulation";
 *
 * const it = (_name: string, body: () => Promise<void>) => body(); // of your runner
 * await simTest(it, "time passes", async (sim) => {
 *   await sim.sleep(3600);
 * });
 * ```
 */
export function simTest(
  it: DefineTest,
  name: string,
  scenario: Scenario | NamedScenario,
  options: SimTestOptions = {},
): unknown {
  const named = typeof scenario === "function" ? simulation(name, scenario) : { ...scenario, name };
  return it(name, () => tryIt(named, options), TIMEOUT_MS);
}

async function tryIt(scenario: NamedScenario, options: SimTestOptions): Promise<void> {
  const { SIM_TOKEN: token, SIM_SEED: seed } = process.env;
  if (token !== undefined || seed !== undefined) {
    const result = await replay(scenario, options, token ?? `sim1:${String(seed)}`);
    if (!result.ok) throw new AssertionError(describeFailure(scenario.name, result));
    return;
  }
  const found = await explore(scenario, { seeds: SEEDS, ...options, ...environment() });
  if (found.ok) return;
  const failed: SimulationResult[] = [];
  for (const one of found.failed) failed.push(await traced(scenario, options, one));
  throw new AssertionError(describeBatch(scenario, { ...found, failed }));
}

function environment(): ExploreOptions {
  const { SIM_SEEDS: seeds, SIM_TIME: budget } = process.env;
  return {
    ...(seeds !== undefined && { seeds: Number(seeds) }),
    ...(budget !== undefined && { budget: Number(budget) }),
  };
}

/** The same run with its events, if that does not take too long, and it fails once more. */
async function traced(
  scenario: NamedScenario,
  options: SimTestOptions,
  one: SimulationResult,
): Promise<SimulationResult> {
  if (one.failure?.kind === "limit") return one;
  const again = await replay(scenario, options, one.token);
  return again.ok ? one : again;
}

function replay(
  { scenario, options: own }: NamedScenario,
  options: SimTestOptions,
  token: string,
): Promise<SimulationResult> {
  return simulate(scenario, { ...runOptionsFor(own, options), token, traced: true });
}
