/**
 * Certificates, read once: in thousands of simulations the same few come again and again, and both
 * reading one and looking at a signature takes longer than everything else in a handshake.
 *
 * @module
 */
import { type KeyObject, X509Certificate } from "node:crypto";
import { Certificate } from "../../../internet/tls/certificate.ts";

/**
 * Has one issued another? `unentitled`: it has signed it, and may not. (OpenSSL calls that
 * `KEYUSAGE_NO_CERTSIGN`.)
 */
export type Issued = "no" | "unentitled" | "yes";

/** See the top of this file. What the same bytes are is the same object. */
export class KnownCertificate {
  readonly x509: X509Certificate;
  readonly subject: string;
  readonly issuer: string;
  /** Good from here to there, in seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** May it sign others? */
  readonly isAuthority: boolean;
  /** Object identifiers of what it is good for; `undefined`: for everything. */
  readonly purposes: readonly string[] | undefined;
  #publicKey: KeyObject | undefined;
  readonly #issuers = new WeakMap<KnownCertificate, Issued>();

  constructor(x509: X509Certificate) {
    this.x509 = x509;
    this.subject = x509.subject;
    this.issuer = x509.issuer;
    this.notBefore = Date.parse(x509.validFrom) / 1000;
    this.notAfter = Date.parse(x509.validTo) / 1000;
    this.isAuthority = x509.ca;
    this.purposes = x509.keyUsage;
  }

  get publicKey(): KeyObject {
    this.#publicKey ??= this.x509.publicKey;
    return this.#publicKey;
  }

  /** Has `issuer` signed it? */
  issuedBy(issuer: KnownCertificate): Issued {
    const known = this.#issuers.get(issuer);
    if (known !== undefined) return known;
    const issued = this.#look(issuer);
    this.#issuers.set(issuer, issued);
    return issued;
  }

  #look(issuer: KnownCertificate): Issued {
    if (this.issuer !== issuer.subject || !this.#isSignedBy(issuer)) return "no";
    return this.x509.checkIssued(issuer.x509) ? "yes" : "unentitled";
  }

  #isSignedBy(issuer: KnownCertificate): boolean {
    try {
      return this.x509.verify(issuer.publicKey);
    } catch {
      return false; // A kind of key that Node does not know.
    }
  }

  /** Has it signed itself? */
  get isSelfSigned(): boolean {
    return this.issuedBy(this) !== "no";
  }
}

/** By digest, and chains by their text. Both are emptied when there are too many. */
const certificates = new Map<string, KnownCertificate>();
const chains = new Map<string, readonly KnownCertificate[]>();
const KEPT_MAX = 4096;

/** Every certificate in a PEM text, in order. @throws {CertificateError} `unreadable`. */
export function knownCertificates(pem: string): readonly KnownCertificate[] {
  const kept = chains.get(pem);
  if (kept !== undefined) return kept;
  const chain = Certificate.loadChainPEM(pem).map(({ raw }) => known(new X509Certificate(raw)));
  keep(chains, pem, chain);
  return chain;
}

function known(x509: X509Certificate): KnownCertificate {
  const digest = x509.fingerprint256;
  const kept = certificates.get(digest);
  if (kept !== undefined) return kept;
  const certificate = new KnownCertificate(x509);
  keep(certificates, digest, certificate);
  return certificate;
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= KEPT_MAX) map.clear();
  map.set(key, value);
}
