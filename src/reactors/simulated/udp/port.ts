/**
 * A UDP port of a simulated host, with groups.
 *
 * After what Linux does: a port on every address hears the groups that others on its host have
 * joined; one that is bound to loopback sends nowhere else; the news that nobody listens at a
 * peer's takes the place of the next datagram that is written.
 *
 * Differs from a real host: an address that nobody has, and a datagram that is too long for the
 * way, are silence (no ARP, no path MTU discovery); the sender's kernel takes everything at once;
 * there are no link-local addresses.
 *
 * Spec: RFC 768 (UDP), RFC 1112 (groups), RFC 1122 §4.1.
 *
 * @module
 */
import { CannotListenError } from "../../../internet/errors.ts";
import type { UDPAddress } from "../../../internet/interfaces-udp.ts";
import { connectError } from "../../base/connect-errors.ts";
import { udpAddress } from "../../base/datagram-destination.ts";
import type { DatagramPortPlace } from "../../base/datagram-port.ts";
import type { DatagramSwitches, Membership } from "../../base/datagram-switches.ts";
import { MulticastPort } from "../../base/multicast-port.ts";
import type { Descriptor } from "../machine.ts";
import { isWildcard } from "../network.ts";
import type { SimulatedSystem } from "../system.ts";
import { canBind } from "../tcp/dial.ts";
import type { BoundPlace, Datagram, DatagramSocket, InterfaceName } from "./datagram-table.ts";
import {
  canonical,
  castOf,
  interfaceOf,
  loopbackOf,
  mapped,
  unmapped,
  zoneOf,
} from "./destination.ts";
import { type DatagramSender, launch, type Route } from "./flight.ts";
import { Inbox } from "./inbox.ts";
import { RouteFinder } from "./route-finder.ts";

/** Linux' own. */
const RECEIVE_BUFFER = 212_992;
const UNICAST_TTL = 64;

/** One membership in a group. */
interface Joined {
  readonly group: string;
  readonly interface: InterfaceName;
  readonly source: string | undefined;
}

/** See the top of this file. */
export class SimulatedUDPPort
  extends MulticastPort
  implements DatagramSocket, DatagramSender, Descriptor
{
  readonly place: BoundPlace;
  readonly #system: SimulatedSystem;
  readonly #asked: DatagramPortPlace;
  readonly #inbox: Inbox;
  readonly #routes: RouteFinder;
  #joined: Joined[] = [];
  /** The number it is bound to, if it is. */
  #number: number | undefined;

  constructor(system: SimulatedSystem, asked: DatagramPortPlace) {
    super(system, asked);
    this.#system = system;
    this.#asked = asked;
    this.place = placeOf(asked, this.family);
    this.#routes = new RouteFinder(system.machine, this.place);
    const limit = asked.options.receiveBufferBytes ?? RECEIVE_BUFFER;
    this.#inbox = new Inbox(
      system,
      {
        datagramCame: ({ data, source }) => this.received(data, this.#seen(source)),
        refusalCame: () => this.refused(),
      },
      limit,
    );
  }

  // -- Life

  protected bind(): void {
    this.#system.soon(() => {
      const why = this.#obstacle();
      const { options, port } = this.#asked;
      if (why === undefined) this.bound(udpAddress(this.getHost().host, this.#number ?? port));
      else {
        const cause = Object.assign(new Error(`bind ${why}`), { code: why });
        this.bindFailed(new CannotListenError(options.interface ?? "", port, cause));
      }
    });
  }

  /** Bind it. @returns Why not. */
  #obstacle(): "EADDRNOTAVAIL" | "EADDRINUSE" | undefined {
    const { machine } = this.#system;
    const { place } = this;
    const { port } = this.#asked;
    if (!canBind(machine, place.host) && castOf(place.host) === "one") return "EADDRNOTAVAIL";
    const isTaken = (number: number): boolean => machine.datagrams.isTaken(place, number);
    if (port !== 0 && isTaken(port)) return "EADDRINUSE";
    const number = port === 0 ? machine.ephemeralPort(isTaken) : port;
    this.#number = number;
    this.#routes.boundTo(number);
    machine.datagrams.add(this, number);
    machine.descriptors.add(this);
    return undefined;
  }

  protected unbind(): void {
    this.#leave();
    this.#system.later(() => this.unbound());
  }

  #leave(): void {
    const { machine } = this.#system;
    if (this.#number !== undefined) machine.datagrams.remove(this, this.#number);
    machine.descriptors.delete(this);
    this.#number = undefined;
    this.#joined = [];
    this.#inbox.clear();
  }

  closeByKernel(): void {
    this.#leave();
  }

  vanish(): void {
    this.#leave();
  }

  // -- Sending

  protected send(bytes: Uint8Array, host: string | undefined, port: number): void {
    if (!this.#system.alive) return; // It has ended in this very event.
    if (this.#inbox.takeRefusal()) {
      this.sendRefused();
      return;
    }
    const peer = host === undefined ? this.getPeer() : undefined;
    const to = host ?? peer?.host;
    if (to === undefined) return;
    const number = peer?.port ?? port;
    const routes = this.#routes.find(to, number, this);
    if (typeof routes === "string") this.#refuse(to, routes);
    else if (routes.length > 0) this.#sendOn(routes, bytes, number);
    else this.#sendNowhere(to, bytes);
  }

  #sendOn(routes: readonly Route[], bytes: Uint8Array, port: number): void {
    for (const route of routes) {
      const hops = route.cast === "group" ? this.getTTL() : (this.getUnicastTTL() ?? UNICAST_TTL);
      // A copy: the writer may use its bytes again, and the reader keeps what it gets.
      launch(route, { data: Buffer.from(bytes), port, hops, sender: this });
    }
  }

  #sendNowhere(to: string, { length: bytes }: Uint8Array): void {
    const { machine } = this.#system;
    machine.world.trace.note("datagram lost", machine, { bytes, text: to });
  }

  #refuse(to: string, code: string): void {
    this.sendFailed(Object.assign(new Error(`send ${code} ${to}`), { code, syscall: "send" }));
  }

  /** The kernel takes everything at once. */
  protected waiting(): number {
    return 0;
  }

  // -- The peer

  protected connectTo(host: string, port: number): UDPAddress | undefined {
    const address = canonical(host);
    const peer = udpAddress(isWildcard(address) ? loopbackOf(address) : address, port);
    if (castOf(unmapped(address)) !== "all" || this.getBroadcastAllowed()) return peer;
    const error = Object.assign(new Error(`connect EACCES ${host}`), { code: "EACCES" });
    this.#system.later(() => this.connectFailed(connectError(peer, error)));
    return undefined;
  }

  get wantsRefusals(): boolean {
    return this.#number !== undefined && this.getPeer() !== undefined;
  }

  unreachable(host: string, port: number, source: UDPAddress): void {
    const peer = this.getPeer();
    if (peer === undefined || source.port !== this.#number || port !== peer.port) return;
    if (unmapped(peer.host) === host) this.#inbox.refuse();
  }

  // -- Receiving

  get full(): boolean {
    return this.#inbox.full;
  }

  fit(datagram: Datagram): number {
    if (!this.#takesFrom(datagram)) return 0;
    const { place } = this;
    const exact = place.host === datagram.host;
    if (!exact && !place.everywhere) return 0;
    return (place.family === 4 ? 2 : 1) + (exact ? 4 : 0) + (this.getPeer() === undefined ? 0 : 8);
  }

  hears(datagram: Datagram): boolean {
    const { place } = this;
    if (!this.#takesFrom(datagram) || !(place.everywhere || place.host === datagram.host)) {
      return false;
    }
    if (datagram.cast === "all") return true;
    const isMember = this.#joined.some((one) => isOf(one, datagram));
    return !isMember || this.hasJoined(datagram);
  }

  hasJoined(datagram: Datagram): boolean {
    const { source } = datagram;
    return this.#joined.some(
      (one) => isOf(one, datagram) && (one.source === undefined || one.source === source.host),
    );
  }

  /** Of a family that it has, and of its peer if it has one? */
  #takesFrom({ source }: Datagram): boolean {
    const { family, dual } = this.place;
    if (source.kind === "IPv4" ? family === 6 && !dual : family === 4) return false;
    const peer = this.getPeer();
    return peer === undefined || peer.equals(this.#seen(source));
  }

  /** As a port of its family sees it. */
  #seen(source: UDPAddress): UDPAddress {
    if (source.kind === "IPv6" || this.place.family === 4) return source;
    return udpAddress(mapped(source.host), source.port);
  }

  take(datagram: Datagram): void {
    this.#inbox.take(datagram);
  }

  takeLater(datagram: Datagram): void {
    this.#inbox.takeLater(datagram);
  }

  // -- Switches and groups

  protected applySwitches({ outgoingInterface }: DatagramSwitches): void {
    // The base keeps them, and that is where they are looked at.
    if (outgoingInterface !== undefined) interfaceOf(this.#system.machine, outgoingInterface);
  }

  protected changeMembership({ change, group, networkInterface, source }: Membership): void {
    if (castOf(group) !== "group") throw new Error("not a multicast address");
    const { machine } = this.#system;
    const through = networkInterface === "" ? zoneOf(group) : networkInterface;
    const wanted: Joined = {
      group: canonical(group),
      interface: interfaceOf(machine, through),
      source: source === undefined ? undefined : canonical(source),
    };
    const others = this.#joined.filter((one) => !isSame(one, wanted));
    const isThere = others.length < this.#joined.length;
    if (change === "leave" && !isThere) throw new Error("not joined");
    if (change === "join" && isThere) throw new Error("joined already");
    this.#joined = change === "leave" ? others : [...others, wanted];
    machine.datagrams.joined(this);
  }
}

function placeOf({ options }: DatagramPortPlace, family: 4 | 6): BoundPlace {
  const { interface: name = "", listenMultiple = false, ipv6Only = false } = options;
  const host = name === "" ? "0.0.0.0" : canonical(name);
  const everywhere = isWildcard(host);
  const dual = host === "::" && !ipv6Only;
  return { family, host, everywhere, dual, shared: listenMultiple };
}

function isOf(one: Joined, { host, interface: through }: Datagram): boolean {
  return one.group === host && one.interface === through;
}

function isSame(one: Joined, other: Joined): boolean {
  const { group, interface: through, source } = other;
  return one.group === group && one.interface === through && one.source === source;
}
