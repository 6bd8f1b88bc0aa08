/**
 * A scenario with its name and the options of its runs: what a file that `sennit sim` runs exports.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { SimulateOptions, Scenario } from "./simulate.ts";

/** Options that hold for every run of a scenario. */
export type ScenarioOptions = Pick<SimulateOptions, "time" | "events" | "faults" | "globals">;

/** See the top of this file. */
export interface NamedScenario {
  readonly name: string;
  readonly scenario: Scenario;
  readonly options: ScenarioOptions;
}

/** Under it stands in a definition which copy of this package has made it. */
const MADE_BY = Symbol.for("sennit.simulation");
/** Where this copy is. */
const HERE = new URL("../../", import.meta.url).href;

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
  return Object.assign({ name, scenario, options }, { [MADE_BY]: HERE });
}

/**
 * Another copy of this package has a log and a ledger of failures of its own: what goes wrong in
 * its parts would not be seen here.
 *
 * @returns Why a scenario cannot be run here, in words; `undefined`: it can.
 */
export function whyNotOurs(scenario: NamedScenario): string | undefined {
  const theirs: unknown = Reflect.get(scenario, MADE_BY);
  if (typeof theirs !== "string" || theirs === HERE) return undefined;
  const [ours, other] = [HERE, theirs].map((url) => {
    return url.startsWith("file:") ? fileURLToPath(url) : url;
  });
  return `it uses another copy of sennit, in ${String(other)}, and this one is in ${String(ours)}`;
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
