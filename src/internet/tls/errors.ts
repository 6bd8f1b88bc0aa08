/**
 * What goes wrong with TLS. A connection that ends of it has one of these as its reason.
 *
 *     ConnectionLost
 *       TLSError                  the peer's bytes are not what TLS says, or it sent an alert
 *         TLSHandshakeError       … before the handshake was done
 *           VerificationError     the peer is not who it should be
 *
 * After: OpenSSL.SSL.Error, service_identity's VerificationError. Differs: each is a kind of
 * `ConnectionLost`, with a `code`.
 *
 * @module
 */
import { LocalProtocolError } from "../../core/errors.ts";
import { ConnectionLost } from "../errors.ts";

/** The peer broke TLS, or told us with an alert that it gives up; see `cause`. */
export class TLSError extends ConnectionLost {
  override readonly code: `ERR_CONNECTION_TLS${string}` = "ERR_CONNECTION_TLS";
}

/** No agreement: no common version or cipher, an alert, or bytes that are not TLS at all. */
export class TLSHandshakeError extends TLSError {
  override readonly code: `ERR_CONNECTION_TLS_${string}` = "ERR_CONNECTION_TLS_HANDSHAKE";
}

/** The peer's certificate is not to be trusted, is for another name, or is missing. */
export class VerificationError extends TLSHandshakeError {
  override readonly code = "ERR_CONNECTION_TLS_VERIFICATION";
  /** OpenSSL's or Node's name for it: `CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`, … */
  readonly why: string;

  constructor(message: string, why: string, options?: ErrorOptions) {
    super(message, options);
    this.why = why;
  }
}

/** `startTLS` on a connection that is closing or gone. */
export class TLSNotPossibleError extends LocalProtocolError {
  readonly code = "ERR_TLS_NOT_POSSIBLE";
}

/** A key, certificate or request cannot be read or made. */
export class CertificateError extends LocalProtocolError {
  readonly code = "ERR_CERTIFICATE";
}
