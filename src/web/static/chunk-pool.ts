/**
 * Buffers that are used again.
 *
 * A file read into new ones is garbage outside of V8's heap at the speed of the disk, and V8 then
 * collects all of its heap every few milliseconds: half of the time that a large file takes.
 *
 * @module
 */

/** Bytes of each: what a transport hands to the platform at a time. */
export const CHUNK = 131_072;
/** How many are kept while nobody needs them: 2 MiB. */
export const CHUNKS_KEPT = 16;

/** See the top of this file. */
export class ChunkPool {
  readonly #free: Buffer[] = [];

  /** A buffer of {@link CHUNK} bytes, whatever they are. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK);
  }

  /** Nobody looks at it any more. Call it once for each `take`, or never. */
  give(chunk: Buffer): void {
    if (this.#free.length < CHUNKS_KEPT) this.#free.push(chunk);
  }
}
