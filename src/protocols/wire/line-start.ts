/**
 * The start of a line whose end has not come yet.
 *
 * Its bytes are copied, not kept as a list of chunks: a peer that sends one byte at a time would
 * otherwise hold a whole read buffer for each. The storage grows by doubling, so that a line is
 * copied at most three times however it is cut.
 *
 * @module
 */
import type { Delimiter } from "./delimiter.ts";

const EMPTY = Buffer.alloc(0);

/** Ours: most lines of most protocols fit, and it is still no weight on an idle connection. */
const CAPACITY_MIN = 64;

/** A growing run of bytes of our own. */
export class LineStart {
  #storage: Buffer = EMPTY;
  #length = 0;
  #copiedBytes = 0;

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes have been copied so far, for figures and tests. */
  get copiedBytes(): number {
    return this.#copiedBytes;
  }

  /**
   * How many of its last bytes are the beginning of a delimiter that goes on in `chunk` at
   * `from`.
   */
  delimiterBytes(delimiter: Delimiter, chunk: Buffer, from: number): number {
    return delimiter.bytesBeforeBorder(this.#storage, this.#length, chunk, from);
  }

  /** Add `source[from, to)`, never reserving more than `capacityMax` unless it is needed. */
  append(source: Buffer, from: number, to: number, capacityMax: number): void {
    const needed = this.#length + to - from;
    if (needed > this.#storage.length) this.#grow(needed, capacityMax);
    source.copy(this.#storage, this.#length, from, to);
    this.#copiedBytes += to - from;
    this.#length = needed;
  }

  /** Its first `length` bytes, which are the caller's from now on; the rest is dropped. */
  release(length: number): Buffer {
    const bytes = this.#storage.subarray(0, length);
    this.#storage = EMPTY;
    this.#length = 0;
    return bytes;
  }

  #grow(needed: number, capacityMax: number): void {
    const doubled = Math.max(CAPACITY_MIN, 2 * this.#storage.length);
    const storage = Buffer.allocUnsafe(Math.max(needed, Math.min(doubled, capacityMax)));
    this.#storage.copy(storage, 0, 0, this.#length);
    this.#copiedBytes += this.#length;
    this.#storage = storage;
  }
}
