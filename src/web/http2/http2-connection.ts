/**
 * A connection of HTTP/2, with Node's own framing on our transport.
 *
 *     transport ─▶ Duplex ─▶ node:http2 ─▶ streams ─▶ HTTP2Channel ─▶ Request ─▶ the site
 *
 * Spec: RFC 9113. Floods end the connection: of streams that are reset (CVE-2023-44487), counted
 * here; of pings, settings, empty frames and continuations, counted by nghttp2.
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
import { providesTLS } from "../../internet/interfaces-tls.ts";
import { Logger } from "../../logger/logger.ts";
import { StreamProtocol } from "../../streams/stream-protocol.ts";
import { isAuthority, readTarget } from "../http/wire/targets.ts";
import { DeadlineWatch } from "../server/deadline-watch.ts";
import type { SitePort } from "../server/site-port.ts";
import { HTTP2Channel, type HTTP2Ends, type HTTP2RequestHead } from "./http2-channel.ts";
import type { CompleteHTTP2Limits } from "./limits.ts";

const log = new Logger({ namespace: "sennit.web" });

/** In which resets are counted, in seconds. */
const RESET_WINDOW = 10;
const RESET_CODES = new Set<number>([
  constants.NGHTTP2_CANCEL,
  constants.NGHTTP2_NO_ERROR,
  constants.NGHTTP2_REFUSED_STREAM,
  constants.NGHTTP2_INTERNAL_ERROR,
]);

/** What a connection waits for. */
type Phase = "idle" | "ping" | "goodbye";

/** See the top of this file. */
export class HTTP2Connection extends StreamProtocol implements HTTP2Ends {
  readonly #site: SitePort;
  readonly #limits: CompleteHTTP2Limits;
  readonly #watch: DeadlineWatch<Phase>;
  #session: ServerHttp2Session | undefined;
  #streams = 0;
  #resets = 0;
  #resetsSince = 0;
  #draining = false;

  constructor(site: SitePort, limits: CompleteHTTP2Limits) {
    super();
    this.#site = site;
    this.#limits = limits;
    this.#watch = new DeadlineWatch(site.reactor, (phase) => this.#expired(phase));
  }

  override connectionMade(): void {
    super.connectionMade();
    const { maxHeadBytes, maxFields } = this.#site.limits;
    const session = performServerHandshake(this.duplex, {
      maxHeaderListPairs: maxFields,
      maxSessionMemory: 16,
      settings: {
        maxConcurrentStreams: this.#limits.maxConcurrentStreams,
        initialWindowSize: this.#limits.streamWindowBytes,
        maxHeaderListSize: maxHeadBytes,
        enablePush: false,
      },
    });
    this.#session = session;
    session.on("error", (error: Error) => {
      log.debug("{peer}: HTTP/2: {error}", { peer: this.peer, error });
    });
    session.on("stream", (stream, headers, flags, raw: readonly string[] = []) => {
      this.#streamReceived(stream, headers, flags, raw);
    });
    session.on("close", () => this.transport.loseConnection());
    this.#awaitStream();
  }

  override connectionLost(reason: Failure): void {
    this.#watch.stop();
    super.connectionLost(reason);
    this.#session?.destroy();
  }

  /** Take no more streams, answer those that are there, and close. */
  override drain(): void {
    this.#draining = true;
    this.#session?.close();
    if (this.#streams === 0) this.#watch.set("goodbye", this.#site.deadlines.writeTimeout);
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
    this.#streams += 1;
    this.#watch.clear();
    stream.once("close", () => this.#streamClosed(stream));
    const head = requestHead(headers, raw, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    if (head === undefined) {
      stream.on("error", () => {});
      stream.respond({ ":status": 400 }, { endStream: true });
      stream.close(constants.NGHTTP2_NO_ERROR);
      return;
    }
    new HTTP2Channel(this.#site, stream, this, head).start();
  }

  #streamClosed(stream: ServerHttp2Stream): void {
    this.#streams -= 1;
    if (stream.aborted || !stream.headersSent) this.#countReset(stream.rstCode);
    if (this.#streams > 0) return;
    if (this.#draining) this.#watch.set("goodbye", this.#site.deadlines.writeTimeout);
    else this.#awaitStream();
  }

  #countReset(code: number): void {
    if (!RESET_CODES.has(code)) return;
    const now = this.#site.reactor.seconds();
    if (now - this.#resetsSince > RESET_WINDOW) {
      this.#resets = 0;
      this.#resetsSince = now;
    }
    this.#resets += 1;
    if (this.#resets <= this.#limits.maxResets) return;
    log.warn("{peer}: more than {most} streams were reset; the connection is ended", {
      peer: this.peer,
      most: this.#limits.maxResets,
    });
    this.#session?.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  // -- Deadlines

  #awaitStream(): void {
    this.#watch.set("idle", this.#site.deadlines.idleTimeout);
  }

  #expired(phase: Phase): void {
    if (phase === "idle") this.drain();
    else this.abort();
  }
}

/** `undefined`: it is malformed in a way that nghttp2 lets pass. */
function requestHead(
  headers: IncomingHttpHeaders,
  raw: readonly string[],
  ended: boolean,
): HTTP2RequestHead | undefined {
  const method = headers[":method"] ?? "";
  const named = headers[":authority"];
  const path = headers[":path"] ?? "";
  const { host } = headers;
  if (typeof method !== "string" || typeof path !== "string" || Array.isArray(named)) {
    return undefined;
  }
  // RFC 9113 §8.3.1: two names for one place are malformed.
  if (named !== undefined && host !== undefined && named !== host) return undefined;
  const authority = named ?? host ?? "";
  if (!isAuthority(authority)) return undefined;
  const target = readTarget(method, method === "CONNECT" ? authority : path);
  if (target === undefined || target.authority !== (method === "CONNECT" ? authority : undefined)) {
    return undefined;
  }
  const fields = raw.filter((_, at) => !(raw[at - (at % 2)] ?? "").startsWith(":"));
  return { method, path: target.path, authority, fields, ended };
}
