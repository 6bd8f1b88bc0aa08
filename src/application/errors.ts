/**
 * What goes wrong before a service can be started.
 *
 * @module
 */
import { SennitError } from "../core/errors.ts";

/** There is no such module. */
export class ServiceModuleNotFoundError extends SennitError {
  readonly code = "ERR_SERVICE_MODULE_NOT_FOUND";
}

/** The module could not be loaded, or gives no service. What it threw is in `cause`. */
export class ServiceModuleError extends SennitError {
  readonly code = "ERR_SERVICE_MODULE";
}

/**
 * The command line makes no sense. A service module throws it for its own arguments: `sennit run`
 * prints the message and exits with 64.
 */
export class UsageError extends SennitError {
  readonly code = "ERR_USAGE";
}
