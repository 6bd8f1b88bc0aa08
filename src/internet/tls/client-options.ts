/**
 * What a TLS client expects of the server, shows and speaks.
 *
 * After: twisted.internet.ssl.optionsForClientTLS. Differs: everything is checked here, not at the
 * first connection; addresses are verified as names are; whoever wants no verification says
 * `insecure`.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { ITLSClientOptions, TLSSettings } from "../interfaces-tls.ts";
import { parseHostname } from "./hostname.ts";
import type { PrivateCertificate } from "./private-certificate.ts";
import { type TLSTuning, tunedSettings } from "./tls-tuning.ts";
import { platformTrust, trustedCertificates, type TrustSource } from "./trust-root.ts";

/** What {@link insecureOptionsForClientTLS} takes. */
export interface InsecureClientTLSContent {
  /** Shown to a server that asks for it. Default: none. */
  readonly clientCertificate?: PrivateCertificate;
  /** Protocols for ALPN, the best first. Default: none. */
  readonly acceptableProtocols?: readonly string[];
  /** Versions, ciphers, sessions. Nearly nobody needs this. */
  readonly extraCertificateOptions?: TLSTuning;
}

/** What {@link optionsForClientTLS} takes. */
export interface ClientTLSContent extends InsecureClientTLSContent {
  /**
   * Whose signature counts under the server's certificate: the public authorities
   * (`platformTrust()`, the default), some of one's own (`trustRootFromCertificates`), or a single
   * certificate, which is called pinning.
   */
  readonly trustRoot?: TrustSource;
}

/** The client's side of TLS. {@link optionsForClientTLS} makes it. */
export class ClientTLSOptions implements ITLSClientOptions {
  readonly role = "client";
  readonly hostname: string;
  readonly verifyHostname: boolean;
  readonly #settings: TLSSettings;

  /** Use {@link optionsForClientTLS}. */
  constructor(hostname: string, verifyHostname: boolean, settings: TLSSettings) {
    this.hostname = hostname;
    this.verifyHostname = verifyHostname;
    this.#settings = Object.freeze({ ...settings });
  }

  /** What a reactor makes its context of: always the same object. The key, if any, is in it. */
  get settings(): TLSSettings {
    return this.#settings;
  }

  /** `ClientTLSOptions(www.example.com, TLSv1.2 to TLSv1.3)`. Nothing of the key. */
  toString(): string {
    const { minimum, maximum } = this.#settings;
    const trust = this.verifyHostname ? "" : "INSECURE, ";
    return `ClientTLSOptions(${this.hostname}, ${trust}${minimum} to ${maximum})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/**
 * The client's side of TLS: for `connectSSL`, `startTLS` and what wraps a connection in TLS.
 *
 * The server must have a certificate for `hostname` that leads to the trust root, or the connection
 * ends with a `VerificationError`.
 *
 * @param hostname The name or address that was asked for, in Unicode or not: what the user typed,
 * not what a resolver made of it.
 * @throws {TLSHostnameError} Neither a name nor an address.
 * @throws {TypeError} What {@link TLSTuning} cannot have.
 * @throws {CertificateError} `unreadable`: a certificate to be trusted is none.
 *
 * @example
 * ```ts
 * import { optionsForClientTLS } from "sennit/tls";
 *
 * const options = optionsForClientTLS("Bücher.example", { acceptableProtocols: ["h2"] });
 * console.log(options.hostname, options.settings.trustRoot); // xn--bcher-kva.example platform
 * ```
 */
export function optionsForClientTLS(
  hostname: string,
  content: ClientTLSContent = {},
): ClientTLSOptions {
  const trustRoot = trustedCertificates(content.trustRoot ?? platformTrust());
  return makeOptions(hostname, content, trustRoot);
}

/**
 * A client that talks to whoever answers: nothing is verified, so it is hidden from those who
 * listen, and not from those who interfere.
 *
 * For a look at a server whose certificate is wrong, for protocols that use TLS without
 * authorities (opportunistic STARTTLS between mail servers), for a probe that judges certificates
 * itself. Not for tests, and not for a certificate of one's own: trust that one, with
 * `trustRootFromCertificates`.
 *
 * @throws As {@link optionsForClientTLS}.
 */
export function insecureOptionsForClientTLS(
  hostname: string,
  content: InsecureClientTLSContent = {},
): ClientTLSOptions {
  return makeOptions(hostname, content, undefined);
}

function makeOptions(
  hostname: string,
  content: InsecureClientTLSContent,
  trustRoot: TLSSettings["trustRoot"],
): ClientTLSOptions {
  const { clientCertificate, acceptableProtocols = [], extraCertificateOptions = {} } = content;
  const shown = clientCertificate?.options().settings;
  return new ClientTLSOptions(parseHostname(hostname).ascii, trustRoot !== undefined, {
    ...(shown?.privateKey !== undefined && { privateKey: shown.privateKey }),
    ...(shown?.certificate !== undefined && { certificate: shown.certificate }),
    trustRoot,
    requireCertificate: trustRoot !== undefined,
    dhParameters: undefined,
    ...tunedSettings(extraCertificateOptions, acceptableProtocols),
  });
}
