/**
 * A scenario as one test of any runner.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import { explore, type ExploreOptions, type ExploreResult } from "./explore.ts";
import { type NamedScenario, simulation } from "./module.ts";
import { describeBatch } from "./report.ts";
import { type Scenario, simulate } from "./simulate.ts";
import { parseToken } from "./token.ts";

/** What defines a test: `it` of vitest, Jest and Mocha, `test` of `node:test`. */
export type DefineTest = (name: string, body: () => Promise<void>) => unknown;

/** How a test looks for failures: as `explore`, with fewer seeds by default (200). */
export interface SimTestOptions extends Omit<ExploreOptions, "onProgress"> {}

const SEEDS = 200;

/**
 * Define one test that explores a scenario. Its failure says which seed, what it drew, and how to
 * run it again. `SIM_SEED` or `SIM_TOKEN` in the environment runs that one alone, `SIM_SEEDS` and
 * `SIM_TIME` (seconds) say how many there are, whatever the options say.
 *
 * @param it Of your runner. Mind its own timeout: 200 small seeds take less than a second.
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
  const named = typeof scenario === "function" ? simulation(name, scenario) : scenario;
  return it(name, () => tryIt({ ...named, name }, options));
}

async function tryIt(scenario: NamedScenario, options: SimTestOptions): Promise<void> {
  const { SIM_TOKEN: token, SIM_SEED: seed } = process.env;
  const result =
    token === undefined && seed === undefined
      ? await explore(scenario, { seeds: SEEDS, ...options, ...environment() })
      : await replay(scenario, options, token ?? `sim1:${String(seed)}`);
  if (!result.ok) throw new AssertionError(describeBatch(scenario, result));
}

function environment(): ExploreOptions {
  const { SIM_SEEDS: seeds, SIM_TIME: budget } = process.env;
  return {
    ...(seeds !== undefined && { seeds: Number(seeds) }),
    ...(budget !== undefined && { budget: Number(budget) }),
  };
}

async function replay(
  { scenario, options: own }: NamedScenario,
  { faults, time, events }: SimTestOptions,
  token: string,
): Promise<ExploreResult> {
  parseToken(token); // An early word about what is none.
  const limits = {
    ...(time !== undefined && { time }),
    ...(events !== undefined && { events }),
    ...(faults !== undefined && { faults }),
  };
  const result = await simulate(scenario, { ...own, ...limits, token, traced: true });
  return {
    ok: result.ok,
    seeds: 1,
    events: result.events,
    failures: result.ok ? 0 : 1,
    failed: result.ok ? [] : [result],
    marks: result.marks,
    neverReached: [],
    diverged: [],
  };
}
