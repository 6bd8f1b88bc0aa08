/**
 * Key pairs: made, read, written, and what is made with them.
 *
 * After: twisted.internet.ssl.KeyPair. Differs: making a key, a request or a certificate takes a
 * Deferred; keys are of any kind that TLS knows, EC on P-256 if nothing is said; there are
 * passphrases; hashes are SHA-256.
 *
 * @module
 */
import { createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { INSPECT } from "../../core/inspect.ts";
import { Deferred } from "../../defer/deferred.ts";
import { issueCertificate, type IssueOptions, issueRequest } from "./_issue.ts";
import {
  type KeyHolder,
  publicKeyHash,
  readPrivateKeyDER,
  readPrivateKeyPEM,
} from "./_private-key.ts";
import { Certificate } from "./certificate.ts";
import { CertificateRequest } from "./certificate-request.ts";
import type { DistinguishedName } from "./distinguished-name.ts";
import { PrivateCertificate } from "./private-certificate.ts";

/** What kind of key to make. */
export type KeyPairOptions =
  | {
      /** Elliptic curve: small and fast. The default. */
      readonly type?: "ec";
      /** Default: `P-256`, which everybody speaks. */
      readonly curve?: "P-256" | "P-384" | "P-521";
    }
  | {
      /** For peers from before 2010. Takes a tenth of a second to make, and up. */
      readonly type: "rsa";
      /** Bits, 2048 to 16,384. Default: 2048. */
      readonly size?: number;
    }
  | {
      /** EdDSA; browsers and many certificate authorities do not take it. */
      readonly type: "ed25519";
    };

/** How to write a key. */
export interface DumpKeyOptions {
  /**
   * `pkcs8`: the form for every kind of key. `traditional`: PKCS #1 for RSA, SEC 1 for EC.
   * Default: `pkcs8`.
   */
  readonly form?: "pkcs8" | "traditional";
  /** Encrypt it with this (AES-256, PBKDF2); only for `pkcs8`. Default: it is not encrypted. */
  readonly passphrase?: string;
}

/** How to read a key. */
export interface LoadKeyOptions {
  /** Of an encrypted key. A key that is not encrypted does not mind. */
  readonly passphrase?: string;
}

/** What a request says, beside whom it is from. */
export interface RequestOptions {
  /** The servers that it is to be for: names, maybe with `*.`, and addresses. Default: none. */
  readonly names?: readonly string[];
}

const RSA_BITS_MIN = 2048;
/** OpenSSL's own limit for keys that it will use. */
const RSA_BITS_MAX = 16_384;

/**
 * A private key and its public half.
 *
 * @example
 * ```ts
 * import { DistinguishedName, KeyPair } from "sennit/tls";
 *
 * const key = await KeyPair.generate({ type: "ec", curve: "P-256" });
 * const text = key.dumpPEM({ passphrase: "correct horse" });
 * const again = KeyPair.loadPEM(text, { passphrase: "correct horse" });
 * console.log(again.keyHash() === key.keyHash()); // true
 *
 * // An authority of one's own.
 * const dn = new DistinguishedName({ commonName: "Test authority" });
 * const authority = await again.selfSignedCert(1, dn, { authority: true });
 * console.log(authority.certificate.isAuthority); // true
 * ```
 */
export class KeyPair implements KeyHolder {
  /** Node's own object: what `node:crypto` takes. */
  readonly privateKey: KeyObject;

  /** @throws {TypeError} Not a private key. */
  constructor(privateKey: KeyObject) {
    if (privateKey.type !== "private") {
      throw new TypeError(`Cannot make key pair: expected a private key, got ${privateKey.type}`);
    }
    this.privateKey = privateKey;
  }

  /**
   * Make a new one, on another thread.
   *
   * @throws {RangeError} The size is out of range.
   */
  static generate(options: KeyPairOptions = {}): Deferred<KeyPair> {
    const deferred = new Deferred<KeyPair>();
    generate(options, (error, _publicKey, privateKey) => {
      if (deferred.called) return;
      if (error === null) deferred.callback(new KeyPair(privateKey));
      else deferred.errback(error);
    });
    return deferred;
  }

  /**
   * The one private key in a PEM text: PKCS #8, PKCS #1 or SEC 1, encrypted or not.
   *
   * @throws {CertificateError} `unreadable`; `passphrase` if it is missing or wrong.
   */
  static loadPEM(text: string | Uint8Array, options: LoadKeyOptions = {}): KeyPair {
    return new KeyPair(readPrivateKeyPEM(text, options.passphrase));
  }

  /** As {@link KeyPair.loadPEM}, from DER. @throws {CertificateError} */
  static loadDER(der: Uint8Array, options: LoadKeyOptions = {}): KeyPair {
    return new KeyPair(readPrivateKeyDER(der, options.passphrase));
  }

  /**
   * The private key as PEM.
   *
   * @throws {TypeError} `traditional` for a kind of key that has no such form, or with a
   * passphrase: its encryption is weak.
   */
  dumpPEM(options: DumpKeyOptions = {}): string {
    const { type, ...protection } = this.#dumpOptions(options);
    return this.privateKey.export({ type, format: "pem", ...protection }).toString();
  }

  /** As {@link KeyPair.dumpPEM}, as DER. @throws {TypeError} */
  dumpDER(options: DumpKeyOptions = {}): Buffer {
    const { type, ...protection } = this.#dumpOptions(options);
    return Buffer.from(this.privateKey.export({ type, format: "der", ...protection }));
  }

  #dumpOptions({ form = "pkcs8", passphrase }: DumpKeyOptions): {
    readonly type: "pkcs8" | "pkcs1" | "sec1";
    readonly cipher?: string;
    readonly passphrase?: string;
  } {
    if (form === "pkcs8") {
      return passphrase === undefined
        ? { type: "pkcs8" }
        : { type: "pkcs8", cipher: "aes-256-cbc", passphrase };
    }
    if (passphrase !== undefined) {
      throw new TypeError(
        "Cannot dump key: expected form pkcs8 with a passphrase, got traditional",
      );
    }
    const kind = this.privateKey.asymmetricKeyType;
    if (kind === "rsa") return { type: "pkcs1" };
    if (kind === "ec") return { type: "sec1" };
    throw new TypeError(`Cannot dump key: expected form pkcs8 for kind ${String(kind)}`);
  }

  /** The public half. */
  getPublicKey(): KeyObject {
    return createPublicKey(this.privateKey);
  }

  /** SHA-256 of the public half, in hexadecimal: the same for each certificate of this key. */
  keyHash(): string {
    return publicKeyHash(this.privateKey);
  }

  /** The same key. */
  matches(other: KeyHolder): boolean {
    return this.keyHash() === publicKeyHash(other.privateKey);
  }

  /**
   * A request for a certificate of this key.
   *
   * @returns Fires with it, or fails with a `CertificateError`: `unsupported`, for a key that does
   * not sign.
   * @throws {TLSHostnameError} One of the names is none.
   */
  requestObject(dn: DistinguishedName, options: RequestOptions = {}): Deferred<CertificateRequest> {
    const der = issueRequest(dn, this.privateKey, options.names ?? []);
    return der.addCallback((der) => CertificateRequest.loadDER(der));
  }

  /**
   * A certificate that this key has signed for itself. Who trusts it trusts it alone, unless it is
   * an authority's (`authority: true`), which can sign others.
   *
   * @param serialNumber Positive; `randomSerialNumber()` makes one.
   * @returns Fires with it, or fails as {@link KeyPair.requestObject} does.
   * @throws {RangeError} A number or a time that no certificate can hold.
   * @throws {TLSHostnameError} One of the names is none.
   */
  selfSignedCert(
    serialNumber: bigint | number,
    dn: DistinguishedName,
    options: IssueOptions = {},
  ): Deferred<PrivateCertificate> {
    const { privateKey } = this;
    const holder = { subject: dn, publicKey: this.getPublicKey() };
    const issuer = { privateKey, certificate: undefined };
    const der = issueCertificate(holder, issuer, serialNumber, options);
    return der.addCallback((der) => this.newCertificate(new Certificate(der)));
  }

  /**
   * This key with the certificate that an authority has made for it.
   *
   * @param chain The certificates between it and a root, the nearest first.
   * @throws {CertificateError} `mismatch`: it is for another key.
   */
  newCertificate(certificate: Certificate, chain: readonly Certificate[] = []): PrivateCertificate {
    return PrivateCertificate.fromCertificateAndKeyPair(certificate, this, chain);
  }

  /** For people: kind, size and hash. Nothing of the private half. */
  inspect(): string {
    const { asymmetricKeyDetails: details = {}, asymmetricKeyType = "unknown" } = this.privateKey;
    const size = details.namedCurve ?? details.modulusLength;
    const kind = [asymmetricKeyType.toUpperCase(), size].filter((one) => one !== undefined);
    return `Key Pair (${kind.join(", ")}) with Hash: ${this.keyHash()}`;
  }

  /** `KeyPair(ec, 3fa9…)`: the kind, and the hash of the public half. */
  toString(): string {
    return `KeyPair(${String(this.privateKey.asymmetricKeyType)}, ${this.keyHash()})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

type Made = (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) => void;

function generate(options: KeyPairOptions, made: Made): void {
  if (options.type === "ed25519") return generateKeyPair("ed25519", {}, made);
  if (options.type !== "rsa") {
    return generateKeyPair("ec", { namedCurve: options.curve ?? "P-256" }, made);
  }
  const { size = RSA_BITS_MIN } = options;
  if (Number.isInteger(size) && size >= RSA_BITS_MIN && size <= RSA_BITS_MAX) {
    return generateKeyPair("rsa", { modulusLength: size }, made);
  }
  throw new RangeError(
    `Cannot make RSA key: expected ${String(RSA_BITS_MIN)} to ${String(RSA_BITS_MAX)} bits, ` +
      `got ${String(size)}`,
  );
}
