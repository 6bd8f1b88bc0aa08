/**
 * From the name of a module to what it exports.
 *
 * @module
 */
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { quote } from "../core/text.ts";
import { findModule } from "./_find-module.ts";
import { describeLoadError } from "./_load-error.ts";
import { otherCopyFor } from "./_one-copy.ts";
import { enableTypeScript, isTypeScript } from "./_typescript.ts";
import { ServiceModuleError, UsageError } from "./errors.ts";

/**
 * Import a module: ES, CommonJS or TypeScript (see `loadServiceModule`), and give what it exports
 * to `use`, whose errors are those of the module.
 *
 * @param directory Where paths begin and packages are looked for.
 * @throws {ServiceModuleNotFoundError} There is no such module.
 * @throws {ServiceModuleError} It cannot be loaded or used, or has another copy of this package.
 * @throws {UsageError} It threw that.
 */
export async function loadModule<T>(
  specifier: string,
  directory: string,
  use: (exports: unknown) => T | PromiseLike<T>,
): Promise<T> {
  const file = findModule(specifier, directory);
  refuseOtherCopy(specifier, file);
  if (isTypeScript(file)) enableTypeScript();
  try {
    const exports: unknown = await import(pathToFileURL(file).href);
    return await use(exports);
  } catch (error) {
    if (error instanceof ServiceModuleError || error instanceof UsageError) throw error;
    const message = `Cannot load ${quote(specifier)}: ${describeLoadError(error)}`;
    throw new ServiceModuleError(message, { cause: error });
  }
}

function refuseOtherCopy(specifier: string, file: string): void {
  const theirs = otherCopyFor(dirname(file));
  if (theirs === undefined) return;
  throw new ServiceModuleError(
    `Cannot run ${quote(specifier)}: it uses another copy of sennit, in ${theirs}; ` +
      "run that one: npx sennit, where the module is",
  );
}
