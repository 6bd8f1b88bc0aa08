/**
 * Bytes in, lines out, however the bytes were cut.
 *
 *     "HELO a\r" "\nDATA\r\n" "half a li"     chunks
 *     "HELO a"   "DATA"                       lines; the last one waits for its end
 *
 * Events are pulled one by one instead of returned by `receive`, because what a line says may
 * change how the next byte is to be read: `mode`, `delimiter` and `lineBytesMax` may be set
 * between any two events and hold from there on, in the middle of a chunk too. The same makes it
 * safe to `receive` more while an event is being handled: nothing here is on the stack then.
 *
 * After: the loop of twisted.protocols.basic.LineReceiver. Differs: a line is found by index and
 * not by splitting its chunk, so that the work is linear in the bytes received, however many
 * lines a chunk holds and however many chunks a line has.
 *
 * @module
 */
import { Delimiter } from "./delimiter.ts";
import { LineStart } from "./line-start.ts";

/**
 * What came. The bytes are the receiver's to keep. A line that lay in one chunk is a view of that
 * chunk and holds all of its memory: copy what you keep for long.
 */
export interface LineSplitterEvent {
  /**
   * `line`: one line without its delimiter. `raw`: all there is, in raw mode; never empty.
   * `too-long`: a line of more than `lineBytesMax` bytes, with everything that followed it so far;
   * nothing of that is kept.
   */
  readonly type: "line" | "raw" | "too-long";
  readonly bytes: Buffer;
}

/** How to split. */
export interface LineSplitterOptions {
  /** What ends a line. Default: `"\r\n"`. */
  readonly delimiter?: Uint8Array | string;
  /** The longest line, without its delimiter. Default: 16,384. */
  readonly lineBytesMax?: number;
}

const EMPTY = Buffer.alloc(0);

/** Twisted's: room for the longest line of HTTP, mail and chat, and no room for a flood. */
const LINE_BYTES_MAX = 16_384;

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Splits a stream of bytes into lines. Between two calls of `next` that return `undefined` it holds
 * what was received last and less than `lineBytesMax` and a delimiter of its own.
 *
 * @example
 * ```ts
 * import { LineSplitter } from "sennit/protocols";
 *
 * const splitter = new LineSplitter({ delimiter: "\n" });
 * splitter.receive(Buffer.from("one\ntwo\nthr"));
 * splitter.next()?.bytes.toString(); // "one"
 * splitter.next()?.bytes.toString(); // "two"
 * splitter.next(); // undefined: receive more
 * ```
 */
export class LineSplitter {
  /** Read lines, or hand over bytes as they come. Holds from the next event on. */
  mode: "line" | "raw" = "line";
  /** The longest line, without its delimiter. `Infinity` bounds nothing: then the caller must. */
  lineBytesMax: number;

  #delimiter: Delimiter;
  #delimiterSource: Uint8Array | string;
  /** The start of a line, from earlier chunks: no whole delimiter is in it. */
  readonly #start = new LineStart();
  #chunk: Buffer = EMPTY;
  /** Where the unread part of `#chunk` begins. */
  #at = 0;
  /** What was received while `#chunk` had unread bytes. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #workBytes = 0;

  /** @throws {RangeError} The delimiter is empty. */
  constructor(options: LineSplitterOptions = {}) {
    this.#delimiterSource = options.delimiter ?? "\r\n";
    this.#delimiter = new Delimiter(this.#delimiterSource);
    this.lineBytesMax = options.lineBytesMax ?? LINE_BYTES_MAX;
  }

  /** What ends a line. Cheap to set to what it already is. */
  get delimiter(): Uint8Array | string {
    return this.#delimiterSource;
  }

  /** @throws {RangeError} It is empty. */
  set delimiter(value: Uint8Array | string) {
    if (value === this.#delimiterSource) return;
    this.#delimiter = new Delimiter(value);
    this.#delimiterSource = value;
    // The start of the line was searched for another delimiter: look at it again.
    if (this.#start.length > 0) this.#setChunk(this.take());
  }

  /** How many bytes have been received and not been handed out. */
  get bufferedBytes(): number {
    return this.#start.length + this.#chunk.length - this.#at + this.#waitingBytes;
  }

  /** How many bytes it has looked at and copied so far: for figures, and tests of linearity. */
  get workBytes(): number {
    return this.#workBytes + this.#start.copiedBytes;
  }

  /** The peer sent this. The bytes are the splitter's from now on. Nothing else happens yet. */
  receive(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#at < this.#chunk.length || this.#waitingBytes > 0) {
      this.#waiting.push(asBuffer(bytes));
      this.#waitingBytes += bytes.length;
    } else {
      this.#setChunk(asBuffer(bytes));
    }
  }

  /** The next event, or `undefined` when more must be received first. */
  next(): LineSplitterEvent | undefined {
    if (this.mode === "raw") return this.#nextRaw();
    do {
      const event = this.#start.length === 0 ? this.#nextInChunk() : this.#nextAcrossChunks();
      if (event !== undefined) return event;
    } while (this.#advance());
    return undefined;
  }

  /** Everything that has been received and not been handed out; it holds nothing afterwards. */
  take(): Buffer {
    const start = this.#start.release(this.#start.length);
    const taken = this.#join([start, this.#chunk.subarray(this.#at), ...this.#waiting]);
    this.#setChunk(EMPTY);
    this.#dropWaiting();
    return taken;
  }

  #nextRaw(): LineSplitterEvent | undefined {
    const bytes = this.take();
    return bytes.length === 0 ? undefined : { type: "raw", bytes };
  }

  #nextInChunk(): LineSplitterEvent | undefined {
    const from = this.#at;
    const end = this.#find();
    if (end < 0) return this.#keepRest();
    if (end - from > this.lineBytesMax) return this.#tooLong();
    this.#at = end + this.#delimiter.length;
    return { type: "line", bytes: this.#chunk.subarray(from, end) };
  }

  #nextAcrossChunks(): LineSplitterEvent | undefined {
    const { length } = this.#delimiter;
    const head = this.#start.delimiterBytes(this.#delimiter, this.#chunk, this.#at);
    const end = head > 0 ? this.#at : this.#find();
    if (end < 0) return this.#keepRest();
    const lineBytes = this.#start.length - head + end - this.#at;
    if (lineBytes > this.lineBytesMax) return this.#tooLong();
    this.#start.append(this.#chunk, this.#at, end, this.lineBytesMax);
    this.#at = end + length - head;
    return { type: "line", bytes: this.#start.release(lineBytes) };
  }

  #find(): number {
    const end = this.#delimiter.indexIn(this.#chunk, this.#at);
    const searchedTo = end < 0 ? this.#chunk.length : end + this.#delimiter.length;
    this.#workBytes += searchedTo - this.#at;
    return end;
  }

  #keepRest(): LineSplitterEvent | undefined {
    const keptMax = this.lineBytesMax + this.#delimiter.length;
    const unread = this.#chunk.length - this.#at;
    if (this.#start.length + unread >= keptMax) return this.#tooLong();
    this.#start.append(this.#chunk, this.#at, this.#chunk.length, keptMax);
    this.#setChunk(EMPTY);
    return undefined;
  }

  #tooLong(): LineSplitterEvent {
    return { type: "too-long", bytes: this.take() };
  }

  /** Go on with what was received meanwhile. @returns Whether there was anything. */
  #advance(): boolean {
    if (this.#waitingBytes === 0) return false;
    this.#setChunk(this.#join(this.#waiting));
    this.#dropWaiting();
    return true;
  }

  #join(parts: readonly Buffer[]): Buffer {
    const filled = parts.filter((part) => part.length > 0);
    const [only = EMPTY] = filled;
    if (filled.length <= 1) return only;
    const joined = Buffer.concat(filled);
    this.#workBytes += joined.length;
    return joined;
  }

  #setChunk(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  #dropWaiting(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
