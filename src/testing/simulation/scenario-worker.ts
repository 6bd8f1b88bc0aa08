/**
 * The program of a worker: a process that loads one scenario, and does what its parent asks for,
 * one task after the other. Only `scenario-process.ts` starts it, with the file and the directory
 * as arguments.
 *
 * @module
 */
import { loadScenario } from "./load-scenario.ts";
import type { NamedScenario } from "./module.ts";
import { ScenarioModuleError } from "./scenario-module-error.ts";
import { type FromWorker, TICKER, type ToWorker } from "./scenario-tasks.ts";
import { runBatch } from "./seed-batch.ts";
import { writeTick } from "./seed-ticker.ts";

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

function carryOut(
  { scenario, options }: NamedScenario,
  { order }: Exclude<ToWorker, "stop">,
): Promise<unknown> {
  return runBatch(scenario, { ...order, options: { ...options, ...order.options } }, watch);
}

async function obey(scenario: NamedScenario, message: ToWorker): Promise<void> {
  if (message === "stop") {
    isStopped = true;
    return;
  }
  try {
    tell({ answer: await carryOut(scenario, message) });
  } catch (error) {
    tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
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
