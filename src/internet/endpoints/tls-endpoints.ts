/**
 * Places to listen and to connect to with TLS.
 *
 * Like the protocol's `connectionMade`, a client's Deferred fires before the handshake; a protocol
 * that has `handshakeCompleted` is told of that.
 *
 * After: twisted.internet.endpoints (SSL4ServerEndpoint, SSL4ClientEndpoint, wrapClientTLS).
 * Differs: names and addresses are verified by default; {@link TLSHostnameEndpoint} tries every
 * address of a name, with TLS on the socket itself; servers can be wrapped as well.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type {
  AbortOptions,
  IListeningPort,
  IProtocolFactory,
  IStreamClientEndpoint,
  IStreamServerEndpoint,
} from "../interfaces-factory.ts";
import type {
  ConnectionLimits,
  ConnectTCPOptions,
  ListenTCPOptions,
} from "../interfaces-reactor.ts";
import type {
  IReactorSSL,
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLimits,
} from "../interfaces-tls.ts";
import type { IProtocol } from "../interfaces-transport.ts";
import { TLSMemoryBIOFactory } from "../tls/memory-bio.ts";
import { TLSHostnameReactor, tlsClientReactor, tlsServerReactor } from "./_tls-reactor.ts";
import {
  HostnameEndpoint,
  type HostnameEndpointOptions,
  type HostnameEndpointReactor,
} from "./hostname-endpoint.ts";
import { TCP4ClientEndpoint } from "./tcp-client.ts";
import { TCP4ServerEndpoint } from "./tcp-server.ts";

/** The same description, of TLS. */
function ofTLS(prefix: string, description: string): string {
  return description.replace(/^[^:]*/u, prefix);
}

/**
 * Listens for TLS on a TCP port, over IPv4 unless `interface` says otherwise.
 *
 * @example
 * ```ts
 * import { Factory, Protocol, SSL4ServerEndpoint } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 * import { selfSignedCertificate } from "sennit/tls";
 *
 * const certificate = await selfSignedCertificate({ names: ["localhost"] });
 * const endpoint = new SSL4ServerEndpoint(reactor, 0, certificate.options(), {
 *   interface: "127.0.0.1",
 * });
 * const port = await endpoint.listen(Factory.forProtocol(Protocol));
 * await port.stopListening();
 * ```
 */
export class SSL4ServerEndpoint implements IStreamServerEndpoint {
  readonly #endpoint: TCP4ServerEndpoint;

  /**
   * @param port 0 to 65535; 0 lets the system choose.
   * @param limits As for TCP, and `handshakeTimeout` 30 seconds.
   * @throws {RangeError} No such port.
   */
  constructor(
    reactor: IReactorSSL,
    port: number,
    options: ITLSServerOptions,
    limits: ListenTCPOptions & TLSLimits = {},
  ) {
    const secured = tlsServerReactor(reactor, options, handshakeLimits(limits));
    this.#endpoint = new TCP4ServerEndpoint(secured, port, limits);
  }

  /** As for TCP. */
  listen(factory: IProtocolFactory, options?: AbortOptions): Deferred<IListeningPort> {
    return this.#endpoint.listen(factory, options);
  }

  /** `ssl:8443:interface=127.0.0.1`: what there is to say without naming keys. */
  toString(): string {
    return ofTLS("ssl", this.#endpoint.toString());
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}

/** Connects to a TCP port over IPv4, and speaks TLS. The name to verify is that of `options`. */
export class SSL4ClientEndpoint implements IStreamClientEndpoint {
  readonly #endpoint: TCP4ClientEndpoint;

  /**
   * @param port 0 to 65535.
   * @param limits As for TCP, and `handshakeTimeout` 30 seconds.
   * @throws {RangeError} No such port.
   */
  constructor(
    reactor: IReactorSSL,
    host: string,
    port: number,
    options: ITLSClientOptions,
    limits: ConnectTCPOptions & TLSLimits = {},
  ) {
    const secured = tlsClientReactor(reactor, options, handshakeLimits(limits));
    this.#endpoint = new TCP4ClientEndpoint(secured, host, port, limits);
  }

  /** As for TCP. */
  connect<P extends IProtocol>(factory: IProtocolFactory<P>, options?: AbortOptions): Deferred<P> {
    return this.#endpoint.connect(factory, options);
  }

  /** `ssl:example.com:443`: what there is to say without naming keys. */
  toString(): string {
    return ofTLS("ssl", this.#endpoint.toString());
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}

/**
 * Connects to a TCP port of a host that is given by name, whichever of its addresses answers first,
 * and speaks TLS. The name to verify is that of `options`.
 *
 * @example
 * ```ts
 * import { TLSHostnameEndpoint } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 * import { optionsForClientTLS } from "sennit/tls";
 *
 * const options = optionsForClientTLS("example.com");
 * const endpoint = new TLSHostnameEndpoint(reactor, "example.com", 443, options);
 * console.log(`${endpoint}`); // tls:example.com:443
 * ```
 */
export class TLSHostnameEndpoint implements IStreamClientEndpoint {
  readonly #endpoint: HostnameEndpoint;

  /**
   * @param port 0 to 65535.
   * @param limits As for `HostnameEndpoint`, and `handshakeTimeout` 30 seconds.
   * @throws {RangeError} No such port, or an option out of its range.
   */
  constructor(
    reactor: HostnameEndpointReactor & IReactorSSL,
    host: string,
    port: number,
    options: ITLSClientOptions,
    limits: HostnameEndpointOptions & TLSLimits = {},
  ) {
    const secured = new TLSHostnameReactor(reactor, options, handshakeLimits(limits));
    this.#endpoint = new HostnameEndpoint(secured, host, port, limits);
  }

  /** As for `HostnameEndpoint`: the first to be connected wins, and begins its handshake then. */
  connect<P extends IProtocol>(factory: IProtocolFactory<P>, options?: AbortOptions): Deferred<P> {
    return this.#endpoint.connect(factory, options);
  }

  /** What `clientFromString` reads: `tls:example.com:443`. Keys and limits are left out. */
  toString(): string {
    return ofTLS("tls", this.#endpoint.toString());
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}

function handshakeLimits({ handshakeTimeout }: TLSLimits): TLSLimits {
  return handshakeTimeout === undefined ? {} : { handshakeTimeout };
}

/**
 * TLS inside of what another endpoint connects: a UNIX socket, a child process, a proxy.
 *
 * @returns Its `connect` fires when the connection below is there, before the handshake.
 *
 * @example
 * ```ts
 * import { clientFromString, wrapClientTLS } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 * import { optionsForClientTLS } from "sennit/tls";
 *
 * const inner = clientFromString(reactor, "process:/usr/bin/ssh:gateway:nc:db.example:5433");
 * const endpoint = wrapClientTLS(reactor, optionsForClientTLS("db.example"), inner);
 * console.log(`${endpoint}`);
 * ```
 */
export function wrapClientTLS(
  reactor: IReactorSSL,
  options: ITLSClientOptions,
  endpoint: IStreamClientEndpoint,
  limits: TLSLimits & ConnectionLimits = {},
): IStreamClientEndpoint {
  return {
    connect: (factory, more) =>
      endpoint
        .connect(new TLSMemoryBIOFactory(factory, { reactor, options, limits }), more)
        .addCallback((protocol) => protocol.wrappedProtocol),
    toString: () => `TLS(${endpoint.toString()})`,
  };
}

/** TLS inside of what another endpoint accepts. */
export function wrapServerTLS(
  reactor: IReactorSSL,
  options: ITLSServerOptions,
  endpoint: IStreamServerEndpoint,
  limits: TLSLimits & ConnectionLimits = {},
): IStreamServerEndpoint {
  return {
    listen: (factory, more) =>
      endpoint.listen(new TLSMemoryBIOFactory(factory, { reactor, options, limits }), more),
    toString: () => `TLS(${endpoint.toString()})`,
  };
}
