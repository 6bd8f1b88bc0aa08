/**
 * From a file to the scenario that it exports.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";
import { quote } from "../../core/text.ts";
import { loadModule } from "../../application/load-module.ts";
import { isNamedScenario, type NamedScenario, whyNotOurs } from "./module.ts";
import { ScenarioModuleError } from "./scenario-module-error.ts";

/**
 * Import a module, whose default export is the work of `simulation()`. TypeScript will do.
 *
 * @param directory Where paths begin.
 * @throws {ScenarioModuleError} There is none, or it cannot be loaded, or exports something else.
 */
export async function loadScenario(file: string, directory: string): Promise<NamedScenario> {
  return scenarioIn(await exportsOf(file, directory), file);
}

async function exportsOf(file: string, directory: string): Promise<unknown> {
  try {
    return await loadModule(file, directory, (exports) => exports);
  } catch (error) {
    if (!(error instanceof SennitError)) throw error;
    throw new ScenarioModuleError(error.message, { cause: error });
  }
}

function scenarioIn(exports: unknown, file: string): NamedScenario {
  const found: unknown =
    typeof exports === "object" && exports !== null ? Reflect.get(exports, "default") : undefined;
  if (isNamedScenario(found)) {
    const why = whyNotOurs(found);
    if (why === undefined) return found;
    throw new ScenarioModuleError(`Cannot simulate ${quote(file)}: ${why}`);
  }
  const got = found === undefined ? "there is none" : `got ${quote(found)}`;
  throw new ScenarioModuleError(
    `Cannot simulate ${quote(file)}: expected simulation() as its default export, ${got}`,
  );
}
