/**
 * Datagrams between the ports of one memory reactor.
 *
 * Every address belongs to this one machine. A datagram that is written arrives in a later pass,
 * after those written before it, and at nobody else's. Tests lose, delay or watch datagrams with
 * {@link MemoryDatagrams.carry}.
 *
 * Differs from a real machine: `"::"` has no IPv4 addresses; a group is heard through every
 * interface; no datagram is too far away.
 *
 * @module
 */
import { CannotListenError } from "../../internet/errors.ts";
import {
  DATAGRAM_COST,
  type ListenUDPOptions,
  type UDPAddress,
} from "../../internet/interfaces-udp.ts";
import { udpAddress } from "../base/datagram-destination.ts";
import type { DatagramPortPlace } from "../base/datagram-port.ts";
import type { DatagramSwitches, Membership } from "../base/datagram-switches.ts";
import { MulticastPort } from "../base/multicast-port.ts";
import type { ReactorBase } from "../base/reactor-base.ts";

/** A datagram on its way. */
export interface MemoryDatagram {
  readonly data: Buffer;
  readonly source: UDPAddress;
  /** One host, a broadcast address, or a group. */
  readonly destination: UDPAddress;
}

/** The first port that is given out (RFC 6335 §6). */
const EPHEMERAL_FIRST = 49_152;
const PORT_MAX = 65_535;

const BROADCAST: ReadonlySet<string> = new Set(["255.255.255.255", "127.255.255.255"]);

/** RFC 1112 §4, RFC 4291 §2.7. */
function isGroup(host: string): boolean {
  return /^(?:22[4-9]|23\d)\.|^ff[\da-f]{2}:/iu.test(host);
}

function isEverywhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** See the top of this file. */
export class MemoryDatagrams {
  readonly #reactor: ReactorBase;
  readonly #bound = new Map<number, MemoryUDPPort[]>();
  #ephemeral = EPHEMERAL_FIRST - 1;
  /**
   * How datagrams travel: call `arrive` now, later, twice, or never. It is asked for each one, in
   * the order of the writes. Default: `arrive()` at once.
   */
  carry: (datagram: MemoryDatagram, arrive: () => void) => void = (_datagram, arrive) => arrive();

  constructor(reactor: ReactorBase) {
    this.#reactor = reactor;
  }

  /** @returns The number it is bound to; `undefined` if another one has it. */
  bind(port: MemoryUDPPort, asked: number): number | undefined {
    const number = asked === 0 ? this.#ephemeralPort() : asked;
    const there = this.#bound.get(number) ?? [];
    if (there.some((other) => other.isInTheWayOf(port))) return undefined;
    this.#bound.set(number, [...there, port]);
    return number;
  }

  /** The number is free again. */
  unbind(port: MemoryUDPPort, number: number): void {
    const left = (this.#bound.get(number) ?? []).filter((other) => other !== port);
    if (left.length > 0) this.#bound.set(number, left);
    else this.#bound.delete(number);
  }

  #ephemeralPort(): number {
    do this.#ephemeral = this.#ephemeral === PORT_MAX ? EPHEMERAL_FIRST : this.#ephemeral + 1;
    while (this.#bound.has(this.#ephemeral));
    return this.#ephemeral;
  }

  /**
   * Bring a datagram to whoever is bound there.
   *
   * @param unheard Called when it has come to one host where nobody listens.
   */
  send(datagram: MemoryDatagram, unheard: () => void): void {
    this.carry(datagram, () => this.#reactor.later(() => this.#arrive(datagram, unheard)));
  }

  #arrive(datagram: MemoryDatagram, unheard: () => void): void {
    const { host, port } = datagram.destination;
    const there = this.#bound.get(port) ?? [];
    if (isGroup(host)) this.#hand(there, datagram, (one) => one.hears(datagram));
    else if (BROADCAST.has(host)) {
      this.#hand(there, datagram, (one) => one.getHost().host === "0.0.0.0");
    } else {
      const receiver = receiverOf(there, datagram);
      if (receiver === undefined) unheard();
      else receiver.take(datagram);
    }
  }

  #hand(
    there: readonly MemoryUDPPort[],
    datagram: MemoryDatagram,
    wants: (port: MemoryUDPPort) => boolean,
  ): void {
    // Each has its own copy: the bytes are the receiver's to keep.
    for (const one of there.filter((port) => port.takesFrom(datagram) && wants(port))) {
      one.take({ ...datagram, data: Buffer.from(datagram.data) });
    }
  }
}

/** Who gets a datagram to one host: the most particular port, of several the one bound last. */
function receiverOf(
  there: readonly MemoryUDPPort[],
  datagram: MemoryDatagram,
): MemoryUDPPort | undefined {
  const { host, kind } = datagram.destination;
  const able = there.filter((one) => one.getHost().kind === kind && one.takesFrom(datagram));
  return (
    able.findLast((one) => one.getPeer() !== undefined && one.isAt(host)) ??
    able.findLast((one) => one.getHost().host === host) ??
    able.findLast((one) => one.isAt(host))
  );
}

/** A UDP port of a memory reactor. */
export class MemoryUDPPort extends MulticastPort {
  readonly #reactor: ReactorBase;
  readonly #datagrams: MemoryDatagrams;
  readonly #asked: number;
  readonly #options: ListenUDPOptions;
  #number: number | undefined;
  /** What a stalled platform has not taken. */
  #held: (() => void)[] = [];
  #heldBytes = 0;
  #stalled = false;
  #memberships = new Set<string>();

  constructor(reactor: ReactorBase, datagrams: MemoryDatagrams, place: DatagramPortPlace) {
    super(reactor, place);
    this.#reactor = reactor;
    this.#datagrams = datagrams;
    this.#asked = place.port;
    this.#options = place.options;
  }

  // -- Life

  protected bind(): void {
    this.#reactor.soon(() => {
      this.#number = this.#datagrams.bind(this, this.#asked);
      if (this.#number === undefined) {
        const { interface: name = "" } = this.#options;
        this.bindFailed(new CannotListenError(name, this.#asked, new Error("address in use")));
      } else this.bound(udpAddress(this.getHost().host, this.#number));
    });
  }

  protected unbind(): void {
    if (this.#number !== undefined) this.#datagrams.unbind(this, this.#number);
    this.#number = undefined;
    this.#memberships.clear();
    this.#held.splice(0).forEach(() => this.sendDropped());
    this.#heldBytes = 0;
    this.#reactor.later(() => this.unbound());
  }

  /** Would both have the same datagrams, and do they not both share? */
  isInTheWayOf(other: MemoryUDPPort): boolean {
    if (this.family !== other.family) return false;
    if (this.#options.listenMultiple === true && other.#options.listenMultiple === true) {
      return false;
    }
    const [mine, others] = [this.getHost().host, other.getHost().host];
    return mine === others || isEverywhere(mine) || isEverywhere(others);
  }

  /** Is it bound to that address, among others? */
  isAt(host: string): boolean {
    const { host: own } = this.getHost();
    return isEverywhere(own) || own === host;
  }

  // -- Sending

  /** `true`: nothing is sent, and what is written waits. */
  set stalled(stalled: boolean) {
    this.#stalled = stalled;
    if (stalled) return;
    this.#heldBytes = 0;
    for (const send of this.#held.splice(0)) send();
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  protected send(bytes: Uint8Array, host: string | undefined, port: number): void {
    const destination = host === undefined ? this.getPeer() : udpAddress(host, port);
    if (destination === undefined) return;
    const data = Buffer.from(bytes);
    if (!this.#stalled) this.#sendNow(data, destination);
    else {
      this.#heldBytes += data.length + DATAGRAM_COST;
      this.#held.push(() => this.#sendNow(data, destination));
    }
  }

  #sendNow(data: Buffer, destination: UDPAddress): void {
    const { host } = destination;
    if (BROADCAST.has(host) && !this.getBroadcastAllowed()) {
      this.#reactor.later(() => this.sendFailed(new Error("broadcasting is not allowed")));
    } else if (isGroup(host) && !this.getLoopbackMode()) {
      return; // It goes out, and nobody is there.
    } else {
      const datagram = { data, source: this.#source, destination };
      this.#datagrams.send(datagram, () => this.refused());
    }
  }

  /** Where its datagrams come from: a port bound everywhere is seen on loopback. */
  get #source(): UDPAddress {
    const { host, port } = this.getHost();
    if (!isEverywhere(host)) return this.getHost();
    return udpAddress(this.family === 4 ? "127.0.0.1" : "::1", port);
  }

  protected waiting(): number {
    return this.#heldBytes;
  }

  protected connectTo(host: string, port: number): UDPAddress {
    return udpAddress(host, port);
  }

  // -- Receiving

  /** Not one that is connected to somebody else. */
  takesFrom({ source }: MemoryDatagram): boolean {
    const peer = this.getPeer();
    return peer === undefined || peer.equals(source);
  }

  /** Has it joined the group of that datagram? */
  hears({ source, destination }: MemoryDatagram): boolean {
    if (!this.isAt(destination.host)) return false;
    return [...this.#memberships].some((one) => {
      const [group, , wanted] = one.split(" ");
      return group === destination.host && (wanted === "" || wanted === source.host);
    });
  }

  /** A datagram has come. */
  take({ data, source }: MemoryDatagram): void {
    this.received(data, source);
  }

  // -- Switches and groups

  /** The base keeps them, and that is where they are looked at. */
  protected applySwitches(_switches: DatagramSwitches): void {}

  protected changeMembership(membership: Membership): void {
    const { change, group, networkInterface, source = "" } = membership;
    if (!isGroup(group)) throw new Error("not a multicast address");
    const key = [group, networkInterface, source].join(" ");
    if (change === "leave" && !this.#memberships.delete(key)) throw new Error("not joined");
    if (change === "join") {
      if (this.#memberships.has(key)) throw new Error("joined already");
      this.#memberships.add(key);
    }
  }
}
