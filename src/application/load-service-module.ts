/**
 * From the name of a module to the service it gives.
 *
 * After: twisted.application.service.loadApplication. Differs: a module that exports a service, in
 * place of a file that is executed for the variable `application`.
 *
 * @module
 */
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { quote } from "../core/text.ts";
import type { IService } from "../service/interfaces.ts";
import { findModule } from "./_find-module.ts";
import { describeLoadError } from "./_load-error.ts";
import { otherCopyFor } from "./_one-copy.ts";
import { pickService } from "./_pick-service.ts";
import { enableTypeScript, isTypeScript } from "./_typescript.ts";
import { ServiceModuleError, UsageError } from "./errors.ts";
import type { ServiceContext } from "./service-module.ts";

/** Options of {@link loadServiceModule}. */
export interface LoadServiceModuleOptions {
  /** Where paths begin and packages are looked for. Default: the current directory. */
  readonly directory?: string;
}

/**
 * Import a module and take the service that it exports, as `default` or `service`: the service
 * itself, or a function that makes it ({@link ServiceMaker}).
 *
 * ES modules, CommonJS, and TypeScript: `.ts` and `.mts`, ES modules whose types can simply be
 * removed and whose imports have their endings, on every Node that this package runs on.
 *
 * The module's `import "sennit/…"` must lead to this copy of the package: there is one log and one
 * default reactor to each. So install it in the project, and run that one (`npx sennit`).
 *
 * @param specifier A path, or the name of a package.
 * @throws {ServiceModuleNotFoundError} There is no such module.
 * @throws {ServiceModuleError} It cannot be loaded, exports no service, or has another copy of this
 * package.
 * @throws {UsageError} The module's function threw it.
 *
 * @example
 * ```ts
 * import { loadServiceModule, runApplication } from "sennit/application";
 * import { Logger } from "sennit/logger";
 * import { reactor } from "sennit/reactor";
 *
 * async function main(module: string): Promise<void> {
 *   const log = new Logger({ namespace: "app" });
 *   const service = await loadServiceModule(module, { reactor, args: [], log });
 *   await runApplication(service, { reactor });
 * }
 * ```
 */
export async function loadServiceModule(
  specifier: string,
  context: ServiceContext,
  options: LoadServiceModuleOptions = {},
): Promise<IService> {
  const file = findModule(specifier, options.directory ?? process.cwd());
  refuseOtherCopy(specifier, file);
  if (isTypeScript(file)) enableTypeScript();
  try {
    const exports: unknown = await import(pathToFileURL(file).href);
    return await pickService(exports, context, specifier);
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
