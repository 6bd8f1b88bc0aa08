/**
 * Bytes that come in pieces and are wanted as one.
 *
 * They are copied, not kept as a list of pieces: a peer that sends one byte at a time would
 * otherwise hold a whole read buffer for each. The storage grows by doubling, so that a byte is
 * copied at most three times however they were cut.
 *
 * @module
 */

const NOTHING = Buffer.alloc(0);
/** Room for most of what is cut in two, and no weight on a connection that then falls idle. */
const ROOM_FIRST = 128;

/** A part of Node's pool keeps all of the pool: up to here that is a trifle. */
const POOLED_MAX = 2048;

function reserve(bytes: number): Buffer {
  return bytes > POOLED_MAX ? Buffer.allocUnsafeSlow(bytes) : Buffer.allocUnsafe(bytes);
}

/** See the top of this file. */
export class GrowingBytes {
  #room: Buffer = NOTHING;
  #length = 0;

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  /** Add `source[from, to)`, reserving no more than `most` bytes in all. */
  append(source: Buffer, from: number, to: number, most: number): void {
    const needed = this.#length + to - from;
    if (needed > this.#room.length) {
      const wanted = Math.min(most, Math.max(ROOM_FIRST, 2 * this.#room.length));
      const room = reserve(Math.max(needed, wanted));
      this.#room.copy(room, 0, 0, this.#length);
      this.#room = room;
    }
    source.copy(this.#room, this.#length, from, to);
    this.#length = needed;
  }

  /** All of it, the caller's from now on. It is empty then. */
  take(): Buffer {
    const bytes = this.#room.subarray(0, this.#length);
    this.#room = NOTHING;
    this.#length = 0;
    return bytes;
  }
}
