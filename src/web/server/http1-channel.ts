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
 * Spec: RFC 9112. After: twisted.web.http.HTTPChannel. Differs: the body is streamed; `100
 * Continue` is sent when somebody wants the body, and not before.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import { ConnectionTimedOut } from "../../internet/errors.ts";
import type {
  IDrainable,
  IHalfCloseableProtocol,
  IProtocol,
  IPushProducer,
} from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import { Logger } from "../../logger/logger.ts";
import { Headers } from "../http/headers.ts";
import type { RequestHead } from "../http/wire/events.ts";
import { HTTPMessageError } from "../http/wire/message-error.ts";
import { RequestReader } from "../http/wire/request-reader.ts";
import type { TakenOver } from "./channel.ts";
import { DeadlineWatch } from "./deadline-watch.ts";
import type { HTTPPhase } from "./deadlines.ts";
import { type AnsweredConnection, HTTP1RequestChannel } from "./http1-request-channel.ts";
import { RequestBody } from "./request-body.ts";
import { AnswerStateError, type Request } from "./request.ts";
import type { SitePort } from "./site-port.ts";
import { Successor } from "./successor.ts";

const log = new Logger({ namespace: "sennit.web" });

/** How HTTP/2 begins. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** Unread bytes behind a request at which the client is not read from (Twisted's figure). */
const PIPELINE_MARK = 16_384;
/** What is told to who reads a body, when its request is answered before its end. */
const LATE = "Cannot read the rest of a body: the request has been answered";
/** What is left of a body nobody wanted, and read to keep the connection: at most so much. */
const DISCARD_MAX = 262_144;

/** See the top of this file. */
export class HTTP1Channel
  extends Protocol
  implements AnsweredConnection, IPushProducer, IDrainable
{
  /** Whose requests they are. */
  readonly site: SitePort;
  readonly #channel: HTTP1RequestChannel;
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
  /** Bytes of the request's body that were thrown away. */
  #discarded = 0;
  #continueOwed = false;
  #bodyPaused = false;
  /** The transport has said that its buffer is full. */
  #full = false;
  /** While it is: see `#waitingBytes`, when it was looked at last. */
  #unsent = 0;
  #readPaused = false;
  #reading = false;
  /** After this answer the connection is closed. */
  #closing = false;
  #closed = false;
  #draining = false;
  #successor: Successor | undefined;

  constructor(site: SitePort) {
    super();
    this.site = site;
    this.#channel = new HTTP1RequestChannel(this);
    this.#reader = new RequestReader(site.limits);
    this.#watch = new DeadlineWatch(site.reactor, (phase) => {
      this.#guard(() => this.#expired(phase));
    });
  }

  // -- The connection

  override connectionMade(): void {
    this.transport.registerProducer(this, true);
    this.#watch.set("idle", this.site.deadlines.idleTimeout);
  }

  override dataReceived(data: Buffer): void {
    if (this.#successor !== undefined) this.#successor.dataReceived(data);
    else if (this.#isFresh && !this.#closed) this.#firstReceived(data);
    else if (!this.#closed) {
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
      if (this.#watch.phase === "idle") this.#watch.set("head", this.site.deadlines.headTimeout);
      return;
    }
    this.#isFresh = false;
    this.#first = undefined;
    const protocol = isHTTP2 ? this.site.buildHTTP2() : undefined;
    if (protocol !== undefined) {
      this.#leave();
      this.#succeed(protocol, first);
    } else {
      this.#reader.receive(first);
      this.#read();
    }
  }

  /** A getter, because most that goes on here does not survive half a close. */
  get readConnectionLost(): IHalfCloseableProtocol["readConnectionLost"] | undefined {
    const halfCloseable = this.#successor?.halfCloseable ?? this.#channel.halfCloseable;
    return halfCloseable && ((): void => halfCloseable.readConnectionLost());
  }

  /** A getter, for the same reason. */
  get writeConnectionLost(): IHalfCloseableProtocol["writeConnectionLost"] | undefined {
    const halfCloseable = this.#successor?.halfCloseable ?? this.#channel.halfCloseable;
    return halfCloseable && ((): void => halfCloseable.writeConnectionLost());
  }

  override connectionLost(reason: Failure): void {
    this.#closed = true;
    this.#watch.stop();
    if (this.#successor !== undefined) {
      this.#successor.connectionLost(reason);
      return;
    }
    try {
      this.#channel.stopProducer();
    } finally {
      this.#loseRequest(reason);
    }
  }

  /** Nobody will answer it, or nobody would hear it. */
  #loseRequest(reason: Failure): void {
    const request = this.#request;
    this.#request = undefined;
    if (request === undefined) return;
    try {
      request.connectionLost(reason);
    } finally {
      this.site.processed(request);
    }
  }

  /** Finish what is in hand, and close. */
  drain(): void {
    if (this.#successor !== undefined) {
      this.#successor.drain(this.transport);
      return;
    }
    this.#closing = true;
    this.#draining = true;
    const isIdle = this.#request === undefined && this.#reader.idle;
    if (isIdle && this.#first === undefined) this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.clear();
    this.transport.unregisterProducer();
    this.transport.loseConnection();
  }

  /** For what a timer calls: an exception ends the connection, as it does elsewhere. */
  #guard(f: () => void): void {
    try {
      f();
    } catch (error) {
      this.broken(error);
    }
  }

  /** See `AnsweredConnection.broken`. */
  broken(error: unknown): void {
    const request = this.#request ?? "between requests";
    log.failure("{request}: error; the connection is dropped", Failure.of(error), { request });
    this.transport.abortConnection();
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
    this.#watch.clear();
    this.#continueOwed = head.expectsContinue && head.framing.kind !== "none";
    if (!head.keepAlive) this.#closing = true;
    const { method, target: uri, path, authority, fields, framing } = head;
    const length = framing.kind === "length" ? framing.length : undefined;
    const content = new RequestBody(this, framing.kind === "none" ? 0 : length);
    this.#body = content;
    const headers = Headers.of(fields.list);
    const parts = { channel: this.#channel, method, uri, path, authority, headers, content };
    const request = this.site.makeRequest(parts);
    this.#request = request;
    if (framing.kind === "none") content.receiveEnd([]);
    this.site.process(request);
    // It may have begun to read the body.
    if (this.#request === request && this.#watch.phase === undefined) this.#awaitAnswer();
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
    if (this.#head !== undefined || this.#full) return;
    const { idleTimeout, headTimeout } = this.site.deadlines;
    if (this.#reader.idle) this.#watch.set("idle", idleTimeout);
    else if (this.#watch.phase !== "head") this.#watch.set("head", headTimeout);
  }

  #awaitAnswer(): void {
    if (this.#full) return;
    if (this.#request === undefined || this.#request.startedWriting) this.#watch.clear();
    else this.#watch.set("handler", this.site.deadlines.handlerTimeout);
  }

  #watchBody(): void {
    if (this.#received || this.#full) return;
    this.#watch.set("body", this.site.deadlines.bodyTimeout);
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
    const seconds = this.site.deadlines[`${phase}Timeout`];
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
        if (this.#waitingBytes() < this.#unsent) this.#watchWrite();
        else {
          this.#loseRequest(reason);
          this.transport.abortConnection();
        }
    }
  }

  /** This request cannot be answered as it should be: say so if that can be said, and close. */
  #refuse(code: number, reason: Failure): void {
    const isBegun = this.#request?.startedWriting === true;
    this.#loseRequest(reason);
    this.#channel.stopProducer();
    if (this.#closed) return;
    if (isBegun) {
      this.transport.abortConnection();
      return;
    }
    // A second answer to the same request would be taken for the next one's.
    if (this.#head === undefined || !this.#answered) this.#channel.refuse(code);
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
    this.site.reactor.callLater(0, () => this.#guard(() => this.#read()));
  }

  bodyWanted(): void {
    this.#watchBody();
    if (!this.#continueOwed) return;
    this.#continueOwed = false;
    this.transport.write("HTTP/1.1 100 Continue\r\n\r\n");
  }

  // -- The answer: see AnsweredConnection

  /** The head of the request in hand. */
  get head(): RequestHead | undefined {
    return this.#head;
  }

  get full(): boolean {
    return this.#full;
  }

  answerBegins(isWhole: boolean): boolean {
    if (this.#bodyIsTooLong(isWhole)) this.#closing = true;
    this.#continueOwed = false; // It may not come in the middle of an answer.
    return this.#closing;
  }

  answerBegun(closes: boolean): void {
    this.#closing = closes;
    if (this.#watch.phase === "handler") this.#watch.clear();
  }

  /**
   * Would it take too much to read what is left of the request, to keep the connection?
   *
   * @param isWhole The answer is there: who reads the body will not go on.
   */
  #bodyIsTooLong(isWhole: boolean): boolean {
    if (this.#received || this.#body?.complete === true) return false;
    // A client that was not told to go on may send its body, or may not: who knows where it ends.
    if (this.#continueOwed) return true;
    if (!isWhole && this.#body?.used === true) return false;
    const left = this.#reader.bodyLeft;
    return left === undefined || left > DISCARD_MAX;
  }

  answerEnded(): void {
    this.#answered = true;
    const request = this.#request;
    this.#request = undefined;
    if (request !== undefined) this.site.processed(request);
    if (this.#received) {
      if (!this.#reading) this.#guard(() => this.#proceed()); // Who finishes is not to blame.
      return;
    }
    if (this.#head?.framing.kind === "none") return; // Its end is the next event.
    this.#leaveBody();
  }

  /** The answer came before the end of the request: read the rest of it, if that is not much. */
  #leaveBody(): void {
    const body = this.#body;
    const left = this.#reader.bodyLeft;
    this.#body = undefined;
    this.#bodyPaused = false;
    if (this.#closing || (left ?? 0) > DISCARD_MAX) this.#close();
    else {
      this.#watchBody();
      if (!this.#reading) this.#guard(() => this.#read());
    }
    if (left === 0) body?.receiveEnd([]);
    else body?.fail(new Failure(new AnswerStateError(LATE)));
  }

  #discard(bytes: number): void {
    this.#discarded += bytes;
    if (this.#discarded > DISCARD_MAX) this.#close();
  }

  handOver(): TakenOver {
    const rest = this.#reader.takeRest();
    const request = this.#request;
    this.#request = undefined;
    this.#leave();
    if (request !== undefined) this.site.processed(request);
    return { transport: this.transport, start: (protocol) => this.#succeed(protocol, rest) };
  }

  /** Speak HTTP/1 no more: nothing is read until the successor starts. */
  #leave(): void {
    this.transport.pauseProducing();
    this.#watch.stop();
    this.transport.unregisterProducer();
  }

  #succeed(protocol: IProtocol, rest: Buffer): void {
    this.#successor = new Successor(this.#draining);
    this.#successor.start(protocol, this.transport, rest);
  }

  // -- The pace of the client: see IPushProducer

  /** The transport's buffer is full. */
  pauseProducing(): void {
    this.#full = true;
    this.#watchWrite();
    if (!this.#reading) this.#setPace();
    this.#channel.filled();
  }

  #watchWrite(): void {
    this.#unsent = this.#waitingBytes();
    this.#watch.set("write", this.site.deadlines.writeTimeout);
  }

  /** It falls as the client takes bytes, and rises with nothing. */
  #waitingBytes(): number {
    return this.transport.bufferedBytes - this.#channel.writtenBytes;
  }

  /** It is empty again. */
  resumeProducing(): void {
    this.#full = false;
    if (this.#closed) return;
    const isWanted = this.#answered || this.#body?.used === true;
    if (this.#head !== undefined && !this.#received && !this.#bodyPaused && isWanted) {
      this.#watchBody();
    } else this.#awaitAnswer();
    this.#channel.emptied();
    this.#read();
  }

  /** The connection is gone: `connectionLost` tells everybody. */
  stopProducing(): void {}
}
