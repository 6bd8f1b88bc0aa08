/**
 * The wish to end the program with a status of one's own.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";

/** What a system can tell a parent of its child. */
const STATUS_MAX = 255;

/**
 * Throw it in the main function of `react`, or fail its Deferred with it: the program ends with
 * this status, and nothing is logged. 0 is a good end, after Python's exception of the same name.
 *
 * @example
 * ```ts
 * import { SystemExit } from "sennit/internet";
 *
 * function main(_: unknown, { argv }: { argv: readonly string[] }): void {
 *   if (argv.length === 0) throw new SystemExit(64, "Usage: weigh FILE");
 * }
 * ```
 */
export class SystemExit extends SennitError {
  readonly code = "ERR_SYSTEM_EXIT";
  /** 0 to 255. */
  readonly status: number;

  /** @throws {RangeError} The status is not a whole number from 0 to 255. */
  constructor(status: number, message = `Exit with status ${String(status)}`) {
    if (!Number.isInteger(status) || status < 0 || status > STATUS_MAX) {
      throw new RangeError(
        `Cannot exit with status ${String(status)}: expected a whole number from 0 to 255`,
      );
    }
    super(message);
    this.status = status;
  }
}

/** The status that `error` asks for. By code, not by class: there may be two copies of us. */
export function exitStatusAsked(error: Error): number | undefined {
  if (!("code" in error) || error.code !== "ERR_SYSTEM_EXIT" || !("status" in error))
    return undefined;
  return typeof error.status === "number" ? error.status : undefined;
}
