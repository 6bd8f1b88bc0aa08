/**
 * To which hosts a datagram goes from a port, through which interface, and what address its
 * receivers see.
 *
 * @module
 */
import type { UDPAddress } from "../../../internet/interfaces-udp.ts";
import { udpAddress } from "../../base/datagram-destination.ts";
import type { Machine } from "../machine.ts";
import { isLoopback, isWildcard } from "../network.ts";
import type { BoundPlace, Cast, InterfaceName } from "./datagram-table.ts";
import {
  canonical,
  castOf,
  interfaceOf,
  loopbackOf,
  staysOnHost,
  unmapped,
  zoneOf,
} from "./destination.ts";
import type { Route } from "./flight.ts";

/** What is set at a port. */
export interface SendingSwitches {
  getBroadcastAllowed(): boolean;
  getLoopbackMode(): boolean;
  getOutgoingInterface(): string;
  getTTL(): number;
}

/** Why the kernel does not send a datagram. */
export type SendRefusal = "EACCES" | "EINVAL" | "ENETUNREACH";

/** Several hosts to which one datagram goes. */
interface Crowd {
  readonly host: string;
  readonly cast: Cast;
  readonly interface: InterfaceName;
  readonly port: number;
}

/** See the top of this file. */
export class RouteFinder {
  readonly #machine: Machine;
  readonly #place: BoundPlace;
  #number = 0;
  #sources = new Map<string, UDPAddress>();
  /** Most ports write to one host again and again. */
  #lastTo: string | undefined;
  #lastRoutes: readonly Route[] = [];

  constructor(machine: Machine, place: BoundPlace) {
    this.#machine = machine;
    this.#place = place;
  }

  /** The port has this number now. */
  boundTo(number: number): void {
    this.#number = number;
    this.#sources = new Map();
    this.#lastTo = undefined;
  }

  /** The ways to an address; none if nobody is there. */
  find(to: string, port: number, switches: SendingSwitches): readonly Route[] | SendRefusal {
    if (to === this.#lastTo) return this.#lastRoutes;
    const host = unmapped(canonical(to));
    if (this.#place.family === 6 && !this.#place.dual && !host.includes(":")) return "ENETUNREACH";
    const cast = castOf(host);
    if (cast === "one") return this.#toOne(to, host);
    if (cast === "all" && !switches.getBroadcastAllowed()) return "EACCES";
    const through = this.#interface(to, cast, switches);
    if (through === "lo" && host.includes(":")) return "ENETUNREACH"; // As on Linux.
    return this.#toAll({ host, cast, interface: through, port }, switches);
  }

  #toOne(to: string, wanted: string): readonly Route[] | SendRefusal {
    const host = isWildcard(wanted) ? loopbackOf(wanted) : wanted;
    const from = this.#machine;
    const target = from.network.hostAt(host, from);
    if (target !== from && isLoopback(this.#place.host)) return "EINVAL";
    if (target === undefined) return [];
    const through = isLoopback(host) ? "lo" : "eth0";
    this.#lastRoutes = [this.#route(target, { host, cast: "one", interface: through })];
    this.#lastTo = to;
    return this.#lastRoutes;
  }

  #interface(to: string, cast: Cast, switches: SendingSwitches): InterfaceName {
    if (to === "127.255.255.255" || zoneOf(to) === "lo") return "lo";
    const outgoing = cast === "group" ? switches.getOutgoingInterface() : "";
    if (outgoing !== "") return interfaceOf(this.#machine, outgoing);
    return isLoopback(this.#place.host) ? "lo" : "eth0";
  }

  #toAll(crowd: Crowd, switches: SendingSwitches): readonly Route[] {
    const self = this.#machine;
    const { host, cast, interface: through } = crowd;
    const hearsItself = cast === "all" || through === "lo" || switches.getLoopbackMode();
    const leaves =
      through === "eth0" && !staysOnHost(host) && (cast === "all" || switches.getTTL() > 0);
    return self.network.hosts
      .filter((one) => (one === self ? hearsItself : leaves))
      .filter((one) => one.datagrams.at(crowd.port).length > 0)
      .map((one) => this.#route(one, crowd));
  }

  #route(to: Machine, what: Pick<Route, "host" | "cast" | "interface">): Route {
    const { host, cast, interface: through } = what;
    const from = this.#machine;
    const source = this.#source(host, through);
    return { from, to, link: from.network.link(from, to), source, host, cast, interface: through };
  }

  /** The address that its receivers see. */
  #source(to: string, through: InterfaceName): UDPAddress {
    const place = this.#place;
    const bound = !place.everywhere && castOf(place.host) === "one";
    const host = bound ? place.host : this.#addressOn(through, to);
    const known = this.#sources.get(host);
    if (known !== undefined) return known;
    const source = udpAddress(host, this.#number);
    this.#sources.set(host, source);
    return source;
  }

  /** Ours, of the family of `to`. */
  #addressOn(through: InterfaceName, to: string): string {
    if (through === "lo") return loopbackOf(to);
    return to.includes(":") ? this.#machine.ipv6 : this.#machine.ipv4;
  }
}
