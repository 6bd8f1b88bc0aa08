/**
 * The program of a child process: explores scenarios of its copy, until one fails.
 *
 *     node prowl.js plain|harsh SECONDS SCENARIO…        prints what was found, as JSON
 *
 * @module
 */
import { explore, type ExploreOptions } from "../../../src/testing/simulation/explore.ts";
import { isNamedScenario } from "../../../src/testing/simulation/module.ts";
import { shrink } from "../../../src/testing/simulation/shrink.ts";

/** What is printed. */
export interface Prowled {
  /** The scenario that has failed; missing: none did. */
  readonly scenario?: string;
  readonly seed?: number;
  readonly why?: string;
  readonly seeds: number;
  readonly seconds: number;
  /** Choices that were not benign, and what was left of them when the failure had been shrunk. */
  readonly shrunk?: {
    readonly before: number;
    readonly after: number;
    /** Of real time. */
    readonly seconds: number;
  };
}

/**
 * How tests go that deliver what was written in one piece and know no faults: hundreds of
 * workloads, and nothing ever goes wrong.
 */
const PLAIN: ExploreOptions = { seeds: 300, faults: "none", check: 0 };
const HARSH: ExploreOptions = { seeds: 1_000_000, check: 0 };

async function prowl(mode: string, budget: number, names: readonly string[]): Promise<Prowled> {
  const begun = process.hrtime.bigint();
  const seconds = (): number => Number(process.hrtime.bigint() - begun) / 1e9;
  let seeds = 0;
  for (const [index, name] of names.entries()) {
    const module: { readonly default: unknown } = await import(`../${name}.sim.js`);
    const scenario = module.default;
    if (!isNamedScenario(scenario)) throw new TypeError(`Cannot explore ${name}: no scenario`);
    const share = (budget - seconds()) / (names.length - index);
    const result = await explore(scenario, {
      ...(mode === "plain" ? PLAIN : HARSH),
      budget: share,
    });
    seeds += result.seeds;
    const [failed] = result.failed;
    if (failed === undefined) continue;
    const why = failed.failure?.message.split("\n", 1)[0] ?? "";
    const found = { scenario: name, seed: failed.seed, why, seeds, seconds: seconds() };
    if (mode === "plain") return found;
    const { before, after, seconds: taken } = await shrink(scenario, failed);
    return { ...found, shrunk: { before, after, seconds: taken } };
  }
  return { seeds, seconds: seconds() };
}

const [mode = "", budget = "", ...names] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await prowl(mode, Number(budget), names))}\n`);
process.exit(0);
