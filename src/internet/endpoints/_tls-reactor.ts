/**
 * A reactor whose TCP speaks TLS from the first byte: what makes an endpoint of TCP one of TLS.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import { UnsupportedError } from "../errors.ts";
import type { IClientFactory, IConnector, IListeningPort } from "../interfaces-factory.ts";
import type { IProtocolFactory } from "../interfaces-factory.ts";
import type {
  ConnectTCPOptions,
  IDelayedCall,
  IReactorTCP,
  ListenTCPOptions,
} from "../interfaces-reactor.ts";
import type { IHostnameResolver } from "../interfaces-resolver.ts";
import {
  IReactorSSL,
  type ITLSClientOptions,
  type ITLSServerOptions,
  type TLSLimits,
} from "../interfaces-tls.ts";
import type { HostnameEndpointReactor } from "./hostname-endpoint.ts";

/** TCP for servers. */
export function tlsServerReactor(
  reactor: IReactorSSL,
  options: ITLSServerOptions,
  limits: TLSLimits,
): IReactorTCP {
  return {
    listenTCP: (port: number, factory: IProtocolFactory, more?: ListenTCPOptions): IListeningPort =>
      reactor.listenSSL(port, factory, options, { ...more, ...limits }),
    connectTCP: (): IConnector => {
      throw new UnsupportedError(IReactorSSL.label, "A server's reactor");
    },
  };
}

/** TCP for clients. */
export function tlsClientReactor(
  reactor: IReactorSSL,
  options: ITLSClientOptions,
  limits: TLSLimits,
): IReactorTCP {
  return {
    listenTCP: (): IListeningPort => {
      throw new UnsupportedError(IReactorSSL.label, "A client's reactor");
    },
    connectTCP: (
      host: string,
      port: number,
      factory: IClientFactory,
      more?: ConnectTCPOptions,
    ): IConnector => reactor.connectSSL(host, port, factory, options, { ...more, ...limits }),
  };
}

/** The same, with time and names. */
export class TLSHostnameReactor implements HostnameEndpointReactor {
  readonly #reactor: HostnameEndpointReactor & IReactorSSL;
  readonly #tcp: IReactorTCP;

  constructor(
    reactor: HostnameEndpointReactor & IReactorSSL,
    options: ITLSClientOptions,
    limits: TLSLimits,
  ) {
    this.#reactor = reactor;
    this.#tcp = tlsClientReactor(reactor, options, limits);
  }

  listenTCP(port: number, factory: IProtocolFactory, options?: ListenTCPOptions): IListeningPort {
    return this.#tcp.listenTCP(port, factory, options);
  }

  connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options?: ConnectTCPOptions,
  ): IConnector {
    return this.#tcp.connectTCP(host, port, factory, options);
  }

  seconds(): number {
    return this.#reactor.seconds();
  }

  callLater<Args extends unknown[]>(
    delay: number,
    f: (...args: Args) => unknown,
    ...args: Args
  ): IDelayedCall {
    return this.#reactor.callLater(delay, f, ...args);
  }

  getDelayedCalls(): readonly IDelayedCall[] {
    return this.#reactor.getDelayedCalls();
  }

  get nameResolver(): IHostnameResolver {
    return this.#reactor.nameResolver;
  }

  installNameResolver(resolver: IHostnameResolver): IHostnameResolver {
    return this.#reactor.installNameResolver(resolver);
  }

  resolve(name: string, timeouts?: readonly number[]): Deferred<string> {
    return this.#reactor.resolve(name, timeouts);
  }
}
