/**
 * A request of HTTP/2: one stream of a connection.
 *
 * Spec: RFC 9113 §8. What a stream sends waits in Node's buffer until the client's window lets it
 * go; above the mark of that buffer a producer is paused.
 *
 * @module
 */
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { ConnectionLost, ConnectionTimedOut } from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IPullProducer, IPushProducer } from "../../internet/interfaces-transport.ts";
import { Headers } from "../http/headers.ts";
import { phraseOf } from "../http/status.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { HTTPMessageError } from "../http/wire/message-error.ts";
import type { AnswerHead, IRequestChannel } from "../server/channel.ts";
import { DeadlineWatch } from "../server/deadline-watch.ts";
import type { HTTPPhase } from "../server/deadlines.ts";
import { PullLoop } from "../server/pull-loop.ts";
import { type BodySource, RequestBody } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";
import type { SitePort } from "../server/site-port.ts";

/** Fields that mean something to one connection of HTTP/1 only (RFC 9113 §8.2.2). */
const OF_HTTP1 = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** What a request of HTTP/2 says. */
export interface HTTP2RequestHead {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  /** Without those that begin with a colon. */
  readonly fields: FieldList;
  /** The request has no body. */
  readonly ended: boolean;
}

/** Where the stream's connection goes. */
export interface HTTP2Ends {
  getPeer(): IAddress;
  getHost(): IAddress;
  isSecure(): boolean;
}

/** See the top of this file. */
export class HTTP2Channel implements IRequestChannel, BodySource {
  readonly clientproto = "HTTP/2";
  readonly #site: SitePort;
  readonly #stream: ServerHttp2Stream;
  readonly #ends: HTTP2Ends;
  readonly #watch: DeadlineWatch<HTTPPhase>;
  readonly #request: Request;
  readonly #body: RequestBody;
  readonly #takesTrailers: boolean;
  readonly #expectsContinue: boolean;
  #continued = false;
  #received: boolean;
  #receivedBytes = 0;
  #trailers: FieldList = [];
  #sentTrailers: FieldList = [];
  #full = false;
  #drained: Deferred<void>[] = [];
  #producer: IPushProducer | undefined;
  #pull: PullLoop | undefined;
  /** The site has been told that it is over. */
  #over = false;

  constructor(site: SitePort, stream: ServerHttp2Stream, ends: HTTP2Ends, head: HTTP2RequestHead) {
    this.#site = site;
    this.#stream = stream;
    this.#ends = ends;
    this.#watch = new DeadlineWatch(site.reactor, (phase) => this.#expired(phase));
    const headers = Headers.of(head.fields);
    const length = headers.get("content-length");
    this.#takesTrailers = /(?:^|[\t ,])trailers(?:$|[\t ,;])/u.test(headers.get("te") ?? "");
    this.#expectsContinue = headers.get("expect")?.toLowerCase() === "100-continue";
    this.#received = head.ended;
    this.#body = new RequestBody(this, head.ended ? 0 : lengthOf(length));
    const { method, path, authority } = head;
    const parts = { channel: this, method, uri: path, path, authority, headers };
    this.#request = site.makeRequest({ ...parts, content: this.#body });
    this.#listen(stream);
  }

  /** Hand it to the site. */
  start(): void {
    if (this.#received) this.#body.receiveEnd([]);
    else this.#stream.on("data", (data: Buffer) => this.#dataReceived(data));
    this.#site.process(this.#request);
    if (!this.#over && !this.#request.startedWriting) this.#awaitAnswer();
  }

  #listen(stream: ServerHttp2Stream): void {
    stream.on("error", () => {}); // "close" comes, with the same reason.
    stream.on("trailers", (_headers, _flags, raw: readonly string[] = []) => {
      this.#trailers = pairs(raw);
    });
    stream.on("end", () => this.#bodyEnded());
    stream.on("drain", () => this.#emptied());
    stream.on("wantTrailers", () => this.#sendTrailers());
    stream.on("close", () => this.#closed());
  }

  // -- The body of the request

  #dataReceived(data: Buffer): void {
    if (this.#watch.phase === "body") this.#watchBody();
    this.#receivedBytes += data.length;
    if (this.#receivedBytes > this.#site.limits.maxBodyBytes) {
      const error = new HTTPMessageError("body-too-large", "Cannot read a body: it is too large");
      this.#refuse(error.status, new Failure(error));
      return;
    }
    this.#body.receive(data);
  }

  #bodyEnded(): void {
    if (this.#received) return;
    this.#received = true;
    if (this.#watch.phase === "body") this.#awaitAnswer();
    if (!this.#stream.aborted) this.#body.receiveEnd(this.#trailers);
  }

  pauseBody(): void {
    this.#stream.pause();
    if (this.#watch.phase === "body") this.#awaitAnswer();
  }

  resumeBody(): void {
    this.#watchBody();
    this.#stream.resume();
  }

  bodyWanted(): void {
    this.#watchBody();
    if (!this.#expectsContinue || this.#continued) return;
    this.#continued = true;
    this.interim(100, []);
  }

  // -- Deadlines

  #watchBody(): void {
    if (!this.#received && !this.#full) this.#watch.set("body", this.#site.deadlines.bodyTimeout);
  }

  #awaitAnswer(): void {
    if (this.#full) return;
    if (this.#request.startedWriting) this.#watch.clear();
    else this.#watch.set("handler", this.#site.deadlines.handlerTimeout);
  }

  #expired(phase: HTTPPhase): void {
    const seconds = this.#site.deadlines[`${phase}Timeout`];
    const reason = new Failure(new ConnectionTimedOut(phase, seconds));
    this.#refuse(phase === "handler" ? 503 : 408, reason);
  }

  #refuse(code: number, reason: Failure): void {
    const canSay = !this.#request.startedWriting && !this.#stream.destroyed;
    this.#lost(reason);
    if (!canSay) {
      this.#stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    const text = `${String(code)} ${phraseOf(code)}\n`;
    this.#stream.respond({ ":status": code, "content-type": "text/plain; charset=utf-8" });
    this.#stream.end(text);
    // A client that does not read even that is not waited for; nor is the rest of its request.
    this.#stream.once("finish", () => this.#stream.close(constants.NGHTTP2_NO_ERROR));
  }

  // -- The end

  #closed(): void {
    this.#watch.stop();
    if (this.#over) return;
    const code = this.#stream.rstCode;
    this.#lost(new Failure(new ConnectionLost(`The stream was reset with code ${String(code)}`)));
  }

  #lost(reason: Failure): void {
    this.#stopProducer();
    for (const waiting of this.#drained.splice(0)) waiting.errback(reason);
    this.#request.connectionLost(reason);
    this.#processed();
  }

  #processed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#site.processed(this.#request);
  }

  // -- The answer: see IRequestChannel

  get reactor(): IReactorTime {
    return this.#site.reactor;
  }

  get full(): boolean {
    return this.#full;
  }

  getPeer(): IAddress {
    return this.#ends.getPeer();
  }

  getHost(): IAddress {
    return this.#ends.getHost();
  }

  isSecure(): boolean {
    return this.#ends.isSecure();
  }

  wallClock(): number | undefined {
    return this.#site.wallClock();
  }

  respond(head: AnswerHead, body: Uint8Array | string): void {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const fields = this.#fields(head);
    const isTold = head.code !== 204 && head.code !== 304 && (length > 0 || !head.bodiless);
    if (isTold) fields["content-length"] = String(length);
    const endStream = head.bodiless || length === 0;
    this.#respond(fields, endStream, false);
    if (!endStream) this.#end(typeof body === "string" ? body : toBuffer(body));
    this.#finished();
  }

  begin(head: AnswerHead): void {
    this.#respond(this.#fields(head), head.bodiless, this.#takesTrailers);
    if (this.#watch.phase === "handler") this.#watch.clear();
  }

  write(data: Uint8Array | string): void {
    if (this.#stream.writableEnded || this.#stream.destroyed) return;
    const bytes = typeof data === "string" ? Buffer.from(data) : toBuffer(data);
    if (this.#stream.write(bytes) || this.#full) return;
    this.#full = true;
    this.#watch.set("write", this.#site.deadlines.writeTimeout);
    this.#producer?.pauseProducing();
  }

  finish(trailers: FieldList): void {
    this.#sentTrailers = trailers;
    this.#end();
    this.#finished();
  }

  interim(code: number, fields: FieldList): void {
    if (this.#stream.headersSent || this.#stream.destroyed) return;
    this.#stream.additionalHeaders({ ":status": code, ...toObject(fields) });
  }

  abort(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  drained(): Deferred<void> {
    if (this.#stream.destroyed) return fail(new ConnectionLost());
    if (!this.#full) return succeed(undefined);
    const waiting = new Deferred<void>();
    this.#drained.push(waiting);
    return waiting;
  }

  /** A stream cannot become something else. */
  takeOver(): undefined {
    return undefined;
  }

  #respond(fields: OutgoingHttpHeaders, endStream: boolean, waitForTrailers: boolean): void {
    if (this.#stream.destroyed || this.#stream.closed) return;
    this.#stream.respond(fields, { endStream, waitForTrailers });
  }

  #end(body?: Buffer | string): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    if (body === undefined) this.#stream.end();
    else this.#stream.end(body);
  }

  #fields(head: AnswerHead): OutgoingHttpHeaders {
    const fields = toObject([...standing(this.#site.standingFields()), ...head.headers.list]);
    fields[":status"] = head.code;
    return fields;
  }

  #sendTrailers(): void {
    if (this.#sentTrailers.length === 0) this.#stream.close(constants.NGHTTP2_NO_ERROR);
    else this.#stream.sendTrailers(toObject(this.#sentTrailers));
  }

  /** The answer is with Node; the client may still be reading it. */
  #finished(): void {
    this.#stopProducer();
    this.#processed();
    // What is left of the request is not wanted; the window of the connection must not suffer.
    if (!this.#received) {
      this.#watch.clear();
      this.#stream.once("finish", () => this.#stream.close(constants.NGHTTP2_NO_ERROR));
      this.#stream.resume();
    }
    if (!this.#stream.writableFinished) {
      this.#watch.set("write", this.#site.deadlines.writeTimeout);
    }
  }

  #emptied(): void {
    this.#full = false;
    if (this.#watch.phase === "write") this.#watch.clear();
    if (this.#body.used) this.#watchBody();
    for (const waiting of this.#drained.splice(0)) waiting.callback();
    this.#producer?.resumeProducing();
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
    const pull = this.#pull;
    this.#producer = undefined;
    this.#pull = undefined;
    if (pull === undefined) producer?.stopProducing();
    else pull.stopProducing();
  }
}

function lengthOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function pairs(raw: readonly string[]): string[] {
  return raw.filter((_, at) => !(raw[at - (at % 2)] ?? "").startsWith(":"));
}

/** `Server` and `Date` as HTTP/1 has them, as a list. */
function standing(text: string): string[] {
  return text
    .split("\r\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    });
}

function toObject(fields: FieldList): OutgoingHttpHeaders {
  const object: OutgoingHttpHeaders = {};
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? "";
    const value = fields[at + 1] ?? "";
    if (OF_HTTP1.has(name)) continue;
    const before = object[name];
    // Those that stand alone are set anew: a later Date replaces the standing one.
    if (before === undefined || name === "date" || name === "server") object[name] = value;
    else object[name] = Array.isArray(before) ? [...before, value] : [String(before), value];
  }
  return object;
}
