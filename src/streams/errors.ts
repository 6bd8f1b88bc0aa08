/**
 * What goes wrong between streams and connections.
 *
 * @module
 */
import { LocalProtocolError } from "../core/errors.ts";

/** A connection is read in two ways at a time, or written to when that is not possible. */
export class StreamStateError extends LocalProtocolError {
  readonly code = "ERR_STREAM_STATE";
}
