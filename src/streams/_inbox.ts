/**
 * The reading half of a connection: from a transport to the one who reads it, at that one's pace.
 *
 *     transport ─▶ put ─▶ reader.take ─▶ false: pauseProducing …  ─▶ wantMore ─▶ resumeProducing
 *
 * @module
 */
import type { Failure } from "../defer/failure.ts";
import { ConnectionDone } from "../internet/errors.ts";
import type { IStreamTransport } from "../internet/interfaces-transport.ts";
import { StreamStateError } from "./errors.ts";

/** The ways to read a connection: by their names on it. */
export type ReadingWay = "duplex" | "readable" | "the async iterator";

/** Who takes the bytes. */
export interface Reader {
  /** Some bytes. @returns Is there room for more? If not, it will ask. */
  take(data: Buffer): boolean;
  /** No more will come: the peer has ended its half, or the connection was closed in good order. */
  end(): void;
  /** The connection is lost. */
  fail(error: Error): void;
}

/** See the top of this file. Until somebody reads, the transport is paused. */
export class Inbox {
  #transport: IStreamTransport | undefined;
  #reader: Reader | undefined;
  #way: ReadingWay | undefined;
  /** Is the reader waiting for more? */
  #wanted = false;
  /** What came before the transport was ours. */
  #head: Buffer | undefined;
  #ended = false;
  #error: Error | undefined;

  constructor(head: Uint8Array | undefined) {
    if (head !== undefined && head.length > 0) this.#head = Buffer.from(head);
  }

  /** Bytes may come now. */
  connect(transport: IStreamTransport): void {
    this.#transport = transport;
    if (!this.#wanted) transport.pauseProducing();
  }

  /** @throws {StreamStateError} It is read in another way. */
  claim(way: ReadingWay, reader: Reader): void {
    if (this.#way !== undefined && this.#way !== way) {
      throw new StreamStateError(`Cannot read by ${way}: the connection is read by ${this.#way}`);
    }
    this.#way = way;
    this.#reader = reader;
    if (this.#error !== undefined) reader.fail(this.#error);
  }

  /** The reader has room. */
  wantMore(): void {
    const wasWanted = this.#wanted;
    this.#wanted = true;
    if (this.#head !== undefined && !this.#takeHead(this.#head)) return;
    if (this.#ended) this.#tellEnd();
    else if (!wasWanted) this.#transport?.resumeProducing();
  }

  #takeHead(head: Buffer): boolean {
    this.#head = undefined;
    this.put(head);
    return this.#wanted;
  }

  /** What comes is nobody's; the end is noticed all the same. */
  discard(): void {
    this.#reader = { take: () => true, end: () => {}, fail: () => {} };
    this.wantMore();
  }

  put(data: Buffer): void {
    if (this.#reader?.take(data) !== false) return;
    this.#wanted = false;
    this.#transport?.pauseProducing();
  }

  end(): void {
    this.#ended = true;
    // What came before the end is first in the line.
    if (this.#head === undefined) this.#tellEnd();
  }

  #tellEnd(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    reader.end();
  }

  lost(reason: Failure): void {
    this.#transport = undefined;
    if (reason.value instanceof ConnectionDone) {
      this.end();
      return;
    }
    this.#error = reason.value;
    this.#reader?.fail(reason.value);
    this.#reader = undefined;
  }
}
