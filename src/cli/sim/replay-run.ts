/**
 * `sennit sim replay`: one run again, told in words.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Trace } from "../../reactors/simulated/trace.ts";
import { loadScenario } from "../../testing/simulation/load-scenario.ts";
import { describeFound } from "../../testing/simulation/report.ts";
import { simulate } from "../../testing/simulation/simulate.ts";
import { toldResult } from "../../testing/simulation/told-result.ts";
import { traceHTML } from "../../testing/simulation/trace-html.ts";
import { describeStory, describeTraceEvent } from "../../testing/simulation/trace-text.ts";
import type { CommandContext, Ending } from "../command.ts";
import { statusOfRun } from "./exit-status.ts";
import { stopsBefore } from "./inspect-run.ts";
import { replayCommandOf } from "./replay-line.ts";
import type { SimSettings } from "./settings.ts";

/** See the top of this file. */
export async function replayRun(settings: SimSettings, context: CommandContext): Promise<Ending> {
  const { file, token, options } = settings;
  const inspected = settings.number("inspect", 1);
  const until = settings.seconds("until");
  const { name, scenario, options: own } = await loadScenario(file, context.directory);
  const patience = settings.seconds("patience");
  const limits = { ...own, ...options, ...(patience !== undefined && { patience }) };
  const run = { ...limits, token, traced: true };
  const play = inspected === undefined ? scenario : await stopsBefore(inspected, scenario, run);
  let trace: Trace | undefined;
  const result = await simulate((sim) => {
    ({ trace } = sim.simulator);
    return play(sim);
  }, run);
  const isWhole = settings.has("trace") || until !== undefined;
  context.writeOut(`${isWhole ? wholeTrace(trace, until) : describeStory(result)}\n`);
  context.writeOut(`${describeFound(name, toldResult(result)).join("\n")}\n`);
  const page = settings.text("html");
  if (page !== undefined) {
    const replay = `${replayCommandOf(settings)} --token ${token}`;
    writePage(resolve(context.directory, page), traceHTML({ name, result, replay }));
    context.writeOut(`  picture: ${page}\n`);
  }
  return { status: statusOfRun(result) };
}

/** Every event with its number, up to a time. Of very many events the first are not there. */
function wholeTrace(trace: Trace | undefined, until = Number.POSITIVE_INFINITY): string {
  const { events = [], dropped = 0 } = trace ?? {};
  const lines = events.map((event, index) => {
    const number = String(dropped + index + 1).padStart(6);
    return event.at <= until ? `${number} ${describeTraceEvent(event)}` : "";
  });
  const [first] = dropped === 0 ? [] : [`(the first ${String(dropped)} events are not kept)`];
  return [first, ...lines].filter((line) => line !== undefined && line !== "").join("\n");
}

function writePage(path: string, page: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, page);
}
