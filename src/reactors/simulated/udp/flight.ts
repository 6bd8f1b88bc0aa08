/**
 * A datagram on its way to one host: it may be late, doubled, changed, or lost.
 *
 *     written ─▶ too long, too far, no room on the line ─▶ lost
 *             ─▶ on the link ─▶ cut, or no power there ─▶ lost
 *                            ─▶ somebody listens ─▶ received
 *                            ─▶ nobody listens ─▶ (if a connected port has sent it) that comes back
 *
 * Datagrams of one link stay in order, unless one is overtaken by chance.
 *
 * Spec: RFC 768 (UDP), RFC 1122 §4.1.3.1 (Port Unreachable).
 *
 * @module
 */
import type { UDPAddress } from "../../../internet/interfaces-udp.ts";
import type { SimulatedEvent } from "../event-queue.ts";
import type { Link } from "../link.ts";
import type { Machine } from "../machine.ts";
import type { TracedDatagram } from "../trace.ts";
import type { Cast, Datagram, InterfaceName } from "./datagram-table.ts";
import { staysOnLink } from "./destination.ts";

/** The way from a port to an address, for as long as the port is bound. */
export interface Route {
  readonly from: Machine;
  readonly to: Machine;
  readonly link: Link;
  /** The port, as it is seen there. */
  readonly source: UDPAddress;
  readonly host: string;
  readonly cast: Cast;
  readonly interface: InterfaceName;
}

/** A port that sends. */
export interface DatagramSender {
  /** Does it want to know that nobody listens? */
  readonly wantsRefusals: boolean;
  /** Nobody listens at a place that something was sent to from `source`. */
  unreachable(host: string, port: number, source: UDPAddress): void;
}

/** What is sent. */
export interface Sending {
  /** Its own from now on. */
  readonly data: Buffer;
  readonly port: number;
  /** How many routers it may pass, and one more. */
  readonly hops: number;
  readonly sender: DatagramSender;
}

/** Bytes of headers: IP's and UDP's. */
const HEADERS = { IPv4: 28, IPv6: 48 } as const;
/** An ICMP message about a datagram: RFC 792. */
const ICMP = 56;

/** Send a datagram on its way. */
export function launch(route: Route, sending: Sending): void {
  const { link, from, to, source } = route;
  const { data } = sending;
  const { world } = from;
  const bytes = data.length + HEADERS[source.kind];
  const flight = new Flight(route, sending, data);
  world.trace.datagram("datagram sent", from, to, flight);
  if (isStuck(route, bytes, sending.hops) || link.losesDatagram()) {
    world.trace.datagram("datagram lost", from, to, flight);
    return;
  }
  const twice = link.duplicates() ? Buffer.from(data) : undefined;
  link.corrupt(data);
  world.arriveAt(link.datagramArrival(bytes), flight);
  if (twice === undefined) return;
  link.corrupt(twice);
  world.arriveAt(link.datagramArrival(bytes), new Flight(route, sending, twice));
}

/** Does it never get there, whatever chance says? */
function isStuck({ link, host, cast }: Route, bytes: number, hops: number): boolean {
  if (bytes > link.mtu || link.congested) return true;
  return link.hops > 0 && (hops <= link.hops || staysOnLink(host, cast));
}

/** See the top of this file. */
class Flight implements SimulatedEvent, Datagram, TracedDatagram {
  readonly data: Buffer;
  readonly port: number;
  readonly sentAt: number;
  readonly #route: Route;
  readonly #sender: DatagramSender;

  constructor(route: Route, { port, sender }: Sending, data: Buffer) {
    this.data = data;
    this.port = port;
    this.#route = route;
    this.#sender = sender;
    this.sentAt = route.from.world.now;
  }

  get source(): UDPAddress {
    return this.#route.source;
  }

  get host(): string {
    return this.#route.host;
  }

  get cast(): Cast {
    return this.#route.cast;
  }

  get interface(): InterfaceName {
    return this.#route.interface;
  }

  /** It arrives, or does not. */
  happen(): void {
    const { link, from, to, cast } = this.#route;
    const { world } = to;
    if (link.held) link.whenReleased(() => world.after(0, this));
    else if (link.cut || !to.powered) world.trace.datagram("datagram lost", from, to, this);
    else if (cast === "one") this.#arrive();
    else this.#spread();
  }

  #arrive(): void {
    const { from, to } = this.#route;
    const { trace } = to.world;
    const socket = to.datagrams.receiver(this);
    if (socket?.full === false) {
      trace.datagram("datagram received", to, from, this);
      socket.take(this);
      return;
    }
    trace.datagram("datagram lost", from, to, this);
    if (socket === undefined && this.#sender.wantsRefusals) this.#refuse();
  }

  #spread(): void {
    const { from, to } = this.#route;
    const [first, ...others] = to.datagrams.hearers(this).filter((one) => !one.full);
    if (first === undefined) return;
    to.world.trace.datagram("datagram received", to, from, this);
    // Each has bytes of its own: they are the receiver's to keep.
    for (const one of others) one.takeLater(new Copy(this));
    first.take(this);
  }

  /** The kernel there says that nobody listens. */
  #refuse(): void {
    const { from, to } = this.#route;
    const { world } = from;
    const back = from.network.link(to, from);
    if (back.losesDatagram()) return;
    const answer: SimulatedEvent = {
      happen: () => {
        if (back.held) back.whenReleased(() => world.after(0, answer));
        else if (!back.cut && from.powered) {
          this.#sender.unreachable(this.host, this.port, this.source);
        }
      },
    };
    world.arriveAt(back.datagramArrival(ICMP), answer);
  }
}

/** The same datagram, for another one who hears it. */
class Copy implements Datagram {
  readonly data: Buffer;
  readonly source: UDPAddress;
  readonly host: string;
  readonly port: number;
  readonly cast: Cast;
  readonly interface: InterfaceName;

  constructor(original: Datagram) {
    this.data = Buffer.from(original.data);
    this.source = original.source;
    this.host = original.host;
    this.port = original.port;
    this.cast = original.cast;
    this.interface = original.interface;
  }
}
