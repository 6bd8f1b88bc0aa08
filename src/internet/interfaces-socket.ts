/**
 * The contracts of adopting: sockets that others have opened, and that a reactor goes on with.
 * Whoever starts us may have bound a port that we may not bind (systemd, a supervisor), or accepted
 * a connection for us (inetd).
 *
 * **Who owns the descriptor.** From the call on the reactor does, and closes it with the port or
 * connection: do not use it, do not close it. Two faults leave it as it was, with the caller: it is
 * not open, or not a stream socket. The reactor makes it non-blocking, for everyone who shares it.
 *
 * After: twisted.internet.interfaces.IReactorSocket. Differs: Twisted duplicates the descriptor and
 * the caller closes the first one, Node cannot; the family is found out, and need not be told.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import { type Capability, capability } from "./capabilities.ts";
import type { IListeningPort, IProtocolFactory } from "./interfaces-factory.ts";
import type { ConnectionLimits } from "./interfaces-reactor.ts";
import type { IProtocol } from "./interfaces-transport.ts";
import type { ListenFDs } from "./listen-fds.ts";

/** A family of addresses, by the name that socket(2) has for it, without its `AF_`. */
export type SocketDomain = "INET" | "INET6" | "UNIX";

/** Options of {@link IReactorSocket.adoptStreamConnection}. */
export interface AdoptStreamConnectionOptions extends ConnectionLimits {
  /** Refuse a socket of any other family. Default: each will do. */
  readonly domain?: SocketDomain;
}

/** Options of {@link IReactorSocket.adoptStreamPort}. */
export interface AdoptStreamPortOptions extends AdoptStreamConnectionOptions {
  /**
   * Connections that the system keeps for us until we accept them; it replaces what was set by
   * whoever opened the socket. Default: 4096, which is systemd's.
   */
  readonly backlog?: number;
  /** Connections alive at once; one more is closed at once, with a log line. Default: 65,536. */
  readonly maxConnections?: number;
}

/** Adopting descriptors. */
export interface IReactorSocket {
  /**
   * Go on with a socket that is bound, and may listen already. Returns at once; see
   * {@link IListeningPort.listening}, which fails with `CannotListenError`. Once stopped it cannot
   * listen again: the descriptor is closed. A UNIX socket's file stays.
   *
   * @throws {RangeError} Not a descriptor, or no such limit.
   */
  adoptStreamPort(
    fileDescriptor: number,
    factory: IProtocolFactory,
    options?: AdoptStreamPortOptions,
  ): IListeningPort;
  /**
   * Go on with a connection. The factory is started, asked for one protocol, and stopped when the
   * connection has ended.
   *
   * @returns Fires with the protocol, in a later turn, when its `connectionMade` has run. Fails
   * with `CannotAdoptError`, with `NoProtocol` or with what the factory or protocol threw; the
   * connection is then closed. Cancelled: it is closed as well.
   * @throws {RangeError} Not a descriptor, or no such limit.
   */
  adoptStreamConnection<P extends IProtocol>(
    fileDescriptor: number,
    factory: IProtocolFactory<P>,
    options?: AdoptStreamConnectionOptions,
  ): Deferred<P>;
  /** The sockets that systemd, or whoever speaks as it does, handed to this process. */
  readonly inheritedDescriptors: ListenFDs;
}
/** Asks whether a reactor adopts descriptors. */
export const IReactorSocket: Capability<IReactorSocket> = capability("IReactorSocket");

/** The descriptor itself, if it is one. @throws {RangeError} Not a whole number from 0. */
export function checkedDescriptor(fileDescriptor: number): number {
  const max = 2_147_483_647; // It is an int.
  const isOne = Number.isInteger(fileDescriptor) && fileDescriptor >= 0 && fileDescriptor <= max;
  if (isOne) return fileDescriptor;
  throw new RangeError(
    `Cannot use descriptor ${String(fileDescriptor)}: expected a whole number from 0`,
  );
}
