/**
 * What a request sees of a connection of HTTP/1: the facts, and the way its answer goes out.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import type { IAddress } from "../../internet/addresses.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import { providesTLS } from "../../internet/interfaces-tls.ts";
import type {
  IHalfCloseableProtocol,
  IPullProducer,
  IPushProducer,
  IStreamTransport,
} from "../../internet/interfaces-transport.ts";
import { Logger } from "../../logger/logger.ts";
import { Headers } from "../http/headers.ts";
import { phraseOf } from "../http/status.ts";
import type { RequestHead } from "../http/wire/events.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { formatResponseHead } from "../http/wire/head-writer.ts";
import type { AnswerSetting } from "./answer-head.ts";
import { AnswerProducer } from "./answer-producer.ts";
import { AnswerWriter, writeWhole } from "./answer-writer.ts";
import type { AnswerHead, IRequestChannel, TakenOver } from "./channel.ts";
import type { BodySource } from "./request-body.ts";
import type { SitePort } from "./site-port.ts";

const log = new Logger({ namespace: "sennit.web" });

/** The connection itself. */
export interface AnsweredConnection extends BodySource {
  readonly transport: IStreamTransport;
  readonly site: SitePort;
  /** Of the request in hand. */
  readonly head: RequestHead | undefined;
  /** The client takes no more at present. */
  readonly full: boolean;
  /**
   * An answer begins.
   *
   * @param isWhole It is there: who reads the body of the request will not go on.
   * @returns Is the connection closed after it?
   */
  answerBegins(isWhole: boolean): boolean;
  /** Its head is written, and has told the client whether the connection is closed after it. */
  answerBegun(closes: boolean): void;
  /** It is out. */
  answerEnded(): void;
  /** Something was thrown that nobody else would see: log it, and drop the connection. */
  broken(error: unknown): void;
  /** Speak HTTP/1 no more. */
  handOver(): TakenOver;
}

/** See the top of this file. One for a connection: its requests come one after the other. */
export class HTTP1RequestChannel implements IRequestChannel {
  readonly #connection: AnsweredConnection;
  // Made when they are needed: most answers need neither.
  #writer: AnswerWriter | undefined;
  #producer: AnswerProducer | undefined;
  #writtenBytes = 0;

  constructor(connection: AnsweredConnection) {
    this.#connection = connection;
  }

  // -- The facts

  get clientproto(): string {
    return `HTTP/${this.#connection.head?.version ?? "1.1"}`;
  }

  getPeer(): IAddress {
    return this.#connection.transport.getPeer();
  }

  getHost(): IAddress {
    return this.#connection.transport.getHost();
  }

  isSecure(): boolean {
    const { transport } = this.#connection;
    return providesTLS(transport) && transport.secure;
  }

  wallClock(): number | undefined {
    return this.#connection.site.wallClock();
  }

  get reactor(): IReactorTime {
    return this.#connection.site.reactor;
  }

  get full(): boolean {
    return this.#connection.full;
  }

  get returnsBytes(): boolean {
    return true; // A transport gives back what it was to send: see ITransport.write.
  }

  drained(): Deferred<void> {
    return this.#connection.transport.drained();
  }

  pauseBody(): void {
    this.#connection.pauseBody();
  }

  resumeBody(): void {
    this.#connection.resumeBody();
  }

  // -- The answer

  respond(head: AnswerHead, body: Uint8Array | string): void {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const { transport } = this.#connection;
    this.#connection.answerBegun(writeWhole(transport, head, body, this.#setting(length)));
    this.#ended();
  }

  begin(head: AnswerHead): void {
    this.#writer ??= new AnswerWriter(this.#connection);
    this.#connection.answerBegun(this.#writer.begin(head, this.#setting(undefined)));
  }

  write(data: Uint8Array | string): void {
    if (data.length > 0) {
      const bytes = typeof data === "string" ? Buffer.from(data) : data;
      this.#writtenBytes += bytes.length;
      if (this.#writer?.write(bytes) === false) this.#complain("longer", "the rest is dropped");
    }
    this.#producer?.wrote();
  }

  finish(trailers: FieldList): void {
    if (this.#writer?.finish(trailers) === false) {
      this.#complain("shorter", "it is cut off");
      this.#connection.answerBegun(true);
      this.abort();
    }
    this.#ended();
  }

  interim(code: number, fields: FieldList): void {
    const { head, transport } = this.#connection;
    if (head?.version === "1.1") transport.write(formatResponseHead(code, phraseOf(code), fields));
  }

  abort(): void {
    this.#connection.transport.abortConnection();
  }

  takeOver(head: AnswerHead): TakenOver | undefined {
    const { head: asked, transport } = this.#connection;
    if (asked?.version !== "1.1" || asked.framing.kind !== "none") return undefined;
    const { code, phrase, headers } = head;
    const isSaid = code !== 101 || headers.hasHeader("connection");
    const fields = isSaid ? [] : ["connection", "upgrade"];
    transport.write(formatResponseHead(code, phrase, [...fields, ...headers.list]));
    return this.#connection.handOver();
  }

  /** What the answer depends on. @param length Of its body, if that is known whole. */
  #setting(length: number | undefined): AnswerSetting {
    const { head, site } = this.#connection;
    const closing = this.#connection.answerBegins(length !== undefined);
    const version = head?.version ?? "1.1";
    const standing = site.standingFields();
    return { version, length, standing, closing, usual: site.usualHeads };
  }

  #complain(what: string, so: string): void {
    const { method, target } = this.#connection.head ?? {};
    const asked = `${method ?? ""} ${target ?? ""}`;
    log.error("{asked}: the answer is {what} than its Content-Length; {so}", { asked, what, so });
  }

  #ended(): void {
    this.#producer?.stop();
    this.#connection.answerEnded();
  }

  /**
   * In the middle of an answer that ends with the connection, if it is: an end in good order would
   * be taken for the answer's own, so a client that says no more has its connection reset.
   */
  get halfCloseable(): IHalfCloseableProtocol | undefined {
    if (this.#writer?.endsWithConnection !== true) return undefined;
    return { readConnectionLost: () => this.abort(), writeConnectionLost: () => {} };
  }

  // -- Producers

  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    const { reactor } = this;
    this.#producer ??= new AnswerProducer(reactor, (error) => this.#connection.broken(error));
    this.#producer.register(producer, streaming, this.full);
  }

  unregisterProducer(): void {
    this.#producer?.clear();
  }

  // -- For the connection

  /** Bytes of all bodies that were written bit by bit. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** The client is `full`. */
  filled(): void {
    this.#producer?.pause();
  }

  /** It is not any more. */
  emptied(): void {
    this.#producer?.resume();
  }

  /** Nobody wants more. */
  stopProducer(): void {
    this.#producer?.stop();
  }

  /** Say that the request is refused: nothing was answered to it. */
  refuse(code: number): void {
    const phrase = phraseOf(code);
    const bodiless = this.#connection.head?.method === "HEAD";
    const headers = new Headers({ "content-type": "text/plain; charset=utf-8" });
    const text = `${String(code)} ${phrase}\n`;
    const setting = { ...this.#setting(text.length), closing: true };
    writeWhole(this.#connection.transport, { code, phrase, headers, bodiless }, text, setting);
  }
}
