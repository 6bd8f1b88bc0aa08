/**
 * Protocols of lines, with stretches of raw bytes in between where they want them.
 *
 * After: twisted.protocols.basic.LineReceiver. Differs: what a callback returns means nothing
 * (there, a true value ended the delivery of the chunk, and so would every `async` callback);
 * what `lineLengthExceeded` hands back with `setLineMode(rest)` is read at once and not with the
 * next chunk; `loseConnection` in `rawDataReceived` ends the delivery too; `resumeProducing`
 * delivers nothing when the connection is closing or gone; the work is linear in the bytes
 * received.
 *
 * @module
 */
import { assert } from "../core/assert.ts";
import { Protocol } from "../internet/protocol.ts";
import { sendLine } from "./_send-line.ts";
import { LineSplitter, type LineSplitterEvent } from "./wire/line-splitter.ts";

/**
 * Receives lines. Override `lineReceived`; and `rawDataReceived`, if you use `setRawMode`.
 *
 * Whatever a callback does holds for the next byte, also inside the chunk that is being delivered:
 * a change of mode, of `delimiter` or `MAX_LENGTH`, a pause. After `loseConnection` the rest is not
 * delivered. Callbacks are never re-entered: bytes handed back from inside one are read when it has
 * returned.
 *
 * @example
 * ```ts
 * import { LineReceiver } from "sennit/protocols";
 *
 * class Shout extends LineReceiver {
 *   override lineReceived(line: Buffer): void {
 *     this.sendLine(line.toString().toUpperCase());
 *   }
 * }
 * ```
 */
export class LineReceiver extends Protocol {
  /** What ends a line, at least one byte. Default: `"\r\n"`. Do not change its bytes in place. */
  delimiter: Uint8Array | string = "\r\n";
  /** The longest line, in bytes without the delimiter. Default: 16,384. */
  MAX_LENGTH = 16_384;
  /**
   * Set by `pauseProducing`, cleared by `resumeProducing`: nothing is delivered while it is true.
   */
  paused = false;
  readonly #splitter = new LineSplitter();
  #delivering = false;

  /**
   * A line, without its delimiter. Override this. The bytes are yours to keep; they may be a view
   * of the chunk they came in, and hold all of its memory: copy what you keep for long.
   */
  lineReceived(_line: Buffer): void {
    assert(false, `${this.constructor.name} must override lineReceived`);
  }

  /**
   * Bytes in raw mode, however the network cut them; never empty, and yours to keep. Override this
   * if you call `setRawMode`. What belongs to the next line goes back with `setLineMode(rest)`.
   */
  rawDataReceived(_data: Buffer): void {
    assert(false, `${this.constructor.name} must override rawDataReceived to use raw mode`);
  }

  /**
   * A line is longer than `MAX_LENGTH`; by default the connection is lost. `line` is everything
   * that was received from the line's first byte on: its start only, or all of it, the delimiter
   * and what followed. Nothing of that is kept: if you stay connected, hand back what is to be
   * read (with `setLineMode`); otherwise the next byte to come begins a line.
   */
  lineLengthExceeded(_line: Buffer): void {
    this.transport.loseConnection();
  }

  /**
   * Send `line`, text as UTF-8, and the delimiter. A long line's bytes must not be changed after.
   */
  sendLine(line: Uint8Array | string): void {
    sendLine(this.transport, line, this.delimiter);
  }

  /** From the next byte on, hand over bytes as they come: the rest of this chunk first. */
  setRawMode(): void {
    this.#splitter.mode = "raw";
  }

  /**
   * From the next byte on, read lines. `extra` is read as if it came after everything received so
   * far: at once, or when the running callback has returned. Its bytes must not be changed after.
   */
  setLineMode(extra?: Uint8Array): void {
    this.#splitter.mode = "line";
    if (extra === undefined || extra.length === 0) return;
    this.#splitter.receive(extra);
    this.#deliver();
  }

  /** Take what was received and not delivered, for another protocol or the bin. */
  clearLineBuffer(): Buffer {
    return this.#splitter.take();
  }

  /** Deliver nothing more, and stop reading. What has been received waits. */
  pauseProducing(): void {
    this.paused = true;
    this.transport.pauseProducing();
  }

  /** Read again. What waited is delivered before this returns (unless a callback called it). */
  resumeProducing(): void {
    this.paused = false;
    this.transport.resumeProducing();
    if (!this.#isEnding()) this.#deliver();
  }

  /** Deliver nothing more, and lose the connection. */
  stopProducing(): void {
    this.paused = true;
    this.transport.stopProducing();
  }

  /** Called by the transport; override {@link LineReceiver.lineReceived} instead. */
  override dataReceived(data: Buffer): void {
    this.#splitter.receive(data);
    this.#deliver();
  }

  #deliver(): void {
    // The callback that brought us here again returns into the loop below, which goes on.
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      this.#deliverEvents();
    } finally {
      this.#delivering = false;
    }
  }

  #deliverEvents(): void {
    // A transport of ours delivers nothing once it is disconnecting. From one that does, Twisted
    // takes a line from each chunk, and raw bytes in front of it; so do we.
    const wasEnding = this.#isEnding();
    while (!this.paused) {
      const event = this.#nextEvent();
      if (event === undefined) return;
      this.#handle(event);
      if (this.#isEnding() && !(wasEnding && event.type === "raw")) return;
    }
  }

  #nextEvent(): LineSplitterEvent | undefined {
    this.#splitter.delimiter = this.delimiter;
    this.#splitter.lineBytesMax = this.MAX_LENGTH;
    return this.#splitter.next();
  }

  #handle(event: LineSplitterEvent): void {
    switch (event.type) {
      case "line":
        this.lineReceived(event.bytes);
        break;
      case "raw":
        this.rawDataReceived(event.bytes);
        break;
      case "too-long":
        this.lineLengthExceeded(event.bytes);
        break;
    }
  }

  #isEnding(): boolean {
    return this.transport.disconnecting || this.transport.disconnected;
  }
}
