/**
 * The limits of connections and ports, checked where they come in.
 *
 * @module
 */
import type { ConnectionLimits, ListenTCPOptions } from "../../internet/interfaces-reactor.ts";

/** The limits that are numbers. */
export type Limits = ConnectionLimits & Pick<ListenTCPOptions, "maxConnections">;

/** The options themselves, if their limits are some. @throws {RangeError} Negative, or NaN. */
export function checkedLimits<Options extends Limits>(options: Options): Options {
  const { closeTimeout, maxBufferedBytes, maxConnections } = options;
  const limits = { closeTimeout, maxBufferedBytes, maxConnections };
  for (const [name, limit] of Object.entries(limits)) {
    // Not `limit < 0`, which NaN is not either.
    if (limit !== undefined && !(limit >= 0)) {
      throw new RangeError(`Cannot use ${name}: expected at least 0, got ${String(limit)}`);
    }
  }
  return options;
}
