/**
 * How both line receivers send.
 *
 * @module
 */
import type { ITransport } from "../internet/interfaces-transport.ts";
import { encodeLine } from "./wire/encode-line.ts";

/** Ours: to copy this much is nothing beside sending it. */
const JOINED_BYTES_MAX = 4096;

/**
 * Write `line` and `delimiter`: in one write, unless `line` is many bytes, which are not copied.
 */
export function sendLine(
  transport: ITransport,
  line: Uint8Array | string,
  delimiter: Uint8Array | string,
): void {
  if (typeof line === "string" || line.length <= JOINED_BYTES_MAX) {
    transport.write(encodeLine(line, delimiter));
  } else {
    transport.writeSequence([line, delimiter]);
  }
}
