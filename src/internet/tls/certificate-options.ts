/**
 * What a TLS server shows, asks for and speaks.
 *
 * After: twisted.internet.ssl.CertificateOptions. Differs: it is for servers alone, clients have
 * `optionsForClientTLS`; key and certificate are checked here, not at the first connection;
 * `requireCertificate` and `trustRoot` go together.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import { INSPECT } from "../../core/inspect.ts";
import { Logger } from "../../logger/logger.ts";
import type { ITLSServerOptions, TLSSettings } from "../interfaces-tls.ts";
import { type KeyHolder, readPrivateKeyPEM } from "./_private-key.ts";
import { wallClock } from "./_wall-clock.ts";
import { Certificate } from "./certificate.ts";
import type { DiffieHellmanParameters } from "./diffie-hellman-parameters.ts";
import { CertificateError } from "./errors.ts";
import { type TLSTuning, tunedSettings } from "./tls-tuning.ts";
import { trustedCertificates, type TrustSource } from "./trust-root.ts";

const log = new Logger({ namespace: "sennit.tls" });

/** What a server asks for and speaks, whatever certificate it shows. */
export interface ServerTLSPolicy extends TLSTuning {
  /**
   * Whose signature counts under the certificates of clients. Default: clients are not asked for
   * one.
   */
  readonly trustRoot?: TrustSource;
  /**
   * With a `trustRoot`: refuse clients without a certificate. Clients with one that is not to be
   * trusted are refused either way. Default: true.
   */
  readonly requireCertificate?: boolean;
  /** Protocols for ALPN, the best first: `["h2", "http/1.1"]`. Default: none. */
  readonly acceptableProtocols?: readonly string[];
  /** Default: elliptic curves only. */
  readonly dhParameters?: DiffieHellmanParameters;
  /** The date, for warnings of certificates that are out of date. Default: the machine's. */
  readonly now?: () => Date;
}

/** What {@link CertificateOptions} are made of. */
export interface CertificateOptionsContent extends ServerTLSPolicy {
  /** A key pair, or PEM. */
  readonly privateKey: KeyHolder | string;
  /** Of the PEM in `privateKey`, if it is encrypted. */
  readonly passphrase?: string;
  /** A certificate, or PEM: what follows the first one in the text begins the chain. */
  readonly certificate: Certificate | string;
  /** The certificates between ours and a root, the nearest first. */
  readonly extraCertChain?: readonly (Certificate | string)[];
}

/**
 * The server's side of TLS with one certificate. For several names see `SNIMap`.
 *
 * @example
 * ```ts
 * import { CertificateOptions, selfSignedCertificate, TLSVersion } from "sennit/tls";
 *
 * const pem = (await selfSignedCertificate({ names: ["localhost"] })).dumpPEM(); // as in a file
 * const options = new CertificateOptions({
 *   privateKey: pem,
 *   certificate: pem,
 *   raiseMinimumTo: TLSVersion.TLSv1_3,
 *   acceptableProtocols: ["h2", "http/1.1"],
 * });
 * console.log(options.settings.minimum); // TLSv1.3
 * ```
 */
export class CertificateOptions implements ITLSServerOptions {
  readonly role = "server";
  /** The certificate that is shown. */
  readonly certificate: Certificate;
  /** What follows it. */
  readonly extraCertChain: readonly Certificate[];
  readonly #settings: TLSSettings;

  /**
   * A certificate that is out of date is logged as a warning: a server must start all the same.
   *
   * @throws {CertificateError} A key or certificate is `unreadable`, the `passphrase` is wrong, or
   * they do not belong together (`mismatch`).
   * @throws {TypeError} Versions that contradict each other, or what {@link ServerTLSPolicy} cannot
   * have.
   */
  constructor(content: CertificateOptionsContent) {
    const { privateKey, certificate, extraCertChain = [] } = content;
    const [leaf, ...following] = chainOf(certificate);
    const key = keyOf(privateKey, content.passphrase);
    const chain = [...following, ...extraCertChain.flatMap(chainOf)];
    checkPair(leaf, key);
    warnOfDates([leaf, ...chain], (content.now ?? wallClock)());
    this.certificate = leaf;
    this.extraCertChain = Object.freeze(chain);
    this.#settings = Object.freeze({
      privateKey: key.export({ type: "pkcs8", format: "pem" }).toString(),
      certificate: [leaf, ...chain].map((one) => one.dumpPEM()).join(""),
      ...policySettings(content),
    });
  }

  /** What a reactor makes its context of: always the same object. The key is in it. */
  get settings(): TLSSettings {
    return this.#settings;
  }

  /** The same for each name. */
  settingsFor(_serverName: string): TLSSettings {
    return this.#settings;
  }

  /** `CertificateOptions(CN=www.example.com, TLSv1.2 to TLSv1.3)`. Nothing of the key. */
  toString(): string {
    const { minimum, maximum } = this.#settings;
    return `CertificateOptions(${this.certificate.toString()}, ${minimum} to ${maximum})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** The settings that a policy decides. @throws {TypeError} @throws {CertificateError} */
function policySettings(policy: ServerTLSPolicy): Omit<TLSSettings, "privateKey" | "certificate"> {
  const { trustRoot, requireCertificate = true, acceptableProtocols = [] } = policy;
  return {
    trustRoot: trustRoot && trustedCertificates(trustRoot),
    requireCertificate: trustRoot !== undefined && requireCertificate,
    dhParameters: policy.dhParameters?.pem,
    ...tunedSettings(policy, acceptableProtocols),
  };
}

/** @throws {CertificateError} `mismatch`. */
export function checkPair(certificate: Certificate, privateKey: KeyObject): void {
  if (certificate.belongsTo(privateKey)) return;
  throw new CertificateError(
    `Cannot use ${certificate.toString()} with this private key: it is for another one`,
    "mismatch",
  );
}

function keyOf(privateKey: KeyHolder | string, passphrase: string | undefined): KeyObject {
  if (typeof privateKey !== "string") return privateKey.privateKey;
  return readPrivateKeyPEM(privateKey, passphrase);
}

function chainOf(certificate: Certificate | string): readonly [Certificate, ...Certificate[]] {
  return typeof certificate === "string" ? Certificate.loadChainPEM(certificate) : [certificate];
}

function warnOfDates(certificates: readonly Certificate[], now: Date): void {
  for (const certificate of certificates) {
    const { notBefore, notAfter } = certificate;
    if (notAfter < now) {
      log.warn("{certificate} has expired at {notAfter}: peers will refuse it", {
        certificate: certificate.toString(),
        notAfter: notAfter.toISOString(),
      });
    } else if (notBefore > now) {
      log.warn("{certificate} is not good before {notBefore}: peers will refuse it", {
        certificate: certificate.toString(),
        notBefore: notBefore.toISOString(),
      });
    }
  }
}
