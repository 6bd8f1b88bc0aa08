/**
 * The transport of a simulated connection.
 *
 * @module
 */
import { type IAddress, IPv4Address, IPv6Address } from "../../../internet/addresses.ts";
import { ipFamily } from "../../../internet/ip-family.ts";
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLimits,
} from "../../../internet/interfaces-tls.ts";
import type { ITCPTransport } from "../../../internet/interfaces-transport.ts";
import type { SecureConduit, SecureParts } from "../../base/conduit.ts";
import type { TransportParts } from "../../base/conduit-transport.ts";
import type { SimulatedSystem } from "../system.ts";
import { checkSimulatedTLS, SimulatedTLSConduit } from "../tls/tls-conduit.ts";
import type { TLSWanted } from "../tls/tls-wanted.ts";
import { WatchedTransport } from "../watched-transport.ts";
import { SimulatedSocket } from "./socket.ts";

/** An address of TCP. */
export function tcpAddress(host: string, port: number): IAddress {
  return ipFamily(host) === 6
    ? new IPv6Address("TCP", host, port)
    : new IPv4Address("TCP", host, port);
}

/** A transport whose TLS is simulated, and which the monitor watches. */
export class SimulatedTransport extends WatchedTransport {
  /** @param connection Its number in the trace. Default: that of the conduit, if it has one. */
  constructor(parts: TransportParts, connection?: number) {
    const { conduit } = parts;
    super(parts, connection ?? (conduit instanceof SimulatedSocket ? conduit.id : undefined));
  }

  protected checkTLS(options: ITLSServerOptions | ITLSClientOptions, limits: TLSLimits): void {
    checkSimulatedTLS(options, limits);
  }

  protected makeTLS(parts: SecureParts): SecureConduit {
    return new SimulatedTLSConduit(parts);
  }
}

/** A transport over simulated TCP. */
export class SimulatedTCPTransport extends SimulatedTransport implements ITCPTransport {
  #noDelay = true;
  #keepAlive = false;

  /** As it was set; nothing is held back here. */
  getTcpNoDelay(): boolean {
    return this.#noDelay;
  }

  setTcpNoDelay(enabled: boolean): void {
    this.#noDelay = enabled;
  }

  /** As it was set; nothing is probed here. */
  getTcpKeepAlive(): boolean {
    return this.#keepAlive;
  }

  setTcpKeepAlive(enabled: boolean): void {
    this.#keepAlive = enabled;
  }
}

/** The transport of a connection over TCP, with TLS on it or without. */
export function simulatedTransport(
  system: SimulatedSystem,
  socket: SimulatedSocket,
  parts: Omit<TransportParts, "reactor" | "conduit">,
  tls: TLSWanted | undefined,
): SimulatedTCPTransport {
  const conduit =
    tls === undefined
      ? socket
      : new SimulatedTLSConduit({ reactor: system, lower: socket, ...tls });
  return new SimulatedTCPTransport({ ...parts, reactor: system, conduit }, socket.id);
}
