/**
 * The protocol behind every connection that is a stream.
 *
 *     transport ─▶ dataReceived ─▶ Inbox ─▶ duplex │ readable │ for await
 *     transport ◀─ write ◀──────── Outbox ◀ duplex │ writable │ write()
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { Deferred } from "../defer/deferred.ts";
import { Failure } from "../defer/failure.ts";
import type { IAddress } from "../internet/addresses.ts";
import { ConnectionAborted } from "../internet/errors.ts";
import type { IDrainable, IHalfCloseableProtocol } from "../internet/interfaces-transport.ts";
import { Protocol } from "../internet/protocol.ts";
import { ChunkReader } from "./_chunk-reader.ts";
import { ConnectionDuplex } from "./_connection-duplex.ts";
import { Inbox } from "./_inbox.ts";
import { Outbox } from "./_outbox.ts";
import { webReadable, type WebStreamsParts, webWritable } from "./_web-streams.ts";
import type { StreamConnection } from "./stream-connection.ts";

/** As much as a push producer is allowed. */
const HIGH_WATER_MARK = 65_536;

/** Options of `connect` and of `listen`. */
export interface StreamOptions {
  /**
   * May `duplex` be written to when the peer has ended its half? If not, it ends by itself then, as
   * `node:net` does unless told otherwise; what a `pipeline` through it has still to say is lost.
   * Default: `true`, as of any Duplex.
   */
  readonly allowHalfOpen?: boolean;
  /** Bytes that each half of a stream may hold. Default: 65,536. */
  readonly highWaterMark?: number;
}

/** Options of {@link StreamProtocol}. */
export interface StreamProtocolOptions extends StreamOptions {
  /** What the peer has sent and somebody else has read: it comes first. Default: nothing. */
  readonly head?: Uint8Array;
}

/**
 * A protocol that is a stream, for any endpoint and any transport: see {@link StreamConnection} for
 * what one can do with it. `connect` and `listen` make them; make one yourself to use it with a
 * factory, or to hand over a connection that another protocol has begun: call `makeConnection`, and
 * from then on forward `dataReceived`, `readConnectionLost`, `writeConnectionLost` and
 * `connectionLost`.
 *
 * @example
 * ```ts
 * import { LineReceiver } from "sennit/protocols";
 * import { StreamProtocol } from "sennit/streams";
 * import { StringTransport } from "sennit/testing";
 * import type { Failure } from "sennit/defer";
 *
 * // A line says what is wanted; what follows it is a stream.
 * class Greeted extends LineReceiver {
 *   #rest = new StreamProtocol();
 *   override lineReceived(line: Buffer): void {
 *     if (line.toString() !== "GO") return;
 *     this.setRawMode();
 *     this.#rest.makeConnection(this.transport);
 *     this.#rest.duplex.on("data", (data: Buffer) => console.log(data.toString()));
 *   }
 *   override rawDataReceived(data: Buffer): void {
 *     this.#rest.dataReceived(data);
 *   }
 *   override connectionLost(reason: Failure): void {
 *     this.#rest.connectionLost(reason);
 *   }
 * }
 * const transport = new StringTransport();
 * transport.connect(new Greeted());
 * transport.deliver("GO\r\n");
 * ```
 */
export class StreamProtocol
  extends Protocol
  implements StreamConnection, IHalfCloseableProtocol, IDrainable
{
  readonly #allowHalfOpen: boolean;
  readonly #highWaterMark: number;
  readonly #inbox: Inbox;
  readonly #outbox = new Outbox();
  #state: "waiting" | "connected" | "lost" = "waiting";
  /** Somebody has aborted before there was a connection. */
  #unwanted = false;
  #cancelled = false;
  #over: (() => void)[] = [];
  #duplex: ConnectionDuplex | undefined;
  #chunks: ChunkReader | undefined;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;

  /** @throws {RangeError} A `highWaterMark` that is not a number above 0. */
  constructor({ allowHalfOpen = true, highWaterMark, head }: StreamProtocolOptions = {}) {
    super();
    this.#allowHalfOpen = allowHalfOpen;
    this.#highWaterMark = checkedMark(highWaterMark ?? HIGH_WATER_MARK);
    this.#inbox = new Inbox(head);
  }

  // -- From the transport

  override connectionMade(): void {
    this.#state = "connected";
    if (this.#unwanted) {
      this.transport.abortConnection();
      return;
    }
    this.#inbox.connect(this.transport);
    this.#outbox.connect(this.transport);
  }

  override dataReceived(data: Buffer): void {
    this.#inbox.put(data);
  }

  /** The peer sends no more. */
  readConnectionLost(): void {
    this.#inbox.end();
  }

  /** The peer was told that we send no more. */
  writeConnectionLost(): void {
    this.#outbox.ended();
    if (this.#cancelled) this.transport.loseConnection();
  }

  override connectionLost(reason: Failure): void {
    this.#state = "lost";
    if (!this.#unwanted) this.#gone(reason);
  }

  #gone(reason: Failure): void {
    this.#inbox.lost(reason);
    this.#outbox.lost(reason);
    for (const over of this.#over.splice(0)) over();
  }

  // -- For the user

  get peer(): IAddress {
    return this.transport.getPeer();
  }

  get host(): IAddress {
    return this.transport.getHost();
  }

  get duplex(): Duplex {
    this.#duplex ??= new ConnectionDuplex({
      inbox: this.#inbox,
      outbox: this.#outbox,
      allowHalfOpen: this.#allowHalfOpen,
      highWaterMark: this.#highWaterMark,
      leave: (how, over) => {
        this.#whenOver(over);
        if (how === "lose") this.transport.loseConnection();
        else this.abort();
      },
    });
    return this.#duplex;
  }

  get readable(): ReadableStream<Uint8Array> {
    this.#readable ??= webReadable(this.#webParts());
    return this.#readable;
  }

  get writable(): WritableStream<Uint8Array> {
    this.#writable ??= webWritable(this.#webParts());
    return this.#writable;
  }

  #webParts(): WebStreamsParts {
    return {
      inbox: this.#inbox,
      outbox: this.#outbox,
      highWaterMark: this.#highWaterMark,
      cancelled: () => this.#readNoMore(),
      abort: () => this.abort(),
    };
  }

  #readNoMore(): void {
    this.#cancelled = true;
    this.#inbox.discard();
    if (this.#outbox.over) this.transport.loseConnection();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer, undefined, undefined> {
    this.#chunks ??= new ChunkReader(this.#inbox, this.#highWaterMark);
    return this.#chunks.loop();
  }

  write(data: Uint8Array | string): Deferred<void> {
    return this.#outbox.send(data);
  }

  end(): Deferred<void> {
    return this.#outbox.end();
  }

  close(): Deferred<void> {
    const over = new Deferred<void>();
    this.#whenOver(() => over.callback());
    const duplex = this.#duplex;
    if (duplex !== undefined && !duplex.writableFinished && !duplex.destroyed) {
      this.#outbox.closeAtEnd();
      if (!duplex.writableEnded) duplex.end();
    }
    if (this.#state === "waiting") this.abort();
    this.transport.loseConnection();
    return over;
  }

  abort(): void {
    if (this.#state === "connected") this.transport.abortConnection();
    if (this.#state !== "waiting" || this.#unwanted) return;
    this.#unwanted = true;
    this.#gone(new Failure(new ConnectionAborted()));
  }

  /** When its service stops: what is written is sent, and the connection closed. */
  drain(): void {
    void this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #whenOver(over: () => void): void {
    if (this.#state === "lost" || this.#unwanted) over();
    else this.#over.push(over);
  }
}

function checkedMark(mark: number): number {
  if (mark > 0) return mark;
  throw new RangeError(`Cannot use highWaterMark: expected above 0, got ${String(mark)}`);
}
