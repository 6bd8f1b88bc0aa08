/**
 * TLS inside of anything that carries bytes: a UNIX socket, a pipe, a child process, a wire in
 * memory, another TLS.
 *
 *     protocol ◀─▶ TLS ◀─▶ TLSMemoryBIOProtocol ◀─▶ the transport below
 *
 * After: twisted.protocols.tls (TLSMemoryBIOFactory, TLSMemoryBIOProtocol). Differs: the reactor
 * speaks TLS, and is an argument; the role is the options' own; handshakes have a deadline; who
 * closes does not wait for the peer's close_notify.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../addresses.ts";
import type { ConnectionLimits } from "../interfaces-reactor.ts";
import type { IClientFactory, IConnector, IProtocolFactory } from "../interfaces-factory.ts";
import type {
  IReactorSSL,
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLayer,
  TLSLimits,
} from "../interfaces-tls.ts";
import {
  type ILayer,
  type IProtocol,
  type IStreamTransport,
  type ITransport,
  providesDrain,
  providesLoggingContext,
} from "../interfaces-transport.ts";

/** How to speak TLS. */
export interface TLSMemoryBIOOptions {
  /** Speaks it. */
  readonly reactor: IReactorSSL;
  /** A server's, or a client's: that is what it will be. */
  readonly options: ITLSServerOptions | ITLSClientOptions;
  /** Deadlines and limits of the TLS connection. */
  readonly limits?: TLSLimits & ConnectionLimits;
}

/** The lower transport's protocol: it speaks TLS there, for a protocol of its own. */
export class TLSMemoryBIOProtocol<P extends IProtocol = IProtocol> implements IProtocol, ILayer {
  factory: object | undefined;
  /** The protocol that talks over TLS. */
  readonly wrappedProtocol: P;
  /** There if the wrapped protocol can finish by itself. */
  readonly drain: (() => void) | undefined;
  readonly #how: TLSMemoryBIOOptions;
  #lower: IStreamTransport | undefined;
  #layer: TLSLayer | undefined;

  constructor(how: TLSMemoryBIOOptions, wrapped: P) {
    this.#how = how;
    this.wrappedProtocol = wrapped;
    this.drain = providesDrain(wrapped) ? () => wrapped.drain() : undefined;
  }

  /** The wrapped protocol's transport: TLS. */
  get upperTransport(): ITransport | undefined {
    return this.#layer?.transport;
  }

  makeConnection(transport: IStreamTransport): void {
    this.#lower = transport;
    this.connectionMade();
  }

  /** Begin the handshake; the wrapped protocol's `connectionMade` comes first. */
  connectionMade(): void {
    if (this.#lower === undefined) return;
    const { reactor, options, limits } = this.#how;
    this.#layer = reactor.layerTLS(this.#lower, options, limits);
    this.#layer.begin(this.wrappedProtocol);
  }

  dataReceived(data: Buffer): void {
    this.#layer?.dataReceived(data);
  }

  /** The peer has ended its half, of which TLS is told. */
  readConnectionLost(): void {
    this.#layer?.readConnectionLost();
  }

  /** TLS has ended ours. */
  writeConnectionLost(): void {}

  connectionLost(reason: Failure): void {
    this.#layer?.connectionLost(reason);
  }

  /** The wrapped protocol's. */
  logPrefix(): string {
    const { wrappedProtocol } = this;
    return providesLoggingContext(wrappedProtocol) ? wrappedProtocol.logPrefix() : "TLS";
  }
}

/**
 * Makes a factory's protocols talk over TLS, whatever the transport.
 *
 * Of a client's end, `clientConnectionLost` is told as the transport below sees it; the protocol's
 * own `connectionLost` has the reason of TLS.
 *
 * @example
 * ```ts
 * import { ClientFactory, Factory, IPv4Address, Protocol } from "sennit/internet";
 * import { NodeReactor } from "sennit/reactors";
 * import {
 *   optionsForClientTLS,
 *   selfSignedCertificate,
 *   TLSMemoryBIOFactory,
 *   trustRootFromCertificates,
 * } from "sennit/tls";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Buffer): void {
 *     this.transport.write(data);
 *   }
 * }
 * await using reactor = new NodeReactor();
 * const certificate = await selfSignedCertificate({ names: ["localhost"] });
 * const secured = new TLSMemoryBIOFactory(Factory.forProtocol(Echo), {
 *   reactor,
 *   options: certificate.options(),
 * });
 * const port = await reactor.listenTCP(0, secured, { interface: "127.0.0.1" }).listening;
 *
 * const trustRoot = trustRootFromCertificates([certificate]);
 * const client = new TLSMemoryBIOFactory(ClientFactory.forProtocol(Protocol), {
 *   reactor,
 *   options: optionsForClientTLS("localhost", { trustRoot }),
 * });
 * const address = port.getHost();
 * if (address instanceof IPv4Address) reactor.connectTCP("127.0.0.1", address.port, client);
 * ```
 */
export class TLSMemoryBIOFactory<P extends IProtocol = IProtocol>
  implements IClientFactory<TLSMemoryBIOProtocol<P>>
{
  readonly #wrapped: IProtocolFactory<P> & Partial<IClientFactory<P>>;
  readonly #how: TLSMemoryBIOOptions;

  constructor(wrapped: IProtocolFactory<P>, how: TLSMemoryBIOOptions) {
    this.#wrapped = wrapped;
    this.#how = how;
  }

  doStart(): void {
    this.#wrapped.doStart();
  }

  doStop(): void {
    this.#wrapped.doStop();
  }

  buildProtocol(address: IAddress): TLSMemoryBIOProtocol<P> | undefined {
    const protocol = this.#wrapped.buildProtocol(address);
    return protocol === undefined ? undefined : new TLSMemoryBIOProtocol(this.#how, protocol);
  }

  startedConnecting(connector: IConnector): void {
    this.#wrapped.startedConnecting?.(connector);
  }

  clientConnectionMade(connector: IConnector): void {
    this.#wrapped.clientConnectionMade?.(connector);
  }

  clientConnectionFailed(connector: IConnector, reason: Failure): void {
    this.#wrapped.clientConnectionFailed?.(connector, reason);
  }

  clientConnectionLost(connector: IConnector, reason: Failure): void {
    this.#wrapped.clientConnectionLost?.(connector, reason);
  }

  /** The wrapped factory's, and that it is over TLS. */
  logPrefix(): string {
    const wrapped = this.#wrapped;
    return providesLoggingContext(wrapped) ? `${wrapped.logPrefix()} (TLS)` : "TLS";
  }
}
