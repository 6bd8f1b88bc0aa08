/**
 * Watches one end of a connection for its transport: what its protocol is told, and when.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import type { IProtocol } from "../../internet/interfaces-transport.ts";
import { protocolName } from "../base/protocol-name.ts";
import type { Monitor, MonitorRule } from "./monitor.ts";
import type { TracedHost } from "./trace.ts";

/** What a transport tells its protocol, or does for it, in which nothing may be delivered. */
export type WatchedCall =
  | "connectionMade"
  | "dataReceived"
  | "handshakeCompleted"
  | "the peer's end"
  | "resumeProducing";

/** See the top of this file. */
export class ConnectionWatch {
  readonly #monitor: Monitor;
  readonly #host: TracedHost;
  readonly #connection: number | undefined;
  #protocol: IProtocol | undefined;
  #stage: "new" | "made" | "lost" = "new";
  /** What is under way. */
  #inside: WatchedCall | undefined;
  /** Bytes written since the push producer was paused. */
  #pressed = 0;

  constructor(monitor: Monitor, host: TracedHost, connection: number | undefined) {
    this.#monitor = monitor;
    this.#host = host;
    this.#connection = connection;
  }

  /** Has the protocol been told of the end? */
  get isLost(): boolean {
    return this.#stage === "lost";
  }

  /** `connectionMade` comes. @returns What {@link ConnectionWatch.leave} is to be given. */
  made(protocol: IProtocol): WatchedCall | undefined {
    if (this.#stage !== "new") this.#violated("order", "connectionMade came twice");
    this.#protocol = protocol;
    this.#stage = "made";
    return this.enter("connectionMade");
  }

  /** The conduit tells something. @returns What {@link ConnectionWatch.leave} is to be given. */
  deliver(what: WatchedCall): WatchedCall | undefined {
    if (this.#inside !== undefined) {
      this.#violated("re-entrance", `${what} came from inside ${this.#inside}`);
    }
    if (this.#stage === "new") this.#violated("order", `${what} came before connectionMade`);
    else if (this.#stage === "lost") this.#violated("order", `${what} came after connectionLost`);
    return this.enter(what);
  }

  /** Something begins. @returns What {@link ConnectionWatch.leave} is to be given. */
  enter(what: WatchedCall): WatchedCall | undefined {
    const before = this.#inside;
    this.#inside = what;
    return before;
  }

  /** It is over. */
  leave(before: WatchedCall | undefined): void {
    this.#inside = before;
  }

  /** `connectionLost` has come. */
  lost(reason: unknown): void {
    if (this.#stage === "new") this.#violated("order", "connectionLost came without a connection");
    else if (this.#stage === "lost") this.#violated("order", "connectionLost came twice");
    if (!(reason instanceof Failure)) this.#violated("order", "connectionLost came with no reason");
    this.#stage = "lost";
  }

  /** The conduit has failed, and what was to happen because of that has. */
  mustBeLost(): void {
    if (this.#stage === "lost") return;
    this.#violated("order", "the connection is gone, and connectionLost has not come");
  }

  /** The protocol writes after its connection was lost. */
  wroteLate(): void {
    this.#monitor.writesAfterLoss += 1;
  }

  /** The protocol writes. @param isPaused Its push producer was asked to pause. */
  wrote(data: Uint8Array | string, isPaused: boolean): void {
    if (!isPaused) {
      this.#pressed = 0;
      return;
    }
    const { bytesWhilePaused } = this.#monitor;
    const before = this.#pressed;
    this.#pressed += Buffer.byteLength(data);
    if (before > bytesWhilePaused || this.#pressed <= bytesWhilePaused) return;
    const bytes = String(this.#pressed);
    const what = `${bytes} bytes were written after pauseProducing: more than bytesWhilePaused`;
    this.#violated("backpressure", what);
  }

  #violated(rule: MonitorRule, what: string): void {
    const [host, connection] = [this.#host, this.#connection];
    const protocol = protocolName(this.#protocol);
    this.#monitor.violated({ rule, host, connection, protocol }, what);
  }
}
