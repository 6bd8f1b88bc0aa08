/**
 * Pieces of a body that are kept for a while, in few buffers.
 *
 * A peer may send its body byte by byte. Each piece is a Buffer of its own, of some 100 bytes
 * beside what it holds, and keeps what it was received in: 64 MB from the wire have come to 760 MB.
 * Small pieces are copied together.
 *
 * @module
 */

/** A piece of fewer bytes is copied. */
const SMALL = 1024;
/** So many small ones at a time. */
const TOGETHER = 256;

/** See the top of this file. */
export class PackedBytes {
  #buffers: Buffer[] = [];
  #small: Buffer[] = [];

  /** Keep it; it is not to be changed. */
  put(data: Buffer): void {
    if (data.length >= SMALL) {
      this.#pack();
      this.#buffers.push(data);
      return;
    }
    this.#small.push(data);
    if (this.#small.length === TOGETHER) this.#pack();
  }

  /** All that is kept, in order; nothing is kept then. */
  take(): Buffer[] {
    this.#pack();
    const buffers = this.#buffers;
    this.#buffers = [];
    return buffers;
  }

  #pack(): void {
    if (this.#small.length > 0) this.#buffers.push(Buffer.concat(this.#small.splice(0)));
  }
}
