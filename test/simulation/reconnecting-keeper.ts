/**
 * A client that wants to stay connected, for the scenario of reconnecting: a factory for several
 * connectors, which connects each again, later and later while that does not work. It holds what it
 * is told against what may come next:
 *
 *     idle ─ started ─▶ connecting ─ made ─▶ connected ─ lost ─▶ idle
 *                            └── failed, or lost: nobody was built ──┘
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import type { IAddress } from "../../src/internet/addresses.ts";
import {
  ConnectError,
  ConnectionClosed,
  NoProtocol,
  UserError,
} from "../../src/internet/errors.ts";
import { ClientFactory } from "../../src/internet/factory.ts";
import type { IConnector } from "../../src/internet/interfaces-factory.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import { LineReceiver } from "../../src/protocols/line-receiver.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";

const DELAY_FIRST = 0.1;
const DELAY_MAX = 2;
/** Seconds between two pings, and for an answer. */
const PING_EVERY = 0.5;
const PATIENCE = 2;

/** What a client may do in the middle of connecting. */
export const QUIRKS = [
  "none",
  "stop in startedConnecting",
  "no protocol",
  "disconnect in buildProtocol",
  "disconnect in connectionMade",
  "abort in connectionMade",
  "disconnect in clientConnectionMade",
  "connect at once when lost",
  "connect the other when lost",
] as const;

/** One of them. */
export type Quirk = (typeof QUIRKS)[number];

/** One connector, and how it goes. */
export class Line {
  phase: "idle" | "connecting" | "connected" = "idle";
  /** Is it to be connected? */
  wanted = true;
  /** Connections whose protocol was told that they are made, and lost. */
  made = 0;
  lost = 0;
  /** When an answer came last. */
  heard = Number.NEGATIVE_INFINITY;
  retry: IDelayedCall | undefined;
  delay = DELAY_FIRST;
  /** Of the attempts to come. */
  readonly quirks: Quirk[];
  quirk: Quirk = "none";
  readonly connector: IConnector;

  constructor(connector: IConnector, quirks: readonly Quirk[]) {
    this.connector = connector;
    this.quirks = [...quirks];
  }

  stopRetrying(): void {
    if (this.retry?.active === true) this.retry.cancel();
    this.retry = undefined;
  }
}

/** Pings, and hangs up where nobody answers. */
class Pinger extends LineReceiver {
  readonly #reactor: SimulatedReactor;
  readonly #line: Line;
  readonly #others: () => void;
  #timer: IDelayedCall | undefined;

  /** @param others Connects the others. */
  constructor(reactor: SimulatedReactor, line: Line, others: () => void) {
    super();
    this.#reactor = reactor;
    this.#line = line;
    this.#others = others;
  }

  override connectionMade(): void {
    this.#line.made += 1;
    this.#ping();
    if (this.#line.quirk === "disconnect in connectionMade") this.#line.connector.disconnect();
    else if (this.#line.quirk === "abort in connectionMade") this.transport.abortConnection();
  }

  #ping(): void {
    this.sendLine("ping");
    this.#timer = this.#reactor.callLater(PATIENCE, () => this.transport.abortConnection());
  }

  override lineReceived(_line: Buffer): void {
    const { quirk } = this.#line;
    if (quirk.startsWith("disconnect")) throw new Error(`Heard an answer after ${quirk}`);
    this.#line.heard = this.#reactor.seconds();
    this.#line.delay = DELAY_FIRST;
    this.#stopTimer();
    this.#timer = this.#reactor.callLater(PING_EVERY, () => this.#ping());
  }

  override connectionLost(_reason: Failure): void {
    this.#line.lost += 1;
    this.#stopTimer();
    if (this.#line.quirk === "connect the other when lost") this.#others();
  }

  #stopTimer(): void {
    if (this.#timer?.active === true) this.#timer.cancel();
  }
}

/** See the top of this file. */
export class Keeper extends ClientFactory {
  override noisy = false;
  readonly lines: Line[] = [];
  starts = 0;
  stops = 0;
  readonly #reactor: SimulatedReactor;
  readonly #quirks: (readonly Quirk[])[];

  /** @param quirks Of each connector's first attempts. */
  constructor(reactor: SimulatedReactor, quirks: readonly (readonly Quirk[])[]) {
    super();
    this.#reactor = reactor;
    this.#quirks = [...quirks];
  }

  /** What is to be connected, and nobody else will connect, is. */
  resume(): void {
    for (const line of this.lines) {
      if (line.wanted && line.phase === "idle" && line.retry === undefined) {
        line.connector.connect();
      }
    }
  }

  override startFactory(): void {
    this.starts += 1;
    if (this.starts !== this.stops + 1) throw new Error("startFactory came twice");
  }

  override stopFactory(): void {
    this.stops += 1;
    if (this.starts !== this.stops) throw new Error("stopFactory came twice");
    const busy = this.lines.find(({ phase }) => phase !== "idle");
    if (busy !== undefined) throw new Error(`stopFactory came while ${busy.phase}`);
  }

  #lineOf(connector: IConnector): Line {
    const known = this.lines.find((line) => line.connector === connector);
    if (known !== undefined) return known;
    const line = new Line(connector, this.#quirks[this.lines.length] ?? []);
    this.lines.push(line);
    return line;
  }

  override startedConnecting(connector: IConnector): void {
    const line = this.#lineOf(connector);
    this.#move(line, "idle", "connecting");
    line.quirk = line.quirks.shift() ?? "none";
    if (line.quirk === "stop in startedConnecting") connector.stopConnecting();
  }

  override buildProtocol(address: IAddress): Pinger | undefined {
    const there = address.toString();
    const line = this.lines.find(({ connector }) => portOf(connector) === there.split(":").at(-1));
    if (line === undefined) throw new Error(`Nobody connects to ${there}`);
    if (line.phase !== "connecting") throw new Error(`A protocol is built while ${line.phase}`);
    if (line.quirk === "no protocol") return undefined;
    if (line.quirk === "disconnect in buildProtocol") line.connector.disconnect();
    return new Pinger(this.#reactor, line, () => this.resume());
  }

  override clientConnectionMade(connector: IConnector): void {
    const line = this.#lineOf(connector);
    this.#move(line, "connecting", "connected");
    if (line.made !== line.lost + 1) throw new Error("connected, and no connection is made");
    if (line.quirk.startsWith("abort")) throw new Error("connected, and aborted before that");
    if (line.quirk === "disconnect in clientConnectionMade") connector.disconnect();
  }

  override clientConnectionFailed(connector: IConnector, { value: reason }: Failure): void {
    const line = this.#lineOf(connector);
    this.#move(line, "connecting", "idle");
    const isTyped = reason instanceof ConnectError || reason instanceof ConnectionClosed;
    if (!isTyped) throw new Error(`Failed with ${reason.name}`);
    if (line.quirk === "stop in startedConnecting" && !(reason instanceof UserError)) {
      if (!this.#reactor.stopping) throw new Error(`Stopped, and failed with ${reason.name}`);
    }
    this.#again(line);
  }

  override clientConnectionLost(connector: IConnector, { value: reason }: Failure): void {
    const line = this.#lineOf(connector);
    // A connection that was dropped in connectionMade was never made, as far as we were told.
    this.#move(line, line.phase === "connecting" ? "connecting" : "connected", "idle");
    const isTyped = reason instanceof ConnectionClosed || reason instanceof NoProtocol;
    if (!isTyped) throw new Error(`Lost with ${reason.name}`);
    this.#again(line);
  }

  #move(line: Line, from: Line["phase"], to: Line["phase"]): void {
    if (line.phase !== from) throw new Error(`${to} comes after ${line.phase}, not ${from}`);
    line.phase = to;
    const state = to === "idle" ? "disconnected" : to;
    if (line.connector.state !== state) throw new Error(`${to}, and ${line.connector.state}`);
    if (to === "idle" && line.made !== line.lost) throw new Error("idle, and not lost");
  }

  #again(line: Line): void {
    if (!line.wanted) return;
    if (line.quirk === "connect at once when lost" && line.made > 0) {
      line.quirk = "none";
      line.connector.connect();
      return;
    }
    const delay = line.delay * (1 + this.#reactor.random() / 5);
    line.delay = Math.min(2 * line.delay, DELAY_MAX);
    line.retry = this.#reactor.callLater(delay, () => {
      line.retry = undefined;
      line.connector.connect();
    });
  }
}

/** The port that it connects to, as text. */
function portOf(connector: IConnector): string {
  return connector.getDestination().toString().split(":").at(-1) ?? "";
}
