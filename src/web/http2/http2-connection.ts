/**
 * A connection of HTTP/2, with Node's own framing on our transport.
 *
 *     transport ─▶ HTTP2Wire ─▶ node:http2 ─▶ streams ─▶ HTTP2Channel ─▶ Request ─▶ the site
 *
 * Spec: RFC 9113. What ends a connection that is flooded is told in docs/internals/http2.md.
 *
 * @module
 */
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { ConnectionLost } from "../../internet/errors.ts";
import { providesTLS } from "../../internet/interfaces-tls.ts";
import type { IDrainable } from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import { Logger } from "../../logger/logger.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { DeadlineWatch } from "../server/deadline-watch.ts";
import type { SitePort } from "../server/site-port.ts";
import { readStanding } from "./answer-fields.ts";
import { DeadlineGroup } from "./deadline-group.ts";
import { HTTP2Channel, type HTTP2Home } from "./http2-channel.ts";
import { HTTP2Wire } from "./http2-wire.ts";
import { type CompleteHTTP2Limits, sessionOptions } from "./limits.ts";
import { readRequestHead } from "./request-head.ts";
import { ResetCount } from "./reset-count.ts";

const log = new Logger({ namespace: "sennit.web" });

/** What a connection waits for; `open`: there are streams, and the client has answered a ping. */
type Phase = "idle" | "open" | "ping" | "goodbye";

/** See the top of this file. */
export class HTTP2Connection extends Protocol implements HTTP2Home, IDrainable {
  readonly #site: SitePort;
  readonly #limits: CompleteHTTP2Limits;
  readonly #watch: DeadlineWatch<Phase>;
  /** The transport is full. */
  readonly #full: DeadlineWatch<"write">;
  /** While it is: bytes that the client has to take some of. */
  #unsent = 0;
  readonly #channels: DeadlineGroup<HTTP2Channel>;
  readonly #resets: ResetCount;
  #wire: HTTP2Wire | undefined;
  #session: ServerHttp2Session | undefined;
  /** No more streams are taken. */
  #ending = false;
  #lost = false;
  #standingText = "";
  #standing: FieldList = [];

  constructor(site: SitePort, limits: CompleteHTTP2Limits) {
    super();
    const { reactor } = site;
    this.#site = site;
    this.#limits = limits;
    this.#watch = new DeadlineWatch(reactor, (phase) => this.#expired(phase));
    this.#full = new DeadlineWatch(reactor, () => this.#checkProgress());
    this.#channels = new DeadlineGroup(reactor);
    this.#resets = new ResetCount(reactor, limits.maxResets);
  }

  override connectionMade(): void {
    const wire = new HTTP2Wire(this.transport, (isFull) => {
      if (isFull) this.#watchWrite();
      else this.#full.clear();
    });
    this.#wire = wire;
    const session = performServerHandshake(wire, sessionOptions(this.#site.limits, this.#limits));
    this.#session = session;
    session.setLocalWindowSize(this.#limits.connectionWindowBytes);
    session.on("error", (error: Error) => {
      log.debug("{peer}: HTTP/2: {error}", { peer: this.getPeer(), error });
    });
    session.on("stream", (stream, headers, flags, raw: readonly string[] = []) => {
      this.#streamReceived(stream, headers, flags, raw);
    });
    this.#awaitStreams();
  }

  override dataReceived(data: Buffer): void {
    this.#wire?.receive(data);
  }

  override connectionLost(reason: Failure): void {
    this.#lost = true;
    this.#watch.stop();
    this.#full.stop();
    this.#channels.stop();
    for (const channel of this.#channels.members) channel.connectionLost(reason);
    this.#wire?.destroy();
  }

  /** Take no more streams, answer those that are there, and close. */
  drain(): void {
    this.#ending = true;
    this.#session?.close();
    this.#awaitStreams();
  }

  getPeer(): IAddress {
    return this.transport.getPeer();
  }

  getHost(): IAddress {
    return this.transport.getHost();
  }

  isSecure(): boolean {
    return providesTLS(this.transport) && this.transport.secure;
  }

  // -- Streams

  #streamReceived(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    raw: readonly string[],
  ): void {
    stream.on("error", nothing); // "close" comes, with the same reason.
    // It may have been reset by the very bytes that opened it.
    if (stream.closed) {
      this.#countReset();
      return;
    }
    const hasEnded = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    const head = readRequestHead(headers, raw, hasEnded, this.#site.limits);
    if (typeof head === "number") {
      stream.respond({ ":status": head }, { endStream: true }); // Node resets what is unread.
      return;
    }
    const channel = new HTTP2Channel(this.#site, stream, this, head);
    this.#channels.add(channel);
    if (this.#channels.size === 1) this.#awaitStreams();
    channel.start();
  }

  #countReset(): void {
    if (!this.#resets.isTooMany() || this.#ending) return;
    const most = this.#limits.maxResets;
    const peer = this.getPeer();
    log.warn("{peer}: more than {most} streams were reset; the connection is ended", {
      peer,
      most,
    });
    this.#end(new ConnectionLost(`More than ${String(most)} streams were reset`));
  }

  /** Say GOAWAY, and close: what is open is lost. @param error What the client did. */
  #end(error?: Error): void {
    this.#ending = true;
    if (error === undefined) this.#session?.destroy();
    else this.#session?.destroy(error, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  // -- For channels: see HTTP2Home

  standingFields(): FieldList {
    const text = this.#site.standingFields();
    if (text !== this.#standingText) {
      this.#standingText = text;
      this.#standing = readStanding(text);
    }
    return this.#standing;
  }

  /** The transport is full: see {@link HTTP2Home}. */
  get full(): boolean {
    return this.#full.phase !== undefined;
  }

  deadlineMoved(deadline: number): void {
    this.#channels.moved(deadline);
  }

  streamClosed(channel: HTTP2Channel, wasReset: boolean): void {
    if (!this.#channels.delete(channel) || this.#lost) return;
    if (this.#channels.size === 0) this.#awaitStreams();
    if (wasReset) this.#countReset();
  }

  // -- Deadlines

  #awaitStreams(): void {
    const { idleTimeout, writeTimeout } = this.#site.deadlines;
    if (this.#channels.size > 0) this.#watch.set("open", idleTimeout);
    else if (this.#ending) this.#watch.set("goodbye", writeTimeout);
    else this.#watch.set("idle", idleTimeout);
  }

  #expired(phase: Phase): void {
    if (phase === "idle") this.#end();
    else if (phase === "open") this.#ping();
    // The ping may still be behind other things.
    else if (phase === "ping" && this.full) this.#awaitStreams();
    else this.transport.abortConnection();
  }

  #watchWrite(): void {
    this.#unsent = this.transport.bufferedBytes;
    this.#full.set("write", this.#site.deadlines.writeTimeout);
  }

  #checkProgress(): void {
    if (this.transport.bufferedBytes < this.#unsent) this.#watchWrite();
    else this.transport.abortConnection();
  }

  /** A peer that has vanished says nothing: ask. */
  #ping(): void {
    this.#watch.set("ping", this.#site.deadlines.writeTimeout);
    if (this.#session?.destroyed !== false) return;
    this.#session.ping((error) => {
      if (error === null && this.#watch.phase === "ping") this.#awaitStreams();
    });
  }
}

function nothing(): void {}
