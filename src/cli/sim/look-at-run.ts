/**
 * `sennit sim shrink`, `when` and `pin`: what is done with one run that failed.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { quote } from "../../core/text.ts";
import { UsageError } from "../../application/errors.ts";
import { loadScenario } from "../../testing/simulation/load-scenario.ts";
import type { NamedScenario } from "../../testing/simulation/module.ts";
import { pinnedTest } from "../../testing/simulation/pin.ts";
import { describeFound } from "../../testing/simulation/report.ts";
import { shrink, type Shrunk } from "../../testing/simulation/shrink.ts";
import { simulate, type SimulationResult } from "../../testing/simulation/simulate.ts";
import { toldResult } from "../../testing/simulation/told-result.ts";
import { parseToken } from "../../testing/simulation/token.ts";
import { describeStory } from "../../testing/simulation/trace-text.ts";
import { whenInevitable } from "../../testing/simulation/when.ts";
import type { CommandContext, Ending } from "../command.ts";
import { SIM_STATUS } from "./exit-status.ts";
import { describeShrunk, describeWhen } from "./failure-report.ts";
import { replayCommandFor } from "./replay-line.ts";
import type { SimSettings } from "./settings.ts";
import { drawWhenChart } from "./when-chart.ts";
import { scenarioStem } from "./write-pictures.ts";

/** `shrink`: what is left of a failure, and its token. */
export async function shrinkRun(settings: SimSettings, context: CommandContext): Promise<Ending> {
  const { file, token } = settings;
  const scenario = await loadScenario(file, context.directory);
  const shrunk = await shrunkOf(scenario, token, settings);
  const { result } = shrunk;
  const lines = [
    ...describeFound(scenario.name, toldResult(result)),
    `  ${describeShrunk(shrunk)}; what happened then:`,
    ...describeStory(result)
      .split("\n")
      .map((line) => `  ${line}`),
    `  replay: ${replayCommandFor(settings, result.token, token)}`,
  ];
  context.writeOut(`${lines.join("\n")}\n`);
  return { status: SIM_STATUS.ok };
}

function shrunkOf(scenario: NamedScenario, token: string, settings: SimSettings): Promise<Shrunk> {
  const budget = settings.seconds("time");
  return shrink(
    scenario,
    { token },
    { ...settings.options, ...(budget !== undefined && { budget }) },
  );
}

/** `when`: from when on it was inevitable. */
export async function whenRun(settings: SimSettings, context: CommandContext): Promise<Ending> {
  const { file, token, options } = settings;
  const budget = settings.seconds("time");
  const scenario = await loadScenario(file, context.directory);
  const limits = { ...options, ...(budget !== undefined && { budget }) };
  const when = await whenInevitable(scenario, { token }, limits);
  context.writeOut(`${scenario.name}: ${describeWhen(when)}\n${drawWhenChart(when)}\n`);
  return { status: SIM_STATUS.ok };
}

/** `pin`: a file with a test that runs it again. */
export async function pinRun(settings: SimSettings, context: CommandContext): Promise<Ending> {
  const { file, token, options } = settings;
  const runner = settings.oneOf("runner", ["vitest", "node"]) ?? "vitest";
  const ending = runner === "vitest" ? "ts" : "mjs";
  const seed = String(parseToken(token).seed);
  const out = settings.text("out") ?? `${scenarioStem(file)}-${seed}.test.${ending}`;
  const path = resolve(context.directory, out);
  const scenario = await loadScenario(file, context.directory);
  const result = await failedRun(scenario, token, settings);
  const name = `${scenario.name}: seed ${seed}`;
  const module = importPath(path, resolve(context.directory, file));
  writeNew(out, path, pinnedTest(result, { name, module, runner, options }));
  context.writeOut(`Written: ${out}\n`);
  return { status: SIM_STATUS.ok };
}

/** A run with its trace: shrunk, unless it was to be left as it is, or is the work of `shrink`. */
async function failedRun(
  scenario: NamedScenario,
  token: string,
  settings: SimSettings,
): Promise<SimulationResult> {
  const isSmall = parseToken(token).plan !== undefined;
  if (!isSmall && !settings.has("no-shrink")) {
    return (await shrunkOf(scenario, token, settings)).result;
  }
  const run = { ...scenario.options, ...settings.options, token, traced: true };
  const result = await simulate(scenario.scenario, run);
  if (result.ok) throw new Error(`Cannot pin ${token}: it does not fail when it is run again`);
  return result;
}

/** How a file imports another one. */
function importPath(from: string, to: string): string {
  const path = relative(dirname(from), to).split(sep).join("/");
  return path.startsWith("../") ? path : `./${path}`;
}

function writeNew(name: string, path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot write ${quote(name)}: ${why}`, { cause: error });
  }
}
