/**
 * Looks for a GOAWAY among the frames that are sent.
 *
 *     length 24, type 8, flags 8, stream 32 │ last stream 32, error code 32, … │ the next frame
 *
 * After an error of the client's, nghttp2 sends GOAWAY and is deaf from then on, and `node:http2`
 * does not always notice. What was sent is the only sign of it.
 *
 * Spec: RFC 9113 §4.1, §6.8; §5.4.1: who sends it for an error must close the connection.
 *
 * @module
 */

const HEAD_BYTES = 9;
const GOAWAY = 7;
/** The head of a GOAWAY, and its code. */
const GOAWAY_BYTES = HEAD_BYTES + 8;

/** See the top of this file. */
export class GoawayScanner {
  readonly #head = Buffer.alloc(GOAWAY_BYTES);
  /** Bytes of the head that have come. */
  #filled = 0;
  /** Bytes of the payload that are still to come. */
  #skip = 0;

  /** Bytes that are sent, cut anywhere. @returns Do they end a GOAWAY with an error? */
  scan(bytes: Uint8Array): boolean {
    for (let at = this.#skipped(bytes, 0); at < bytes.length; at = this.#skipped(bytes, at)) {
      this.#head[this.#filled] = bytes[at] ?? 0;
      this.#filled += 1;
      at += 1;
      if (this.#filled >= HEAD_BYTES && this.#headRead()) return true;
    }
    return false;
  }

  /** From here to the end of the payload. */
  #skipped(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#skip, bytes.length - at);
    this.#skip -= count;
    return at + count;
  }

  #headRead(): boolean {
    const head = this.#head;
    const length = head.readUIntBE(0, 3);
    if (head[3] !== GOAWAY) this.#skip = length;
    else if (this.#filled < GOAWAY_BYTES) return false;
    else if (head.readUInt32BE(GOAWAY_BYTES - 4) !== 0) return true;
    else this.#skip = length - 8;
    this.#filled = 0;
    return false;
  }
}
