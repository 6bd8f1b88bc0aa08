/**
 * The transport of a simulated connection.
 *
 * @module
 */
import type { Failure } from "../../../defer/failure.ts";
import { type IAddress, IPv4Address, IPv6Address } from "../../../internet/addresses.ts";
import { ipFamily } from "../../../internet/ip-family.ts";
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLimits,
} from "../../../internet/interfaces-tls.ts";
import type { IProtocol, ITCPTransport } from "../../../internet/interfaces-transport.ts";
import type { SecureConduit, SecureParts } from "../../base/conduit.ts";
import { ConduitTransport, type TransportParts } from "../../base/conduit-transport.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import type { StreamTransport } from "../../base/stream-transport.ts";
import { ConnectionWatch } from "../connection-watch.ts";
import { SimulatedSystem } from "../system.ts";
import { checkSimulatedTLS, SimulatedTLSConduit } from "../tls/tls-conduit.ts";
import type { TLSWanted } from "../tls/tls-wanted.ts";
import { SimulatedSocket } from "./socket.ts";

/** An address of TCP. */
export function tcpAddress(host: string, port: number): IAddress {
  return ipFamily(host) === 6
    ? new IPv6Address("TCP", host, port)
    : new IPv4Address("TCP", host, port);
}

/** A transport whose TLS is simulated, and which the monitor watches. */
export class SimulatedTransport extends ConduitTransport {
  readonly #reactor: ReactorBase;
  readonly #watch: ConnectionWatch | undefined;

  /** @param connection Its number in the trace. Default: that of the conduit, if it has one. */
  constructor(parts: TransportParts, connection?: number) {
    const watch = watchOf(parts, connection);
    super(watch === undefined ? parts : { ...parts, ended: endedOf(parts, watch) });
    this.#reactor = parts.reactor;
    this.#watch = watch;
  }

  override begin(protocol: IProtocol): boolean {
    const watch = this.#watch;
    const before = watch?.made(protocol);
    const isOpen = super.begin(protocol);
    watch?.leave(before);
    return isOpen;
  }

  override bytesReceived(data: Buffer): void {
    const watch = this.#watch;
    const before = watch?.deliver("dataReceived");
    super.bytesReceived(data);
    watch?.leave(before);
  }

  override endReceived(): void {
    const watch = this.#watch;
    const before = watch?.deliver("the peer's end");
    super.endReceived();
    watch?.leave(before);
  }

  override handshakeDone(): void {
    const watch = this.#watch;
    const before = watch?.deliver("handshakeCompleted");
    super.handshakeDone();
    watch?.leave(before);
  }

  override connectionFailed(error: Error): void {
    super.connectionFailed(error);
    const watch = this.#watch;
    if (watch !== undefined && this.connected) this.#reactor.soon(() => watch.mustBeLost());
  }

  override resumeProducing(): void {
    const watch = this.#watch;
    const before = watch?.enter("resumeProducing");
    super.resumeProducing();
    watch?.leave(before);
  }

  override write(data: Uint8Array | string): void {
    const watch = this.#watch;
    const isHeldBack = this.producerHeldBack;
    super.write(data);
    if (watch === undefined) return;
    if (watch.isLost) watch.wroteLate();
    else watch.wrote(data, isHeldBack);
  }

  protected checkTLS(options: ITLSServerOptions | ITLSClientOptions, limits: TLSLimits): void {
    checkSimulatedTLS(options, limits);
  }

  protected makeTLS(parts: SecureParts): SecureConduit {
    return new SimulatedTLSConduit(parts);
  }
}

/** Where there is a monitor, it watches. */
function watchOf(
  { reactor, conduit }: TransportParts,
  connection: number | undefined,
): ConnectionWatch | undefined {
  if (!(reactor instanceof SimulatedSystem)) return undefined;
  const { machine } = reactor;
  const { monitor } = machine.world;
  if (monitor === undefined) return undefined;
  const number = connection ?? (conduit instanceof SimulatedSocket ? conduit.id : undefined);
  return new ConnectionWatch(monitor, machine, number);
}

function endedOf({ ended }: TransportParts, watch: ConnectionWatch) {
  return (reason: Failure, transport: StreamTransport): void => {
    watch.lost(reason);
    ended?.(reason, transport);
  };
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
