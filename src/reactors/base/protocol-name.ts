/**
 * What a protocol is called in log lines.
 *
 * @module
 */
import { type IProtocol, providesLoggingContext } from "../../internet/interfaces-transport.ts";

/** Never throws: it is asked because something has gone wrong already, which is to be told. */
export function protocolName(protocol: IProtocol | undefined): string {
  try {
    return providesLoggingContext(protocol) ? protocol.logPrefix() : "(no protocol)";
  } catch {
    return "(no name)";
  }
}
