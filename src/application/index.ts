/**
 * What `sennit run` is made of: a service is loaded from a module, run, and its outcome told.
 *
 * @example
 * ```ts
 * import { exitStatusOf, runApplication } from "sennit/application";
 * import { reactor } from "sennit/reactor";
 * import { Service } from "sennit/service";
 *
 * class Brief extends Service {
 *   override startService(): void {
 *     reactor.callLater(0.01, () => reactor.stop());
 *   }
 * }
 * const { startFailure } = await runApplication(new Brief(), { reactor });
 * if (startFailure !== undefined) process.exitCode = exitStatusOf(startFailure.value);
 * ```
 *
 * @module application
 */

// Loading
export { loadServiceModule, type LoadServiceModuleOptions } from "./load-service-module.ts";
export type { ServiceContext, ServiceMaker, ServiceReactor } from "./service-module.ts";

// Running
export {
  type ApplicationOutcome,
  runApplication,
  type RunApplicationOptions,
} from "./run-application.ts";
export { beginLogging, type LogFormat, type LoggingOptions } from "./logging.ts";

// Ending
export { EXIT_STATUS, type ExitStatus, exitStatusOf } from "./exit-status.ts";
export { ServiceModuleError, ServiceModuleNotFoundError, UsageError } from "./errors.ts";
