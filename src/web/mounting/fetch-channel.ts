/**
 * A request that came as the web's `Request`, answered with a `Response`.
 *
 * Spec: the Fetch standard. The web knows no trailers, no interim answers and no addresses: there
 * are none. The `Response` is there when the answer's head is.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import { type IAddress, NoAddress } from "../../internet/addresses.ts";
import { ConnectionAborted, ConnectionDone, ConnectionLost } from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IPullProducer, IPushProducer } from "../../internet/interfaces-transport.ts";
import { Headers } from "../http/headers.ts";
import type { AnswerHead, IRequestChannel } from "../server/channel.ts";
import { type BodySource, RequestBody } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";
import type { SitePort } from "../server/site-port.ts";
import { AnswerPace } from "./answer-pace.ts";
import { DeclaredLength } from "./declared-length.ts";
import { foreignFields } from "./foreign-fields.ts";
import { ForeignBody } from "./foreign-body.ts";
import { consumePrefix } from "./prefix.ts";

/** So many bytes of an answer may wait for who reads it. */
const HIGH_MARK = 65_536;
/** What servers log where the client has gone first; no status of the standard's. */
const CLIENT_GONE = 499;
const NOWHERE = new NoAddress("a Request of the web");

type Controller = ReadableStreamDefaultController<Uint8Array>;

/** See the top of this file. */
export class FetchChannel implements IRequestChannel, BodySource {
  readonly clientproto = "HTTP/1.1";
  readonly reactor: IReactorTime;
  /** The answer. Fails when the site gives the request up before its head is there. */
  readonly response: Promise<Response>;
  readonly #site: SitePort;
  readonly #url: URL;
  readonly #signal: AbortSignal;
  readonly #source: ReadableStream<Uint8Array> | null;
  readonly #request: Request;
  readonly #body: ForeignBody;
  readonly #pace: AnswerPace;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #isPaused = false;
  #isReading = false;
  #answer: Controller | undefined;
  #length: DeclaredLength | undefined;
  #isOver = false;
  #resolve: (response: Response) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(site: SitePort, request: globalThis.Request, prefix: string) {
    const { method, headers: fields, body, signal } = request;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#site = site;
    this.reactor = site.reactor;
    this.#url = new URL(request.url);
    this.#signal = signal;
    this.#source = body;
    this.#pace = new AnswerPace(site.reactor, () => this.abort());
    const path = this.#url.pathname + this.#url.search;
    const headers = Headers.of([...fields].flat());
    const length = body === null ? 0 : lengthOf(headers.get("content-length"));
    const content = new RequestBody(this, length);
    this.#body = new ForeignBody(content, site.limits.maxBodyBytes);
    const parts = { channel: this, method, uri: path, path, authority: this.#url.host };
    this.#request = site.makeRequest({ ...parts, headers, content });
    if (body === null) content.receiveEnd([]);
    consumePrefix(this.#request, prefix);
  }

  /** Hand it to the site. */
  start(): void {
    this.#signal.addEventListener("abort", this.#aborted, { once: true });
    if (this.#signal.aborted) this.#aborted();
    else this.#site.process(this.#request);
  }

  readonly #aborted = (): void => {
    this.#lost(new ConnectionLost("The request was aborted", { cause: this.#signal.reason }));
  };

  // -- The body of the request: see BodySource

  bodyWanted(): void {
    void this.#read();
  }

  pauseBody(): void {
    this.#isPaused = true;
  }

  resumeBody(): void {
    this.#isPaused = false;
    void this.#read();
  }

  async #read(): Promise<void> {
    if (this.#isReading || this.#source === null) return;
    this.#isReading = true;
    try {
      this.#reader ??= this.#source.getReader();
      while (!this.#isPaused && !this.#isOver) {
        const piece = await this.#reader.read();
        if (piece.done) this.#body.receiveEnd([]);
        else this.#body.receive(piece.value);
        if (this.#body.ended) break;
      }
    } catch (error) {
      this.#body.fail(Failure.of(error));
    } finally {
      this.#isReading = false;
    }
  }

  // -- The answer: see IRequestChannel

  get full(): boolean {
    return this.#pace.full;
  }

  drained(): Deferred<void> {
    return this.#pace.drained();
  }

  getPeer(): IAddress {
    return NOWHERE;
  }

  getHost(): IAddress {
    return NOWHERE;
  }

  isSecure(): boolean {
    return this.#url.protocol === "https:";
  }

  wallClock(): number | undefined {
    return this.#site.wallClock();
  }

  respond(head: AnswerHead, body: Uint8Array | string): void {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const hasBody = !head.bodiless && bytes.length > 0;
    this.#respond(head, hasBody ? bytes : null, bytes.length);
    this.#finished();
  }

  begin(head: AnswerHead): void {
    this.#length = new DeclaredLength(head, this.#request.toString());
    if (head.bodiless) {
      this.#respond(head, null);
      return;
    }
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#answer = controller;
        },
        pull: () => this.#pace.emptied(),
        cancel: (cause) => {
          this.#lost(new ConnectionLost("The answer was not wanted any more", { cause }));
        },
      },
      { highWaterMark: HIGH_MARK, size: (chunk) => chunk?.byteLength ?? 0 },
    );
    this.#respond(head, body);
  }

  #respond(
    head: AnswerHead,
    body: Uint8Array | ReadableStream<Uint8Array> | null,
    length?: number,
  ): void {
    const { code: status, phrase: statusText } = head;
    const headers = foreignFields(head, length).flatMap(([name, values]) =>
      values.map((value) => [name, value]),
    );
    this.#resolve(new Response(body, { status, statusText, headers }));
  }

  write(data: Uint8Array | string): void {
    this.#pace.producer.wrote();
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const taken = this.#length?.take(bytes) ?? bytes;
    if (this.#isOver || taken.length === 0) return;
    this.#answer?.enqueue(taken);
    if ((this.#answer?.desiredSize ?? 1) <= 0) this.#pace.filled();
  }

  finish(): void {
    if (this.#isOver) return;
    if (this.#length?.isComplete() === false) {
      this.#answer?.error(new ConnectionAborted());
    } else this.#answer?.close();
    this.#finished();
  }

  /** The web has none. */
  interim(): void {}

  abort(): void {
    const error = new ConnectionAborted();
    this.#reject(error);
    if (!this.#isOver) this.#answer?.error(error);
    queueMicrotask(() => this.#lost(error));
  }

  /** There is no connection that could become something else. */
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
    this.#over();
  }

  #lost(error: Error): void {
    if (this.#isOver) return;
    const reason = new Failure(error);
    this.#pace.lost(reason);
    this.#request.connectionLost(reason);
    // Nobody reads it; to fail would be an error in the log of the server around us.
    this.#resolve(new Response(null, { status: CLIENT_GONE }));
    this.#over();
  }

  #over(): void {
    this.#isOver = true;
    this.#signal.removeEventListener("abort", this.#aborted);
    // What is left of the body is not wanted; who gives it may stop.
    this.#body.fail(new Failure(new ConnectionDone("The answer was whole before the request was")));
    void this.#reader?.cancel().catch(() => {});
    this.#site.processed(this.#request);
  }
}

function lengthOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}
