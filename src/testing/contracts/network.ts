/**
 * What the connections of a suite run over: TCP, unless a harness brings something else.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
} from "../../internet/interfaces-factory.ts";
import type {
  ConnectTCPOptions,
  IReactorTCP,
  ListenTCPOptions,
} from "../../internet/interfaces-reactor.ts";

/** Where a port listens, for those who connect to it: a port number, a path. */
export type Place = number | string;

/** The options that every network knows. */
export type NetworkListenOptions = Omit<ListenTCPOptions, "interface">;
/** The options that every network knows. */
export type NetworkConnectOptions = Omit<ConnectTCPOptions, "family" | "bindAddress">;

/**
 * A way to listen and to connect, of the reactor that is tried. Contracts that are about TCP itself
 * skip, and say so.
 */
export interface Network {
  /** Begin to listen at a place of one's choice; without one, where nobody listens yet. */
  listen(factory: IProtocolFactory, options: NetworkListenOptions, place?: Place): IListeningPort;
  /** Begin to connect to where a port listens, or to a place of the harness. */
  connect(place: Place, factory: IClientFactory, options: NetworkConnectOptions): IConnector;
  /** Where the port listens; it is bound. */
  placeOf(port: IListeningPort): Place;
  /**
   * Does a peer see that a connection was aborted? Where not (UNIX sockets), it sees an end like
   * any other. Default: it does.
   */
  readonly hasResets?: boolean;
}

/** TCP on one address. */
export function tcpNetwork(reactor: IReactorTCP, host: string): Network {
  return {
    listen: (factory, options, place = 0) =>
      reactor.listenTCP(numberOf(place), factory, { interface: host, ...options }),
    connect: (place, factory, options) =>
      reactor.connectTCP(host, numberOf(place), factory, options),
    placeOf: portNumber,
  };
}

function numberOf(place: Place): number {
  if (typeof place === "number") return place;
  throw new AssertionError(`Expected a port number, found ${place}`);
}

/** The number of a TCP port. @throws {AssertionError} Its address has none. */
export function portNumber(port: IListeningPort): number {
  const address = port.getHost();
  if ("port" in address && typeof address.port === "number") return address.port;
  throw new AssertionError(`Expected an address with a port number, found ${address.toString()}`);
}
