/**
 * What goes wrong with connections, ports, timers and reactors.
 *
 *     ConnectError           no connection came about
 *       ConnectBindError  UnknownHostError  NoRouteError  ConnectionRefusedError
 *       TimeoutError  UserError  ConnectingCancelledError  NoProtocol …
 *     ConnectionClosed       a connection ended
 *       ConnectionDone       in good order
 *       ConnectionLost       otherwise: reset, broken pipe, timed out, reactor stopped
 *         ConnectionAborted  by our own abortConnection
 *
 * After: twisted.internet.error. Differs: every class has a `code`; system errors are in `cause`.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../core/errors.ts";
import type { IAddress } from "./addresses.ts";

/** A connection ended. Every reason of `connectionLost` that the transport makes is one. */
export abstract class ConnectionClosed extends SennitError {}

/** The connection was closed in good order. */
export class ConnectionDone extends ConnectionClosed {
  readonly code = "ERR_CONNECTION_DONE";
  constructor(message = "Connection was closed cleanly", options?: ErrorOptions) {
    super(message, options);
  }
}

/** The connection ended otherwise; the system's error, if any, is in `cause`. */
export class ConnectionLost extends ConnectionClosed {
  readonly code: `ERR_CONNECTION_${string}` = "ERR_CONNECTION_LOST";
  constructor(message = "Connection was lost", options?: ErrorOptions) {
    super(message, options);
  }
}

/** We called `abortConnection`. */
export class ConnectionAborted extends ConnectionLost {
  override readonly code = "ERR_CONNECTION_ABORTED";
  constructor(message = "Connection was aborted by us", options?: ErrorOptions) {
    super(message, options);
  }
}

/** A phase of the connection had no progress until its deadline, and it was aborted. */
export class ConnectionTimedOut extends ConnectionLost {
  override readonly code = "ERR_CONNECTION_TIMED_OUT";
  /** `close`, `handshake`, … */
  readonly phase: string;
  /** The deadline that passed. */
  readonly seconds: number;
  constructor(phase: string, seconds: number) {
    super(`Connection timed out: no progress in phase ${phase} for ${String(seconds)} seconds`);
    this.phase = phase;
    this.seconds = seconds;
  }
}

/** More bytes waited for the peer than `maxBufferedBytes`, and the connection was aborted. */
export class SendBufferFullError extends ConnectionLost {
  override readonly code = "ERR_CONNECTION_SEND_BUFFER_FULL";
  constructor(buffered: number, limit: number) {
    super(
      `Connection was aborted: ${String(buffered)} bytes wait for a peer that does not read, ` +
        `limit ${String(limit)}; use a producer, drained(), or raise maxBufferedBytes`,
    );
  }
}

/** No connection came about. */
export abstract class ConnectError extends SennitError {
  /** Where we wanted to go, when that is known. */
  readonly destination: IAddress | undefined;
  constructor(message: string, destination?: IAddress, options?: ErrorOptions) {
    super(message, options);
    this.destination = destination;
  }
}

/** Our own end could not be bound. */
export class ConnectBindError extends ConnectError {
  readonly code = "ERR_CONNECT_BIND";
}
/** The name does not resolve. */
export class UnknownHostError extends ConnectError {
  readonly code = "ERR_CONNECT_UNKNOWN_HOST";
}
/** The name does not resolve, or the resolver failed: `cause` tells which. */
export class DNSLookupError extends ConnectError {
  readonly code = "ERR_CONNECT_DNS_LOOKUP";
}
/** The network or host cannot be reached. */
export class NoRouteError extends ConnectError {
  readonly code = "ERR_CONNECT_NO_ROUTE";
}
/** Nobody listens there. */
export class ConnectionRefusedError extends ConnectError {
  readonly code = "ERR_CONNECT_REFUSED";
}
/** The peer reset the attempt. */
export class ConnectionResetError extends ConnectError {
  readonly code = "ERR_CONNECT_RESET";
}
/** The system gave up waiting. */
export class TCPTimedOutError extends ConnectError {
  readonly code = "ERR_CONNECT_TCP_TIMED_OUT";
}
/** Our own deadline passed. */
export class TimeoutError extends ConnectError {
  readonly code = "ERR_CONNECT_TIMEOUT";
  /** What took so long: to learn an address of the name, or to reach one. */
  readonly phase: "resolve" | "connect";
  readonly seconds: number;
  constructor(
    destination: IAddress,
    seconds: number,
    phase: "resolve" | "connect" = "connect",
    options?: ErrorOptions,
  ) {
    const what = phase === "connect" ? "no answer" : "the name did not resolve";
    super(
      `Cannot connect to ${destination.toString()}: ${what} within ${String(seconds)} seconds`,
      destination,
      options,
    );
    this.phase = phase;
    this.seconds = seconds;
  }
}
/** We called `stopConnecting`. */
export class UserError extends ConnectError {
  readonly code = "ERR_CONNECT_USER";
}
/** The Deferred of an endpoint's `connect` was cancelled. */
export class ConnectingCancelledError extends ConnectError {
  readonly code = "ERR_CONNECT_CANCELLED";
}
/** The factory gave no protocol for the connection. */
export class NoProtocol extends ConnectError {
  readonly code = "ERR_CONNECT_NO_PROTOCOL";
}
/** Out of descriptors, memory or ports: the machine's limits, not the peer's. */
export class ResourceExhaustedError extends ConnectError {
  readonly code = "ERR_CONNECT_RESOURCES";
}
/** Anything else that the system said; see `cause`. */
export class ConnectFailedError extends ConnectError {
  readonly code = "ERR_CONNECT_FAILED";
}

/** A port could not be bound. */
export class CannotListenError extends SennitError {
  readonly code = "ERR_CANNOT_LISTEN";
  /** Empty for every address. */
  readonly interface: string;
  /** A number, or the name of a UNIX socket, or which descriptor. */
  readonly port: number | string;
  constructor(networkInterface: string, port: number | string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const host = networkInterface === "" ? "any" : networkInterface;
    const isName = networkInterface === "" && typeof port === "string";
    const where = isName ? port : `${host}:${String(port)}`;
    // Abstract names of UNIX sockets have NULs in them, and the system's words have the names.
    super(`Cannot listen on ${where}: ${why}`.replaceAll("\0", "@"), {
      cause,
    });
    this.interface = networkInterface;
    this.port = port;
  }
}

/** The port listens already. */
export class AlreadyListeningError extends LocalProtocolError {
  readonly code = "ERR_ALREADY_LISTENING";
}
/** The connector is connecting or connected already. */
export class AlreadyConnectingError extends LocalProtocolError {
  readonly code = "ERR_ALREADY_CONNECTING";
}
/** There is no attempt to stop. */
export class NotConnectingError extends LocalProtocolError {
  readonly code = "ERR_NOT_CONNECTING";
}
/** A producer is registered already. */
export class ProducerAlreadyRegisteredError extends LocalProtocolError {
  readonly code = "ERR_PRODUCER_ALREADY_REGISTERED";
}

/** The delayed call has been called. */
export class AlreadyCalled extends LocalProtocolError {
  readonly code = "ERR_ALREADY_CALLED";
}
/** The delayed call was cancelled. */
export class AlreadyCancelled extends LocalProtocolError {
  readonly code = "ERR_ALREADY_CANCELLED";
}

/** The reactor is not running, or is stopping already. */
export class ReactorNotRunning extends LocalProtocolError {
  readonly code = "ERR_REACTOR_NOT_RUNNING";
}
/** The reactor is running. */
export class ReactorAlreadyRunning extends LocalProtocolError {
  readonly code = "ERR_REACTOR_ALREADY_RUNNING";
}

/** This reactor cannot do that. */
export class UnsupportedError extends SennitError {
  readonly code = "ERR_UNSUPPORTED";
  /** The interface that is missing: `IReactorUNIX`. */
  readonly capability: string;
  constructor(capability: string, reactor: string) {
    super(`${reactor} does not provide ${capability}: ask reactor.provides(${capability}) first`);
    this.capability = capability;
  }
}
