/**
 * A transport that the monitor watches: what its protocol is told, and when.
 *
 * The books are fields of the transport: with ten thousand connections an object of their own is
 * one more that is not in the cache, which costs every event 4%.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import type { IProtocol } from "../../internet/interfaces-transport.ts";
import { ConduitTransport, type TransportParts } from "../base/conduit-transport.ts";
import { protocolName } from "../base/protocol-name.ts";
import type { Ended } from "../base/stream-transport.ts";
import type { Monitor, MonitorRule } from "./monitor.ts";
import { SimulatedSystem } from "./system.ts";

/** What a transport tells its protocol, or does for it, in which nothing may be delivered. */
type WatchedCall =
  | "connectionMade"
  | "dataReceived"
  | "handshakeCompleted"
  | "the peer's end"
  | "resumeProducing";

/** See the top of this file. Where there is no monitor, nobody watches. */
export abstract class WatchedTransport extends ConduitTransport {
  /** `undefined`: nobody watches. */
  readonly #system: SimulatedSystem | undefined;
  readonly #connection: number | undefined;
  #stage: "new" | "made" | "lost" = "new";
  /** What is under way. */
  #inside: WatchedCall | undefined;
  /** Bytes written since the push producer was paused. */
  #pressed = 0;

  /** @param connection Its number in the trace, if it has one. */
  constructor(parts: TransportParts, connection: number | undefined) {
    super({ ...parts, ended: endedOf(parts) });
    const { reactor } = parts;
    const isWatched = reactor instanceof SimulatedSystem && monitorOf(reactor) !== undefined;
    this.#system = isWatched ? reactor : undefined;
    this.#connection = connection;
  }

  // -- What the conduit tells

  override begin(protocol: IProtocol): boolean {
    if (this.#stage !== "new") this.#violated("order", "connectionMade came twice");
    this.#stage = "made";
    const before = this.#enter("connectionMade");
    const isOpen = super.begin(protocol);
    this.#inside = before;
    return isOpen;
  }

  override bytesReceived(data: Buffer): void {
    const before = this.#deliver("dataReceived");
    super.bytesReceived(data);
    this.#inside = before;
  }

  override endReceived(): void {
    const before = this.#deliver("the peer's end");
    super.endReceived();
    this.#inside = before;
  }

  override handshakeDone(): void {
    const before = this.#deliver("handshakeCompleted");
    super.handshakeDone();
    this.#inside = before;
  }

  override connectionFailed(error: Error): void {
    super.connectionFailed(error);
    if (this.connected) this.#system?.soon(() => this.#mustBeLost());
  }

  /** @returns What is under way already. */
  #deliver(what: WatchedCall): WatchedCall | undefined {
    if (this.#inside !== undefined) {
      this.#violated("re-entrance", `${what} came from inside ${this.#inside}`);
    }
    if (this.#stage === "new") this.#violated("order", `${what} came before connectionMade`);
    else if (this.#stage === "lost") this.#violated("order", `${what} came after connectionLost`);
    return this.#enter(what);
  }

  #enter(what: WatchedCall): WatchedCall | undefined {
    const before = this.#inside;
    this.#inside = what;
    return before;
  }

  // -- What the protocol does

  override resumeProducing(): void {
    const before = this.#enter("resumeProducing");
    super.resumeProducing();
    this.#inside = before;
  }

  override write(data: Uint8Array | string): void {
    const isHeldBack = this.producerHeldBack;
    super.write(data);
    const system = this.#system;
    if (system === undefined) return;
    const monitor = monitorOf(system);
    if (monitor === undefined) return;
    if (this.#stage === "lost") monitor.writesAfterLoss += 1;
    else if (isHeldBack) this.#wroteMore(Buffer.byteLength(data), monitor);
    else this.#pressed = 0;
  }

  /** The protocol has written, though its push producer was asked to pause. */
  #wroteMore(bytes: number, { bytesWhilePaused }: Monitor): void {
    const before = this.#pressed;
    this.#pressed += bytes;
    if (before > bytesWhilePaused || this.#pressed <= bytesWhilePaused) return;
    const pressed = String(this.#pressed);
    const what = `${pressed} bytes were written after pauseProducing: more than bytesWhilePaused`;
    this.#violated("backpressure", what);
  }

  // -- The end

  /** `connectionLost` has come. Called by what the base calls at the end. */
  lost(reason: unknown): void {
    if (this.#stage === "new") this.#violated("order", "connectionLost came without a connection");
    else if (this.#stage === "lost") this.#violated("order", "connectionLost came twice");
    if (!(reason instanceof Failure)) this.#violated("order", "connectionLost came with no reason");
    this.#stage = "lost";
  }

  /** The conduit has failed, and what was to happen because of that has. */
  #mustBeLost(): void {
    if (this.#stage === "lost") return;
    this.#violated("order", "the connection is gone, and connectionLost has not come");
  }

  #violated(rule: MonitorRule, what: string): void {
    if (this.#system === undefined) return;
    const protocol = protocolName(this.protocol);
    const place = { rule, host: this.#system.machine, connection: this.#connection, protocol };
    monitorOf(this.#system)?.violated(place, what);
  }
}

function monitorOf({ machine }: SimulatedSystem): Monitor | undefined {
  return machine.world.monitor;
}

function endedOf({ ended }: TransportParts): Ended {
  return (reason, transport) => {
    if (transport instanceof WatchedTransport) transport.lost(reason);
    ended?.(reason, transport);
  };
}
