/**
 * Requests for certificates (PKCS #10): who wants one, for which key and which names.
 *
 * Spec: RFC 2986. After: twisted.internet.ssl.CertificateRequest. Differs: reading one takes a
 * Deferred; it tells the names that are asked for.
 *
 * @module
 */
import { createPublicKey, type KeyObject, webcrypto } from "node:crypto";
import type { Pkcs10CertificateRequest } from "@peculiar/x509";
import { INSPECT } from "../../core/inspect.ts";
import { quote } from "../../core/text.ts";
import { Deferred } from "../../defer/deferred.ts";
import { ipFamily } from "../ip-family.ts";
import { because } from "./_because.ts";
import { formatPEM, labelsOf, parsePEM } from "./_pem.ts";
import { publicKeyHash } from "./_private-key.ts";
import { readDER } from "./_der.ts";
import { relativeNamesFromDER } from "./_name-der.ts";
import { signingAlgorithm, type X509Library, x509Library } from "./_x509-library.ts";
import { DistinguishedName } from "./distinguished-name.ts";
import { CertificateError } from "./errors.ts";
import { parseHostname } from "./hostname.ts";

/** What a request says. `CertificateRequest.loadPEM` and its like make it. */
export interface RequestContent {
  /** The DER encoding, as signed. */
  readonly raw: Buffer;
  readonly subject: DistinguishedName;
  /** The encoding of the subject. */
  readonly rawSubject: Buffer;
  readonly publicKey: KeyObject;
  readonly names: readonly string[];
}

const LABELS = new Set(["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"]);
const ALTERNATIVE_NAME = "2.5.29.17";

/**
 * A request. Whoever has made it holds the key: its signature is checked when it is read. All else
 * in it is a wish.
 *
 * @example
 * ```ts
 * import { CertificateRequest, DistinguishedName, KeyPair } from "sennit/tls";
 *
 * const key = await KeyPair.generate();
 * const dn = new DistinguishedName({ commonName: "Ann's server" });
 * const request = await key.requestObject(dn, { names: ["www.example.com"] });
 *
 * // At the authority:
 * const read = await CertificateRequest.loadPEM(request.dumpPEM());
 * console.log(read.names, read.getSubject().commonName);
 * ```
 */
export class CertificateRequest {
  readonly #content: RequestContent;

  /** Of something that has been read, and its signature checked. */
  constructor(content: RequestContent) {
    this.#content = content;
  }

  /**
   * The request in a PEM text.
   *
   * @returns Fires with it, or fails with a `CertificateError`: `unreadable`; `signature` if it is
   * not signed with the key that it is for; `unsupported` if that key is of a kind unknown here.
   */
  static loadPEM(text: string | Uint8Array): Deferred<CertificateRequest> {
    return Deferred.fromPromise(readPEM(text));
  }

  /** As {@link CertificateRequest.loadPEM}, from DER. */
  static loadDER(der: Uint8Array): Deferred<CertificateRequest> {
    return Deferred.fromPromise(readRequest(Buffer.from(der)));
  }

  /** The DER encoding, as signed. Do not change it. */
  get raw(): Buffer {
    return this.#content.raw;
  }

  /** The encoding of the subject; it goes into the certificate as it is. Do not change it. */
  get rawSubject(): Buffer {
    return this.#content.rawSubject;
  }

  /** The servers that it is to be for: names, maybe with `*.`, and addresses. Not checked. */
  get names(): readonly string[] {
    return this.#content.names;
  }

  /** Who wants it. */
  getSubject(): DistinguishedName {
    return this.#content.subject;
  }

  /** The key that it is to be for. */
  getPublicKey(): KeyObject {
    return this.#content.publicKey;
  }

  /** SHA-256 of the public key, in hexadecimal. */
  keyHash(): string {
    return publicKeyHash(this.getPublicKey());
  }

  /** The DER encoding, a copy. */
  dumpDER(): Buffer {
    return Buffer.from(this.raw);
  }

  /** The PEM text, with a newline at its end. */
  dumpPEM(): string {
    return formatPEM("CERTIFICATE REQUEST", this.raw);
  }

  /** For people: all that there is to say, on several lines. */
  inspect(): string {
    return [
      "Certificate Request For Subject:",
      this.getSubject().inspect(),
      "",
      `Names: ${this.names.join(", ") || "none"}`,
      `Public Key with Hash: ${this.keyHash()}`,
    ].join("\n");
  }

  /** `CertificateRequest(CN=Ann)`; without a subject, its names. */
  toString(): string {
    const subject = this.getSubject();
    return `CertificateRequest(${subject.empty ? this.names.join(", ") : subject.toString()})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

async function readPEM(text: string | Uint8Array): Promise<CertificateRequest> {
  const blocks = parsePEM(text);
  const block = blocks.find(({ label }) => LABELS.has(label));
  if (block !== undefined) return readRequest(block.der);
  throw unreadable(`expected a PEM block "CERTIFICATE REQUEST", got ${labelsOf(blocks)}`);
}

async function readRequest(raw: Buffer): Promise<CertificateRequest> {
  if (readDER(raw)?.end !== raw.length) throw unreadable("expected DER, and nothing after it");
  const library = await x509Library();
  const { request, content } = wellFormed(() => {
    const request = new library.Pkcs10CertificateRequest(Uint8Array.from(raw));
    const rawSubject = Buffer.from(request.subjectName.toArrayBuffer());
    const subject = new DistinguishedName(relativeNamesFromDER(rawSubject));
    const spki = Buffer.from(request.publicKey.rawData);
    const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
    const names = namesIn(library, request);
    return { request, content: { raw, rawSubject, subject, publicKey, names } };
  });
  signingAlgorithm(content.publicKey);
  await checkSignature(request, content.subject);
  return new CertificateRequest(content);
}

function wellFormed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable("it is damaged, or no PKCS #10 at all", error);
  }
}

function namesIn(library: X509Library, request: Pkcs10CertificateRequest): readonly string[] {
  const extension = request.getExtension(ALTERNATIVE_NAME);
  if (!(extension instanceof library.SubjectAlternativeNameExtension)) return [];
  return extension.names.items.flatMap(({ type, value }) => {
    if (type === "dns") return [value];
    return type === "ip" && ipFamily(value) !== 0 ? [parseHostname(value).ascii] : [];
  });
}

async function checkSignature(
  request: Pkcs10CertificateRequest,
  subject: DistinguishedName,
): Promise<void> {
  const problem = "expected its signature to be by the key that it is for";
  const message = `Cannot accept certificate request of ${quote(subject.toString())}: ${problem}`;
  let isGood: boolean;
  try {
    isGood = await request.verify(webcrypto);
  } catch (error) {
    throw new CertificateError(message, "signature", { cause: error });
  }
  if (!isGood) throw new CertificateError(message, "signature");
}

function unreadable(problem: string, cause?: unknown): CertificateError {
  return new CertificateError(
    `Cannot read certificate request: ${problem}`,
    "unreadable",
    because(cause),
  );
}
