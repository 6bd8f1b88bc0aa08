/**
 * Two connections tied together: what comes on one is sent on the other.
 *
 *     client ◀─▶ TunnelEnd ══ TunnelEnd ◀─▶ server
 *
 * Each is read at the pace at which the other takes. An end of one direction is passed on, and the
 * other direction goes on; a reset is passed on as a reset.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import { ConnectionDone } from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type {
  IDrainable,
  IHalfCloseableProtocol,
  IPushProducer,
} from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import { DeadlineWatch } from "../server/deadline-watch.ts";

/** Seconds without a byte, unless told otherwise. Ours: longer than what keeps WebSockets alive. */
const IDLE_TIMEOUT = 600;

/** What an option says. @throws {RangeError} It is negative, or no number. */
export function tunnelSeconds(seconds: number = IDLE_TIMEOUT): number {
  if (seconds >= 0) return seconds;
  throw new RangeError(`Cannot set tunnelTimeout: expected 0 or more, got ${String(seconds)}`);
}

/** Both ends: give each a connection, in any order, and in the same turn. */
export class Tunnel {
  readonly client: TunnelEnd;
  readonly server: TunnelEnd;
  readonly #watch: DeadlineWatch<"idle">;
  readonly #idleTimeout: number;

  /** @param idleTimeout Seconds without a byte in either direction, until both are closed. */
  constructor(reactor: IReactorTime, idleTimeout: number) {
    this.#idleTimeout = idleTimeout;
    this.#watch = new DeadlineWatch(reactor, () => this.close());
    this.client = new TunnelEnd(this, () => this.server);
    this.server = new TunnelEnd(this, () => this.client);
    this.touch();
  }

  /** Something has moved. */
  touch(): void {
    this.#watch.set("idle", this.#idleTimeout);
  }

  /** Close both, when what is on its way has gone out. */
  close(): void {
    this.client.close();
    this.server.close();
  }

  /** Reset what is there of it. */
  abort(): void {
    this.over();
    this.client.transport.abortConnection();
    this.server.transport.abortConnection();
  }

  /** An end is lost: there is nothing to wait for. */
  over(): void {
    this.#watch.stop();
  }
}

/** One end of a {@link Tunnel}. */
export class TunnelEnd
  extends Protocol
  implements IHalfCloseableProtocol, IDrainable, IPushProducer
{
  readonly #tunnel: Tunnel;
  readonly #other: () => TunnelEnd;
  #isMade = false;
  /** What has come before the other one was there. */
  #held: Buffer[] = [];

  constructor(tunnel: Tunnel, other: () => TunnelEnd) {
    super();
    this.#tunnel = tunnel;
    this.#other = other;
  }

  override connectionMade(): void {
    this.#isMade = true;
    this.transport.registerProducer(this, true);
    for (const data of this.#other().takeHeld()) this.transport.write(data);
  }

  /** What waits for the other one. */
  takeHeld(): readonly Buffer[] {
    return this.#held.splice(0);
  }

  override dataReceived(data: Buffer): void {
    this.#tunnel.touch();
    const other = this.#other();
    if (other.#isMade) other.transport.write(data);
    else this.#held.push(data);
  }

  readConnectionLost(): void {
    const { transport } = this.#other();
    transport.unregisterProducer();
    transport.loseWriteConnection();
  }

  writeConnectionLost(): void {}

  override connectionLost(reason: Failure): void {
    this.#tunnel.over();
    if (reason.is(ConnectionDone)) this.#other().close();
    else this.#other().transport.abortConnection();
  }

  /** The service stops. */
  drain(): void {
    this.#tunnel.close();
  }

  /** Close it, when what is on its way has gone out. */
  close(): void {
    this.transport.unregisterProducer();
    this.transport.loseConnection();
  }

  // -- As the producer of what is written to this connection: it comes from the other one

  /** This one takes no more: do not read from the other. */
  pauseProducing(): void {
    this.#other().transport.pauseProducing();
  }

  resumeProducing(): void {
    this.#other().transport.resumeProducing();
  }

  /** The connection is gone: `connectionLost` comes. */
  stopProducing(): void {}
}
