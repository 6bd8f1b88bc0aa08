/**
 * What a script can do wrong.
 *
 * @module
 */
import { RemoteProtocolError } from "../../../core/errors.ts";

/** A script's output is no answer. */
export class CGIOutputError extends RemoteProtocolError {
  readonly code = "ERR_CGI_OUTPUT";
}
