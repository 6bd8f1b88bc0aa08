/**
 * Which sockets for datagrams a kernel has, and which of them get a datagram that has come.
 *
 * As Linux does it: to one host the socket that fits best, of several the one bound last; to a
 * group or to everybody all that listen there, also those on every address that have joined no
 * group themselves (`IP_MULTICAST_ALL`).
 *
 * @module
 */
import type { UDPAddress } from "../../../internet/interfaces-udp.ts";

/** Whom a datagram is for: one host, a group, or all hosts. */
export type Cast = "one" | "group" | "all";

/** The interfaces of a simulated host. */
export type InterfaceName = "lo" | "eth0";

/** A datagram that has come, as a kernel sees it. */
export interface Datagram {
  /** The receiver's, from when it is taken on. */
  readonly data: Buffer;
  readonly source: UDPAddress;
  readonly host: string;
  readonly port: number;
  readonly cast: Cast;
  /** Through which it came. */
  readonly interface: InterfaceName;
}

/** Where a socket is bound. */
export interface BoundPlace {
  readonly family: 4 | 6;
  readonly host: string;
  /** Is that every address? */
  readonly everywhere: boolean;
  /** Every IPv6 address, and every IPv4 address as well. */
  readonly dual: boolean;
  /** Does it share its port with others that do? */
  readonly shared: boolean;
}

/** A socket for datagrams. */
export interface DatagramSocket {
  readonly place: BoundPlace;
  /** How well does it fit a datagram to one host? 0: not at all. */
  fit(datagram: Datagram): number;
  /** Does it want a datagram to a group that its host hears, or to everybody? */
  hears(datagram: Datagram): boolean;
  /** Has it joined that group, there, for that source? */
  hasJoined(datagram: Datagram): boolean;
  /** Is what was not read so much that a datagram that comes is lost? */
  readonly full: boolean;
  /** A datagram has come for it: it is told at once, if it can be. */
  take(datagram: Datagram): void;
  /** The same, in an event of its own. */
  takeLater(datagram: Datagram): void;
}

const NONE: readonly DatagramSocket[] = [];
/** Every host is in these: RFC 1112 §4, RFC 4291 §2.7.1. */
const ALL_HOSTS: ReadonlySet<string> = new Set(["224.0.0.1", "ff02::1"]);

/** See the top of this file. */
export class DatagramTable {
  readonly #ports = new Map<number, DatagramSocket[]>();
  readonly #members = new Set<DatagramSocket>();

  /** Who is bound to that port. */
  at(port: number): readonly DatagramSocket[] {
    return this.#ports.get(port) ?? NONE;
  }

  /** Would somebody be in the way there? */
  isTaken(place: BoundPlace, port: number): boolean {
    return this.at(port).some((other) => areInConflict(place, other.place));
  }

  add(socket: DatagramSocket, port: number): void {
    this.#ports.set(port, [...this.at(port), socket]);
  }

  remove(socket: DatagramSocket, port: number): void {
    const others = this.at(port).filter((one) => one !== socket);
    if (others.length === 0) this.#ports.delete(port);
    else this.#ports.set(port, others);
    this.#members.delete(socket);
  }

  /** It may have joined groups. */
  joined(socket: DatagramSocket): void {
    this.#members.add(socket);
  }

  /** Who gets a datagram to one host. */
  receiver(datagram: Datagram): DatagramSocket | undefined {
    let best: DatagramSocket | undefined;
    let bestFit = 1;
    for (const socket of this.at(datagram.port)) {
      const fit = socket.fit(datagram);
      if (fit < bestFit) continue;
      best = socket;
      bestFit = fit;
    }
    return best;
  }

  /** Who gets a datagram to a group, or to everybody. */
  hearers(datagram: Datagram): readonly DatagramSocket[] {
    const there = this.at(datagram.port);
    if (there.length === 0 || (datagram.cast === "group" && !this.#accepts(datagram))) return NONE;
    return there.filter((socket) => socket.hears(datagram));
  }

  /** Does the host hear that group? */
  #accepts(datagram: Datagram): boolean {
    if (ALL_HOSTS.has(datagram.host)) return true;
    for (const socket of this.#members) if (socket.hasJoined(datagram)) return true;
    return false;
  }
}

function areInConflict(one: BoundPlace, other: BoundPlace): boolean {
  if (one.shared && other.shared) return false;
  if (one.family !== other.family) return one.dual || other.dual;
  return one.host === other.host || one.everywhere || other.everywhere;
}
