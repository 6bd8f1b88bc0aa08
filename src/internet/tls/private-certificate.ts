/**
 * A certificate and the private key to it: what a server shows, and what an authority signs with.
 *
 * After: twisted.internet.ssl.PrivateCertificate. Differs: it has a certificate and is none, so
 * that no key is written where a certificate should be; it keeps the chain; signing takes a
 * Deferred, and who is no authority does not sign.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import { INSPECT } from "../../core/inspect.ts";
import { quote } from "../../core/text.ts";
import { fail, maybeDeferred } from "../../defer/combinators.ts";
import type { Deferred, Eventual } from "../../defer/deferred.ts";
import type { RawCertificate } from "../interfaces-tls.ts";
import { issueCertificate, type IssueOptions } from "./_issue.ts";
import { type KeyHolder, readPrivateKeyPEM } from "./_private-key.ts";
import { Certificate } from "./certificate.ts";
import { CertificateOptions, checkPair } from "./certificate-options.ts";
import { CertificateRequest } from "./certificate-request.ts";
import { CertificateError, TLSHostnameError } from "./errors.ts";
import { trustRootFromCertificates } from "./trust-root.ts";

/** How to read a {@link PrivateCertificate}. */
export interface LoadPrivateCertificateOptions {
  /** Of an encrypted key. */
  readonly passphrase?: string;
}

/** Decides whether a request is to be granted. What it throws is the signing's failure. */
export type RequestJudge = (request: CertificateRequest) => Eventual<boolean>;

/**
 * A certificate with its key and its chain. It never changes.
 *
 * @example
 * ```ts
 * import { DistinguishedName, KeyPair } from "sennit/tls";
 *
 * const authorityKey = await KeyPair.generate();
 * const authorityName = new DistinguishedName({ commonName: "Test authority" });
 * const authority = await authorityKey.selfSignedCert(1, authorityName, { authority: true });
 *
 * const key = await KeyPair.generate();
 * const dn = new DistinguishedName({ commonName: "A server" });
 * const request = await key.requestObject(dn, { names: ["www.example.com"] });
 * const certificate = await authority.signRequestObject(request, 2, { secondsToExpiry: 86_400 });
 * console.log(certificate.isIssuedBy(authority.certificate)); // true
 *
 * // A server that lets in whoever has a certificate of that authority.
 * const options = key.newCertificate(certificate).options(authority);
 * console.log(options.settings.requireCertificate); // true
 * ```
 */
export class PrivateCertificate implements KeyHolder, RawCertificate {
  /** The certificate alone: to be given away. */
  readonly certificate: Certificate;
  /** Those between it and a root, the nearest first. */
  readonly chain: readonly Certificate[];
  /** Node's own object. `new KeyPair(privateKey)` makes more of it. */
  readonly privateKey: KeyObject;

  /** @throws {CertificateError} `mismatch`: the key is not the certificate's. */
  constructor(certificate: Certificate, key: KeyHolder, chain: readonly Certificate[] = []) {
    checkPair(certificate, key.privateKey);
    this.certificate = certificate;
    this.privateKey = key.privateKey;
    this.chain = Object.freeze([...chain]);
  }

  /**
   * From a PEM text that holds one key, its certificate, and maybe the rest of the chain, in any
   * order: the certificate is the one that is the key's, the others are the chain, as they come.
   *
   * @throws {CertificateError} `unreadable`; `passphrase`; `mismatch`: none is the key's.
   */
  static loadPEM(
    text: string | Uint8Array,
    options: LoadPrivateCertificateOptions = {},
  ): PrivateCertificate {
    const privateKey = readPrivateKeyPEM(text, options.passphrase);
    const all = Certificate.loadChainPEM(text);
    const own = all.find((one) => one.belongsTo(privateKey)) ?? all[0];
    const chain = all.filter((one) => !one.equals(own));
    return new PrivateCertificate(own, { privateKey }, chain);
  }

  /** Bring both together. @throws {CertificateError} `mismatch`. */
  static fromCertificateAndKeyPair(
    certificate: Certificate,
    keyPair: KeyHolder,
    chain: readonly Certificate[] = [],
  ): PrivateCertificate {
    return new PrivateCertificate(certificate, keyPair, chain);
  }

  /** The certificate's DER, so that this can stand where one is to be trusted. */
  get raw(): Buffer {
    return this.certificate.raw;
  }

  /**
   * Key, certificate and chain as PEM: a secret. What others may have is `certificate.dumpPEM()`.
   *
   * @param options With a `passphrase` the key is encrypted (AES-256, PBKDF2).
   */
  dumpPEM(options: LoadPrivateCertificateOptions = {}): string {
    const { passphrase } = options;
    const protection = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
    const key = this.privateKey.export({ type: "pkcs8", format: "pem", ...protection });
    return [key.toString(), ...[this.certificate, ...this.chain].map((one) => one.dumpPEM())].join(
      "",
    );
  }

  /**
   * A server that shows this certificate and its chain.
   *
   * @param authorities Those whose certificates clients must have. None: clients need none.
   */
  options(...authorities: readonly RawCertificate[]): CertificateOptions {
    return new CertificateOptions({
      privateKey: this,
      certificate: this.certificate,
      extraCertChain: this.chain,
      ...(authorities.length > 0 && { trustRoot: trustRootFromCertificates(authorities) }),
    });
  }

  /** The same key with a newer certificate. @throws {CertificateError} `mismatch`. */
  newCertificate(
    certificate: Certificate,
    chain: readonly Certificate[] = this.chain,
  ): PrivateCertificate {
    return new PrivateCertificate(certificate, this, chain);
  }

  /**
   * Grant a request: its subject and key, the names that it asks for unless `names` says others,
   * and nothing else of it. Look at `request.names` first: who signs, vouches for them.
   *
   * @param serialNumber Positive, and another one each time; `randomSerialNumber()` makes one.
   * @returns Fires with the certificate, or fails with a `CertificateError`: `not-authority` if
   * ours is not for signing others; `unsupported` for a key that does not sign, or for a request
   * with a name that is none.
   * @throws {RangeError} A number or time that no certificate can hold.
   * @throws {TLSHostnameError} One of `options.names` is none.
   */
  signRequestObject(
    request: CertificateRequest,
    serialNumber: bigint | number,
    options: IssueOptions = {},
  ): Deferred<Certificate> {
    if (!this.certificate.isAuthority) return fail(this.#notAuthority());
    const holder = { subject: request.rawSubject, publicKey: request.getPublicKey() };
    const content = { names: request.names, ...options };
    try {
      const der = issueCertificate(holder, this, serialNumber, content);
      return der.addCallback((der) => new Certificate(der));
    } catch (error) {
      // A name of ours is a mistake of the caller, a name of the request is a fact of life.
      if (options.names !== undefined || !(error instanceof TLSHostnameError)) throw error;
      return fail(unnamable(request, error));
    }
  }

  /**
   * Read a request, have it judged, and grant it.
   *
   * @param request PEM, or DER.
   * @param judge Called once, when the request has been read and its signature checked.
   * @returns Fires with the certificate, or fails as {@link CertificateRequest.loadPEM} and
   * {@link PrivateCertificate.signRequestObject}, or with a `CertificateError`: `refused` if
   * `judge` said false.
   */
  signCertificateRequest(
    request: string | Uint8Array,
    judge: RequestJudge,
    serialNumber: bigint | number,
    options: IssueOptions = {},
  ): Deferred<Certificate> {
    const read =
      typeof request === "string"
        ? CertificateRequest.loadPEM(request)
        : CertificateRequest.loadDER(request);
    return read.addCallback((request) =>
      maybeDeferred(judge, request).addCallback((isGranted) => {
        if (!isGranted) throw refused(request);
        return this.signRequestObject(request, serialNumber, options);
      }),
    );
  }

  /** For people: all that there is to say of the certificate. Nothing of the key. */
  inspect(): string {
    return this.certificate.inspect();
  }

  /** `PrivateCertificate(CN=www.example.com)`. Nothing of the key. */
  toString(): string {
    return `Private${this.certificate.toString()}`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  #notAuthority(): CertificateError {
    const name = this.certificate.toString();
    return new CertificateError(
      `Cannot sign with ${name}: expected an authority's certificate, made with authority: true`,
      "not-authority",
    );
  }
}

function refused(request: CertificateRequest): CertificateError {
  return new CertificateError(`Cannot sign ${request.toString()}: it was refused`, "refused");
}

function unnamable(request: CertificateRequest, cause: TLSHostnameError): CertificateError {
  const names = quote(request.names.join(", "));
  return new CertificateError(
    `Cannot sign ${request.toString()}: it asks for ${names}, of which one is no name`,
    "unsupported",
    { cause },
  );
}
