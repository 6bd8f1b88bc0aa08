/**
 * What goes wrong with TLS. A connection that ends of it has one of these as its reason.
 *
 *     ConnectionLost
 *       TLSError                  the peer's bytes are not what TLS says, or it sent an alert
 *         TLSHandshakeError       … before the handshake was done
 *           VerificationError     the peer is not who it should be
 *
 * What goes wrong before there is a connection, with files and names, is a
 * {@link CertificateError}, a {@link CertificateDirectoryError} or a {@link TLSHostnameError}.
 *
 * After: OpenSSL.SSL.Error, service_identity's VerificationError, CertificateError and VerifyError
 * of twisted.internet.error. Differs: each is a kind of `ConnectionLost`, with a `code`; of keys
 * and certificates one class tells in `problem` what Twisted leaves to OpenSSL's own words.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../../core/errors.ts";
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

/**
 * What is the matter with a key, a certificate or a request:
 *
 * - `unreadable`: it is not what it should be, or it is damaged
 * - `passphrase`: the key is encrypted, and the passphrase is missing or wrong
 * - `mismatch`: the key is not the certificate's
 * - `unsupported`: it may be right, but we do not know this kind of key, signature or name
 * - `signature`: the request is not signed with the key that it is for
 * - `refused`: the authority's own program said no
 * - `not-authority`: the certificate that should sign others is not for that
 * - `absent`: the connection has no such certificate, or not yet
 */
export type CertificateProblem =
  | "unreadable"
  | "passphrase"
  | "mismatch"
  | "unsupported"
  | "signature"
  | "refused"
  | "not-authority"
  | "absent";

/** A key, certificate or request cannot be read, made or had. */
export class CertificateError extends SennitError {
  readonly code = "ERR_CERTIFICATE";
  /** What is the matter, for programs. */
  readonly problem: CertificateProblem;

  constructor(message: string, problem: CertificateProblem, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/** Files of a directory of certificates cannot be used. What was in force before still is. */
export class CertificateDirectoryError extends SennitError {
  readonly code = "ERR_CERTIFICATE_DIRECTORY";
  /** The directory. */
  readonly path: string;
  /** What is the matter with each file, by its name; empty if it is the directory itself. */
  readonly files: ReadonlyMap<string, Error>;

  constructor(
    message: string,
    path: string,
    files: ReadonlyMap<string, Error>,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.path = path;
    this.files = files;
  }
}

/** Not a name or address that a certificate could be for. */
export class TLSHostnameError extends TypeError {
  readonly code = "ERR_TLS_HOSTNAME";

  override get name(): string {
    return this.constructor.name;
  }
}
