/**
 * What ends a line, made ready for searching.
 *
 * @module
 */
import { quote } from "../../core/text.ts";

/** The bytes between two lines, at least one of them. */
export class Delimiter {
  /** A copy: changing the original afterwards changes nothing here. */
  readonly bytes: Buffer;
  readonly length: number;
  readonly #first: number;

  /** @throws {RangeError} Nothing in it: then every byte would end a line, and none. */
  constructor(value: Uint8Array | string) {
    this.bytes = Buffer.from(value);
    this.length = this.bytes.length;
    const first = this.bytes[0];
    if (first === undefined) {
      throw new RangeError(`Cannot split lines at ${quote(value)}: expected at least one byte`);
    }
    this.#first = first;
  }

  /** Where the first whole delimiter at or after `from` begins, or -1. */
  indexIn(bytes: Buffer, from: number): number {
    // A native search for one byte costs far less than one for several, and its first hit is
    // nearly always the delimiter: 1.6x in LineReceiver (60-byte lines, CRLF, Node 20). When it
    // is not, the search for all of them goes on behind it, so that a flood of lone CRs costs one
    // search too.
    const at = bytes.indexOf(this.#first, from);
    if (at < 0 || this.#isAt(bytes, at, 0, this.length)) return at;
    return bytes.indexOf(this.bytes, at + 1);
  }

  /**
   * How many bytes of a delimiter end `before[0, to)`, when the rest of it begins `after[from,
   * …)`; 0 when no delimiter lies across that border. The longest such beginning: the earliest
   * delimiter.
   */
  bytesBeforeBorder(before: Buffer, to: number, after: Buffer, from: number): number {
    const longest = Math.min(this.length - 1, to);
    const shortest = Math.max(1, this.length - (after.length - from));
    for (let head = longest; head >= shortest; head -= 1) {
      if (this.#isAt(before, to - head, 0, head) && this.#isAt(after, from, head, this.length)) {
        return head;
      }
    }
    return 0;
  }

  /** Do our bytes `[start, end)` stand in `bytes` at `at`? */
  #isAt(bytes: Buffer, at: number, start: number, end: number): boolean {
    for (let index = start; index < end; index += 1) {
      if (bytes[at + index - start] !== this.bytes[index]) return false;
    }
    return true;
  }
}
