/**
 * The contracts of TLS: what a reactor must know to speak it, and what a connection tells of it.
 *
 * Whoever makes settings knows certificates and no sockets (`internet/tls`); whoever speaks TLS
 * knows sockets and takes the settings as they are (`reactors/node`). Settings are immutable: a
 * reactor may keep what it makes of them. What changes while a server runs (a renewed certificate,
 * one more name) is another settings object that `settingsFor` returns from then on.
 *
 * After: twisted.internet.interfaces (IReactorSSL, ITLSTransport, ISSLTransport, INegotiated,
 * IHandshakeListener, IOpenSSLServerConnectionCreator). Differs: the role is the options' own;
 * nothing verifies nothing without `insecure` in its name; handshakes have a deadline.
 *
 * @module
 */
import type { Failure } from "../defer/failure.ts";
import { type Capability, capability } from "./capabilities.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
} from "./interfaces-factory.ts";
import type {
  ConnectionLimits,
  ConnectTCPOptions,
  ListenTCPOptions,
} from "./interfaces-reactor.ts";
import type { IProtocol, IStreamTransport } from "./interfaces-transport.ts";
import type { TLSVersion } from "./tls/tls-version.ts";

/** Who we are, whom we trust and how we speak: as PEM and names. Never changes. */
export interface TLSSettings {
  /** Our private key, PEM (PKCS #8), unencrypted. Missing: a client without a certificate. */
  readonly privateKey?: string;
  /** Our certificate, PEM, and after it those between it and a root, if any. */
  readonly certificate?: string;
  /**
   * Whose signature under the peer's certificate counts: PEM certificates; `"platform"` for those
   * that Node comes with (and `NODE_EXTRA_CA_CERTS`). `undefined`: the peer's certificate is not
   * verified; a server then does not ask for one.
   */
  readonly trustRoot: readonly string[] | "platform" | undefined;
  /** For a server that has a `trustRoot`: is a client without a certificate refused? */
  readonly requireCertificate: boolean;
  /** The oldest version that is spoken. */
  readonly minimum: TLSVersion;
  /** The newest one. */
  readonly maximum: TLSVersion;
  /** OpenSSL's cipher string. `undefined`: Node's default list. */
  readonly ciphers: string | undefined;
  /** ALPN (RFC 7301), best first; empty: none. */
  readonly acceptableProtocols: readonly string[];
  /** Finite-field Diffie-Hellman: PEM parameters, or `"auto"`. `undefined`: not offered. */
  readonly dhParameters: string | undefined;
  /** May sessions be resumed (RFC 8446 §2.2, RFC 5077)? */
  readonly sessions: boolean;
}

/** The server's side of TLS. Pass it to `listenSSL`, `startTLS` or `TLSMemoryBIOFactory`. */
export interface ITLSServerOptions {
  readonly role: "server";
  /**
   * The settings for a client that asks for `serverName` (SNI, RFC 6066 §3), `""` if it does not
   * say. Called for each connection: with `""` when it comes, then with the name. By then the
   * versions are settled, and whether ALPN is used at all (which it is if the settings for `""`
   * have protocols). For a resumed session of TLS 1.2 there is no second call.
   *
   * @returns `undefined` for a name that is not served, and for `""` where a name is needed: such a
   * connection is closed.
   */
  settingsFor(serverName: string): TLSSettings | undefined;
}

/** The client's side of TLS. Pass it to `connectSSL`, `startTLS` or `TLSMemoryBIOFactory`. */
export interface ITLSClientOptions {
  readonly role: "client";
  /** The name (or address) that the peer's certificate must be for; also sent as SNI if a name. */
  readonly hostname: string;
  /** False only where the maker has `insecure` in its name: any name will do. */
  readonly verifyHostname: boolean;
  readonly settings: TLSSettings;
}

/** Limits of a TLS connection. */
export interface TLSLimits {
  /**
   * Seconds that a handshake may take, then the connection is aborted with
   * `ConnectionTimedOut("handshake")`. Default: 30.
   */
  readonly handshakeTimeout?: number;
}

/** A certificate as it came over the wire. `Certificate.peerFromTransport` makes more of it. */
export interface RawCertificate {
  /** DER (X.690), as signed. */
  readonly raw: Buffer;
}

/** What was agreed on. Complete and fixed from `handshakeCompleted` on. */
export interface TLSSession {
  readonly version: string;
  /** The cipher suite's standard name (IANA). */
  readonly cipher: string;
  /** What ALPN led to; `undefined` if it was not used or found nothing in common. */
  readonly negotiatedProtocol: string | undefined;
  /**
   * The name that the client asked for (SNI); empty if none. On a server it is empty as well where
   * a session of TLS 1.2 was resumed, whatever the client asked for.
   */
  readonly serverName: string;
  /** An earlier session was taken up again: no certificates were sent. */
  readonly resumed: boolean;
  /**
   * The peer's own certificate, verified if we verify. In a resumed session it is that of the first
   * connection, and was verified then.
   */
  readonly peerCertificate: RawCertificate | undefined;
  /** The one that we showed. */
  readonly hostCertificate: RawCertificate | undefined;
}

/** A transport that speaks TLS, or can begin to. Probe with {@link providesTLS}. */
export interface ITLSTransport extends IStreamTransport {
  /**
   * From here on, speak TLS. What was written before goes out first, as it is; what is written from
   * now on waits for the handshake. Of what has been received and not delivered nothing is read as
   * plain text: a protocol that has bytes left (`providesUnprocessed`) is asked for them, and they
   * are taken as the peer's first bytes of TLS, which plain text is not. Pauses and producers stay
   * as they are. The end of the handshake is told by `handshakeCompleted`; a failed one is the
   * reason of `connectionLost`.
   *
   * @throws {TLSNotPossibleError} Not connected any more, closing, or our half is closed.
   * @throws {RangeError} `handshakeTimeout` is negative, or NaN.
   */
  startTLS(options: ITLSServerOptions | ITLSClientOptions, limits?: TLSLimits): void;
  /** TLS was begun on it, by its maker or by `startTLS`. */
  readonly secure: boolean;
  /** What was agreed on; `undefined` before the (outermost) handshake is done. */
  readonly tlsSession: TLSSession | undefined;
  /** What ALPN led to. The same as in {@link ITLSTransport.tlsSession}. */
  readonly negotiatedProtocol: string | undefined;
  /** The peer's certificate. The same as in {@link ITLSTransport.tlsSession}. */
  getPeerCertificate(): RawCertificate | undefined;
}

/** A protocol that wants to know when it may trust the peer. */
export interface IHandshakeListener {
  /**
   * The handshake is done, and whatever had to be verified is verified. Comes after
   * `connectionMade`, before the first `dataReceived` over TLS, once for each handshake.
   */
  handshakeCompleted(): void;
}

/** A protocol that keeps bytes which it has received and not processed yet. */
export interface IUnprocessedBytes {
  /** Hand over those bytes, and forget them. */
  clearLineBuffer(): Uint8Array;
}

/** TLS over TCP, and over whatever carries bytes. */
export interface IReactorSSL {
  /**
   * Listen for TLS. `connectionMade` comes before the handshake, and what is written then waits
   * for it.
   */
  listenSSL(
    port: number,
    factory: IProtocolFactory,
    options: ITLSServerOptions,
    limits?: ListenTCPOptions & TLSLimits,
  ): IListeningPort;
  /** Connect, and speak TLS. As for `listenSSL`, the handshake comes after `connectionMade`. */
  connectSSL(
    host: string,
    port: number,
    factory: IClientFactory,
    options: ITLSClientOptions,
    limits?: ConnectTCPOptions & TLSLimits,
  ): IConnector;
  /**
   * TLS on any transport that carries bytes in order: a UNIX socket, a pipe, a process, a wire in
   * memory, another TLS. `TLSMemoryBIOFactory` calls it.
   *
   * @returns A transport for a protocol of its own; see {@link TLSLayer}.
   * @throws {RangeError} `handshakeTimeout`, `closeTimeout` or `maxBufferedBytes` is negative, or
   * NaN.
   * @throws {Error} OpenSSL's, for keys that do not fit.
   */
  layerTLS(
    lower: IStreamTransport,
    options: ITLSServerOptions | ITLSClientOptions,
    limits?: TLSLimits & ConnectionLimits,
  ): TLSLayer;
}
/** Asks whether a reactor provides TLS. */
export const IReactorSSL: Capability<IReactorSSL> = capability("IReactorSSL");

/**
 * TLS on top of a transport. Its owner is the lower transport's protocol: it feeds what that one is
 * told, and has the lower transport to itself.
 */
export interface TLSLayer {
  /** What the upper protocol sees: the whole contract of a stream transport. */
  readonly transport: ITLSTransport;
  /** Hand it to its protocol (`connectionMade`), and begin the handshake. Once. */
  begin(protocol: IProtocol): void;
  /** The lower transport received this. */
  dataReceived(data: Buffer): void;
  /** The lower transport will receive no more; it may still send. */
  readConnectionLost(): void;
  /** The lower transport is gone. */
  connectionLost(reason: Failure): void;
}

/** Can it speak TLS? Then `startTLS` may be called. */
export function providesTLS(value: unknown): value is ITLSTransport {
  return has(value, "startTLS") && has(value, "getPeerCertificate");
}

/** Does it want to know when the handshake is done? */
export function providesHandshakeListener(value: unknown): value is IHandshakeListener {
  return has(value, "handshakeCompleted");
}

/** May it hold bytes that it has not processed? */
export function providesUnprocessed(value: unknown): value is IUnprocessedBytes {
  return has(value, "clearLineBuffer");
}

function has(value: unknown, method: string): boolean {
  return (
    typeof value === "object" && value !== null && typeof Reflect.get(value, method) === "function"
  );
}
