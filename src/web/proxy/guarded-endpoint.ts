/**
 * A host to connect to by name, of which only those addresses are tried that are allowed.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import {
  HostnameEndpoint,
  type HostnameEndpointReactor,
} from "../../internet/endpoints/hostname-endpoint.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
  IStreamClientEndpoint,
} from "../../internet/interfaces-factory.ts";
import type {
  ConnectTCPOptions,
  IDelayedCall,
  ListenTCPOptions,
} from "../../internet/interfaces-reactor.ts";
import type { IHostnameResolver, IPAddress } from "../../internet/interfaces-resolver.ts";
import { addressFromLiteral } from "../../internet/names/address-literal.ts";
import { ForbiddenPlaceError } from "./proxy-place.ts";

/**
 * An endpoint for it.
 *
 * @param allows Asked for each address, when it is about to be connected to.
 * @throws {RangeError} No such port.
 */
export function guardedEndpoint(
  reactor: HostnameEndpointReactor,
  host: string,
  port: number,
  allows: (address: IPAddress) => boolean,
): IStreamClientEndpoint {
  return new HostnameEndpoint(new GuardedReactor(reactor, allows), host, port);
}

/** Connects to what is allowed. */
class GuardedReactor implements HostnameEndpointReactor {
  readonly #reactor: HostnameEndpointReactor;
  readonly #allows: (address: IPAddress) => boolean;

  constructor(reactor: HostnameEndpointReactor, allows: (address: IPAddress) => boolean) {
    this.#reactor = reactor;
    this.#allows = allows;
  }

  connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options?: ConnectTCPOptions,
  ): IConnector {
    const address = addressFromLiteral(host, { portNumber: port });
    if (address !== undefined && this.#allows(address)) {
      return this.#reactor.connectTCP(host, port, factory, options);
    }
    const place = address?.toString() ?? host;
    throw new ForbiddenPlaceError(`Cannot connect to ${place}: it is not allowed`, address);
  }

  listenTCP(port: number, factory: IProtocolFactory, options?: ListenTCPOptions): IListeningPort {
    return this.#reactor.listenTCP(port, factory, options);
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
