/**
 * A request and its answer.
 *
 * After: twisted.web.http.Request and twisted.web.server.Request. Differs: `content` is a stream
 * that has only begun when the request is handed over; text, not bytes; `args` holds the query
 * alone, a form is read with {@link RequestBody}; what is wrong with an answer is told at once
 * and not in the log.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { LocalProtocolError } from "../../core/errors.ts";
import { succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type {
  IConsumer,
  IProtocol,
  IPullProducer,
  IPushProducer,
} from "../../internet/interfaces-transport.ts";
import { formatSetCookie, parseCookies, type SetCookieOptions } from "../http/cookie.ts";
import { Headers } from "../http/headers.ts";
import { parseQuery } from "../http/query.ts";
import { hasNoBody, phraseOf } from "../http/status.ts";
import type { FieldList } from "../http/wire/fields.ts";
import type { Session } from "../sessions/session.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { type CACHED, setETag, setLastModified } from "./cached.ts";
import type { AnswerHead, IRequestChannel } from "./channel.ts";
import type { RequestBody } from "./request-body.ts";

/** What a request says, whatever it came on. */
export interface RequestParts {
  readonly channel: IRequestChannel;
  readonly method: string;
  /** The target as it was sent. */
  readonly uri: string;
  /** `/path?query`. */
  readonly path: string;
  /** Host and port that are meant; may be empty. */
  readonly authority: string;
  readonly headers: Headers;
  readonly content: RequestBody;
  /** Where visitors are remembered; `undefined`: nowhere. */
  readonly sessions?: Sessions;
}

/** The answer is over, or has begun, and cannot be changed any more. */
export class AnswerStateError extends LocalProtocolError {
  readonly code = "ERR_HTTP_ANSWER_STATE";
}

const NO_TRAILERS: FieldList = [];

type State = "new" | "started" | "finished" | "lost";

/**
 * See the top of this file. Made by a {@link Site}, and handed to a resource.
 *
 * An answer is made with `setResponseCode`, `setHeader`, `write` and `finish`; or by returning it
 * from the resource's method, which does the same. When the client has gone, writes are dropped.
 */
export class Request implements IConsumer {
  /** `GET`, `POST` and so on: as it was sent. */
  readonly method: string;
  /** The target as it was sent, with its query. */
  readonly uri: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  /** What stands behind the `?`; empty without one. */
  readonly query: string;
  /** Host and port that are meant, of the target or of Host; may be empty. */
  readonly authority: string;
  readonly requestHeaders: Headers;
  readonly responseHeaders = new Headers();
  /** The body: nothing of it is received before somebody asks, beyond 64 KiB. */
  readonly content: RequestBody;
  /** What it came on. */
  readonly channel: IRequestChannel;
  /** The status of the answer. Set it with `setResponseCode`. */
  code = 200;
  /** The phrase of the status; `undefined`: the usual one. */
  codeMessage: string | undefined;
  /** Bytes of the answer's body so far. */
  sentLength = 0;
  #state: State = "new";
  #prepath: string[] | undefined;
  #postpath: string[] | undefined;
  #args: ReadonlyMap<string, readonly string[]> | undefined;
  #cookies: ReadonlyMap<string, string> | undefined;
  #waiting: Deferred<void>[] | undefined;
  #lost: Failure | undefined;
  readonly #sessions: Sessions | undefined;
  #session: Session | undefined;

  constructor(parts: RequestParts) {
    const { channel, method, uri, path, authority, headers, content } = parts;
    this.channel = channel;
    this.method = method;
    this.uri = uri;
    const mark = path.indexOf("?");
    this.path = mark === -1 ? path : path.slice(0, mark);
    this.query = mark === -1 ? "" : path.slice(mark + 1);
    this.authority = authority;
    this.requestHeaders = headers;
    this.content = content;
    this.#sessions = parts.sessions;
  }

  // -- What was asked

  /** `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`. */
  get clientproto(): string {
    return this.channel.clientproto;
  }

  /** Measures time, for what goes on after the request. */
  get reactor(): IReactorTime {
    return this.channel.reactor;
  }

  /** Segments of the path that resources have consumed, decoded. */
  get prepath(): string[] {
    this.#prepath ??= [];
    return this.#prepath;
  }

  /**
   * Segments that are left, decoded. `/a/b/` are `a`, `b` and an empty one.
   *
   * @throws {URIError} They are not UTF-8 in percent-encoding. A site answers 400.
   */
  get postpath(): string[] {
    this.#postpath ??= segmentsOf(this.path);
    return this.#postpath;
  }

  /** The query: names to their values, in order. Malformed percent-encoding stays as it is. */
  get args(): ReadonlyMap<string, readonly string[]> {
    this.#args ??= parseQuery(this.query);
    return this.#args;
  }

  /** The first value of a name in the query. */
  arg(name: string): string | undefined {
    return this.args.get(name)?.[0];
  }

  /** A field's values, joined; `undefined` if it was not sent. */
  getHeader(name: string): string | undefined {
    return this.requestHeaders.get(name);
  }

  /** The cookies that were sent. */
  get cookies(): ReadonlyMap<string, string> {
    this.#cookies ??= parseCookies(this.getHeader("cookie") ?? "");
    return this.#cookies;
  }

  /** The value of a cookie. */
  getCookie(name: string): string | undefined {
    return this.cookies.get(name);
  }

  /**
   * The visitor's session, touched: the one whose cookie came, or a new one, whose cookie is set
   * with the answer. The same one each time, while it is active.
   *
   * @throws {TypeError} The site has no `sessions`.
   * @throws {AnswerStateError} A new one is needed, and the answer has begun.
   */
  getSession(): Session {
    if (this.#session?.active === true) return this.#session;
    if (this.#sessions === undefined) {
      throw new TypeError(`Cannot get a session for ${this.toString()}: expected a Site with some`);
    }
    this.#session = this.#sessions.open(this);
    return this.#session;
  }

  /** Who asked: the other end of the connection, which may be a proxy. */
  getClientAddress(): IAddress {
    return this.channel.getPeer();
  }

  /** Our end of the connection. */
  getHost(): IAddress {
    return this.channel.getHost();
  }

  /** Did it come encrypted? */
  isSecure(): boolean {
    return this.channel.isSecure();
  }

  /** Seconds since 1970; `undefined` where the site's reactor does not know the time of day. */
  wallClock(): number | undefined {
    return this.channel.wallClock();
  }

  /** The host that was asked for, in lower case and without its port; may be empty. */
  getRequestHostname(): string {
    return this.authority.replace(/:\d*$/u, "").toLowerCase();
  }

  /** Scheme and authority, as in a link to this server: `https://example.com:8443`. */
  get origin(): string {
    return `${this.isSecure() ? "https" : "http"}://${this.authority}`;
  }

  // -- The answer's head

  /** Has some of the answer been sent? */
  get startedWriting(): boolean {
    return this.#state === "started" || this.#state === "finished";
  }

  /** Is the answer whole? */
  get finished(): boolean {
    return this.#state === "finished";
  }

  /** Has the client gone before the answer was whole? */
  get disconnected(): boolean {
    return this.#state === "lost";
  }

  /**
   * @throws {RangeError} Not from 200 to 999.
   * @throws {TypeError} A phrase with control characters.
   * @throws {AnswerStateError} The answer has begun.
   */
  setResponseCode(code: number, message?: string): void {
    if (!Number.isInteger(code) || code < 200 || code > 999) {
      throw new RangeError(`Cannot set a status: expected 200 to 999, got ${quote(code)}`);
    }
    if (message !== undefined && /[^\t -~\u0080-\u{10ffff}]/u.test(message)) {
      throw new TypeError(`Cannot set a phrase: expected one line, got ${quote(message)}`);
    }
    this.#checkNew("set the status");
    this.code = code;
    this.codeMessage = message;
  }

  /**
   * Put this value in the place of those that the field has.
   *
   * @throws {TypeError} A name that is no token, or a value with control characters.
   * @throws {AnswerStateError} The answer has begun.
   */
  setHeader(name: string, value: string | number): void {
    this.#checkNew(`set ${name}`);
    this.responseHeaders.set(name, String(value));
  }

  /** Add a value to those that the field has; throws as `setHeader` does. */
  addHeader(name: string, value: string): void {
    this.#checkNew(`add ${name}`);
    this.responseHeaders.addRawHeader(name, value);
  }

  /**
   * Set a cookie, in the place of one of this name that the answer has (RFC 6265 §4.1.1).
   *
   * @throws {TypeError} @throws {RangeError} As `formatSetCookie` does.
   * @throws {AnswerStateError} The answer has begun.
   */
  addCookie(name: string, value: string, options: SetCookieOptions = {}): void {
    this.#checkNew(`set cookie ${name}`);
    const field = formatSetCookie(name, value, options);
    const set = this.responseHeaders.getRawHeaders("set-cookie") ?? [];
    const others = set.filter((one) => !one.startsWith(`${name}=`));
    this.responseHeaders.setRawHeaders("set-cookie", [...others, field]);
  }

  /**
   * Name the state of what is sent, as it stands in the field: `"v1"` or `W/"v1"`. Before
   * `setLastModified`.
   *
   * @returns {@link CACHED}: 304 or 412 is set, and the answer needs no body.
   * @throws {TypeError} It is no entity tag.
   * @throws {AnswerStateError} The answer has begun.
   */
  setETag(etag: string): typeof CACHED | undefined {
    this.#checkNew("set the ETag");
    return setETag(this, etag);
  }

  /**
   * Say when it was changed, in seconds since 1970; an earlier time than was said before counts for
   * nothing. Returns and throws as `setETag` does; RangeError: not within the years 0 to 9999.
   */
  setLastModified(seconds: number): typeof CACHED | undefined {
    this.#checkNew("set Last-Modified");
    return setLastModified(this, seconds);
  }

  #checkNew(what: string): void {
    if (this.#state === "new" || this.#state === "lost") return;
    throw new AnswerStateError(`Cannot ${what}: the answer to ${this.toString()} has begun`);
  }

  /** An answer before the answer, like 103. @throws {RangeError} Not 100, nor 102 to 199. */
  interim(code: number, headers: Headers = new Headers()): void {
    if (!Number.isInteger(code) || code < 100 || code > 199 || code === 101) {
      throw new RangeError(
        `Cannot send an interim answer: expected 102 to 199, got ${quote(code)}`,
      );
    }
    if (this.#state === "new") this.channel.interim(code, headers.list);
  }

  // -- The answer's body

  /** Send some of the body. The head goes before the first of it. */
  write(data: Uint8Array | string): void {
    if (this.#state === "finished") {
      throw new AnswerStateError(`Cannot write to ${this.toString()}: its answer is finished`);
    }
    if (this.#state === "lost") return;
    this.#start();
    const sent = this.#isBodiless() ? "" : data;
    this.sentLength += typeof sent === "string" ? Buffer.byteLength(sent) : sent.length;
    this.channel.write(sent);
  }

  /** Fires when more may be written: at once, unless the client is slow. Fails when it has gone. */
  drained(): Deferred<void> {
    if (this.#state === "lost") return this.#lostAlready();
    return this.channel.full ? this.channel.drained() : succeed(undefined);
  }

  /**
   * The answer is whole. With `trailers`, they follow the body, where the client takes them.
   *
   * @throws {AnswerStateError} It was finished before.
   */
  finish(trailers?: Headers): void {
    if (this.#state === "finished") {
      throw new AnswerStateError(`Cannot finish ${this.toString()}: it is finished`);
    }
    if (this.#state === "lost") return;
    if (this.#state === "new" && trailers === undefined) {
      this.finishWith("");
      return;
    }
    this.#start();
    this.#state = "finished";
    this.channel.finish(trailers?.list ?? NO_TRAILERS);
    this.#over();
  }

  /** `write` and `finish` in one, with a Content-Length. @throws {AnswerStateError} */
  finishWith(body: Uint8Array | string): void {
    if (this.#state === "lost") return;
    if (this.#state !== "new") {
      if (body.length > 0) this.write(body);
      this.finish();
      return;
    }
    this.#state = "finished";
    const head = this.#head();
    if (!head.bodiless) {
      this.sentLength = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    }
    this.channel.respond(head, body);
    this.#over();
  }

  /** Send the client elsewhere: sets 302, or `code`, and Location. Finish it yourself. */
  redirect(url: string, code = 302): void {
    this.setResponseCode(code);
    this.setHeader("location", url);
  }

  /** Give up: the client sees an answer that is cut off, or none. */
  loseConnection(): void {
    if (this.#state !== "finished") this.channel.abort();
  }

  #start(): void {
    if (this.#state !== "new") return;
    this.#state = "started";
    this.channel.begin(this.#head());
  }

  #head(): AnswerHead {
    const { code } = this;
    const phrase = this.codeMessage ?? phraseOf(code);
    return { code, phrase, headers: this.responseHeaders, bodiless: this.#isBodiless() };
  }

  #isBodiless(): boolean {
    return this.method === "HEAD" || hasNoBody(this.code);
  }

  // -- Producers: see IConsumer

  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    if (this.#state === "lost" || this.#state === "finished") producer.stopProducing();
    else if (streaming) this.channel.registerProducer(producer, true);
    else this.channel.registerProducer(producer, false);
  }

  unregisterProducer(): void {
    // Afterwards the channel may have another request's.
    if (this.#state !== "lost" && this.#state !== "finished") this.channel.unregisterProducer();
  }

  // -- The end

  /**
   * Tells when it is over. A new Deferred each time: fires when the answer is finished, fails with
   * the connection's reason when the client has gone first.
   */
  notifyFinish(): Deferred<void> {
    if (this.#state === "finished") return succeed(undefined);
    if (this.#state === "lost") return this.#lostAlready();
    const told = new Deferred<void>();
    this.#waiting ??= [];
    this.#waiting.push(told);
    return told;
  }

  #lostAlready(): Deferred<void> {
    const told = new Deferred<void>();
    if (this.#lost !== undefined) told.errback(this.#lost);
    return told;
  }

  #over(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    for (const told of waiting) told.callback();
  }

  /** The channel says that the client has gone. */
  connectionLost(reason: Failure): void {
    if (this.#state !== "finished" && this.#state !== "lost") {
      this.#state = "lost";
      this.#lost = reason;
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const told of waiting) told.errback(reason);
    }
    this.content.fail(reason);
  }

  /**
   * Speak something else on this connection: answer with this status and the fields set so far, and
   * hand it to `protocol`, which gets what the client has sent behind its request.
   *
   * @returns `false`, and nothing has happened, where that is not possible (HTTP/2, HTTP/1.0).
   * @throws {AnswerStateError} The answer has begun.
   */
  upgrade(protocol: IProtocol, code = 101): boolean {
    this.#checkNew("upgrade");
    if (this.#state === "lost") return false;
    const { responseHeaders: headers } = this;
    const taken = this.channel.takeOver({ code, phrase: phraseOf(code), headers, bodiless: true });
    if (taken === undefined) return false;
    this.code = code;
    this.#state = "finished";
    this.#over();
    taken.start(protocol);
    return true;
  }

  toString(): string {
    return `${this.method} ${this.uri}`;
  }
}

/** Twice as fast as `split` (Node 20), which looks its result up in a cache first. */
function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  if (!path.startsWith("/")) return segments;
  for (let start = 1; ; ) {
    const end = path.indexOf("/", start);
    if (end === -1) {
      segments.push(decodeSegment(path.slice(start)));
      return segments;
    }
    segments.push(decodeSegment(path.slice(start, end)));
    start = end + 1;
  }
}

function decodeSegment(segment: string): string {
  return segment.includes("%") ? decodeURIComponent(segment) : segment;
}
