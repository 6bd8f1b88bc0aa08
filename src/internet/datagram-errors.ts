/**
 * What goes wrong with datagrams and groups.
 *
 * After: twisted.internet.error. Differs: every class has a `code`; system errors are in `cause`.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../core/errors.ts";
import { quote } from "../core/text.ts";

/**
 * A datagram cannot go there, or a port not be bound there: it is no IP address (a name, say), one
 * of the other family, or, on a connected port, not the peer's.
 */
export class InvalidAddressError extends TypeError {
  readonly code = "ERR_INVALID_ADDRESS";
  /** What was given; `undefined` where nothing was and something had to be. */
  readonly address: string | undefined;
  constructor(what: string, address: string | undefined, expected: string) {
    const got = address === undefined ? "none" : quote(address);
    super(`Cannot ${what}: expected ${expected}, got ${got}`);
    this.address = address;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** No network carries a datagram that long. */
export class MessageLengthError extends RangeError {
  readonly code = "ERR_MESSAGE_LENGTH";
  /** How long it was. */
  readonly bytes: number;
  /** How long it may be: 65,507 over IPv4, 65,527 over IPv6. */
  readonly limit: number;
  constructor(bytes: number, limit: number) {
    super(`Cannot write a datagram: expected at most ${String(limit)} bytes, got ${String(bytes)}`);
    this.bytes = bytes;
    this.limit = limit;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** The port is connected to a peer already; it stays so until it stops listening. */
export class AlreadyConnectedError extends LocalProtocolError {
  readonly code = "ERR_ALREADY_CONNECTED";
}

/** The port does not listen: it was stopped, or never started. */
export class NotListeningError extends LocalProtocolError {
  readonly code = "ERR_NOT_LISTENING";
}

/** A multicast group could not be joined or left. */
export class MulticastJoinError extends SennitError {
  readonly code = "ERR_MULTICAST_JOIN";
  /** The address of the group. */
  readonly group: string;
  /** As it was given; empty for the system's choice. */
  readonly interface: string;
  constructor(what: "join" | "leave", group: string, networkInterface: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const where = networkInterface === "" ? "" : ` on ${networkInterface}`;
    super(`Cannot ${what} group ${group}${where}: ${why}`, { cause });
    this.group = group;
    this.interface = networkInterface;
  }
}

/** The system sends no multicast datagrams through that interface. */
export class MulticastInterfaceError extends SennitError {
  readonly code = "ERR_MULTICAST_INTERFACE";
  /** As it was given. */
  readonly interface: string;
  constructor(networkInterface: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot send to groups through ${networkInterface}: ${why}`, { cause });
    this.interface = networkInterface;
  }
}
