/**
 * Whose signature under a peer's certificate counts.
 *
 * After: twisted.internet.ssl.platformTrust, trustRootFromCertificates. Differs: the platform's
 * roots are those of Node, so they are the same on every machine; PEM text will do for a
 * certificate; a list may not be empty.
 *
 * @module
 */
import type { RawCertificate } from "../interfaces-tls.ts";
import { formatPEM } from "./_pem.ts";
import { Certificate } from "./certificate.ts";

/** What {@link platformTrust} and {@link trustRootFromCertificates} make. */
export interface TrustRoot {
  /** PEM, one certificate each. */
  readonly certificates: readonly string[] | "platform";
}

/**
 * What may be trusted: a {@link TrustRoot}, or a certificate itself, which is called pinning.
 * Trusted is what it has signed; if it is no authority's, it alone.
 */
export type TrustSource = TrustRoot | RawCertificate;

const PLATFORM: TrustRoot = Object.freeze({ certificates: "platform" });

/**
 * The public authorities, as Node knows them: Mozilla's list, in the state of the Node release;
 * that of the system with `node --use-openssl-ca`; and beside it the file that
 * `NODE_EXTRA_CA_CERTS` names. Right for clients of the public network, and nearly always wrong for
 * a server that asks for certificates: anybody can have one from a public authority.
 */
export function platformTrust(): TrustRoot {
  return PLATFORM;
}

/**
 * Trust these and nobody else: certificates, or PEM texts of any number of them.
 *
 * A `PrivateCertificate` will do as well; its key stays where it is.
 *
 * @throws {TypeError} The list is empty: nobody would be trusted.
 * @throws {CertificateError} `unreadable`.
 *
 * @example
 * ```ts
 * import {
 *   optionsForClientTLS,
 *   selfSignedCertificate,
 *   trustRootFromCertificates,
 * } from "sennit/tls";
 *
 * const certificate = await selfSignedCertificate({ names: ["localhost"] });
 * const trustRoot = trustRootFromCertificates([certificate]);
 * console.log(optionsForClientTLS("localhost", { trustRoot }).settings.trustRoot?.length); // 1
 * ```
 */
export function trustRootFromCertificates(
  certificates: readonly (RawCertificate | string)[],
): TrustRoot {
  if (certificates.length === 0) {
    throw new TypeError("Cannot make trust root: expected at least one certificate, got none");
  }
  return Object.freeze({ certificates: Object.freeze(certificates.flatMap(toPEMs)) });
}

/** The certificates in `source` as `TLSSettings` have them. @throws {CertificateError} */
export function trustedCertificates(source: TrustSource): readonly string[] | "platform" {
  return "raw" in source ? trustRootFromCertificates([source]).certificates : source.certificates;
}

function toPEMs(certificate: RawCertificate | string): readonly string[] {
  if (typeof certificate === "string") {
    return Certificate.loadChainPEM(certificate).map((one) => one.dumpPEM());
  }
  // Read it, so that what is not one is found here; only its own bytes, never a key beside it.
  return [formatPEM("CERTIFICATE", Certificate.from(certificate).raw)];
}
