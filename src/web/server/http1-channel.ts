/**
 * A connection of HTTP/1: requests in, answers out, one at a time and in order.
 *
 *     bytes ─▶ RequestReader ─▶ Request ─▶ the site
 *                                  │
 *     bytes ◀─ head, body ◀────────┘      then the next one
 *
 * While a request is being answered the next one waits unread; when much of it has come, the
 * transport is paused. A client that does not read its answers is not read from.
 *
 * Spec: RFC 9112. After: twisted.web.http.HTTPChannel. Differs: the body is streamed; `100 Continue`
 * is sent when somebody wants the body, and not before.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { ConnectionTimedOut } from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import { providesTLS } from "../../internet/interfaces-tls.ts";
import {
  type IDrainable,
  type IProtocol,
  type IPullProducer,
  type IPushProducer,
  type IStreamTransport,
  providesDrain,
} from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import { Logger } from "../../logger/logger.ts";
import { Headers } from "../http/headers.ts";
import { phraseOf } from "../http/status.ts";
import type { RequestHead } from "../http/wire/events.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { formatChunkSize, formatLastChunk, formatResponseHead } from "../http/wire/head-writer.ts";
import { HTTPMessageError } from "../http/wire/message-error.ts";
import { RequestReader } from "../http/wire/request-reader.ts";
import { type AnswerFraming, formatAnswerHead } from "./answer-head.ts";
import type { AnswerHead, IRequestChannel, TakenOver } from "./channel.ts";
import { DeadlineWatch } from "./deadline-watch.ts";
import type { HTTPPhase } from "./deadlines.ts";
import { type BodySource, RequestBody } from "./request-body.ts";
import { PullLoop } from "./pull-loop.ts";
import type { Request } from "./request.ts";
import type { SitePort } from "./site-port.ts";

const log = new Logger({ namespace: "sennit.web" });

/** How HTTP/2 begins. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** Unread bytes behind a request at which the client is not read from (Twisted's figure). */
const PIPELINE_MARK = 16_384;
/** What is left of a body nobody wanted, and read to keep the connection: at most so much. */
const DISCARD_MAX = 262_144;

/** See the top of this file. */
export class HTTP1Channel extends Protocol implements IRequestChannel, BodySource, IDrainable {
  readonly #site: SitePort;
  readonly #reader: RequestReader;
  readonly #watch: DeadlineWatch<HTTPPhase>;
  /** Nothing has come that tells which HTTP it is. */
  #isFresh = true;
  #first: Buffer | undefined;
  #head: RequestHead | undefined;
  #request: Request | undefined;
  #body: RequestBody | undefined;
  /** The request has come whole. */
  #received = false;
  /** The answer is out. */
  #answered = false;
  /** How the answer's body is framed. */
  #framing: AnswerFraming = "none";
  /** Bytes that its head has announced and that were not written; `undefined`: none announced. */
  #owed: number | undefined;
  /** Bytes of the request's body that were thrown away. */
  #discarded = 0;
  #continueOwed = false;
  #bodyPaused = false;
  /** The transport has said that its buffer is full. */
  #full = false;
  #readPaused = false;
  #reading = false;
  /** After this answer the connection is closed. */
  #closing = false;
  #closed = false;
  #producer: IPushProducer | undefined;
  #pull: PullLoop | undefined;
  /** The connection speaks something else. */
  #successor: IProtocol | undefined;

  constructor(site: SitePort) {
    super();
    this.#site = site;
    this.#reader = new RequestReader(site.limits);
    this.#watch = new DeadlineWatch(site.reactor, (phase) => this.#expired(phase));
  }

  // -- The connection

  override connectionMade(): void {
    this.transport.registerProducer(this, true);
    this.#watch.set("idle", this.#site.deadlines.idleTimeout);
  }

  override dataReceived(data: Buffer): void {
    if (this.#successor !== undefined) {
      this.#successor.dataReceived(data);
      return;
    }
    if (this.#closed) return;
    if (this.#isFresh) this.#firstReceived(data);
    else {
      this.#reader.receive(data);
      this.#read();
    }
  }

  /** HTTP/1, or HTTP/2 (RFC 9113 §3.4)? */
  #firstReceived(data: Buffer): void {
    const first = this.#first === undefined ? data : Buffer.concat([this.#first, data]);
    const known = Math.min(first.length, PREFACE.length);
    const isHTTP2 = first[0] === PREFACE[0] && first.compare(PREFACE, 0, known, 0, known) === 0;
    if (isHTTP2 && known < PREFACE.length) {
      this.#first = first;
      if (this.#watch.phase === "idle") this.#watch.set("head", this.#site.deadlines.headTimeout);
      return;
    }
    this.#isFresh = false;
    this.#first = undefined;
    const protocol = isHTTP2 ? this.#site.buildHTTP2() : undefined;
    if (protocol !== undefined) this.#leave().start(protocol, first);
    else {
      this.#reader.receive(first);
      this.#read();
    }
  }

  override connectionLost(reason: Failure): void {
    this.#closed = true;
    this.#watch.stop();
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer !== undefined && this.#successor === undefined) producer.stopProducing();
    this.#pull?.stop();
    const request = this.#request;
    this.#request = undefined;
    if (request !== undefined) {
      request.connectionLost(reason);
      this.#site.processed(request);
    }
    this.#successor?.connectionLost(reason);
  }

  /** Finish what is in hand, and close. */
  drain(): void {
    const successor = this.#successor;
    if (successor !== undefined) {
      if (providesDrain(successor)) successor.drain();
      else this.transport.loseConnection();
      return;
    }
    this.#closing = true;
    if (this.#request === undefined && this.#reader.idle && this.#first === undefined) {
      this.#close();
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.clear();
    this.transport.unregisterProducer();
    this.transport.loseConnection();
  }

  // -- Requests

  #read(): void {
    if (this.#reading || this.#closed) return;
    this.#reading = true;
    try {
      while (!this.#closed && !this.#full && !this.#bodyPaused && this.#readEvent());
    } catch (error) {
      if (!(error instanceof HTTPMessageError)) throw error;
      this.#refuse(error.status, new Failure(error));
    } finally {
      this.#reading = false;
    }
    if (!this.#closed) this.#setPace();
  }

  #readEvent(): boolean {
    const event = this.#reader.next();
    if (event === undefined) {
      this.#awaitMore();
      return false;
    }
    switch (event.type) {
      case "request":
        this.#begin(event);
        return true;
      case "data":
        if (this.#watch.phase === "body") this.#watchBody();
        if (this.#body === undefined) this.#discard(event.data.length);
        else this.#body.receive(event.data);
        return true;
      default: // "end"
        this.#received = true;
        if (this.#watch.phase === "body") this.#awaitAnswer();
        this.#body?.receiveEnd(event.trailers);
        this.#proceed();
        return true;
    }
  }

  #begin(head: RequestHead): void {
    this.#head = head;
    this.#received = false;
    this.#answered = false;
    this.#discarded = 0;
    this.#continueOwed = head.expectsContinue && head.framing.kind !== "none";
    if (!head.keepAlive) this.#closing = true;
    const { method, target: uri, path, authority, fields, framing } = head;
    const length = framing.kind === "length" ? framing.length : undefined;
    const content = new RequestBody(this, framing.kind === "none" ? 0 : length);
    this.#body = content;
    const headers = Headers.of(fields.list);
    const parts = { channel: this, method, uri, path, authority, headers, content };
    const request = this.#site.makeRequest(parts);
    this.#request = request;
    if (framing.kind === "none") content.receiveEnd([]);
    this.#site.process(request);
    if (!this.#answered && this.#request === request) this.#awaitAnswer();
  }

  /** The request has come and its answer is out: go on to the next. */
  #proceed(): void {
    if (!this.#received || !this.#answered || this.#closed) return;
    this.#head = undefined;
    this.#body = undefined;
    this.#bodyPaused = false;
    if (this.#closing) {
      this.#close();
      return;
    }
    this.#reader.proceed();
    this.#read();
  }

  /** Everything that came has been looked at. */
  #awaitMore(): void {
    if (this.#head !== undefined) return;
    const { idleTimeout, headTimeout } = this.#site.deadlines;
    if (this.#full) return;
    if (this.#reader.idle) this.#watch.set("idle", idleTimeout);
    else if (this.#watch.phase !== "head") this.#watch.set("head", headTimeout);
  }

  #awaitAnswer(): void {
    if (this.#full) return;
    if (this.#request === undefined || this.#request.startedWriting) this.#watch.clear();
    else this.#watch.set("handler", this.#site.deadlines.handlerTimeout);
  }

  #watchBody(): void {
    if (this.#received || this.#full) return;
    this.#watch.set("body", this.#site.deadlines.bodyTimeout);
  }

  /** Read from the client, or do not. */
  #setPace(): void {
    const isBehind = this.#head !== undefined && this.#reader.unreadBytes > PIPELINE_MARK;
    const pause = this.#full || this.#bodyPaused || isBehind;
    if (pause === this.#readPaused || this.#successor !== undefined) return;
    this.#readPaused = pause;
    if (pause) this.transport.pauseProducing();
    else this.transport.resumeProducing();
  }

  // -- What goes wrong

  #expired(phase: HTTPPhase): void {
    const seconds = this.#site.deadlines[`${phase}Timeout`];
    const reason = new Failure(new ConnectionTimedOut(phase, seconds));
    switch (phase) {
      case "idle":
        this.#close();
        return;
      case "head":
      case "body":
        this.#refuse(408, reason);
        return;
      case "handler":
        this.#refuse(503, reason);
        return;
      case "write":
        this.transport.abortConnection();
    }
  }

  /** This request cannot be answered as it should be: say so if that can be said, and close. */
  #refuse(code: number, reason: Failure): void {
    const request = this.#request;
    this.#request = undefined;
    const canSay = request?.startedWriting !== true;
    request?.connectionLost(reason);
    if (request !== undefined) this.#site.processed(request);
    this.#stopProducer();
    if (this.#closed) return;
    if (!canSay) {
      this.transport.abortConnection();
      return;
    }
    const text = `${String(code)} ${phraseOf(code)}\n`;
    const fields = ["connection", "close", "content-type", "text/plain; charset=utf-8"];
    const length = ["content-length", String(text.length)];
    const head = formatResponseHead(code, phraseOf(code), [...fields, ...length]);
    this.transport.write(head + (this.#head?.method === "HEAD" ? "" : text));
    this.#close();
  }

  // -- The body of the request: see BodySource

  pauseBody(): void {
    this.#bodyPaused = true;
    if (this.#watch.phase === "body") this.#awaitAnswer();
    if (!this.#reading) this.#setPace();
  }

  resumeBody(): void {
    if (!this.#bodyPaused || this.#body === undefined) return;
    this.#bodyPaused = false;
    this.#watchBody();
    // Nothing is delivered before this returns.
    this.#site.reactor.callLater(0, () => this.#read());
  }

  bodyWanted(): void {
    this.#watchBody();
    if (!this.#continueOwed) return;
    this.#continueOwed = false;
    this.transport.write("HTTP/1.1 100 Continue\r\n\r\n");
  }

  // -- The answer: see IRequestChannel

  get clientproto(): string {
    return `HTTP/${this.#head?.version ?? "1.1"}`;
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

  wallClock(): number | undefined {
    return this.#site.wallClock();
  }

  get reactor(): IReactorTime {
    return this.#site.reactor;
  }

  get full(): boolean {
    return this.#full;
  }

  drained(): Deferred<void> {
    return this.transport.drained();
  }

  respond(head: AnswerHead, body: Uint8Array | string): void {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const text = this.#formatHead(head, length);
    if (head.bodiless || length === 0) this.transport.write(text);
    else if (typeof body === "string") this.transport.write(text + body);
    else {
      this.transport.write(text);
      this.transport.write(body);
    }
    this.#finished();
  }

  begin(head: AnswerHead): void {
    this.transport.write(this.#formatHead(head, undefined));
    if (this.#watch.phase === "handler") this.#watch.clear();
  }

  write(data: Uint8Array | string): void {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (this.#framing === "chunked") {
      this.transport.write(formatChunkSize(bytes.length));
      this.transport.write(bytes);
      this.transport.write("\r\n");
    } else if (this.#owed === undefined) this.transport.write(bytes);
    else this.#writeOwed(bytes, this.#owed);
  }

  /** More than was announced would be read as the next answer. */
  #writeOwed(bytes: Uint8Array, owed: number): void {
    if (bytes.length > owed) {
      const asked = this.#request?.toString();
      log.error("{asked}: the answer is longer than its Content-Length; the rest is dropped", {
        asked,
      });
    }
    this.#owed = Math.max(0, owed - bytes.length);
    this.transport.write(bytes.length > owed ? bytes.subarray(0, owed) : bytes);
  }

  finish(trailers: FieldList): void {
    if (this.#framing === "chunked") this.transport.write(formatLastChunk(trailers));
    if ((this.#owed ?? 0) > 0) {
      const asked = this.#request?.toString();
      log.error("{asked}: the answer is shorter than its Content-Length; it is cut off", { asked });
      this.transport.abortConnection();
    }
    this.#finished();
  }

  interim(code: number, fields: FieldList): void {
    if (this.#head?.version !== "1.1") return;
    this.transport.write(formatResponseHead(code, phraseOf(code), fields));
  }

  abort(): void {
    this.transport.abortConnection();
  }

  #formatHead(head: AnswerHead, length: number | undefined): string {
    const asked = this.#head;
    if (this.#bodyIsTooLong()) this.#closing = true;
    const {
      text,
      framing,
      closes,
      length: announced,
    } = formatAnswerHead(head, {
      version: asked?.version ?? "1.1",
      length,
      standing: this.#site.standingFields(),
      closing: this.#closing,
    });
    this.#framing = framing;
    this.#owed = length === undefined ? announced : undefined;
    this.#closing = closes;
    return text;
  }

  /** Would it take too much to read what is left of the request, to keep the connection? */
  #bodyIsTooLong(): boolean {
    if (this.#received || this.#body?.complete === true) return false;
    // A client that was not told to go on may send its body, or may not: who knows where it ends.
    if (this.#continueOwed) return true;
    if (this.#body?.used === true) return false;
    const left = this.#reader.bodyLeft;
    return left === undefined || left > DISCARD_MAX;
  }

  #finished(): void {
    this.#answered = true;
    this.#stopProducer();
    const request = this.#request;
    this.#request = undefined;
    if (request !== undefined) this.#site.processed(request);
    if (this.#received) {
      if (!this.#reading) this.#proceed();
      return;
    }
    if (this.#head?.framing.kind === "none") return; // Its end is the next event.
    this.#leaveBody();
  }

  /** The answer came before the end of the request: read the rest of it, if that is not much. */
  #leaveBody(): void {
    const left = this.#reader.bodyLeft ?? 0;
    if (this.#closing || left > DISCARD_MAX) {
      this.#close();
      return;
    }
    this.#body = undefined;
    this.#bodyPaused = false;
    this.#watchBody();
    if (!this.#reading) this.#read();
  }

  #discard(bytes: number): void {
    this.#discarded += bytes;
    if (this.#discarded > DISCARD_MAX) this.#close();
  }

  takeOver(head: AnswerHead): TakenOver | undefined {
    if (this.#head?.version !== "1.1" || this.#head.framing.kind !== "none") return undefined;
    const { code, phrase, headers } = head;
    const { transport } = this;
    const isSaid = code !== 101 || headers.hasHeader("connection");
    const fields = isSaid ? [] : ["connection", "upgrade"];
    this.transport.write(formatResponseHead(code, phrase, [...fields, ...headers.list]));
    const rest = this.#reader.takeRest();
    const request = this.#request;
    this.#request = undefined;
    const left = this.#leave();
    if (request !== undefined) this.#site.processed(request);
    return { transport, start: (protocol) => left.start(protocol, rest) };
  }

  /** Speak HTTP/1 no more: nothing is read until the successor starts. */
  #leave(): { start(protocol: IProtocol, rest: Buffer): void } {
    const { transport } = this;
    transport.pauseProducing();
    this.#watch.stop();
    transport.unregisterProducer();
    return { start: (protocol, rest) => this.#succeed(protocol, transport, rest) };
  }

  #succeed(protocol: IProtocol, transport: IStreamTransport, rest: Buffer): void {
    this.#successor = protocol;
    protocol.makeConnection(transport);
    if (rest.length > 0) protocol.dataReceived(rest);
    transport.resumeProducing();
  }

  // -- Producers

  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    if (streaming) {
      this.#producer = producer;
      if (this.#full) producer.pauseProducing();
      return;
    }
    this.#pull = new PullLoop(this.#site.reactor, producer);
    this.#producer = this.#pull;
    if (!this.#full) this.#pull.resumeProducing();
  }

  unregisterProducer(): void {
    this.#pull?.stop();
    this.#pull = undefined;
    this.#producer = undefined;
  }

  #stopProducer(): void {
    const producer = this.#producer;
    this.unregisterProducer();
    producer?.stopProducing();
  }

  /** The transport's buffer is full. */
  pauseProducing(): void {
    this.#full = true;
    this.#watch.set("write", this.#site.deadlines.writeTimeout);
    if (!this.#reading) this.#setPace();
    this.#producer?.pauseProducing();
  }

  /** It is empty again. */
  resumeProducing(): void {
    this.#full = false;
    if (this.#closed) return;
    this.#watch.clear();
    if (this.#body?.used === true && !this.#bodyPaused && !this.#received) this.#watchBody();
    else this.#awaitAnswer();
    this.#producer?.resumeProducing();
    this.#read();
  }

  /** The connection is gone: `connectionLost` tells everybody. */
  stopProducing(): void {}
}
