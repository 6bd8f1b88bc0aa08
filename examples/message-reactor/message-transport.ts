/**
 * One end of a message channel as a transport.
 *
 *     data bytes   ─▶        some bytes
 *     taken count  ◀─        the reader has had so many: room for more
 *     end          ─▶        no more will come
 *     reset        ─▶        gone at once
 *
 * @module
 */
import type { MessagePort } from "node:worker_threads";
import type { ConnectionLimits, IAddress } from "sennit/internet";
import { type Ended, type ReactorBase, StreamTransport } from "sennit/reactors";

type Message =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "taken"; readonly count: number }
  | { readonly kind: "end" }
  | { readonly kind: "reset" };

/** Bytes that may be on their way before we wait for the reader. */
const WINDOW = 65_536;

/** See the top of this file. The base class keeps the contract; this one only carries. */
export class MessageTransport extends StreamTransport {
  readonly #reactor: ReactorBase;
  readonly #port: MessagePort;
  readonly #ends: { readonly host: IAddress; readonly peer: IAddress };
  /** What has come and is not read yet. */
  readonly #inbox: Message[] = [];
  #reading = false;
  #gone = false;
  #peerEnded = false;
  #underWay = 0;
  #waits = false;

  constructor(
    reactor: ReactorBase,
    port: MessagePort,
    ends: { readonly host: IAddress; readonly peer: IAddress },
    limits: ConnectionLimits,
    ended?: Ended,
  ) {
    super(reactor, limits, ended);
    this.#reactor = reactor;
    this.#port = port;
    this.#ends = ends;
    port.on("message", (message: Message) => this.#arrived(message));
  }

  getHost(): IAddress {
    return this.#ends.host;
  }

  getPeer(): IAddress {
    return this.#ends.peer;
  }

  /** There will be no protocol for it. */
  refuse(): void {
    this.closeConnection();
  }

  // -- What the base class asks for

  protected sendBytes(chunks: readonly Uint8Array[]): boolean {
    const bytes = Buffer.concat(chunks);
    this.#post({ kind: "data", bytes });
    this.#underWay += bytes.length;
    this.#waits = this.#underWay > WINDOW;
    return !this.#waits;
  }

  protected startReading(): void {
    this.#reading = true;
    this.#reactor.soon(() => this.#deliver());
  }

  protected stopReading(): void {
    this.#reading = false;
  }

  protected shutdownWriting(): void {
    this.#post({ kind: "end" });
  }

  protected closeConnection(): void {
    this.#leave({ kind: "end" });
  }

  protected dropConnection(): void {
    this.#leave({ kind: "end" });
  }

  protected resetConnection(): void {
    this.#leave({ kind: "reset" });
  }

  // -- What the channel brings

  #arrived(message: Message): void {
    if (this.#gone) this.#tooLate(message);
    else if (message.kind === "taken") this.#taken(message.count);
    else if (message.kind === "reset") {
      this.#gone = true;
      this.#port.close();
      this.connectionFailed(new Error("the peer reset the connection"));
    } else {
      this.#inbox.push(message);
      this.#deliver();
    }
  }

  #taken(count: number): void {
    this.#underWay -= count;
    if (!this.#waits || this.#underWay > WINDOW) return;
    this.#waits = false;
    this.bytesSent();
  }

  #deliver(): void {
    while (this.#reading && !this.#gone) {
      const message = this.#inbox.shift();
      if (message === undefined) return;
      if (message.kind === "data") {
        const { bytes } = message;
        this.#post({ kind: "taken", count: bytes.length });
        this.bytesReceived(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      } else {
        this.#peerEnded = true;
        this.endReceived();
      }
    }
  }

  /** Nobody is here: what comes is thrown away, until the peer has ended as well. */
  #tooLate(message: Message): void {
    if (message.kind === "data") this.#post({ kind: "taken", count: message.bytes.length });
    else if (message.kind !== "taken") this.#port.close();
  }

  #leave(last: Message): void {
    this.#gone = true;
    this.#post(last);
    for (const message of this.#inbox.splice(0)) this.#tooLate(message);
    if (this.#peerEnded || last.kind === "reset") this.#port.close();
  }

  #post(message: Message): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Not a window's.
    this.#port.postMessage(message);
  }
}
