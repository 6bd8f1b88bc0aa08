/**
 * What a PROXY header says, in either version.
 *
 * @module
 */

/** One end of a TCP or UDP connection. */
export interface ProxyInternetAddress {
  /** Read: as RFC 5952 writes it, whatever the sender's spelling. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** From whom to whom, over the Internet's protocols. */
export interface ProxyInternetRoute {
  /** IPv4, IPv6. */
  readonly family: "INET" | "INET6";
  /** TCP, UDP. */
  readonly transport: "STREAM" | "DGRAM";
  /** The client. */
  readonly source: ProxyInternetAddress;
  /** Where the client connected to. */
  readonly destination: ProxyInternetAddress;
}

/** From whom to whom, between UNIX sockets: paths of at most 108 bytes, `"\0…"` if abstract. */
export interface ProxyUNIXRoute {
  readonly family: "UNIX";
  readonly transport: "STREAM" | "DGRAM";
  /** The client; mostly empty, because clients seldom have a path. */
  readonly source: string;
  readonly destination: string;
}

/** A TLV of a type that has no name here. */
export interface ProxyTLV {
  /** 0 to 255. 0xE0 to 0xEF are for applications (§2.2.8): clouds put their own things there. */
  readonly type: number;
  readonly value: Buffer;
}

/** How the client spoke TLS to the proxy (§2.2.6). */
export interface ProxySSL {
  /** The client connected over TLS. */
  readonly secure: boolean;
  /** It showed a certificate on this connection. */
  readonly certificateOnConnection: boolean;
  /** It showed one at least once in the TLS session that this connection belongs to. */
  readonly certificateInSession: boolean;
  /**
   * The verifier's verdict: 0 if the certificate was good. It is 0 as well when there was none, so
   * believe it only together with one of the two above.
   */
  readonly verify: number;
  /** `TLSv1.3`. */
  readonly version?: string;
  /** Of the subject of the client's certificate. */
  readonly commonName?: string;
  /** `TLS_AES_256_GCM_SHA384`. */
  readonly cipher?: string;
  /** How the proxy's own certificate is signed: `RSA-SHA256`. */
  readonly signatureAlgorithm?: string;
  /** The key of the proxy's own certificate: `RSA2048`. */
  readonly keyAlgorithm?: string;
  /** Those without a name here, in order. */
  readonly tlvs?: readonly ProxyTLV[];
}

/** A whole header. All that it says is only as true as its sender. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** `LOCAL`: the proxy speaks for itself, to check our health. Version 1 has only `PROXY`. */
  readonly command: "PROXY" | "LOCAL";
  /** Missing: unknown (`UNKNOWN`, `UNSPEC`) or `LOCAL`; the socket's own addresses count. */
  readonly route?: ProxyRoute;
  /** The protocol that the client agreed on with the proxy: `h2`. */
  readonly alpn?: Buffer;
  /** The name that the client asked for: what SNI said. */
  readonly authority?: string;
  /** Names the connection, the same through all proxies. At most 128 bytes. */
  readonly uniqueID?: Buffer;
  readonly ssl?: ProxySSL;
  /** The proxy's network namespace. */
  readonly networkNamespace?: string;
  /** Read: it had a CRC32C, which was right. To encode: add one. */
  readonly checksum?: boolean;
  /** The other TLVs, in order; padding (NOOP) is left out. */
  readonly tlvs?: readonly ProxyTLV[];
}

/** From whom to whom. */
export type ProxyRoute = ProxyInternetRoute | ProxyUNIXRoute;
