/**
 * From the name of a module to the service it gives.
 *
 * After: twisted.application.service.loadApplication. Differs: a module that exports a service, in
 * place of a file that is executed for the variable `application`.
 *
 * @module
 */
import type { IService } from "../service/interfaces.ts";
import { loadModule } from "./load-module.ts";
import { pickService } from "./_pick-service.ts";
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
  const directory = options.directory ?? process.cwd();
  return loadModule(specifier, directory, (exports) => pickService(exports, context, specifier));
}
