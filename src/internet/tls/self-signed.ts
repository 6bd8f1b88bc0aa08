/**
 * A certificate for development, in one call.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import { toGeneralNames } from "./_alternative-names.ts";
import { randomSerialNumber } from "./_issue.ts";
import { DistinguishedName } from "./distinguished-name.ts";
import { KeyPair } from "./key-pair.ts";
import type { PrivateCertificate } from "./private-certificate.ts";

/** What {@link selfSignedCertificate} takes. */
export interface SelfSignedContent {
  /**
   * The names and addresses of the server. Default: those of this machine to itself, `localhost`,
   * `127.0.0.1` and `::1`.
   */
  readonly names?: readonly string[];
  /** How long it is good. Default: 365. */
  readonly days?: number;
  /** From when it is good. Default: now, by the machine's clock. */
  readonly notBefore?: Date;
  /** Where chance comes from: `reactor.randomBytes`. Default: the platform. */
  readonly randomBytes?: (count: number) => Uint8Array;
}

const LOCAL_NAMES: readonly string[] = ["localhost", "127.0.0.1", "::1"];
const SECONDS_PER_DAY = 86_400;
const DAYS = 365;
/** What X.520 allows for a common name. */
const COMMON_NAME_MAX = 64;

/**
 * A new key (EC on P-256) and a certificate that it has signed for itself: for development and
 * tests. Whoever shall trust it is given it, with `trustRootFromCertificates`; a browser asks its
 * user.
 *
 * @returns Fires with both.
 * @throws {TLSHostnameError} A name that is none.
 * @throws {TypeError} No names at all.
 * @throws {RangeError} `days` is not above 0.
 *
 * @example
 * ```ts
 * import {
 *   optionsForClientTLS,
 *   selfSignedCertificate,
 *   trustRootFromCertificates,
 * } from "sennit/tls";
 *
 * const certificate = await selfSignedCertificate({ names: ["localhost", "127.0.0.1"], days: 30 });
 *
 * // For listenSSL or startTLS of the server.
 * const server = certificate.options();
 *
 * // For connectSSL or startTLS of a client that trusts that server and nobody else.
 * const trustRoot = trustRootFromCertificates([certificate]);
 * const client = optionsForClientTLS("localhost", { trustRoot });
 * console.log(server.role, client.role); // server client
 * ```
 */
export function selfSignedCertificate(
  content: SelfSignedContent = {},
): Deferred<PrivateCertificate> {
  const { names = LOCAL_NAMES, days = DAYS, notBefore, randomBytes } = content;
  const [first] = names;
  if (first === undefined) {
    throw new TypeError("Cannot make self-signed certificate: expected at least one name");
  }
  checkContent(names, days);
  // Names that are too long for a subject stand among the names alone.
  const dn = new DistinguishedName(first.length <= COMMON_NAME_MAX ? { commonName: first } : {});
  const options = {
    names,
    secondsToExpiry: days * SECONDS_PER_DAY,
    ...(notBefore !== undefined && { notBefore }),
  };
  return KeyPair.generate().addCallback((key) =>
    key.selfSignedCert(randomSerialNumber(randomBytes), dn, options),
  );
}

/** What would fail later on, when the key is made, is thrown at once. */
function checkContent(names: readonly string[], days: number): void {
  toGeneralNames(names);
  if (days > 0) return;
  throw new RangeError(
    `Cannot make self-signed certificate: expected days above 0, got ${String(days)}`,
  );
}
