/**
 * A request of HTTP/2: one stream of a connection.
 *
 *     client ─▶ the stream's window ─▶ RequestBody
 *     client ◀─ 64 KiB with node:http2 ◀─ what waits here ◀─ write
 *
 * No more than a piece of an answer is with `node:http2` at any time: so the client's progress is
 * seen, and a long answer does not count as memory of the connection, which would then refuse
 * streams.
 *
 * Spec: RFC 9113 §8.
 *
 * @module
 */
import { constants, type ServerHttp2Stream } from "node:http2";
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { ConnectionLost, ConnectionTimedOut } from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IPullProducer, IPushProducer } from "../../internet/interfaces-transport.ts";
import { Logger } from "../../logger/logger.ts";
import { Headers } from "../http/headers.ts";
import { phraseOf } from "../http/status.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { HTTPMessageError } from "../http/wire/message-error.ts";
import { AnswerProducer } from "../server/answer-producer.ts";
import type { AnswerHead, IRequestChannel } from "../server/channel.ts";
import type { HTTPPhase } from "../server/deadlines.ts";
import { type BodySource, RequestBody } from "../server/request-body.ts";
import { AnswerStateError, type Request } from "../server/request.ts";
import type { SitePort } from "../server/site-port.ts";
import { answerLength, headFields, plainFields } from "./answer-fields.ts";
import type { Watched } from "./deadline-group.ts";
import { OutgoingBytes, PIECE } from "./outgoing-bytes.ts";
import { packWhilePaused } from "./paused-bytes.ts";
import { fieldsOf, type HTTP2RequestHead } from "./request-head.ts";

const log = new Logger({ namespace: "sennit.web" });

/** What is told to who reads a body, when its request is answered before its end. */
const LATE = "Cannot read the rest of a body: the request has been answered";
const TRAILERS = /(?:^|[\t ,])trailers(?:$|[\t ,;])/u;
const NO_FIELDS: FieldList = [];

/** The connection of a stream. */
export interface HTTP2Home {
  getPeer(): IAddress;
  getHost(): IAddress;
  isSecure(): boolean;
  /** It takes no more for now; that has a deadline of its own. */
  readonly full: boolean;
  /** `Server` and `Date`, as a list. */
  standingFields(): FieldList;
  /** The channel's deadline has moved. */
  deadlineMoved(deadline: number): void;
  /** The stream is over. @param wasReset Before its answer was, and not by us. */
  streamClosed(channel: HTTP2Channel, wasReset: boolean): void;
}

/** See the top of this file. */
export class HTTP2Channel implements IRequestChannel, BodySource, Watched {
  readonly clientproto = "HTTP/2";
  readonly reactor: IReactorTime;
  /** See {@link Watched}. */
  deadline = Infinity;
  readonly #site: SitePort;
  readonly #stream: ServerHttp2Stream;
  readonly #home: HTTP2Home;
  readonly #request: Request;
  readonly #body: RequestBody;
  #phase: HTTPPhase | undefined;
  /** The client has sent all of the request. */
  #received: boolean;
  #receivedBytes = 0;
  #trailers = NO_FIELDS;
  #continueOwed: boolean;
  #bodyWanted = false;
  #bodyPaused = false;
  /** What is written, from `begin` on. */
  #out: OutgoingBytes | undefined;
  #producer: AnswerProducer | undefined;
  #drained: Deferred<void>[] = [];
  #sentTrailers = NO_FIELDS;
  /** The answer is whole; or there will be none. */
  #finished = false;
  /** We have reset the stream. */
  #isOurReset = false;
  /** The stream has ended early: the reason. */
  #lost: Failure | undefined;
  /** The site has been told that it is over. */
  #over = false;

  constructor(site: SitePort, stream: ServerHttp2Stream, home: HTTP2Home, head: HTTP2RequestHead) {
    this.#site = site;
    this.reactor = site.reactor;
    this.#stream = stream;
    this.#home = home;
    const headers = Headers.of(head.fields);
    this.#continueOwed = head.expectsContinue;
    this.#received = head.ended;
    const content = new RequestBody(this, head.ended ? 0 : lengthOf(headers));
    this.#body = content;
    const { method, uri, path, authority } = head;
    const parts = { channel: this, method, uri, path, authority, headers, content };
    this.#request = site.makeRequest(parts);
  }

  /** Hand it to the site. */
  start(): void {
    const stream = this.#stream;
    stream.on("close", () => this.#closed());
    if (this.#received) this.#body.receiveEnd(NO_FIELDS);
    else {
      packWhilePaused(stream);
      stream.on("data", (data: Buffer) => this.#guard(() => this.#dataReceived(data)));
      stream.on("trailers", (_headers, _flags, raw: readonly string[] = []) => {
        this.#trailers = fieldsOf(raw);
      });
      stream.on("end", () => this.#guard(() => this.#bodyEnded()));
    }
    this.#site.process(this.#request);
    if (this.#finished) return;
    // "close" waits for what the client has sent to be read.
    stream.on("aborted", () => {
      if (!this.#isOurReset) this.#closed();
    });
    this.#watchNext();
  }

  /** User code that fails in the middle of ours ends this stream; no other one notices. */
  #guard(f: () => void): void {
    try {
      f();
    } catch (error) {
      this.#broken(error);
    }
  }

  #broken(error: unknown): void {
    const request = this.#request;
    log.failure("{request}: error in its stream, which is reset", Failure.of(error), { request });
    this.abort();
  }

  // -- The body of the request: see BodySource

  #dataReceived(data: Buffer): void {
    if (this.#finished) this.#stopRequest();
    if (this.#finished || this.#lost !== undefined) return;
    this.#receivedBytes += data.length;
    if (this.#receivedBytes > this.#site.limits.maxBodyBytes) {
      const error = new HTTPMessageError("body-too-large", "Cannot read a body: it is too large");
      this.#refuse(error.status, new Failure(error));
      return;
    }
    if (this.#phase === "body") this.#watchNext();
    this.#body.receive(data);
  }

  #bodyEnded(): void {
    // The end comes also when the stream was reset.
    if (this.#received || this.#finished || this.#stream.closed) return;
    this.#received = true;
    this.#watchNext();
    this.#body.receiveEnd(this.#trailers);
  }

  pauseBody(): void {
    this.#bodyPaused = true;
    this.#stream.pause();
    this.#watchNext();
  }

  resumeBody(): void {
    this.#bodyPaused = false;
    this.#stream.resume();
    this.#watchNext();
  }

  bodyWanted(): void {
    this.#bodyWanted = true;
    this.#watchNext();
    if (!this.#continueOwed) return;
    this.#continueOwed = false;
    this.interim(100, NO_FIELDS);
  }

  // -- Deadlines

  #watchNext(): void {
    const phase = this.#waitsFor();
    this.#phase = phase;
    const seconds = phase === undefined ? 0 : this.#site.deadlines[`${phase}Timeout`];
    this.deadline = seconds === 0 ? Infinity : this.reactor.seconds() + seconds;
    this.#home.deadlineMoved(this.deadline);
  }

  #waitsFor(): HTTPPhase | undefined {
    if (this.#stream.destroyed) return undefined;
    if (this.#finished || this.full) return "write";
    if (this.#bodyWanted && !this.#bodyPaused && !this.#received) return "body";
    return this.#request.startedWriting ? undefined : "handler";
  }

  /** See {@link Watched}. */
  expired(): void {
    const phase = this.#phase;
    this.deadline = Infinity;
    if (phase === undefined) return;
    // It may be the others' turn, on a slow connection.
    if (phase === "write" && this.#home.full) {
      this.#watchNext();
      return;
    }
    const reason = new Failure(
      new ConnectionTimedOut(phase, this.#site.deadlines[`${phase}Timeout`]),
    );
    this.#guard(() => {
      if (phase === "write") this.#cutOff(reason);
      else this.#refuse(phase === "handler" ? 503 : 408, reason);
    });
  }

  /** It cannot be answered as it should be: say so, if that can still be said. */
  #refuse(code: number, reason: Failure): void {
    const canSay = !this.#request.startedWriting && !this.#stream.closed;
    if (!canSay) {
      this.#cutOff(reason);
      return;
    }
    this.#tellLost(reason);
    const phrase = phraseOf(code);
    const headers = new Headers({ "content-type": "text/plain; charset=utf-8" });
    const bodiless = this.#request.method === "HEAD";
    this.respond({ code, phrase, headers, bodiless }, `${String(code)} ${phrase}\n`);
  }

  #cutOff(reason: Failure): void {
    this.#isOurReset = true;
    this.#stopRequest();
    this.#stream.close(constants.NGHTTP2_CANCEL);
    this.#tellLost(reason);
  }

  // -- The end

  /** The connection is gone. */
  connectionLost(reason: Failure): void {
    this.deadline = Infinity;
    this.#guard(() => this.#tellLost(reason));
  }

  #closed(): void {
    this.deadline = Infinity;
    const wasReset = !this.#finished && !this.#isOurReset;
    if (!this.#finished || this.#drained.length > 0) {
      const text = `The stream was reset with code ${String(this.#stream.rstCode)}`;
      this.#guard(() => this.#tellLost(new Failure(new ConnectionLost(text))));
    }
    this.#stream.resume();
    this.#home.streamClosed(this, wasReset);
  }

  #tellLost(reason: Failure): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    for (const waiting of this.#drained.splice(0)) waiting.errback(reason);
    try {
      this.#producer?.stop();
      this.#request.connectionLost(reason);
    } finally {
      this.#processed();
    }
  }

  #processed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#site.processed(this.#request);
  }

  // -- The answer: see IRequestChannel

  get full(): boolean {
    return this.#out?.full === true;
  }

  getPeer(): IAddress {
    return this.#home.getPeer();
  }

  getHost(): IAddress {
    return this.#home.getHost();
  }

  isSecure(): boolean {
    return this.#home.isSecure();
  }

  wallClock(): number | undefined {
    return this.#site.wallClock();
  }

  respond(head: AnswerHead, body: Uint8Array | string): void {
    const whole = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const { announced, none } = answerLength(head, whole);
    const isEmpty = none || whole === 0;
    if (this.#respond(head, announced, isEmpty, false) && !isEmpty) {
      if (whole <= PIECE) this.#stream.end(body);
      else this.#sendLong(body);
    }
    this.#answered();
  }

  #sendLong(body: Uint8Array | string): void {
    const out = this.#begin(undefined);
    out.write(body);
    out.end();
  }

  begin(head: AnswerHead): void {
    const { announced, none } = answerLength(head, undefined);
    const takesTrailers = !none && TRAILERS.test(this.#request.getHeader("te") ?? "");
    if (this.#respond(head, announced, none, takesTrailers) && !none) this.#begin(announced);
    this.#watchNext();
  }

  #respond(head: AnswerHead, length: number | undefined, ends: boolean, trails: boolean): boolean {
    const stream = this.#stream;
    if (stream.closed || stream.destroyed) return false;
    if (trails) stream.once("wantTrailers", () => this.#sendTrailers());
    const fields = headFields(head, this.#home.standingFields(), length);
    this.#guard(() => stream.respond(fields, { endStream: ends, waitForTrailers: trails }));
    return !stream.closed;
  }

  #begin(announced: number | undefined): OutgoingBytes {
    const out = new OutgoingBytes(this.#stream, announced, {
      progressed: () => this.#watchNext(),
      emptied: () => this.#guard(() => this.#emptied()),
    });
    this.#out = out;
    return out;
  }

  write(data: Uint8Array | string): void {
    const wasFull = this.full;
    if (this.#out?.write(data) === false) this.#complain("longer", "the rest is dropped");
    if (!wasFull && this.full) {
      this.#watchNext();
      this.#producer?.pause();
    }
    this.#producer?.wrote();
  }

  finish(trailers: FieldList): void {
    this.#sentTrailers = trailers;
    if (this.#out?.end() === false) {
      this.#complain("shorter", "it is cut off");
      this.abort();
    }
    this.#answered();
  }

  #complain(what: string, so: string): void {
    const asked = this.#request.toString();
    log.error("{asked}: the answer is {what} than its Content-Length; {so}", { asked, what, so });
  }

  #sendTrailers(): void {
    this.#stream.sendTrailers(plainFields(this.#sentTrailers));
  }

  interim(code: number, fields: FieldList): void {
    const stream = this.#stream;
    if (stream.headersSent || stream.closed || stream.destroyed) return;
    stream.additionalHeaders({ ...plainFields(fields), ":status": code });
  }

  abort(): void {
    this.#isOurReset = true;
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  /** The answer is whole, if not sent. */
  #answered(): void {
    this.#finished = true;
    this.#watchNext();
    this.#producer?.stop();
    this.#processed();
    if (!this.#received) this.#leaveBody();
  }

  /** What is left of the request is thrown away; with its next piece it is cut off. */
  #leaveBody(): void {
    this.#stream.once("finish", () => this.#stopRequest());
    this.#stream.resume();
    if (this.#body.length === this.#receivedBytes) this.#body.receiveEnd(NO_FIELDS);
    else this.#body.fail(new Failure(new AnswerStateError(LATE)));
  }

  /** The client need not send the rest (RFC 9113 §8.1), once the end of the answer is sent. */
  #stopRequest(): void {
    if (this.#stream.state.localClose === 1) this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #emptied(): void {
    for (const waiting of this.#drained.splice(0)) waiting.callback();
    this.#producer?.resume();
  }

  drained(): Deferred<void> {
    if (this.#lost !== undefined) return fail(this.#lost);
    if (!this.full) return succeed(undefined);
    const waiting = new Deferred<void>();
    this.#drained.push(waiting);
    return waiting;
  }

  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    this.#producer ??= new AnswerProducer(this.reactor, (error) => this.#broken(error));
    this.#producer.register(producer, streaming, this.full);
  }

  unregisterProducer(): void {
    this.#producer?.clear();
  }

  /** A stream cannot become something else. */
  takeOver(): undefined {
    return undefined;
  }
}

function lengthOf(headers: Headers): number | undefined {
  const text = headers.get("content-length");
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}
