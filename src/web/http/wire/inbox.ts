/**
 * Received bytes, taken as lines or as they are.
 *
 *     chunk   ▓▓▓▓▓▓▓▓░░░░░░░░░░      ▓ decoded into `text`, ░ not looked at yet
 *     text    ‥▓▓▓▓                   ‥ the end of an earlier chunk: its line goes on in this one
 *
 * Text is decoded as Latin-1, a window at a time: one character is one byte.
 *
 * Spec: RFC 9112 §2.2. Differs: a line ends with CR LF and nothing else, though a lone LF may be
 * accepted: who accepts it reads another message than who does not, and that is how requests are
 * smuggled.
 *
 * @module
 */
import { HTTPMessageError, type HTTPFault } from "./message-error.ts";

const CR = "\r";
const LF = 10;
/** Decoded at a time: most heads are smaller; what of a body is decoded with them is little. */
const WINDOW = 4096;
const NOTHING = Buffer.alloc(0);

/** How long a line may be, and what it is called when it is longer. */
export interface LineLimit {
  /** Bytes without the line's end. */
  readonly bytes: number;
  readonly fault: HTTPFault;
}

/** See the top of this file. */
export class Inbox {
  #chunk: Buffer = NOTHING;
  /** How much of the chunk is decoded or taken. */
  #decoded = 0;
  #text = "";
  #at = 0;
  #recordedFrom: number | undefined;

  /** Take more bytes; they are the inbox's, and handed on as they are. */
  receive(bytes: Buffer): void {
    const rest = this.#chunk.length - this.#decoded;
    this.#chunk = rest === 0 ? bytes : Buffer.concat([this.#chunk.subarray(this.#decoded), bytes]);
    this.#decoded = 0;
    // Unread text may belong to a chunk that is gone: from now on it is text only.
    this.#setText(this.#text.slice(this.#at));
  }

  /** Bytes that have come and were not taken. */
  get length(): number {
    return this.#text.length - this.#at + this.#chunk.length - this.#decoded;
  }

  /**
   * The next line, without its end; `undefined` when it has not come whole. What is wrong with a
   * line is found at the same byte however the bytes were cut.
   *
   * @throws {HTTPMessageError} `bare-cr`, `bare-lf`, or the limit's fault.
   */
  line(limit: LineLimit): string | undefined {
    for (;;) {
      const text = this.#text;
      const start = this.#at;
      const end = text.indexOf(CR, start);
      if (end !== -1 && end + 1 < text.length) {
        const line = text.slice(start, end);
        if (text.charCodeAt(end + 1) !== LF || line.length > limit.bytes) {
          throw lineFault(line, limit, "bare-cr");
        }
        if (line.includes("\n")) throw lineFault(line, limit, "bare-lf");
        this.#at = end + 2;
        return line;
      }
      if (this.#decoded === this.#chunk.length) {
        const line = end === -1 ? text.slice(start) : text.slice(start, end);
        if (line.length > limit.bytes || line.includes("\n")) {
          throw lineFault(line, limit, limit.fault);
        }
        return undefined;
      }
      this.#decode();
    }
  }

  /**
   * Does this head come next, from its first line to its empty one? Then it is taken. Not more is
   * decoded for it than it is long: what stands behind a head is a body.
   */
  skipHead(head: string): boolean {
    if (this.#at === this.#text.length) {
      const end = this.#decoded + head.length;
      if (this.#chunk[end - 1] !== LF || this.#chunk[end - 3] !== LF) return false;
      this.#decode(end);
    }
    return this.skip(head);
  }

  /** Does `text` come next? Then it is taken. Asks only what is decoded already. */
  skip(text: string): boolean {
    const end = this.#at + text.length;
    // Six times faster than startsWith(), which compares character by character (Node 20).
    if (this.#text.slice(this.#at, end) !== text) return false;
    this.#at = end;
    if (this.length === 0) this.#forget();
    return true;
  }

  /** Keep in mind where the next line begins: see {@link Inbox.recorded}. */
  record(): void {
    // A window that is decoded later is another piece.
    if (this.#at === this.#text.length && this.#decoded < this.#chunk.length) this.#decode();
    this.#recordedFrom = this.#at;
  }

  /** What was taken as lines since `record()`; `undefined` if it did not come in one piece. */
  recorded(): string | undefined {
    const from = this.#recordedFrom;
    return from === undefined ? undefined : this.#text.slice(from, this.#at);
  }

  /** At most `most` bytes as they are; `undefined` when there are none. */
  bytes(most: number): Buffer | undefined {
    const undecoded = this.#text.length - this.#at;
    const start = this.#decoded - undecoded;
    if (start < 0) {
      this.#chunk = this.takeAll();
      this.#decoded = 0;
      return this.bytes(most);
    }
    const chunk = this.#chunk;
    const end = Math.min(chunk.length, start + most);
    this.#setText("");
    this.#decoded = end;
    if (end === chunk.length) this.#forget();
    return start === end ? undefined : chunk.subarray(start, end);
  }

  /** Everything that was not taken. */
  takeAll(): Buffer {
    const text = Buffer.from(this.#text.slice(this.#at), "latin1");
    const rest = this.#chunk.subarray(this.#decoded);
    this.#forget();
    if (text.length === 0) return rest;
    return rest.length === 0 ? text : Buffer.concat([text, rest]);
  }

  /** All is taken. With many connections, what each held on to would outlive its time. */
  #forget(): void {
    this.#chunk = NOTHING;
    this.#decoded = 0;
    this.#setText("");
  }

  #decode(to = this.#decoded + WINDOW): void {
    const end = Math.min(this.#chunk.length, to);
    const more = this.#chunk.toString("latin1", this.#decoded, end);
    this.#setText(this.#at === this.#text.length ? more : this.#text.slice(this.#at) + more);
    this.#decoded = end;
  }

  #setText(text: string): void {
    this.#text = text;
    this.#at = 0;
    this.#recordedFrom = undefined;
  }
}

/** What a reader of single bytes would have stumbled over first. */
function lineFault(line: string, limit: LineLimit, otherwise: HTTPFault): HTTPMessageError {
  const lf = line.indexOf("\n");
  if (lf !== -1 && lf <= limit.bytes) return lineError("bare-lf");
  if (line.length > limit.bytes) {
    const bytes = String(limit.bytes);
    return new HTTPMessageError(limit.fault, `Cannot read a line: expected at most ${bytes} bytes`);
  }
  return lineError(otherwise);
}

function lineError(fault: HTTPFault): HTTPMessageError {
  const what = fault === "bare-lf" ? "an LF without a CR" : "a CR without an LF";
  return new HTTPMessageError(fault, `Cannot read a line: expected CR LF at its end, got ${what}`);
}
