/**
 * The group for finite-field Diffie-Hellman, which clients without elliptic curves need.
 *
 *     DHParameter ::= SEQUENCE { prime INTEGER, base INTEGER, privateValueLength INTEGER OPTIONAL }
 *
 * Spec: PKCS #3 §9. After: twisted.internet.ssl.DiffieHellmanParameters. Differs: what is in the
 * file is looked at; a group that is too small is refused; there is `auto()`.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { INSPECT } from "../../core/inspect.ts";
import { quote } from "../../core/text.ts";
import { because } from "./_because.ts";
import { readAllDER, readDER } from "./_der.ts";
import { labelsOf, parsePEM } from "./_pem.ts";
import { CertificateError } from "./errors.ts";

/** Smaller ones can be broken by whoever tries hard (RFC 7919 §1; OpenSSL's security level 2). */
const BITS_MIN = 2048;
const INTEGER = 0x02;
const LABEL = "DH PARAMETERS";

/**
 * Parameters of Diffie-Hellman. Without any, a server offers only elliptic curves, which is right
 * but for clients from before 2010.
 *
 * @example
 * ```ts
 * import { DiffieHellmanParameters } from "sennit/tls";
 *
 * console.log(DiffieHellmanParameters.auto().pem); // auto
 * ```
 */
export class DiffieHellmanParameters {
  /** PEM, or `auto`. */
  readonly pem: string;

  /** Use {@link DiffieHellmanParameters.loadPEM}, `fromFile` or `auto`. */
  constructor(pem: string) {
    this.pem = pem;
  }

  /** A group of RFC 3526 or RFC 7919, as strong as the certificate's key: the best choice. */
  static auto(): DiffieHellmanParameters {
    return new DiffieHellmanParameters("auto");
  }

  /**
   * From what `openssl dhparam -out dh.pem 2048` has made.
   *
   * @throws {CertificateError} `unreadable`, or `unsupported` for less than 2048 bits.
   */
  static loadPEM(text: string | Uint8Array): DiffieHellmanParameters {
    const blocks = parsePEM(text);
    const block = blocks.find(({ label }) => label === LABEL);
    if (block === undefined) {
      throw unreadable(`expected a PEM block ${quote(LABEL)}, got ${labelsOf(blocks)}`);
    }
    const bits = primeBits(block.der);
    if (bits >= BITS_MIN) return new DiffieHellmanParameters(block.text);
    throw new CertificateError(
      `Cannot use Diffie-Hellman parameters: expected at least ${String(BITS_MIN)} bits, ` +
        `got ${String(bits)}; openssl dhparam -out dh.pem ${String(BITS_MIN)} makes better ones`,
      "unsupported",
    );
  }

  /**
   * As {@link DiffieHellmanParameters.loadPEM}, from a file, which is read before this returns.
   *
   * @throws {CertificateError} Also `unreadable` if the file is not to be read; see `cause`.
   */
  static fromFile(path: string): DiffieHellmanParameters {
    return DiffieHellmanParameters.loadPEM(textOf(path));
  }

  /** `DiffieHellmanParameters(auto)`, or `(PEM)`. */
  toString(): string {
    return `DiffieHellmanParameters(${this.pem === "auto" ? "auto" : "PEM"})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    throw unreadable(`file ${quote(path)} is not to be read`, error);
  }
}

function primeBits(der: Buffer): number {
  const values = readAllDER(readDER(der)?.content ?? Buffer.alloc(0));
  const [prime, base] = values ?? [];
  if (prime?.tag !== INTEGER || base?.tag !== INTEGER) {
    throw unreadable("expected a prime and a base");
  }
  return BigInt(`0x${prime.content.toString("hex") || "0"}`).toString(2).length;
}

function unreadable(problem: string, cause?: unknown): CertificateError {
  return new CertificateError(
    `Cannot read Diffie-Hellman parameters: ${problem}`,
    "unreadable",
    because(cause),
  );
}
