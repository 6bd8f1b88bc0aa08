/**
 * The program of a worker: a process that loads one scenario, and does what its parent asks for,
 * one task after the other. Only `scenario-process.ts` starts it, with the file and the directory
 * as arguments.
 *
 * @module
 */
import { listEscapes } from "./escapes.ts";
import { loadScenario } from "./load-scenario.ts";
import type { NamedScenario } from "./module.ts";
import { ScenarioModuleError } from "./scenario-module-error.ts";
import {
  type AnyTask,
  type FromWorker,
  type RunsOrder,
  TICKER,
  type ToWorker,
} from "./scenario-tasks.ts";
import { runBatch } from "./seed-batch.ts";
import { writeTick } from "./seed-ticker.ts";
import { simulate, type SimulationResult } from "./simulate.ts";

/** Who looks at the clock is the parent. */
const PATIENCE = { patience: Number.POSITIVE_INFINITY };
let isStopped = false;
let begun = 0;

const watch = {
  begins: (seed: number): void => {
    begun += 1;
    writeTick(TICKER, { count: begun, seed });
  },
  isStopped: (): boolean => isStopped,
};

function tell(message: FromWorker<unknown>): void {
  process.send?.(message);
}

async function carryOut(scenario: NamedScenario, { task, order }: AnyTask): Promise<unknown> {
  switch (task) {
    case "batch": {
      const options = { ...scenario.options, ...order.options, ...PATIENCE };
      return runBatch(scenario.scenario, { ...order, options }, watch);
    }
    case "examine": {
      // Loaded when it is needed: most workers never see a failure.
      const { examineFailure } = await import("./examine-failure.ts");
      return examineFailure(scenario, order);
    }
    case "hashes":
      return runAll(scenario, order, ({ hash }) => hash);
    case "trace":
      return traceOfLast(scenario, order);
    default: // "escapes"
      return listEscapes(scenario, {
        seeds: order.seeds,
        options: { ...order.options, ...PATIENCE },
        begins: watch.begins,
      });
  }
}

/** Run these seeds, and keep something of each. */
async function runAll<T>(
  { scenario, options: own }: NamedScenario,
  { seeds, options }: RunsOrder,
  keep: (result: SimulationResult) => T,
): Promise<readonly T[]> {
  const kept: T[] = [];
  for (const seed of seeds) {
    watch.begins(seed);
    kept.push(keep(await simulate(scenario, { ...own, ...options, ...PATIENCE, seed })));
  }
  return kept;
}

async function traceOfLast(
  scenario: NamedScenario,
  { seeds, options }: RunsOrder,
): Promise<SimulationResult["trace"]> {
  await runAll(scenario, { seeds: seeds.slice(0, -1), options }, () => undefined);
  const traced = { seeds: seeds.slice(-1), options: { ...options, traced: true } };
  const [trace = []] = await runAll(scenario, traced, (result) => result.trace);
  return trace;
}

async function obey(scenario: NamedScenario, message: ToWorker): Promise<void> {
  if (message === "stop") {
    isStopped = true;
    return;
  }
  try {
    tell({ answer: await carryOut(scenario, message) });
  } catch (error) {
    tell({ failed: error instanceof Error ? error.message : String(error) });
  }
}

async function begin(): Promise<void> {
  const [file = "", directory = ""] = process.argv.slice(2);
  try {
    const scenario = await loadScenario(file, directory);
    process.on("message", (message: ToWorker) => void obey(scenario, message));
    tell({ loaded: scenario.name });
  } catch (error) {
    if (!(error instanceof ScenarioModuleError)) throw error;
    tell({ unloadable: error.message });
  }
}

// Ctrl-C is for the parent: it asks for an end in good order. Without a parent there is no work.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
void begin();
