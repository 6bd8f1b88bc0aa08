/**
 * Private keys, in and out.
 *
 *     PRIVATE KEY                PKCS #8, any kind
 *     ENCRYPTED PRIVATE KEY      the same with a passphrase
 *     EC PRIVATE KEY             SEC 1; before it there may be EC PARAMETERS
 *     RSA PRIVATE KEY            PKCS #1; with a header Proc-Type it is encrypted, the old way
 *
 *     SEQUENCE { version INTEGER, algorithm SEQUENCE, key OCTET STRING }    PKCS #8
 *     SEQUENCE { algorithm SEQUENCE, encrypted OCTET STRING }               the same, encrypted
 *     SEQUENCE { version INTEGER, modulus INTEGER, … }                      PKCS #1
 *     SEQUENCE { version INTEGER, key OCTET STRING, … }                     SEC 1
 *
 * Spec: RFC 5958, RFC 5915, RFC 8017 Appendix A.1.2, RFC 1421 §4.6.1.
 *
 * @module
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  type PrivateKeyInput,
} from "node:crypto";
import { because } from "./_because.ts";
import { readDER } from "./_der.ts";
import { labelsOf, parsePEM, type PEMBlock } from "./_pem.ts";
import { CertificateError } from "./errors.ts";

/** Whoever has a private key: a `KeyPair`, a `PrivateCertificate`. */
export interface KeyHolder {
  readonly privateKey: KeyObject;
}

const ENCRYPTED = /^Proc-Type: 4,ENCRYPTED$/u;
const SEQUENCE = 0x30;
/** The tag of the second value tells, if the first is a version: an INTEGER. */
const FORMS: ReadonlyMap<number, "pkcs8" | "pkcs1" | "sec1"> = new Map([
  [SEQUENCE, "pkcs8"],
  [0x02, "pkcs1"],
  [0x04, "sec1"],
]);
const KEY_LABELS = new Set([
  "PRIVATE KEY",
  "ENCRYPTED PRIVATE KEY",
  "EC PRIVATE KEY",
  "RSA PRIVATE KEY",
  "DSA PRIVATE KEY",
]);

/** The private keys among `blocks`. */
function keyBlocks(blocks: readonly PEMBlock[]): readonly PEMBlock[] {
  return blocks.filter(({ label }) => KEY_LABELS.has(label));
}

/** The one private key in `text`. @throws {CertificateError} `unreadable` or `passphrase`. */
export function readPrivateKeyPEM(text: string | Uint8Array, passphrase?: string): KeyObject {
  const blocks = parsePEM(text);
  const [block, ...others] = keyBlocks(blocks);
  if (block === undefined) {
    throw unreadable(`expected a PEM block "PRIVATE KEY" or its like, got ${labelsOf(blocks)}`);
  }
  if (others.length > 0) {
    throw unreadable(`expected one, got ${String(others.length + 1)} in one text`);
  }
  return readKeyBlock(block, passphrase);
}

function readKeyBlock(block: PEMBlock, passphrase: string | undefined): KeyObject {
  const isEncrypted =
    block.label.startsWith("ENCRYPTED ") || block.headers.some((header) => ENCRYPTED.test(header));
  return readKey({ key: block.text, format: "pem" }, isEncrypted, passphrase);
}

/** A private key in DER, of any form. @throws {CertificateError} `unreadable`, `passphrase`. */
export function readPrivateKeyDER(der: Uint8Array, passphrase?: string): KeyObject {
  const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength);
  const form = formOf(key);
  if (form === undefined) throw unreadable("expected DER of PKCS #8, PKCS #1 or SEC 1");
  const isEncrypted = form === "encrypted";
  return readKey(
    { key, format: "der", type: isEncrypted ? "pkcs8" : form },
    isEncrypted,
    passphrase,
  );
}

/** By the beginning of what is in the outer SEQUENCE: see the picture above. */
function formOf(der: Buffer): "encrypted" | "pkcs8" | "pkcs1" | "sec1" | undefined {
  const whole = readDER(der);
  if (whole?.end !== der.length) return undefined;
  const first = readDER(whole.content);
  if (first?.tag === SEQUENCE) return "encrypted";
  const second = first && readDER(whole.content, first.end);
  return second && FORMS.get(second.tag);
}

function readKey(
  input: PrivateKeyInput,
  isEncrypted: boolean,
  passphrase: string | undefined,
): KeyObject {
  if (isEncrypted && passphrase === undefined) {
    throw locked("it is encrypted: expected a passphrase");
  }
  try {
    const protection = isEncrypted && passphrase !== undefined ? { passphrase } : {};
    return createPrivateKey({ ...input, ...protection });
  } catch (error) {
    if (isEncrypted) throw locked("the passphrase is wrong, or the key is damaged", error);
    throw unreadable("it is damaged, or of an unknown kind", error);
  }
}

/** The public half, in SubjectPublicKeyInfo (RFC 5280 §4.1). */
export function publicKeyDER(key: KeyObject): Buffer {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ type: "spki", format: "der" });
}

/** SHA-256 of the public half, in hexadecimal: the same for a key and each of its certificates. */
export function publicKeyHash(key: KeyObject): string {
  return createHash("sha256").update(publicKeyDER(key)).digest("hex");
}

function unreadable(problem: string, cause?: unknown): CertificateError {
  return new CertificateError(`Cannot read private key: ${problem}`, "unreadable", because(cause));
}

function locked(problem: string, cause?: unknown): CertificateError {
  return new CertificateError(`Cannot read private key: ${problem}`, "passphrase", because(cause));
}
