/**
 * A connection between two transports in one process: bytes, ends and resets in flight.
 *
 *     client ──▶ way (bytes, then FIN or RST) ──▶ server
 *            ◀── way                          ◀──
 *
 * Nothing arrives by itself: each `deliver()` moves one step each way. Like a kernel, a way takes
 * bytes beyond its window only when the other end has read some.
 *
 * After: twisted.test.iosim. Differs: both ends keep the whole contract of a stream transport.
 *
 * @module
 */
import type { IAddress } from "../../internet/addresses.ts";
import type { ConnectionLimits } from "../../internet/interfaces-reactor.ts";
import type { ITCPTransport } from "../../internet/interfaces-transport.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { type Ended, StreamTransport } from "../base/stream-transport.ts";

/** Bytes in flight above which a sender must wait. As much as a push producer is allowed. */
const WINDOW = 65_536;

/** How a wire treats what it carries. */
export interface MemoryWireOptions {
  /** Longest piece that arrives in one `dataReceived`. Default: all that left in one turn. */
  readonly chunkBytes?: number;
  /** Called when something is there to be delivered. */
  readonly onActivity?: () => void;
}

/** One direction. */
class Way {
  readonly chunks: Buffer[] = [];
  bytes = 0;
  end: "open" | "fin" | "reset" | "told" = "open";
}

/** One end; made by {@link MemoryWire}. */
export class MemoryTransport extends StreamTransport implements ITCPTransport {
  readonly #host: IAddress;
  readonly #peer: IAddress;
  readonly #out: Way;
  readonly #in: Way;
  readonly #options: MemoryWireOptions;
  #reading = false;
  #gone = false;
  #owed = false;
  #noDelay = true;
  #keepAlive = false;

  constructor(
    reactor: ReactorBase,
    ends: { readonly host: IAddress; readonly peer: IAddress; readonly out: Way; readonly in: Way },
    options: MemoryWireOptions & ConnectionLimits,
    ended?: Ended,
  ) {
    super(reactor, options, ended);
    this.#host = ends.host;
    this.#peer = ends.peer;
    this.#out = ends.out;
    this.#in = ends.in;
    this.#options = options;
  }

  getHost(): IAddress {
    return this.#host;
  }

  getPeer(): IAddress {
    return this.#peer;
  }

  /** There will be no protocol for it: close. */
  refuse(): void {
    this.closeConnection();
  }

  /** Is this end closed? */
  get gone(): boolean {
    return this.#gone;
  }

  /** Is it read from at present? */
  get reading(): boolean {
    return this.#reading;
  }

  protected startReading(): void {
    this.#reading = true;
    this.#options.onActivity?.();
  }

  /** What comes waits. */
  protected stopReading(): void {
    this.#reading = false;
  }

  protected sendBytes(chunks: readonly Uint8Array[]): boolean {
    const piece = Buffer.concat(chunks); // A copy: the writer may use its bytes again.
    this.#out.chunks.push(piece);
    this.#out.bytes += piece.length;
    this.#options.onActivity?.();
    this.#owed = this.#out.bytes > WINDOW;
    return !this.#owed;
  }

  protected shutdownWriting(): void {
    this.#finish("fin");
  }

  protected closeConnection(): void {
    this.#gone = true;
    this.#finish("fin");
  }

  protected dropConnection(): void {
    this.#gone = true;
    this.#finish("fin");
  }

  protected resetConnection(): void {
    this.#gone = true;
    this.#out.chunks.length = 0;
    this.#out.bytes = 0;
    this.#finish("reset");
  }

  #finish(end: "fin" | "reset"): void {
    if (this.#out.end === "told" && end === "fin") return; // A reset can follow an end.
    this.#out.end = end;
    this.#options.onActivity?.();
  }

  /** Take one step of what is on its way to us. @returns Did anything happen? */
  receive(): boolean {
    const way = this.#in;
    if (this.#gone) return this.#discard(way);
    if (way.end === "reset") {
      way.end = "told";
      this.#gone = true;
      this.connectionFailed(new Error("the peer reset the connection"));
      return true;
    }
    if (!this.#reading) return false;
    const data = this.#take(way);
    if (data !== undefined) {
      this.bytesReceived(data);
      return true;
    }
    if (way.end !== "fin") return false;
    way.end = "told";
    this.endReceived();
    return true;
  }

  /** Nobody is here any more: a peer that knows it and sends all the same gets a reset. */
  #discard(way: Way): boolean {
    const something = way.bytes > 0;
    way.chunks.length = 0;
    way.bytes = 0;
    if (something && this.#out.end === "told") this.#out.end = "reset";
    return something;
  }

  #take(way: Way): Buffer | undefined {
    const chunk = way.chunks.shift();
    if (chunk === undefined) return undefined;
    const { chunkBytes = chunk.length } = this.#options;
    const data = chunk.subarray(0, chunkBytes);
    if (data.length < chunk.length) way.chunks.unshift(chunk.subarray(chunkBytes));
    way.bytes -= data.length;
    return data;
  }

  /** Tell our sender that there is room again. @returns Did anything happen? */
  confirm(): boolean {
    if (!this.#owed || this.#out.bytes > WINDOW) return false;
    this.#owed = false;
    this.bytesSent();
    return true;
  }

  /** As it was set; nothing is held back here. */
  getTcpNoDelay(): boolean {
    return this.#noDelay;
  }

  setTcpNoDelay(enabled: boolean): void {
    this.#noDelay = enabled;
  }

  /** As it was set; nothing is probed here. */
  getTcpKeepAlive(): boolean {
    return this.#keepAlive;
  }

  setTcpKeepAlive(enabled: boolean): void {
    this.#keepAlive = enabled;
  }
}

/** What the two ends of a wire need to know. */
export interface MemoryEnd {
  readonly address: IAddress;
  readonly reactor: ReactorBase;
  readonly limits?: ConnectionLimits;
  readonly ended?: Ended;
}

/** Both ends of a connection. */
export class MemoryWire {
  readonly client: MemoryTransport;
  readonly server: MemoryTransport;

  constructor(client: MemoryEnd, server: MemoryEnd, options: MemoryWireOptions = {}) {
    const there = new Way();
    const back = new Way();
    this.client = new MemoryTransport(
      client.reactor,
      { host: client.address, peer: server.address, out: there, in: back },
      { ...options, ...client.limits },
      client.ended,
    );
    this.server = new MemoryTransport(
      server.reactor,
      { host: server.address, peer: client.address, out: back, in: there },
      { ...options, ...server.limits },
      server.ended,
    );
  }

  /** Are both ends closed? */
  get over(): boolean {
    return this.client.gone && this.server.gone;
  }

  /** Move one step each way. @returns Did anything happen? */
  deliver(): boolean {
    const there = this.server.receive();
    const back = this.client.receive();
    const room = this.client.confirm();
    return this.server.confirm() || room || there || back;
  }
}
