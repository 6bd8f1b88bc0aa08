/**
 * TLS: keys, certificates, and what servers and clients make of them.
 *
 * A server shows a `PrivateCertificate`: its `options()` are what `listenSSL` and `startTLS` take.
 * A client says whom it wants to talk to: `optionsForClientTLS(hostname)`.
 *
 * @example
 * ```ts
 * import {
 *   optionsForClientTLS,
 *   selfSignedCertificate,
 *   trustRootFromCertificates,
 * } from "sennit/tls";
 *
 * const certificate = await selfSignedCertificate({ names: ["localhost"] });
 * const serverOptions = certificate.options();
 * const trustRoot = trustRootFromCertificates([certificate]);
 * const clientOptions = optionsForClientTLS("localhost", { trustRoot });
 * console.log(serverOptions.settings.minimum, clientOptions.verifyHostname); // TLSv1.2 true
 * ```
 *
 * @module tls
 */

// Keys and certificates
export { Certificate, type CertifiedTransport } from "./certificate.ts";
export { CertificateRequest, type RequestContent } from "./certificate-request.ts";
export {
  DistinguishedName,
  type DistinguishedNameFields,
  type NameAttribute,
  type RelativeName,
} from "./distinguished-name.ts";
export { type IssueOptions, randomSerialNumber } from "./_issue.ts";
export {
  type DumpKeyOptions,
  KeyPair,
  type KeyPairOptions,
  type LoadKeyOptions,
  type RequestOptions,
} from "./key-pair.ts";
export type { KeyHolder } from "./_private-key.ts";
export {
  type LoadPrivateCertificateOptions,
  PrivateCertificate,
  type RequestJudge,
} from "./private-certificate.ts";
export { selfSignedCertificate, type SelfSignedContent } from "./self-signed.ts";

// Servers
export {
  CertificateOptions,
  type CertificateOptionsContent,
  type ServerTLSPolicy,
} from "./certificate-options.ts";
export { DiffieHellmanParameters } from "./diffie-hellman-parameters.ts";
export { SNIDirectory, type SNIDirectoryOptions } from "./sni-directory.ts";
export { type NamedCertificate, SNIMap, type SNIMapContent } from "./sni-map.ts";

// Clients
export {
  ClientTLSOptions,
  type ClientTLSContent,
  type InsecureClientTLSContent,
  insecureOptionsForClientTLS,
  optionsForClientTLS,
} from "./client-options.ts";

// TLS on any transport
export {
  TLSMemoryBIOFactory,
  type TLSMemoryBIOOptions,
  TLSMemoryBIOProtocol,
} from "./memory-bio.ts";

// Both
export { AcceptableCiphers } from "./acceptable-ciphers.ts";
export type { TLSTuning } from "./tls-tuning.ts";
export { compareTLSVersions, TLSVersion } from "./tls-version.ts";
export {
  platformTrust,
  type TrustRoot,
  trustRootFromCertificates,
  type TrustSource,
} from "./trust-root.ts";

// Contracts
export {
  type IHandshakeListener,
  IReactorSSL,
  type ITLSClientOptions,
  type ITLSServerOptions,
  type ITLSTransport,
  type IUnprocessedBytes,
  providesHandshakeListener,
  providesTLS,
  providesUnprocessed,
  type RawCertificate,
  type TLSLayer,
  type TLSLimits,
  type TLSSession,
  type TLSSettings,
} from "../interfaces-tls.ts";

// Errors
export {
  CertificateDirectoryError,
  CertificateError,
  type CertificateProblem,
  TLSError,
  TLSHandshakeError,
  TLSHostnameError,
  TLSNotPossibleError,
  VerificationError,
} from "./errors.ts";
