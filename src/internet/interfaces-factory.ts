/**
 * The contracts of factories, ports, connectors and endpoints.
 *
 * After: twisted.internet.interfaces.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import type { IAddress } from "./addresses.ts";
import type { IProtocol, ITransport } from "./interfaces-transport.ts";

/** Makes a protocol for each connection, and keeps what they share. */
export interface IProtocolFactory<P extends IProtocol = IProtocol> {
  /** A port or connector begins to use the factory. */
  doStart(): void;
  /** A port or connector is done with it. */
  doStop(): void;
  /** A protocol for a connection with `address`; `undefined` refuses it, and it is closed. */
  buildProtocol(address: IAddress): P | undefined;
}

/** A factory for `connectTCP` and its like, told how each attempt goes. */
export interface IClientFactory<P extends IProtocol = IProtocol> extends IProtocolFactory<P> {
  /** An attempt begins. `connector.stopConnecting()` in here ends it. */
  startedConnecting(connector: IConnector): void;
  /** The connection is there, and the protocol's `connectionMade` has run without throwing. */
  clientConnectionMade(connector: IConnector): void;
  /** No connection was made. `connector.connect()` in here tries again. */
  clientConnectionFailed(connector: IConnector, reason: Failure): void;
  /** A connection that was made has ended. `connector.connect()` in here makes another. */
  clientConnectionLost(connector: IConnector, reason: Failure): void;
}

/** One client's connection or attempts at it. */
export interface IConnector {
  readonly state: "disconnected" | "connecting" | "connected";
  /** Connect, again. @throws {AlreadyConnectingError} It is connecting or connected. */
  connect(): void;
  /** Give up the attempt. @throws {NotConnectingError} There is none. */
  stopConnecting(): void;
  /** Whatever the state: give up, or lose the connection. */
  disconnect(): void;
  /** Where it connects to. */
  getDestination(): IAddress;
}

/** A place where connections come in. */
export interface IListeningPort {
  /** The address; the real port number once `listening` has fired. */
  getHost(): IAddress;
  /**
   * Fires with the port when it is bound, fails with `CannotListenError`. If nobody has looked at
   * it by the time it fails, the failure ends the process as an unhandled `"error"` event would.
   */
  readonly listening: Deferred<IListeningPort>;
  /** Listen (again). @throws {AlreadyListeningError} It listens already. */
  startListening(): void;
  /** Accept no more; fires when the descriptor is closed. Connections made live on. */
  stopListening(): Deferred<void>;
  /** The connections that this port has accepted and that have not ended. */
  readonly connections: ReadonlySet<ITransport>;
  /**
   * Fires when the last of {@link IListeningPort.connections} has ended; at once if there is none.
   */
  whenEmpty(): Deferred<void>;
}

/** The last argument of what can be given up: `listen`, `connect`, `connectProtocol`. */
export interface AbortOptions {
  /**
   * Aborting it cancels the Deferred while that has not fired; the error's `cause` is the signal's
   * reason. Aborted beforehand, nothing is started.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Somewhere to connect to. */
export interface IStreamClientEndpoint {
  /** Connect; fires with the protocol, connected. Cancel it to give up. */
  connect<P extends IProtocol>(factory: IProtocolFactory<P>, options?: AbortOptions): Deferred<P>;
  /** For logs: `tcp:example.com:80`. */
  toString(): string;
}

/** Somewhere to listen. */
export interface IStreamServerEndpoint {
  /** Listen; fires with the bound port, fails with `CannotListenError`. */
  listen(factory: IProtocolFactory, options?: AbortOptions): Deferred<IListeningPort>;
  /** For logs: `tcp:8000:interface=127.0.0.1`. */
  toString(): string;
}
