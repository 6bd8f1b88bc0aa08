/**
 * The contracts of UNIX sockets: streams between processes of one machine, found by a name.
 *
 *     /run/app.sock    a file of the kind "socket"; its mode says who may connect
 *     \0app            abstract (Linux): no file, gone with its socket, and open to everybody
 *
 * Descriptors cannot be passed over them: Node has no `sendmsg(2)` with rights, so what Twisted
 * calls `sendFileDescriptor` and `fileDescriptorReceived` does not exist here. Nor has Node UNIX
 * sockets for datagrams.
 *
 * Spec: unix(7). After: twisted.internet.interfaces (IReactorUNIX, IUNIXTransport).
 * Differs: a socket file that is somebody else's by now is left alone; an option `maxConnections`.
 *
 * @module
 */
import type { UNIXAddress } from "./addresses.ts";
import { type Capability, capability } from "./capabilities.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
} from "./interfaces-factory.ts";
import type { ConnectionLimits } from "./interfaces-reactor.ts";
import type { IStreamTransport } from "./interfaces-transport.ts";

/** One end of a connection over a UNIX socket. There are no resets: an abort is a close. */
export interface IUNIXTransport extends IStreamTransport {
  /** The server's name; for the server, the client's, which is unnamed. */
  getPeer(): UNIXAddress;
  /** Our own end: a client is unnamed. */
  getHost(): UNIXAddress;
}

/** Options of {@link IReactorUNIX.listenUNIX}. */
export interface ListenUNIXOptions extends ConnectionLimits {
  /**
   * Who may connect: the permissions of the socket file, whatever the process's umask. To connect
   * takes the right to write. Not for abstract names. Default: `0o666`, everybody who gets to it.
   */
  readonly mode?: number;
  /** Connections that the system keeps for us until we accept them. Default: 50. */
  readonly backlog?: number;
  /**
   * Keep a lock, `<address>.lock`, a symbolic link to our process id, as Twisted does. A lock whose
   * process is gone is removed, together with the socket file that it left; one whose process lives
   * refuses us, with `SocketLockedError` as the cause. An abstract name needs none, and gets none.
   * Default: `false`: any file of that name is in the way, even if nobody listens.
   */
  readonly wantPID?: boolean;
  /** Connections alive at once; one more is closed at once, with a log line. Default: 65,536. */
  readonly maxConnections?: number;
}

/** Options of {@link IReactorUNIX.connectUNIX}. */
export interface ConnectUNIXOptions extends ConnectionLimits {
  /** Seconds until the attempt fails with `TimeoutError`. Default: 30. */
  readonly timeout?: number;
  /**
   * Fail with `BadFileError` unless the process that the lock names is alive: no waiting for a
   * server that is gone. Needs a server with `wantPID`. Default: `false`.
   */
  readonly checkPID?: boolean;
}

/** UNIX sockets. */
export interface IReactorUNIX {
  /**
   * Listen. Returns at once; see {@link IListeningPort.listening}. The file is made on the way, and
   * removed by `stopListening` if it is still the one that was made. The folder should be one that
   * only we can write to: whoever else can might swap the file.
   *
   * @param address A path, or on Linux `\0` and an abstract name. A path that the system would cut
   *   off, and an abstract name that it would pad (Node 20), fail with `CannotListenError`.
   * @throws {RangeError} No such address (empty, or a path with a NUL), mode or limit.
   */
  listenUNIX(
    address: string,
    factory: IProtocolFactory,
    options?: ListenUNIXOptions,
  ): IListeningPort;
  /**
   * Connect to a path or an abstract name. While the server's queue is full the attempt waits.
   *
   * @throws {RangeError} No such address or limit.
   */
  connectUNIX(address: string, factory: IClientFactory, options?: ConnectUNIXOptions): IConnector;
}
/** Asks whether a reactor provides UNIX sockets. */
export const IReactorUNIX: Capability<IReactorUNIX> = capability("IReactorUNIX");
