/**
 * A scenario with its name and the options of its runs: what a file that `sennit sim` runs exports.
 *
 * @module
 */
import type { SimulateOptions, Scenario } from "./simulate.ts";

/** Options that hold for every run of a scenario. */
export type ScenarioOptions = Pick<SimulateOptions, "time" | "events" | "faults" | "globals">;

/** See the top of this file. */
export interface NamedScenario {
  readonly name: string;
  readonly scenario: Scenario;
  readonly options: ScenarioOptions;
}

/**
 * A scenario for `sennit sim`, `explore` and `simTest`: the default export of its file.
 *
 * @param name What holds, in words: "the bank survives anything".
 */
export function simulation(
  name: string,
  scenario: Scenario,
  options: ScenarioOptions = {},
): NamedScenario {
  return { name, scenario, options };
}

/** Is it the work of {@link simulation}? */
export function isNamedScenario(value: unknown): value is NamedScenario {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "scenario" in value &&
    typeof value.scenario === "function" &&
    "options" in value &&
    typeof value.options === "object"
  );
}
