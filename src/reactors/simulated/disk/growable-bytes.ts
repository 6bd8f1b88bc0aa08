/**
 * Bytes that grow at their end, as those of a file do.
 *
 * @module
 */

/** See the top of this file. */
export class GrowableBytes {
  /** Zeros from `size` on. */
  #bytes = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Copy into all of `into`. @returns How many bytes there were. */
  read(into: Uint8Array, position: number): number {
    const bytes = this.#bytes.subarray(position, Math.min(this.#size, position + into.length));
    into.set(bytes);
    return bytes.length;
  }

  /** A copy of `bytes` is kept. */
  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    this.#reserve(position + bytes.length);
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, position + bytes.length);
  }

  /** Cut off, or fill up with zeros. */
  resize(size: number): void {
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    else this.#reserve(size);
    this.#size = size;
  }

  /** A copy of all. */
  toBuffer(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#size));
  }

  /** Become the same as another. */
  become(other: GrowableBytes): void {
    this.#bytes = new Uint8Array(other.toBuffer());
    this.#size = other.size;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(size, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = bytes;
  }
}
