/**
 * What goes wrong with TLS, in the words of the Node reactor.
 *
 * @module
 */
import { ConnectionClosed, ConnectionLost } from "../../../internet/errors.ts";
import { TLSError, TLSHandshakeError } from "../../../internet/tls/errors.ts";
import type { Violation } from "./wire/violation.ts";

/** The peer broke TLS, or says that we did. @param secure Was the handshake done? */
export function violated(violation: Violation, secure: boolean): TLSError {
  const { message } = violation;
  const options = { cause: violation };
  return secure
    ? new TLSError(`Connection was lost: TLS failed: ${message}`, options)
    : new TLSHandshakeError(`Connection was lost: TLS handshake failed: ${message}`, options);
}

/** What is below has failed. */
export function lostBelow(error: Error, secure: boolean): ConnectionClosed {
  if (error instanceof ConnectionClosed) return error;
  const when = secure ? "" : " in the TLS handshake";
  return new ConnectionLost(`Connection was lost${when}: ${error.message}`, { cause: error });
}

/** What is below has ended, and no close_notify has come. */
export function cutOff(secure: boolean): ConnectionLost {
  const what = secure
    ? "it ended without close_notify, and may have been cut"
    : "the peer ended it in the TLS handshake";
  return new ConnectionLost(`Connection was lost: ${what}`);
}
