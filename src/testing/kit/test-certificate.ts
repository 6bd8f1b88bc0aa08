/**
 * Certificates for tests: good ones, and those that nobody should accept.
 *
 * @module
 */
import { Deferred } from "../../defer/deferred.ts";
import { DistinguishedName } from "../../internet/tls/distinguished-name.ts";
import { KeyPair } from "../../internet/tls/key-pair.ts";
import type { PrivateCertificate } from "../../internet/tls/private-certificate.ts";

/** What {@link testCertificate} is to make. */
export interface TestCertificateContent {
  /** Names and addresses that it is for. Default: `localhost`, `127.0.0.1` and `::1`. */
  readonly names?: readonly string[];
  /** The authority that signs it, another test certificate. Default: it signs itself. */
  readonly issuer?: PrivateCertificate;
  /** May it sign others? Default: false. */
  readonly authority?: boolean;
  /** Over for long, since 1991. Default: false. */
  readonly expired?: boolean;
  /** Good from 2100 on. Default: false. */
  readonly notYetValid?: boolean;
  /** Another number is another certificate, such as one that was renewed. Default: its own. */
  readonly serialNumber?: number;
}

const LOCAL_NAMES: readonly string[] = ["localhost", "127.0.0.1", "::1"];
/** From and to which year. Good ones are so by the machine's clock and by those of tests. */
const GOOD: readonly [number, number] = [1995, 2095];
const EXPIRED: readonly [number, number] = [1990, 1991];
const NOT_YET: readonly [number, number] = [2100, 2101];
/** What X.520 allows for a common name. */
const COMMON_NAME_MAX = 64;

const made = new Map<string, Promise<PrivateCertificate>>();
let lastSerial = 1_000_000;

/**
 * A certificate with its key (EC on P-256). The process makes each content once: who asks again
 * gets the same object, in every test. The bytes differ from process to process, as keys and
 * signatures are drawn by OpenSSL: compare what a certificate says, not how it is encoded.
 *
 * @returns Fires with it, or fails as `KeyPair.selfSignedCert` and
 *   `PrivateCertificate.signRequestObject` do.
 * @throws {TypeError} Both expired and not yet valid.
 *
 * @example
 * ```ts
 * import { testCertificate } from "sennit/testing";
 * import { optionsForClientTLS, trustRootFromCertificates } from "sennit/tls";
 *
 * const authority = await testCertificate({ names: ["Test authority"], authority: true });
 * const names = ["www.example.com"];
 * const good = await testCertificate({ names, issuer: authority });
 * const expired = await testCertificate({ names, issuer: authority, expired: true });
 * console.log(good.options().role, expired.certificate.notAfter.getUTCFullYear()); // server 1991
 *
 * const trustRoot = trustRootFromCertificates([authority]);
 * const client = optionsForClientTLS("www.example.com", { trustRoot });
 * console.log(client.role); // client
 * ```
 */
export function testCertificate(
  content: TestCertificateContent = {},
): Deferred<PrivateCertificate> {
  if (content.expired === true && content.notYetValid === true) {
    throw new TypeError("Cannot make certificate: expected expired or notYetValid, got both");
  }
  const { issuer, names, authority, expired, notYetValid, serialNumber } = content;
  const by = issuer?.certificate.digest();
  const key = JSON.stringify([by, names, authority, expired, notYetValid, serialNumber]);
  let promise = made.get(key);
  if (promise === undefined) {
    promise = make(content);
    made.set(key, promise);
    promise.catch(() => made.delete(key)); // A failure is not kept.
  }
  return Deferred.fromPromise(promise);
}

async function make(content: TestCertificateContent): Promise<PrivateCertificate> {
  const { names = LOCAL_NAMES, issuer, authority = false } = content;
  const [first = ""] = names;
  const dn = new DistinguishedName(first.length <= COMMON_NAME_MAX ? { commonName: first } : {});
  const key = await KeyPair.generate();
  lastSerial += 1;
  const { serialNumber = lastSerial } = content;
  // An authority's name is no name of a host.
  const told = { names: authority ? [] : names, authority, ...validity(content) };
  if (issuer === undefined) return key.selfSignedCert(serialNumber, dn, told);
  const request = await key.requestObject(dn, { names: told.names });
  const signed = await issuer.signRequestObject(request, serialNumber, told);
  const isRoot = issuer.certificate.isIssuedBy(issuer.certificate);
  return key.newCertificate(signed, isRoot ? [] : [issuer.certificate, ...issuer.chain]);
}

function validity({ expired = false, notYetValid = false }: TestCertificateContent): {
  readonly notBefore: Date;
  readonly secondsToExpiry: number;
} {
  const [from, to] = expired ? EXPIRED : notYetValid ? NOT_YET : GOOD;
  const start = Date.UTC(from, 0, 1);
  return { notBefore: new Date(start), secondsToExpiry: (Date.UTC(to, 0, 1) - start) / 1000 };
}
