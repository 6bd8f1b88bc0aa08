/**
 * Making certificates and requests: what is in them, and who signs.
 *
 * Every certificate has the extensions that RFC 5280 asks for. One for a server or client:
 *
 *     subjectAltName          its names
 *     basicConstraints        CA:FALSE, critical
 *     keyUsage                digitalSignature, for RSA keyEncipherment too; critical
 *     extendedKeyUsage        serverAuth, clientAuth
 *     subjectKeyIdentifier    SHA-1 of the public key (method 1)
 *     authorityKeyIdentifier  that of the issuer
 *
 * An authority's says CA:TRUE, keyCertSign and cRLSign instead, and names no extended usage.
 *
 * Spec: RFC 5280 §4.1, §4.2; RFC 2986 and RFC 2985 §5.4.2 (requests).
 *
 * @module
 */
import { type KeyObject, randomBytes, webcrypto } from "node:crypto";
import type { Name } from "@peculiar/x509";
import { Deferred } from "../../defer/deferred.ts";
import type { RawCertificate } from "../interfaces-tls.ts";
import { type GeneralName, toGeneralNames } from "./_alternative-names.ts";
import { type AttributeEncoding, attributeType } from "./_attribute-types.ts";
import { publicKeyDER } from "./_private-key.ts";
import { signingAlgorithm, signingKeys, type X509Library, x509Library } from "./_x509-library.ts";
import { wallClock } from "./_wall-clock.ts";
import type { DistinguishedName } from "./distinguished-name.ts";
import { CertificateError } from "./errors.ts";

/** What a new certificate says, beside whom it is for. */
export interface IssueOptions {
  /**
   * The servers that it is for: names, names that begin with `*.`, and addresses. Default: none;
   * for a request, those that it asks for.
   */
  readonly names?: readonly string[];
  /** May it sign other certificates? Default: false. */
  readonly authority?: boolean;
  /** How long it is good. Default: 31,536,000, a year of 365 days. */
  readonly secondsToExpiry?: number;
  /** From when it is good. Default: now, by the machine's clock. */
  readonly notBefore?: Date;
}

/** Whose certificate it will be. */
export interface Holder {
  /** As it is to be encoded. */
  readonly subject: DistinguishedName | Uint8Array;
  readonly publicKey: KeyObject;
}

/** Who signs it. */
export interface Issuer {
  readonly privateKey: KeyObject;
  /** `undefined`: the holder does. */
  readonly certificate: RawCertificate | undefined;
}

const A_YEAR_SECONDS = 31_536_000;
/** RFC 5280 §4.1.2.2: at most 20 octets, and positive, so the first bit is none. */
const SERIAL_BITS_MAX = 159n;
const SERIAL_RANDOM_BYTES = 16;
/** RFC 5280 §4.1.2.5: what GeneralizedTime can say. */
const LAST_DATE = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * A serial number that nobody can guess, as it should be (CA/Browser Forum Baseline Requirements
 * §7.1): 127 bits of chance.
 *
 * @param random Unpredictable bytes: `reactor.randomBytes`. Default: the platform's.
 */
export function randomSerialNumber(random: (count: number) => Uint8Array = randomBytes): bigint {
  const bytes = Buffer.from(random(SERIAL_RANDOM_BYTES));
  // Positive, not 0, and always of the same length.
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return BigInt(`0x${bytes.toString("hex")}`);
}

/**
 * Make and sign a certificate.
 *
 * @returns Fires with the DER, or fails with a `CertificateError`: `unsupported`.
 * @throws {RangeError} A number or time that no certificate can hold.
 * @throws {TLSHostnameError} A name that is none.
 */
export function issueCertificate(
  holder: Holder,
  issuer: Issuer,
  serialNumber: bigint | number,
  options: IssueOptions,
): Deferred<Buffer> {
  const content = {
    holder,
    serialNumber: serialText(serialNumber),
    names: toGeneralNames(options.names ?? []),
    authority: options.authority ?? false,
    ...validity(options),
  };
  return Deferred.fromPromise(signCertificate(content, issuer));
}

/**
 * Make and sign a request.
 *
 * @returns Fires with the DER, or fails with a `CertificateError`: `unsupported`.
 * @throws {TLSHostnameError} A name that is none.
 */
export function issueRequest(
  subject: DistinguishedName,
  privateKey: KeyObject,
  names: readonly string[],
): Deferred<Buffer> {
  return Deferred.fromPromise(signRequest(subject, privateKey, toGeneralNames(names)));
}

/** All that a certificate will say, checked. */
interface Content {
  readonly holder: Holder;
  /** In hexadecimal. */
  readonly serialNumber: string;
  readonly names: readonly GeneralName[];
  readonly authority: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

async function signCertificate(content: Content, issuer: Issuer): Promise<Buffer> {
  const { holder, serialNumber, notBefore, notAfter } = content;
  const library = await x509Library();
  const subject = encodedName(library, holder.subject);
  const by =
    issuer.certificate && new library.X509Certificate(Uint8Array.from(issuer.certificate.raw));
  const { privateKey: signingKey } = await signingKeys(issuer.privateKey);
  const made = await library.X509CertificateGenerator.create(
    {
      serialNumber,
      notBefore,
      notAfter,
      subject,
      issuer: by?.subjectName ?? subject,
      publicKey: publicKeyDER(holder.publicKey),
      signingKey,
      signingAlgorithm: signingAlgorithm(issuer.privateKey),
      extensions: await extensionsOf(library, content, by),
    },
    webcrypto,
  );
  return Buffer.from(made.rawData);
}

async function signRequest(
  subject: DistinguishedName,
  privateKey: KeyObject,
  names: readonly GeneralName[],
): Promise<Buffer> {
  const library = await x509Library();
  const made = await library.Pkcs10CertificateRequestGenerator.create(
    {
      name: encodedName(library, subject),
      keys: await signingKeys(privateKey),
      signingAlgorithm: signingAlgorithm(privateKey),
      extensions: alternativeNames(library, names, subject.empty),
    },
    webcrypto,
  );
  return Buffer.from(made.rawData);
}

function validity(options: IssueOptions): { readonly notBefore: Date; readonly notAfter: Date } {
  const { secondsToExpiry = A_YEAR_SECONDS, notBefore = wallClock() } = options;
  if (!(secondsToExpiry > 0)) {
    throw new RangeError(
      `Cannot make certificate: expected secondsToExpiry above 0, got ${String(secondsToExpiry)}`,
    );
  }
  const end = Math.min(notBefore.getTime() + secondsToExpiry * 1000, LAST_DATE);
  if (Number.isNaN(end)) throw new RangeError("Cannot make certificate: notBefore is no date");
  return { notBefore, notAfter: new Date(end) };
}

function serialText(serialNumber: bigint | number): string {
  const serial = BigInt(serialNumber);
  if (serial <= 0n || serial >= 1n << SERIAL_BITS_MAX) {
    throw new RangeError(
      `Cannot make certificate: expected a serial number of 1 to 159 bits, got ${String(serial)}`,
    );
  }
  const hex = serial.toString(16);
  return hex.padStart(hex.length + (hex.length % 2), "0");
}

type Extensions = ConstructorParameters<X509Library["ExtensionsAttribute"]>[0];
type LibraryCertificate = InstanceType<X509Library["X509Certificate"]>;

async function extensionsOf(
  library: X509Library,
  { holder: { publicKey, subject }, names, authority }: Content,
  issuer: LibraryCertificate | undefined,
): Promise<Extensions> {
  const spki = publicKeyDER(publicKey);
  const own = await library.SubjectKeyIdentifierExtension.create(spki, false, webcrypto);
  const { KeyUsageFlags: flag, ExtendedKeyUsage: purpose } = library;
  const encipherment = publicKey.asymmetricKeyType === "rsa" ? flag.keyEncipherment : 0;
  const usages = authority
    ? flag.keyCertSign | flag.cRLSign | flag.digitalSignature
    : flag.digitalSignature | encipherment;
  return [
    new library.BasicConstraintsExtension(authority, undefined, true),
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- flags are there to be added
    new library.KeyUsagesExtension(usages, true),
    ...(authority
      ? []
      : [new library.ExtendedKeyUsageExtension([purpose.serverAuth, purpose.clientAuth])]),
    ...alternativeNames(library, names, isEmpty(subject)),
    own,
    await authorityKeyIdentifier(library, issuer, own.keyId),
  ];
}

/** §4.2.1.6: critical where there is no other name to go by. */
function alternativeNames(
  library: X509Library,
  names: readonly GeneralName[],
  isCritical: boolean,
): Extensions {
  if (names.length === 0) return [];
  return [new library.SubjectAlternativeNameExtension([...names], isCritical)];
}

/** An empty SEQUENCE has a tag and a length. */
function isEmpty(subject: DistinguishedName | Uint8Array): boolean {
  return subject instanceof Uint8Array ? subject.length <= 2 : subject.empty;
}

/** What the issuer's own certificate calls its key, which need not be the SHA-1 of it. */
async function authorityKeyIdentifier(
  library: X509Library,
  issuer: LibraryCertificate | undefined,
  own: string,
): Promise<Extensions[number]> {
  const { AuthorityKeyIdentifierExtension, SubjectKeyIdentifierExtension } = library;
  if (issuer === undefined) return new AuthorityKeyIdentifierExtension(own);
  const named = issuer.getExtension(SubjectKeyIdentifierExtension);
  if (named !== null) return new AuthorityKeyIdentifierExtension(named.keyId);
  return AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto);
}

/** @throws {CertificateError} `unsupported`: a type that has no number we know. */
function encodedName(library: X509Library, name: DistinguishedName | Uint8Array): Name {
  // The bytes of a request stay as they are: another kind of string would be another name.
  if (name instanceof Uint8Array) return new library.Name(Uint8Array.from(name));
  return new library.Name(
    name.relativeNames.map((step) => {
      const attributes: Record<string, Partial<Record<AttributeEncoding, string>>[]> = {};
      for (const { type, value } of step) {
        const { oid, encoding } = encodingOf(type, value);
        attributes[oid] = [...(attributes[oid] ?? []), { [encoding]: value }];
      }
      return attributes;
    }),
  );
}

const OID = /^\d+(?:\.\d+)+$/u;
const PRINTABLE = /^[A-Za-z\d '()+,./:=?-]*$/u;
// oxlint-disable-next-line no-control-regex -- the whole of ASCII
const ASCII = /^[\u0000-\u007F]*$/u;

/** How the standard has it, as far as the value allows. */
function encodingOf(
  type: string,
  value: string,
): { readonly oid: string; readonly encoding: AttributeEncoding } {
  const known = attributeType(type);
  const oid = known?.oid ?? type;
  if (!OID.test(oid)) {
    throw new CertificateError(
      `Cannot encode distinguished name: ${type} is not a known type, use its dotted number`,
      "unsupported",
    );
  }
  const wanted = known?.encoding ?? "utf8String";
  const fits = {
    utf8String: true,
    printableString: PRINTABLE.test(value),
    ia5String: ASCII.test(value),
  };
  return { oid, encoding: fits[wanted] ? wanted : "utf8String" };
}
