/**
 * The body of an answer on its way into a stream of `node:http2`, a piece at a time.
 *
 *     write ─▶ what waits ─▶ one piece, up to 64 KiB, with node:http2 ─▶ the client's window
 *
 * @module
 */
import type { Writable } from "node:stream";

/** Bytes of a piece, at most; and those that may wait before their producer is paused. */
export const PIECE = 65_536;

/** Who is told how it goes. */
export interface OutgoingWatcher {
  /** The client has taken a piece. */
  progressed(): void;
  /** Nothing waits any more, after it was full. */
  emptied(): void;
}

/** See the top of this file. */
export class OutgoingBytes {
  readonly #stream: Writable;
  readonly #watcher: OutgoingWatcher;
  #waiting: Buffer[] = [];
  /** Bytes that wait, and those of the piece. */
  #bytes = 0;
  #full = false;
  #sending = false;
  #ended = false;
  /** Bytes that were announced, and not written; `undefined`: none were announced. */
  #owed: number | undefined;

  constructor(stream: Writable, announced: number | undefined, watcher: OutgoingWatcher) {
    this.#stream = stream;
    this.#owed = announced;
    this.#watcher = watcher;
  }

  /** Should one wait before writing more? */
  get full(): boolean {
    return this.#full;
  }

  /** @returns Is it within what was announced? The rest is dropped. */
  write(data: Uint8Array | string): boolean {
    if (this.#stream.writableEnded) return true;
    let bytes = toBuffer(data);
    const isWithin = this.#owed === undefined || bytes.length <= this.#owed;
    if (this.#owed !== undefined) {
      bytes = bytes.subarray(0, this.#owed);
      this.#owed -= bytes.length;
    }
    if (bytes.length > 0) this.#queue(bytes);
    return isWithin;
  }

  #queue(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= PIECE) this.#full = true;
    this.#send();
  }

  /** The body is whole. @returns Is it as long as was announced? */
  end(): boolean {
    this.#ended = true;
    // The stream ends with its last piece, if it has not gone yet.
    if (this.#waiting.length === 0) this.#stream.end();
    return this.#owed === undefined || this.#owed === 0;
  }

  #send(): void {
    if (this.#sending || this.#waiting.length === 0 || this.#stream.writableEnded) return;
    this.#sending = true;
    const piece = this.#takePiece();
    this.#stream.write(piece, (error) => {
      if (error === null || error === undefined) this.#sent(piece.length);
    });
    if (this.#ended && this.#waiting.length === 0) this.#stream.end();
  }

  #sent(bytes: number): void {
    this.#sending = false;
    this.#bytes -= bytes;
    const wasFull = this.#full;
    if (this.#bytes === 0) this.#full = false;
    this.#watcher.progressed();
    this.#send();
    if (wasFull && !this.#full) this.#watcher.emptied();
  }

  /** What waits, up to a piece of it; small ones go together. */
  #takePiece(): Buffer {
    const [first = Buffer.alloc(0), second] = this.#waiting;
    if (first.length > PIECE) {
      this.#waiting[0] = first.subarray(PIECE);
      return first.subarray(0, PIECE);
    }
    if (second === undefined || first.length + second.length > PIECE) {
      this.#waiting.shift();
      return first;
    }
    let length = 0;
    const tooFar = this.#waiting.findIndex((bytes) => (length += bytes.length) > PIECE);
    return Buffer.concat(this.#waiting.splice(0, tooFar === -1 ? this.#waiting.length : tooFar));
  }
}

function toBuffer(data: Uint8Array | string): Buffer {
  if (typeof data === "string") return Buffer.from(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.length);
}
