/**
 * What OpenSSL and Node say of a handshake or a record, in our words.
 *
 * @module
 */
import { ConnectionLost } from "../../internet/errors.ts";
import { TLSError, TLSHandshakeError, VerificationError } from "../../internet/tls/errors.ts";

/** OpenSSL's verdicts on certificates (X509_V_ERR_… without the prefix), and Node's on names. */
const VERDICTS =
  "CERT_ CRL_ UNABLE_TO_ ERROR_IN_ DEPTH_ZERO_ SELF_SIGNED_ OUT_OF_MEM INVALID_ PATH_LENGTH " +
  "HOSTNAME_ ERR_TLS_CERT_";
const VERDICT = new RegExp(`^(?:${VERDICTS.replaceAll(" ", "|")})`, "u");

/** The typed reason for what a TLS socket said. @param secure Was the handshake done? */
export function tlsError(error: Error, secure: boolean): ConnectionLost {
  const code: unknown = Reflect.get(error, "code");
  const name = typeof code === "string" ? code : "";
  const options = { cause: error };
  if (VERDICT.test(name)) return verdict(error, name);
  if (/^ERR_(?:SSL|TLS|OSSL)/u.test(name) || name === "EPROTO") {
    return secure
      ? new TLSError(`Connection was lost: TLS failed: ${error.message}`, options)
      : new TLSHandshakeError(
          `Connection was lost: TLS handshake failed: ${error.message}`,
          options,
        );
  }
  const when = secure ? "" : " in the TLS handshake";
  return new ConnectionLost(`Connection was lost${when}: ${error.message}`, options);
}

function verdict(error: Error, name: string): VerificationError {
  return new VerificationError(
    `Connection was lost: the peer's certificate is refused: ${error.message}`,
    name,
    { cause: error },
  );
}

/** What OpenSSL thinks of the client's certificate. Refused where it cannot be asked. */
export function verificationError(handle: unknown): VerificationError | undefined {
  const verifyError: unknown =
    typeof handle === "object" && handle !== null ? Reflect.get(handle, "verifyError") : undefined;
  if (typeof verifyError !== "function") {
    return new VerificationError("The client's certificate cannot be verified", "NO_VERDICT");
  }
  const error: unknown = Reflect.apply(verifyError, handle, []);
  if (error === null || error === undefined) return undefined;
  const failure =
    error instanceof Error ? error : new Error("the certificate is not to be trusted");
  const code: unknown = Reflect.get(failure, "code");
  return verdict(failure, typeof code === "string" ? code : failure.message);
}
