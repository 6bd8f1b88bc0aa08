/**
 * A UDP port on `node:dgram`, with groups.
 *
 * libuv reads at most 32 datagrams from a socket before it looks at the others, so a flood on one
 * port does not keep the rest of the program waiting. What the kernel does not take at once waits
 * in libuv, which tells how much that is.
 *
 * @module
 */
import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { CannotListenError } from "../../internet/errors.ts";
import {
  DATAGRAM_COST,
  type ListenUDPOptions,
  type UDPAddress,
} from "../../internet/interfaces-udp.ts";
import { IPv4Address } from "../../internet/addresses.ts";
import { udpAddress } from "../base/datagram-destination.ts";
import type { DatagramPortPlace } from "../base/datagram-port.ts";
import type { DatagramSwitches, Membership } from "../base/datagram-switches.ts";
import { MulticastPort } from "../base/multicast-port.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { connectError } from "../base/connect-errors.ts";
import { DatagramOutlet } from "./datagram-outlet.ts";
import { systemInterface } from "./multicast-interface.ts";

/** Addresses only come here. Answering at once also saves a turn for each datagram. */
const lookup: SocketOptions["lookup"] = (address, _options, callback) => {
  callback(null, address, 0);
};

/** See the top of this file. */
export class UDPPort extends MulticastPort {
  readonly #reactor: ReactorBase;
  readonly #port: number;
  readonly #options: ListenUDPOptions;
  #socket: Socket | undefined;
  #outlet: DatagramOutlet | undefined;

  constructor(reactor: ReactorBase, place: DatagramPortPlace) {
    super(reactor, place);
    this.#reactor = reactor;
    this.#port = place.port;
    this.#options = place.options;
  }

  // -- Life

  protected bind(): void {
    const { interface: name = "" } = this.#options;
    const socket = createSocket(this.#socketOptions());
    this.#socket = socket;
    let isBound = false;
    const failed = (error: Error): void => {
      socket.close();
      this.#reactor.soon(() => this.bindFailed(new CannotListenError(name, this.#port, error)));
    };
    socket.on("error", (error) => {
      if (isBound) this.#errorReceived(error);
      else failed(error);
    });
    socket.once("listening", () => {
      isBound = true;
      this.#outlet = new DatagramOutlet(socket, this.#notSent);
      const { address, port } = socket.address();
      this.#reactor.soon(() => this.bound(udpAddress(address, port)));
    });
    this.#listenTo(socket);
    try {
      socket.bind({ port: this.#port, address: name === "" ? "0.0.0.0" : name });
    } catch (error) {
      // A buffer of that size is refused by an exception.
      failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #socketOptions(): SocketOptions {
    const { listenMultiple, ipv6Only, receiveBufferBytes, sendBufferBytes } = this.#options;
    return {
      type: this.family === 4 ? "udp4" : "udp6",
      reuseAddr: listenMultiple ?? false,
      ipv6Only: ipv6Only ?? false,
      recvBufferSize: receiveBufferBytes,
      sendBufferSize: sendBufferBytes,
      lookup,
    };
  }

  #listenTo(socket: Socket): void {
    if (this.family === 4) {
      socket.on("message", (data, { address, port }) => {
        this.received(data, new IPv4Address("UDP", address, port));
      });
    } else {
      socket.on("message", (data, { address, port }) => {
        this.received(data, udpAddress(address, port));
      });
    }
  }

  protected unbind(): void {
    this.#bound.close();
    this.#socket = undefined;
    this.#reactor.later(() => this.unbound());
  }

  /** The base asks only while it is bound. */
  get #bound(): Socket {
    if (this.#socket === undefined) throw new Error("The port is not bound");
    return this.#socket;
  }

  // -- Datagrams

  protected send(bytes: Uint8Array, host: string | undefined, port: number): void {
    this.#outlet?.send(bytes, host, port);
  }

  readonly #notSent = (error: NodeJS.ErrnoException): void => {
    if (error.code === "ECANCELED") this.sendDropped();
    else if (error.code === "ECONNREFUSED" && this.getPeer() !== undefined) this.sendRefused();
    else this.sendFailed(error);
  };

  protected waiting(): number {
    const socket = this.#bound;
    return socket.getSendQueueSize() + socket.getSendQueueCount() * DATAGRAM_COST;
  }

  #errorReceived(error: NodeJS.ErrnoException): void {
    // Windows tells of refusals (as resets) on ports that are not connected, too: nobody's there.
    if (error.code === "ECONNREFUSED" || error.code === "ECONNRESET") this.refused();
    else this.receiveFailed(error);
  }

  // -- The peer

  protected connectTo(host: string, port: number): UDPAddress | undefined {
    const socket = this.#bound;
    const wanted = udpAddress(host, port);
    socket.connect(port, host, (error?: Error) => {
      if (error !== undefined) this.connectFailed(connectError(wanted, error));
    });
    try {
      const peer = socket.remoteAddress();
      return udpAddress(peer.address, peer.port);
    } catch {
      return undefined; // Not connected: the callback will say why.
    }
  }

  // -- Switches and groups

  protected applySwitches(switches: DatagramSwitches): void {
    const socket = this.#bound;
    const { broadcast, unicastTTL, ttl, loopback, outgoingInterface } = switches;
    if (broadcast !== undefined) socket.setBroadcast(broadcast);
    if (unicastTTL !== undefined) socket.setTTL(unicastTTL);
    if (ttl !== undefined) socket.setMulticastTTL(ttl);
    if (loopback !== undefined) socket.setMulticastLoopback(loopback);
    if (outgoingInterface !== undefined) {
      socket.setMulticastInterface(systemInterface(outgoingInterface, this.family));
    }
  }

  protected changeMembership(membership: Membership): void {
    const socket = this.#bound;
    const { change, group, networkInterface, source } = membership;
    const through = systemInterface(networkInterface, this.family);
    if (source === undefined) {
      if (change === "join") socket.addMembership(group, through);
      else socket.dropMembership(group, through);
    } else if (change === "join") socket.addSourceSpecificMembership(source, group, through);
    else socket.dropSourceSpecificMembership(source, group, through);
  }
}
