/**
 * A file that was to be simulated, and cannot be.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";

/** There is no such file, it cannot be loaded, or it exports no scenario. */
export class ScenarioModuleError extends SennitError {
  readonly code = "ERR_SCENARIO_MODULE";
}
