/**
 * How much there is room for on a disk.
 *
 * @module
 */

/** Bytes. A simulation that needs more has a file with a hole in it, or a bug. */
const CAPACITY = 1 << 30;

/** See the top of this file. */
export class DiskSpace {
  /** Bytes in files, at most. */
  capacity = CAPACITY;
  /** Bytes in files, holes included: also in those that are only open any more. */
  used = 0;

  /** Take room for so many bytes more. @returns How many of them there is room for. */
  take(bytes: number): number {
    const taken = Math.max(0, Math.min(bytes, this.capacity - this.used));
    this.used += taken;
    return taken;
  }

  giveBack(bytes: number): void {
    this.used -= bytes;
  }
}
