/**
 * A failure as a test that stays: seeds die with the next change of the code, a plan of few choices
 * keeps its meaning longer, and says what happened.
 *
 * @module
 */
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import type { ScenarioOptions } from "./module.ts";
import { describeTraceEvent } from "./trace-text.ts";
import type { SimulationResult } from "./simulate.ts";

/** Where a pinned test finds what it needs. */
export interface PinOptions {
  /** The name of the test. */
  readonly name: string;
  /** What the test file imports the scenario from: `./bank.sim.ts`. */
  readonly module: string;
  /** Default: `vitest`. */
  readonly runner?: "vitest" | "node";
  /** What the run had besides the scenario's own options: a token does not say it. */
  readonly options?: ScenarioOptions;
}

/** What a person wants to read of a run: what went wrong around the programs. */
const TOLD = new Set<TraceEvent["kind"]>([
  "fault",
  "healed",
  "host ended",
  "host lost power",
  "host started",
  "host stalled",
  "reset",
  "timed out",
  "retransmitted",
  "datagram lost",
  "violated",
]);
const TOLD_MAX = 30;

/**
 * Write the file of a test that runs a (shrunk) failure again, and asks that it does not fail.
 *
 * @param result With its trace.
 */
export function pinnedTest(result: SimulationResult, options: PinOptions): string {
  const { name, module, runner = "vitest", options: more = {} } = options;
  const overruling = Object.entries(more).map(
    ([key, value]) => `, ${key}: ${JSON.stringify(value)}`,
  );
  const told = result.trace.filter(({ kind }) => TOLD.has(kind)).slice(0, TOLD_MAX);
  const story = told.map((event) => ` *   ${comment(describeTraceEvent(event))}`);
  const from = runner === "vitest" ? "vitest" : "node:test";
  return `/**
 * ${comment(name)}: once failed with
 *   ${comment(result.failure?.message ?? "nothing")}
 * when this happened:
${story.join("\n")}
 * To look at it again, in this folder: npx sennit sim replay ${module} --token (the one below)
 *
 * @module
 */
import { it } from "${from}";
import { simulate } from "sennit/testing/simulation";
import scenario from ${JSON.stringify(module)};

it(${JSON.stringify(name)}, async () => {
  const token = ${JSON.stringify(result.token)};
  const options = { ...scenario.options${overruling.join("")}, token };
  const { failure } = await simulate(scenario.scenario, options);
  if (failure !== undefined) throw failure;
});
`;
}

function comment(text: string): string {
  return (text.split("\n", 1)[0] ?? "").replaceAll("*/", "* /");
}
