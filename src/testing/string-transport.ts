/**
 * A transport that keeps what is written, for testing one protocol alone.
 *
 * After: twisted.internet.testing.StringTransport. Differs: it is a real stream transport of which
 * the other end is a string, so producers, closing and dropped writes behave as on a socket; it
 * says so when the protocol is told of the end.
 *
 * @module
 */
import type { IAddress } from "../internet/addresses.ts";
import { IPv4Address } from "../internet/addresses.ts";
import type { IProtocol } from "../internet/interfaces-transport.ts";
import type { ITCPTransport } from "../internet/interfaces-transport.ts";
import { StreamTransport } from "../reactors/base/stream-transport.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";

/** Options of {@link StringTransport}. */
export interface StringTransportOptions {
  /** Default: a reactor of its own. */
  readonly reactor?: MemoryReactor;
  readonly host?: IAddress;
  readonly peer?: IAddress;
}

/** How the transport was closed, if it was. */
export type StringTransportEnd = "open" | "half-closed" | "closed" | "aborted";

/**
 * Keeps what is written; hands over what you give it.
 *
 * @example
 * ```ts
 * import { LineReceiver } from "sennit/protocols";
 * import { StringTransport } from "sennit/testing";
 *
 * class Echo extends LineReceiver {
 *   override lineReceived(line: Buffer): void {
 *     this.sendLine(line);
 *   }
 * }
 * const transport = new StringTransport();
 * transport.connect(new Echo());
 * transport.deliver("hello\r\n");
 * console.log(transport.value().toString()); // hello, and a line end
 * ```
 */
export class StringTransport extends StreamTransport implements ITCPTransport {
  /** Its time and turns. Every method here that moves something runs it until it rests. */
  readonly reactor: MemoryReactor;
  readonly #host: IAddress;
  readonly #peer: IAddress;
  #written: Buffer[] = [];
  /** What a stalled peer has not taken. */
  #held: Buffer[] = [];
  /** The peer has said its last word. */
  #peerEnded: "no" | "unheard" | "yes" = "no";
  #end: StringTransportEnd = "open";
  #reading = false;
  #stalled = false;
  #owed = false;
  #noDelay = true;
  #keepAlive = false;

  constructor(options: StringTransportOptions = {}) {
    const reactor = options.reactor ?? new MemoryReactor();
    super(reactor);
    this.reactor = reactor;
    this.#host = options.host ?? new IPv4Address("TCP", "192.0.2.1", 54_321);
    this.#peer = options.peer ?? new IPv4Address("TCP", "198.51.100.1", 12_345);
  }

  /** Make the connection: `protocol.makeConnection`. */
  connect(protocol: IProtocol): void {
    this.begin(protocol);
    this.reactor.flush();
  }

  /**
   * Bytes from the peer. @throws {Error} The protocol has paused reading, or the connection ended.
   */
  deliver(data: Uint8Array | string): void {
    if (this.#peerEnded !== "no") throw new Error("Cannot deliver: the peer has ended already");
    if (!this.#reading) throw new Error("Cannot deliver: the transport is not being read");
    this.bytesReceived(Buffer.from(data));
    this.reactor.flush();
  }

  /** The peer ends its half. A protocol that has paused hears of it when it reads again. */
  deliverEnd(): void {
    if (this.#peerEnded === "no") this.#peerEnded = "unheard";
    this.#tellEnd();
    this.reactor.flush();
  }

  #tellEnd(): void {
    if (this.#peerEnded !== "unheard" || !this.#reading) return;
    this.#peerEnded = "yes";
    this.endReceived();
  }

  /** The connection breaks. */
  deliverReset(): void {
    this.#end = "aborted";
    this.#reading = false;
    this.connectionFailed(new Error("the peer reset the connection"));
    this.reactor.flush();
  }

  /** What was written since the last `clear`. */
  value(): Buffer {
    this.reactor.flush();
    return Buffer.concat(this.#written);
  }

  /** Forget what was written. */
  clear(): void {
    this.reactor.flush();
    this.#written = [];
  }

  /** `true`: the peer takes no bytes, and what is written stays in the buffer. */
  set stalled(stalled: boolean) {
    this.#stalled = stalled;
    if (!stalled && this.#owed) {
      this.#owed = false;
      this.#written.push(...this.#held.splice(0));
      this.bytesSent();
      this.reactor.flush();
    }
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  /** Does the protocol want bytes now? */
  get reading(): boolean {
    return this.#reading;
  }

  /** How it was closed. */
  get end(): StringTransportEnd {
    this.reactor.flush();
    return this.#end;
  }

  getHost(): IAddress {
    return this.#host;
  }

  getPeer(): IAddress {
    return this.#peer;
  }

  protected sendBytes(chunks: readonly Uint8Array[]): boolean {
    this.#owed = this.#stalled;
    const to = this.#stalled ? this.#held : this.#written;
    to.push(...chunks.map((chunk) => Buffer.from(chunk)));
    return !this.#owed;
  }

  protected startReading(): void {
    this.#reading = true;
    if (this.#peerEnded === "unheard") this.reactor.soon(() => this.#tellEnd());
  }

  /** `deliver` is refused from now on. */
  protected stopReading(): void {
    this.#reading = false;
  }

  protected shutdownWriting(): void {
    this.#end = "half-closed";
  }

  protected closeConnection(): void {
    this.#end = "closed";
    this.#reading = false;
  }

  protected dropConnection(): void {
    this.closeConnection();
  }

  protected resetConnection(): void {
    this.#end = "aborted";
    this.#reading = false;
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
