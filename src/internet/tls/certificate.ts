/**
 * Certificates, read.
 *
 * Spec: RFC 5280 (X.509), RFC 9525 (is it for that name?). After: twisted.internet.ssl.Certificate.
 * Differs: digests are SHA-256; it tells its names and dates, and whom it is from; the name in a
 * subject's CN counts for nothing.
 *
 * @module
 */
import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import { INSPECT } from "../../core/inspect.ts";
import type { ITLSTransport, RawCertificate } from "../interfaces-tls.ts";
import { parseAlternativeNames } from "./_alternative-names.ts";
import { because } from "./_because.ts";
import { formatPEM, labelsOf, parsePEM } from "./_pem.ts";
import { publicKeyHash } from "./_private-key.ts";
import { type DistinguishedName, distinguishedNameFromLines } from "./distinguished-name.ts";
import { CertificateError } from "./errors.ts";
import { parseHostname } from "./hostname.ts";

/** What {@link Certificate.peerFromTransport} needs of a transport. */
export type CertifiedTransport = Pick<ITLSTransport, "tlsSession" | "getPeerCertificate">;

const LABELS = new Set(["CERTIFICATE", "X509 CERTIFICATE"]);

/**
 * A certificate: who it is for, from whom, until when. It never changes.
 *
 * @example
 * ```ts
 * import { Certificate, selfSignedCertificate } from "sennit/tls";
 *
 * const { certificate } = await selfSignedCertificate({ names: ["localhost", "::1"] });
 * const read = Certificate.loadPEM(certificate.dumpPEM());
 * console.log(read.names); // [ 'localhost', '::1' ]
 * console.log(read.matches("localhost"), read.isIssuedBy(certificate)); // true true
 * ```
 */
export class Certificate implements RawCertificate {
  readonly #x509: X509Certificate;

  /** From DER. @throws {CertificateError} `unreadable`. */
  constructor(der: Uint8Array) {
    this.#x509 = readX509(der);
    // Node takes PEM here as well, and does not mind what comes behind a certificate.
    if (!this.raw.equals(der)) throw unreadable("expected DER, and nothing after it");
  }

  /**
   * The first certificate in a PEM text.
   *
   * @throws {CertificateError} `unreadable`.
   */
  static loadPEM(text: string | Uint8Array): Certificate {
    const [first] = Certificate.loadChainPEM(text);
    return first;
  }

  /**
   * Every certificate in a PEM text, in order: a chain, or a bundle of roots. Keys in it are left.
   *
   * @returns At least one.
   * @throws {CertificateError} `unreadable`: there is none, or one is damaged.
   */
  static loadChainPEM(text: string | Uint8Array): readonly [Certificate, ...Certificate[]] {
    const blocks = parsePEM(text);
    const [first, ...others] = blocks.filter(({ label }) => LABELS.has(label));
    if (first === undefined) {
      throw unreadable(`expected a PEM block "CERTIFICATE", got ${labelsOf(blocks)}`);
    }
    return [new Certificate(first.der), ...others.map(({ der }) => new Certificate(der))];
  }

  /** From DER. @throws {CertificateError} `unreadable`. */
  static loadDER(der: Uint8Array): Certificate {
    return new Certificate(der);
  }

  /** What a transport tells of, or what else has the bytes. @throws {CertificateError} */
  static from(certificate: RawCertificate): Certificate {
    return certificate instanceof Certificate ? certificate : new Certificate(certificate.raw);
  }

  /**
   * The certificate of whoever is on the other side.
   *
   * @throws {CertificateError} `absent`: the handshake is not done (wait for
   * `handshakeCompleted`), or the peer has shown none, as most clients do and as it is when a
   * session is resumed.
   */
  static peerFromTransport(transport: CertifiedTransport): Certificate {
    return fromSession(transport, "peer", transport.getPeerCertificate());
  }

  /**
   * The certificate that we have shown.
   *
   * @throws {CertificateError} `absent`: the handshake is not done (wait for
   * `handshakeCompleted`), or we have shown none.
   */
  static hostFromTransport(transport: CertifiedTransport): Certificate {
    return fromSession(transport, "host", transport.tlsSession?.hostCertificate);
  }

  /** The DER encoding, as signed. Do not change it. */
  get raw(): Buffer {
    return this.#x509.raw;
  }

  /** The DER encoding, a copy. */
  dumpDER(): Buffer {
    return Buffer.from(this.raw);
  }

  /** The PEM text, with a newline at its end. */
  dumpPEM(): string {
    return formatPEM("CERTIFICATE", this.raw);
  }

  /** Whom it is for. The names of a server are {@link Certificate.names}. */
  getSubject(): DistinguishedName {
    return distinguishedNameFromLines(this.#x509.subject);
  }

  /** Whom it is from. */
  getIssuer(): DistinguishedName {
    return distinguishedNameFromLines(this.#x509.issuer);
  }

  /** @throws {CertificateError} `unsupported`: a kind of key that Node does not know. */
  getPublicKey(): KeyObject {
    try {
      return this.#x509.publicKey;
    } catch (error) {
      const message = `Cannot read the public key of ${this.toString()}: its kind is not known`;
      throw new CertificateError(message, "unsupported", { cause: error });
    }
  }

  /**
   * SHA-256 of the public key, in hexadecimal: the same for every certificate of one key.
   *
   * @throws {CertificateError} `unsupported`: a kind of key that Node does not know.
   */
  keyHash(): string {
    return publicKeyHash(this.getPublicKey());
  }

  /**
   * A digest of the whole, as people compare it: `AB:CD:…`.
   *
   * @param algorithm One of `crypto.getHashes()`. Default: `sha256`.
   */
  digest(algorithm = "sha256"): string {
    const hex = createHash(algorithm).update(this.raw).digest("hex").toUpperCase();
    return (hex.match(/../gu) ?? []).join(":");
  }

  /** The number under which its issuer keeps it. */
  get serialNumber(): bigint {
    const hex = this.#x509.serialNumber;
    return hex.startsWith("-") ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
  }

  /** It is good from here. */
  get notBefore(): Date {
    return new Date(this.#x509.validFrom);
  }

  /** It is good up to here. */
  get notAfter(): Date {
    return new Date(this.#x509.validTo);
  }

  /** May it sign other certificates? */
  get isAuthority(): boolean {
    return this.#x509.ca;
  }

  /**
   * The servers that it is for (subjectAltName): names as they stand there, maybe with `*.`, and
   * addresses. Other kinds of names are not among them.
   */
  get names(): readonly string[] {
    return parseAlternativeNames(this.#x509.subjectAltName);
  }

  /**
   * Is it for a server of that name or address (RFC 9525 §6)? `*` stands for one whole label, the
   * first. This asks neither who has signed it nor until when it is good.
   *
   * @throws {TLSHostnameError} Neither a name nor an address.
   */
  matches(hostname: string): boolean {
    const { kind, ascii } = parseHostname(hostname);
    const match =
      kind === "address"
        ? this.#x509.checkIP(ascii)
        : this.#x509.checkHost(ascii, { subject: "never", partialWildcards: false });
    return match !== undefined;
  }

  /**
   * Has `issuer` signed it, under its own name? This does not ask whether it was entitled to
   * (`isAuthority`), nor for dates.
   */
  isIssuedBy(issuer: Certificate): boolean {
    if (this.#x509.issuer !== issuer.#x509.subject) return false;
    try {
      return this.#x509.verify(issuer.#x509.publicKey);
    } catch {
      // A kind of key that Node does not know: nothing that we could call signed.
      return false;
    }
  }

  /** Is it that key's? */
  belongsTo(privateKey: KeyObject): boolean {
    try {
      return this.#x509.checkPrivateKey(privateKey);
    } catch {
      // A kind of key that Node does not know is no private key of ours.
      return false;
    }
  }

  /** The same certificate, byte by byte. */
  equals(other: RawCertificate): boolean {
    return this.raw.equals(other.raw);
  }

  /** For people: all that there is to say, on several lines. */
  inspect(): string {
    return [
      "Certificate For Subject:",
      this.getSubject().inspect(),
      "",
      "Issuer:",
      this.getIssuer().inspect(),
      "",
      `Serial Number: ${String(this.serialNumber)}`,
      `Valid: from ${dateText(this.notBefore)} to ${dateText(this.notAfter)}`,
      `Names: ${this.names.join(", ") || "none"}`,
      `Digest: ${this.digest()}`,
      `Public Key with Hash: ${this.keyHash()}`,
    ].join("\n");
  }

  /** `Certificate(CN=www.example.com)`; without a subject, its names. */
  toString(): string {
    const subject = this.getSubject();
    return `Certificate(${subject.empty ? this.names.join(", ") : subject.toString()})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

function readX509(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (error) {
    throw unreadable("it is damaged, or no X.509 at all", error);
  }
}

function fromSession(
  transport: CertifiedTransport,
  whose: "peer" | "host",
  certificate: RawCertificate | undefined,
): Certificate {
  if (certificate !== undefined) return Certificate.from(certificate);
  const problem =
    transport.tlsSession === undefined
      ? "the TLS handshake is not done, wait for handshakeCompleted"
      : "none was shown in the handshake";
  throw new CertificateError(`Cannot get the ${whose}'s certificate: ${problem}`, "absent");
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? "an unreadable date" : date.toISOString();
}

function unreadable(problem: string, cause?: unknown): CertificateError {
  return new CertificateError(`Cannot read certificate: ${problem}`, "unreadable", because(cause));
}
