/**
 * A port for datagrams that keeps what is written, for testing one protocol alone.
 *
 * After: twisted.internet.testing.FakeDatagramTransport. Differs: it is a real port of which the
 * other end is a list, so addresses are checked, limits hold, and the protocol is started, called
 * and stopped as on a socket.
 *
 * @module
 */
import type {
  IDatagramProtocol,
  ListenUDPOptions,
  UDPAddress,
} from "../internet/interfaces-udp.ts";
import { udpAddress } from "../reactors/base/datagram-destination.ts";
import type { DatagramSwitches, Membership } from "../reactors/base/datagram-switches.ts";
import { MulticastPort } from "../reactors/base/multicast-port.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";

/** Options of {@link FakeDatagramTransport}. */
export interface FakeDatagramTransportOptions extends ListenUDPOptions {
  /** Default: a reactor of its own. */
  readonly reactor?: MemoryReactor;
  /** The number that it has. Default: 54321. */
  readonly port?: number;
}

/** A datagram that was written. */
export interface WrittenDatagram {
  readonly data: Buffer;
  /** Where to; on a connected port the peer. */
  readonly address: UDPAddress;
}

/**
 * Keeps what is written; hands over what you give it. It starts the protocol when it is made.
 *
 * @example
 * ```ts
 * import { DatagramProtocol, type UDPAddress } from "sennit/internet";
 * import { FakeDatagramTransport } from "sennit/testing";
 *
 * class Echo extends DatagramProtocol {
 *   override datagramReceived(data: Buffer, address: UDPAddress): void {
 *     this.transport.write(data, address);
 *   }
 * }
 * const transport = new FakeDatagramTransport(new Echo());
 * transport.deliver("hello", { host: "198.51.100.1", port: 7 });
 * for (const { data, address } of transport.written) {
 *   console.log(`${data} to ${address}`); // hello to 198.51.100.1:7
 * }
 * ```
 */
export class FakeDatagramTransport extends MulticastPort {
  /** Its time and turns. Every `deliver…` runs it until it rests. */
  readonly reactor: MemoryReactor;
  #written: WrittenDatagram[] = [];
  #memberships: Omit<Membership, "change">[] = [];

  /** @param protocol Started before this returns. */
  constructor(protocol: IDatagramProtocol, options: FakeDatagramTransportOptions = {}) {
    const { reactor = new MemoryReactor(), port = 54_321, ...rest } = options;
    super(reactor, {
      port,
      protocol,
      options: { ...rest, interface: rest.interface ?? "192.0.2.1" },
    });
    this.reactor = reactor;
    this.startListening();
    reactor.flush();
  }

  /** What was written since the last `clear`, in order. */
  get written(): readonly WrittenDatagram[] {
    return this.#written;
  }

  /** Forget what was written. */
  clear(): void {
    this.#written = [];
  }

  /** The groups that it is in, as they were joined. */
  get memberships(): readonly Omit<Membership, "change">[] {
    return this.#memberships;
  }

  /** A datagram comes; dropped as on a socket where it is too long, or the port connected. */
  deliver(data: Uint8Array | string, from: { readonly host: string; readonly port: number }): void {
    this.received(Buffer.from(data), udpAddress(from.host, from.port));
    this.reactor.flush();
  }

  /** The machine of the peer says that nobody listens. Only a connected port hears of it. */
  deliverRefusal(): void {
    this.refused();
    this.reactor.flush();
  }

  // -- As a kind of port

  protected bind(): void {
    this.reactor.soon(() => this.bound(this.getHost()));
  }

  protected unbind(): void {
    this.#memberships = [];
    this.reactor.later(() => this.unbound());
  }

  protected send(bytes: Uint8Array, host: string | undefined, port: number): void {
    const address = host === undefined ? this.getPeer() : udpAddress(host, port);
    if (address !== undefined) this.#written.push({ data: Buffer.from(bytes), address });
  }

  protected waiting(): number {
    return 0;
  }

  protected connectTo(host: string, port: number): UDPAddress | undefined {
    return udpAddress(host, port);
  }

  /** The base keeps them. */
  protected applySwitches(_switches: DatagramSwitches): void {}

  protected changeMembership({ change, ...membership }: Membership): void {
    const { group, networkInterface, source } = membership;
    const others = this.#memberships.filter(
      (one) =>
        one.group !== group || one.networkInterface !== networkInterface || one.source !== source,
    );
    const isIn = others.length < this.#memberships.length;
    if (isIn === (change === "join")) throw new Error(isIn ? "joined already" : "not joined");
    this.#memberships = isIn ? others : [...others, membership];
  }
}
