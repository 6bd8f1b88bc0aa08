/**
 * A connection that is none: one request goes into an HTTP server of Node's, and its answer comes
 * out.
 *
 *     Request ─▶ head, body as HTTP/1.1 ─▶ node:http ─▶ (req, res)
 *     answer  ◀─ ResponseReader ◀── the bytes of res ◀──────┘
 *
 * What an app of Node's may rely on is what Node does with a connection, and much of it is written
 * nowhere. So Node does it, on a stream instead of a socket, which it documents
 * (`server.emit("connection", duplex)`); that costs little more than objects that look alike.
 *
 * Spec: RFC 9112. Differs: the version is always 1.1, whatever the client speaks; there are no
 * timeouts of a socket, those of the site are in force.
 *
 * @module
 */
import { Duplex } from "node:stream";
import type { Failure } from "../../defer/failure.ts";
import { type IAddress, IPv4Address, IPv6Address } from "../../internet/addresses.ts";
import { Headers } from "../http/headers.ts";
import { removeHopByHop } from "../http/hop-by-hop.ts";
import type { ResponseHead } from "../http/wire/events.ts";
import { formatChunkSize, formatLastChunk, formatRequestHead } from "../http/wire/head-writer.ts";
import { completeLimits } from "../http/wire/limits.ts";
import { ResponseReader } from "../http/wire/response-reader.ts";
import type { BodyReceiver } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";
import { copyFields } from "../server/copy-fields.ts";
import { mountedPath } from "./prefix.ts";

type Done = (error?: Error | null) => void;
/** What a stream is given to write. */
interface Written {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

/** What an app sends is not a stranger's: these bounds are only against its mistakes. */
const MIB = 1_048_576;
const LIMITS = completeLimits({ maxLineBytes: MIB, maxHeadBytes: MIB, maxFields: 10_000 });

/** See the top of this file. For Node, and for the app as `req.socket`, it is a socket. */
export class MountedConnection extends Duplex implements BodyReceiver {
  /** The request that it carries. */
  readonly request: Request;
  /** The path that is consumed: the app's `req.baseUrl`. */
  readonly prefix: string;
  readonly encrypted: boolean;
  readonly #over: (error?: unknown) => void;
  readonly #reader = new ResponseReader(LIMITS);
  readonly #isChunked: boolean;
  #isDelivering = false;
  /** The request has its answer, or will get none from here. */
  #isOver = false;

  /** @param over Called once: the answer is whole or was given up, or the app has failed. */
  constructor(request: Request, over: (error?: unknown) => void) {
    super({ decodeStrings: false });
    const { prefix, below } = mountedPath(request);
    this.request = request;
    this.prefix = prefix;
    this.encrypted = request.isSecure();
    this.#over = over;
    this.#isChunked = request.content.length === undefined;
    this.#reader.expect(request.method);
    this.push(requestHead(request, below, this.#isChunked));
    void request.notifyFinish().addErrback(() => this.destroy());
  }

  /** The app has failed: the site answers. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#over(error);
    this.destroy();
  }

  // -- The request: see BodyReceiver

  override _read(): void {
    const { content } = this.request;
    if (this.#isDelivering) content.resume();
    else if (content.length !== 0) {
      this.#isDelivering = true;
      content.deliver(this);
    }
  }

  dataReceived(data: Buffer): void {
    if (this.destroyed) return;
    if (this.#isChunked) this.push(formatChunkSize(data.length), "latin1");
    let hasRoom = this.push(data);
    if (this.#isChunked) hasRoom = this.push("\r\n", "latin1");
    if (!hasRoom) this.request.content.pause();
  }

  bodyEnded(failure: Failure | undefined): void {
    if (failure !== undefined) this.destroy();
    else if (this.#isChunked && !this.destroyed) {
      this.push(formatLastChunk(this.request.content.trailers.list), "latin1");
    }
  }

  // -- The answer

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    this.#write([{ chunk, encoding }], done);
  }

  override _writev(written: readonly Written[], done: Done): void {
    this.#write(written, done);
  }

  #write(written: readonly Written[], done: Done): void {
    try {
      for (const { chunk, encoding } of written) {
        // A copy: the app may use its buffer again as soon as it hears that it was written.
        this.#reader.receive(
          typeof chunk === "string" ? Buffer.from(chunk, encoding) : Buffer.from(chunk),
        );
        this.#readAnswer();
      }
    } catch (error) {
      this.fail(error);
      return;
    }
    if (!this.request.channel.full) done();
    else {
      void this.request.drained().addCallbacks(
        () => done(),
        () => this.destroy(),
      );
    }
  }

  /** Node closes it after the answer: that may be what ends the answer. */
  override _final(done: Done): void {
    try {
      const end = this.#isOver ? undefined : this.#reader.receiveEnd();
      if (end !== undefined) this.#answered([]);
      done();
      this.destroy();
    } catch (error) {
      this.fail(error);
    }
  }

  #readAnswer(): void {
    for (let event = this.#reader.next(); event !== undefined; event = this.#reader.next()) {
      if (this.#isOver) return;
      if (event.type === "data") this.request.write(event.data);
      else if (event.type === "end") this.#answered(event.trailers);
      else this.#headReceived(event);
    }
  }

  #headReceived({ status, phrase, fields, switches }: ResponseHead): void {
    const { request } = this;
    if (switches) {
      throw new TypeError("Cannot switch protocols: expected an answer of HTTP, got 101");
    }
    if (status === 100) return; // The client was told when its body was asked for.
    const list = removeHopByHop(fields.list);
    if (status < 200) {
      request.interim(status, Headers.of(list));
      return;
    }
    if (fields.connection.includes("close")) list.push("connection", "close");
    request.setResponseCode(status, phrase === "" ? undefined : phrase);
    copyFields(request, list);
  }

  #answered(trailers: readonly string[]): void {
    this.request.finish(trailers.length === 0 ? undefined : Headers.of(trailers));
    this.#isOver = true;
    this.#over();
  }

  override _destroy(error: Error | null, done: Done): void {
    if (!this.#isOver) {
      this.#isOver = true;
      if (!this.request.disconnected) this.request.loseConnection();
      this.#over();
    }
    done(error);
  }

  // -- What sockets have

  get remoteAddress(): string | undefined {
    return parts(this.request.getClientAddress())?.host;
  }

  get remotePort(): number | undefined {
    return parts(this.request.getClientAddress())?.port;
  }

  get remoteFamily(): string | undefined {
    return parts(this.request.getClientAddress())?.kind;
  }

  get localAddress(): string | undefined {
    return parts(this.request.getHost())?.host;
  }

  get localPort(): number | undefined {
    return parts(this.request.getHost())?.port;
  }

  get localFamily(): string | undefined {
    return parts(this.request.getHost())?.kind;
  }

  /** Our own end. */
  address(): object {
    const host = parts(this.request.getHost());
    return host === undefined ? {} : { address: host.host, port: host.port, family: host.kind };
  }

  /** Nothing happens: the deadlines of the site are in force. */
  setTimeout(): this {
    return this;
  }

  /** Nothing happens, as in those that follow: the real connection is the site's. */
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

function parts(address: IAddress): IPv4Address | IPv6Address | undefined {
  const isIP = address instanceof IPv4Address || address instanceof IPv6Address;
  return isIP ? address : undefined;
}

function requestHead(request: Request, below: string, isChunked: boolean): Buffer {
  // What is meant, which the target may have said, or HTTP/2.
  const fields = request.authority === "" ? [] : ["host", request.authority];
  for (const [name, value] of request.requestHeaders) {
    if (name !== "host" && name !== "transfer-encoding") fields.push(name, value);
  }
  if (isChunked) fields.push("transfer-encoding", "chunked");
  const target = request.query === "" ? below : `${below}?${request.query}`;
  return Buffer.from(formatRequestHead(request.method, target, fields), "latin1");
}
