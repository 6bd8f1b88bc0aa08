/**
 * The contracts of datagrams: protocols, ports, and the reactors that have them.
 *
 * A datagram arrives whole or not at all, perhaps twice, perhaps late: whoever needs more builds it
 * on top. So here datagrams may be lost, and each loss on our side is counted; memory may not.
 *
 * After: twisted.internet.interfaces (IUDPTransport, IMulticastTransport, IReactorUDP,
 * IReactorMulticast). Differs: addresses are objects; IPv6 has multicast; what waits to be sent is
 * bounded; the system's word against a datagram comes later, and is counted and logged, not thrown;
 * a datagram longer than `maxPacketSize` is dropped and counted, not cut.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import type { IPv4Address, IPv6Address } from "./addresses.ts";
import { type Capability, capability } from "./capabilities.ts";

/** Where a datagram comes from, and where a port is. */
export type UDPAddress = IPv4Address | IPv6Address;

/** Where a datagram goes to: the address of one that came, or a host and a port. */
export interface DatagramDestination {
  /** An IP address, never a name; `"<broadcast>"` is 255.255.255.255. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** The zone of a link-local address, unless `host` has it (`fe80::1%eth0`). */
  readonly scopeID?: string;
}

/**
 * The code that sends and receives datagrams. The port calls `makeConnection` (which keeps the
 * transport and calls `startProtocol`) when it is bound, then `datagramReceived` and
 * `connectionRefused` any number of times and never re-entered, then `doStop` (which calls
 * `stopProtocol`) when it is closed, then nothing. None of them comes from inside a request such
 * as `write`.
 *
 * Exceptions are logged. One from `makeConnection` or `startProtocol` closes the port, and its
 * `listening` fails with it; one from `datagramReceived` closes nothing.
 */
export interface IDatagramProtocol {
  /** Called by each port that is bound for it: keep it, and call `startProtocol` at the first. */
  makeConnection(transport: IUDPTransport): void;
  /** Called by each of these ports when it is closed: call `stopProtocol` after the last. */
  doStop(transport: IUDPTransport): void;
  /** There is a transport. */
  startProtocol(): void;
  /** There is none any more. */
  stopProtocol(): void;
  /** One datagram, as it was sent. The bytes are yours to keep. */
  datagramReceived(data: Buffer, address: UDPAddress): void;
  /**
   * On a connected port: the peer's machine said that nobody listens there (ICMP). It speaks of a
   * datagram sent earlier, and may be false: anyone on the way can say so.
   */
  connectionRefused(): void;
}

/** A protocol that hears of a `connect` which failed. Probe with {@link providesConnecting}. */
export interface IConnectedDatagramProtocol extends IDatagramProtocol {
  /** `connect` did not work, for this reason: a `ConnectError`. It may be tried again. */
  connectionFailed(reason: Failure): void;
}

/** Sends datagrams. */
export interface IUDPTransport {
  /**
   * Send one datagram. A string is UTF-8. The bytes are the transport's until they are sent: do
   * not change them. It leaves at once where the system takes it, and otherwise waits, within
   * `maxBufferedBytes`; beyond that it is dropped and counted. While the port is being bound it
   * waits as well. After `stopListening` it is dropped and counted.
   *
   * @param address Where to; on a connected port nothing, or the peer.
   * @throws {MessageLengthError} Longer than any datagram can be.
   * @throws {InvalidAddressError} No IP address, of the other family, missing, or on a connected
   *   port not the peer's.
   * @throws {RangeError} No port number.
   * @throws {TypeError} Neither bytes nor text.
   */
  write(data: Uint8Array | string, address?: DatagramDestination): void;
  /** `write` all of them as ONE datagram. */
  writeSequence(data: Iterable<Uint8Array | string>, address?: DatagramDestination): void;
  /**
   * From now on send to this peer only, receive from it only, and hear when nobody listens there
   * (`connectionRefused`). Nothing is sent for it. What the system says against it, in a later
   * turn, goes to the protocol's `connectionFailed`, or to the log if it has none.
   *
   * @throws {InvalidAddressError} No IP address, or of the other family.
   * @throws {RangeError} No port number.
   * @throws {AlreadyConnectedError} It is connected.
   * @throws {NotListeningError} It is stopped.
   */
  connect(host: string, port: number): void;
  /** Our own end; the real port number once `startProtocol` has been called. */
  getHost(): UDPAddress;
  /** Who it is connected to, if it is. */
  getPeer(): UDPAddress | undefined;
  /** May it send to broadcast addresses? Default: `false`. */
  getBroadcastAllowed(): boolean;
  /** Datagrams to broadcast addresses fail without it. IPv6 has none, and ignores it. */
  setBroadcastAllowed(enabled: boolean): void;
  /** What was set; `undefined` leaves it to the system, which commonly takes 64. */
  getUnicastTTL(): number | undefined;
  /** How many routers a datagram to one host may pass: 1 to 255. @throws {RangeError} */
  setUnicastTTL(hops: number): void;
  /** Send and receive no more; fires when the descriptor is closed and `stopProtocol` has run. */
  stopListening(): Deferred<void>;
  /**
   * What waits for the system to take it: bytes, and {@link DATAGRAM_COST} for each datagram.
   */
  readonly bufferedBytes: number;
  /** Datagrams written and not sent: beyond `maxBufferedBytes`, or too late. */
  readonly droppedDatagrams: number;
  /**
   * Datagrams that the system refused: no route, no permission, nobody there. The first of an
   * episode is logged. A platform that tells of them late only may not see all of thousands that
   * are written in one turn.
   */
  readonly failedDatagrams: number;
  /** Datagrams that came and were dropped because they were longer than `maxPacketSize`. */
  readonly oversizedDatagrams: number;
}

/** What keeping one datagram costs besides its bytes, in bytes; as `maxBufferedBytes` counts. */
export const DATAGRAM_COST = 512;

/** A port for datagrams: what `listenUDP` returns, and the protocol's transport. */
export interface IUDPPort extends IUDPTransport {
  /**
   * Fires with the port when it is bound and `startProtocol` has run, fails with
   * `CannotListenError`. If nobody has looked at it by the time it fails, the failure ends the
   * process as an unhandled `"error"` event would.
   */
  readonly listening: Deferred<IUDPPort>;
  /**
   * Listen (again). Switches stay as they were set; groups and the peer are gone.
   *
   * @throws {AlreadyListeningError} It listens already.
   */
  startListening(): void;
  /** What kind of port, and its address; for people. */
  toString(): string;
}

/** Which datagrams of a group. */
export interface MembershipOptions {
  /**
   * Through which interface: one of its addresses, or its name. Default: empty, the system's
   * choice.
   */
  readonly interface?: string;
  /** Only what this host sends (source-specific multicast, RFC 4607). Default: any source. */
  readonly source?: string;
}

/** Sends to groups, and joins them. */
export interface IMulticastTransport extends IUDPTransport {
  /**
   * Receive what is sent to a group. Each `interface` and `source` is a membership of its own.
   *
   * A port bound to one address hears only what is sent to that address: bind to `""` or `"::"` for
   * groups. Linux hands a port so bound also the datagrams of groups that others on the same
   * machine have joined.
   *
   * @returns Fires when it has joined; fails with `MulticastJoinError`: no such interface, no
   *   multicast address, joined already, or the port does not listen.
   * @throws {InvalidAddressError} No IP address, or of the other family.
   */
  joinGroup(group: string, options?: MembershipOptions): Deferred<void>;
  /** The opposite, with the same options. @throws {InvalidAddressError} As `joinGroup`. */
  leaveGroup(group: string, options?: MembershipOptions): Deferred<void>;
  /** What was set, `""` where nothing was. */
  getOutgoingInterface(): string;
  /**
   * Through which interface it sends to groups: one of its addresses, or its name.
   *
   * @returns Fires when it is set; fails with `MulticastInterfaceError`.
   */
  setOutgoingInterface(networkInterface: string): Deferred<void>;
  /** Does this machine hear what this port sends to groups? Default: `true`. */
  getLoopbackMode(): boolean;
  /** Whether it does. */
  setLoopbackMode(enabled: boolean): void;
  /** Default: 1. */
  getTTL(): number;
  /**
   * How many routers a datagram to a group may pass: 0 (this machine) to 255.
   *
   * @throws {RangeError}
   */
  setTTL(hops: number): void;
}

/** What `listenMulticast` returns. */
export interface IMulticastPort extends IUDPPort, IMulticastTransport {
  readonly listening: Deferred<IMulticastPort>;
}

/** Options of {@link IReactorUDP.listenUDP} and {@link IReactorMulticast.listenMulticast}. */
export interface ListenUDPOptions {
  /**
   * IP address to bind; empty is every IPv4 address, `"::"` every address of both families. It says
   * which family the port has. Default: empty.
   */
  readonly interface?: string;
  /** Longer datagrams are dropped and counted (`oversizedDatagrams`). Bytes. Default: 8192. */
  readonly maxPacketSize?: number;
  /**
   * How much may wait for the system to take it, in bytes and {@link DATAGRAM_COST} for each
   * datagram; beyond it datagrams are dropped and counted. Default: 4 MiB.
   */
  readonly maxBufferedBytes?: number;
  /**
   * Share the port with others who do (SO_REUSEADDR): a datagram to a group reaches all of them,
   * any other one of them. Default: `false`.
   */
  readonly listenMultiple?: boolean;
  /** `"::"` without the IPv4 addresses. Default: `false`. */
  readonly ipv6Only?: boolean;
  /** What the system keeps for us until we read it (SO_RCVBUF). Bytes. Default: the system's. */
  readonly receiveBufferBytes?: number;
  /** What the system takes from us until it has sent it (SO_SNDBUF). Default: the system's. */
  readonly sendBufferBytes?: number;
}

/** UDP. */
export interface IReactorUDP {
  /**
   * Bind a port. Returns at once; see {@link IUDPPort.listening}. Port 0 lets the system choose.
   *
   * @throws {InvalidAddressError} `interface` is no IP address.
   * @throws {RangeError} No port number, or a limit that is none.
   */
  listenUDP(port: number, protocol: IDatagramProtocol, options?: ListenUDPOptions): IUDPPort;
}
/** Asks whether a reactor provides UDP. */
export const IReactorUDP: Capability<IReactorUDP> = capability("IReactorUDP");

/** Multicast, over IPv4 and IPv6. */
export interface IReactorMulticast {
  /** As {@link IReactorUDP.listenUDP}, for a port that can join groups. */
  listenMulticast(
    port: number,
    protocol: IDatagramProtocol,
    options?: ListenUDPOptions,
  ): IMulticastPort;
}
/** Asks whether a reactor provides multicast. */
export const IReactorMulticast: Capability<IReactorMulticast> = capability("IReactorMulticast");

/** Does it hear of a failed `connect`? */
export function providesConnecting(
  protocol: IDatagramProtocol,
): protocol is IConnectedDatagramProtocol {
  return typeof Reflect.get(protocol, "connectionFailed") === "function";
}

/** Can it join groups? */
export function providesMulticast(transport: IUDPTransport): transport is IMulticastTransport {
  return typeof Reflect.get(transport, "joinGroup") === "function";
}
