/**
 * A request that Node's HTTP server has received, answered on its `ServerResponse`.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import { type IAddress, IPv4Address, IPv6Address, NoAddress } from "../../internet/addresses.ts";
import { ConnectionDone, ConnectionLost } from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IPullProducer, IPushProducer } from "../../internet/interfaces-transport.ts";
import { Headers } from "../http/headers.ts";
import type { FieldList } from "../http/wire/fields.ts";
import type { AnswerHead, IRequestChannel } from "../server/channel.ts";
import { type BodySource, RequestBody } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";
import type { SitePort } from "../server/site-port.ts";
import { AnswerPace } from "./answer-pace.ts";
import { DeclaredLength } from "./declared-length.ts";
import { bytesOfText } from "../http/field-text.ts";
import { ForeignBody } from "./foreign-body.ts";
import { foreignFields } from "./foreign-fields.ts";
import { consumePrefix } from "./prefix.ts";

const NOTHING = Buffer.alloc(0);

/** See the top of this file. */
export class NodeChannel implements IRequestChannel, BodySource {
  readonly clientproto: string;
  readonly reactor: IReactorTime;
  readonly #site: SitePort;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #request: Request;
  readonly #body: ForeignBody;
  readonly #pace: AnswerPace;
  #length: DeclaredLength | undefined;
  #isOver = false;

  constructor(site: SitePort, incoming: IncomingMessage, outgoing: ServerResponse) {
    this.clientproto = `HTTP/${incoming.httpVersion}`;
    this.reactor = site.reactor;
    this.#site = site;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#pace = new AnswerPace(site.reactor, () => this.abort());
    const { url = "/", method = "GET", rawHeaders } = incoming;
    const list = rawHeaders.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text));
    const headers = Headers.of(list);
    const content = new RequestBody(this, bodyLength(headers));
    this.#body = new ForeignBody(content, site.limits.maxBodyBytes);
    const { prefix, uri } = placeOf(incoming, url);
    const authority = headers.get("host") ?? "";
    const path = prefix + withoutOrigin(url);
    const parts = { channel: this, method, uri, path, authority, headers, content };
    this.#request = site.makeRequest(parts);
    if (content.length === 0) this.#body.receiveEnd([]);
    consumePrefix(this.#request, prefix);
  }

  /** Hand it to the site. */
  start(): void {
    this.#outgoing.on("drain", () => this.#pace.emptied());
    this.#outgoing.on("error", () => {}); // "close" comes, too.
    this.#outgoing.on("close", () => this.#lost());
    if (this.#outgoing.destroyed) this.#lost();
    else this.#site.process(this.#request);
  }

  // -- The body of the request: see BodySource

  bodyWanted(): void {
    const incoming = this.#incoming;
    // A server with a listener for "checkContinue" leaves it to us; otherwise Node has sent it.
    const isAsked = incoming.headers.expect?.toLowerCase() === "100-continue";
    if (isAsked && Reflect.get(this.#outgoing, "_sent100") !== true) this.interim(100);
    // Somebody before us has read it.
    if (incoming.readableEnded) this.#body.receiveEnd([]);
    incoming.on("error", (cause) => {
      this.#body.fail(new Failure(new ConnectionLost(undefined, { cause })));
    });
    incoming.on("end", () => this.#body.receiveEnd(trailersOf(incoming)));
    incoming.on("data", (data: Buffer) => {
      this.#body.receive(data);
    });
  }

  pauseBody(): void {
    this.#incoming.pause();
  }

  resumeBody(): void {
    this.#incoming.resume();
  }

  // -- The answer: see IRequestChannel

  get full(): boolean {
    return this.#pace.full;
  }

  drained(): Deferred<void> {
    return this.#pace.drained();
  }

  getPeer(): IAddress {
    const { remoteAddress, remotePort } = this.#incoming.socket;
    return addressOf(remoteAddress, remotePort);
  }

  getHost(): IAddress {
    const { localAddress, localPort } = this.#incoming.socket;
    return addressOf(localAddress, localPort);
  }

  isSecure(): boolean {
    return Reflect.get(this.#incoming.socket, "encrypted") === true;
  }

  wallClock(): number | undefined {
    return this.#site.wallClock();
  }

  respond(head: AnswerHead, body: Uint8Array | string): void {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    this.#setHead(head, bytes.length);
    if (head.bodiless) this.#outgoing.end();
    else this.#outgoing.end(bytes);
    this.#finished();
  }

  begin(head: AnswerHead): void {
    this.#length = new DeclaredLength(head, this.#request.toString());
    this.#setHead(head);
    // Sent at once. With text, and by flushHeaders(), Node would send the fields' values as UTF-8,
    // where they are bytes already.
    if (!head.bodiless) this.#outgoing.write(NOTHING);
  }

  #setHead(head: AnswerHead, length?: number): void {
    const outgoing = this.#outgoing;
    outgoing.statusCode = head.code;
    outgoing.statusMessage = bytesOfText(head.phrase);
    for (const [name, values] of foreignFields(head, length)) {
      const [first = ""] = values;
      outgoing.setHeader(name, values.length > 1 ? values : first);
    }
  }

  write(data: Uint8Array | string): void {
    this.#pace.producer.wrote();
    if (this.#isOver) return;
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const taken = this.#length?.take(bytes) ?? bytes;
    if (taken.length > 0 && !this.#outgoing.write(taken)) this.#pace.filled();
  }

  finish(trailers: FieldList): void {
    if (this.#isOver) return;
    if (this.#length?.isComplete() === false) {
      this.#outgoing.destroy();
      return;
    }
    if (trailers.length > 0) this.#outgoing.addTrailers([...Headers.of(trailers)].map(asBytes));
    this.#outgoing.end();
    this.#finished();
  }

  interim(code: number, fields: FieldList = []): void {
    if (this.#incoming.httpVersion === "1.0" || this.#outgoing.headersSent) return;
    if (code === 100) this.#outgoing.writeContinue();
    else if (code === 102) this.#outgoing.writeProcessing();
    else if (code === 103) {
      this.#outgoing.writeEarlyHints(Object.fromEntries(Headers.of(fields).getAllRawHeaders()));
    }
  }

  abort(): void {
    this.#outgoing.destroy();
  }

  /** A listener for requests cannot: the server has the connection. */
  takeOver(): undefined {
    return undefined;
  }

  // -- Producers

  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    this.#pace.producer.register(producer, streaming, this.full);
  }

  unregisterProducer(): void {
    this.#pace.producer.clear();
  }

  // -- The end

  #finished(): void {
    this.#pace.finished();
    this.#over(new ConnectionDone("The answer was whole before the request was"));
  }

  #lost(): void {
    if (this.#isOver) return;
    const error = new ConnectionLost();
    const reason = new Failure(error);
    this.#pace.lost(reason);
    this.#request.connectionLost(reason);
    this.#over(error);
  }

  #over(error: Error): void {
    this.#isOver = true;
    this.#body.fail(new Failure(error));
    // What is left of the body is nobody's: Node throws it away, to keep the connection.
    this.#incoming.resume();
    this.#site.processed(this.#request);
  }
}

interface Place {
  /** Consumed by what stands around us, as in Express; may be empty. */
  readonly prefix: string;
  /** The target before any of it was consumed. */
  readonly uri: string;
}

function placeOf(incoming: IncomingMessage, url: string): Place {
  const prefix: unknown = Reflect.get(incoming, "baseUrl");
  const uri: unknown = Reflect.get(incoming, "originalUrl");
  return {
    prefix: typeof prefix === "string" ? prefix : "",
    uri: typeof uri === "string" ? uri : url,
  };
}

/** The path of `http://host/path`, which a proxy is sent and everybody must take. */
function withoutOrigin(url: string): string {
  const path = url.replace(/^https?:\/\/[^/?]*/iu, "");
  return path.startsWith("/") || path === "*" ? path : `/${path}`;
}

function bodyLength(headers: Headers): number | undefined {
  if (headers.hasHeader("transfer-encoding")) return undefined;
  return Number(headers.get("content-length") ?? "0");
}

function trailersOf({ rawTrailers }: IncomingMessage): string[] {
  return rawTrailers.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text));
}

function asBytes([name, value]: readonly [string, string]): [string, string] {
  return [name, bytesOfText(value)];
}

function addressOf(host: string | undefined, port = 0): IAddress {
  if (host === undefined) return new NoAddress("a connection of Node's");
  return host.includes(":")
    ? new IPv6Address("TCP", host, port)
    : new IPv4Address("TCP", host, port);
}
