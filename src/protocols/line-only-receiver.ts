/**
 * Protocols of lines and nothing but lines.
 *
 * After: twisted.protocols.basic.LineOnlyReceiver, with its bound on an unfinished line: a line
 * of exactly `MAX_LENGTH` bytes is too long when the network cuts inside its delimiter. Differs:
 * when `lineLengthExceeded` stays connected, the lines behind a finished one that was too long
 * are delivered, and an unfinished one is dropped (there, it is kept and grows without bound); a
 * changed `delimiter` holds for the next line, not for the next chunk.
 *
 * @module
 */
import { assert } from "../core/assert.ts";
import { Protocol } from "../internet/protocol.ts";
import { sendLine } from "./_send-line.ts";
import { LineSplitter } from "./wire/line-splitter.ts";

/**
 * Receives lines: `LineReceiver` without raw mode and pausing. Override `lineReceived`.
 *
 * After `loseConnection` the lines that came with the one in hand are not delivered.
 *
 * @example
 * ```ts
 * import { LineOnlyReceiver } from "sennit/protocols";
 *
 * class Count extends LineOnlyReceiver {
 *   override delimiter = "\n";
 *   #lines = 0;
 *   override lineReceived(): void {
 *     this.#lines += 1;
 *     this.sendLine(`line ${String(this.#lines)}`);
 *   }
 * }
 * ```
 */
export class LineOnlyReceiver extends Protocol {
  /** What ends a line, at least one byte. Default: `"\r\n"`. Do not change its bytes in place. */
  delimiter: Uint8Array | string = "\r\n";
  /** The longest line, in bytes without the delimiter. Default: 16,384. */
  MAX_LENGTH = 16_384;
  // The bound is ours to keep: Twisted's two receivers count an unfinished line differently.
  readonly #splitter = new LineSplitter({ lineBytesMax: Infinity });

  /**
   * A line, without its delimiter. Override this. The bytes are yours to keep; they may be a view
   * of the chunk they came in, and hold all of its memory: copy what you keep for long.
   */
  lineReceived(_line: Buffer): void {
    assert(false, `${this.constructor.name} must override lineReceived`);
  }

  /**
   * A line is longer than `MAX_LENGTH`; by default the connection is lost. `line` is all of it
   * without its delimiter, or as much as has come. If you stay connected, what comes next of an
   * unfinished line is read as a line of its own.
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

  /** Called by the transport; override {@link LineOnlyReceiver.lineReceived} instead. */
  override dataReceived(data: Buffer): void {
    this.#splitter.receive(data);
    let dropping = false;
    for (let line = this.#nextLine(); line !== undefined; line = this.#nextLine()) {
      dropping ||= this.#isEnding();
      if (!dropping) dropping = this.#handle(line);
    }
    if (!dropping && this.#splitter.bufferedBytes > this.MAX_LENGTH) this.#refuseRest();
  }

  #nextLine(): Buffer | undefined {
    this.#splitter.delimiter = this.delimiter;
    return this.#splitter.next()?.bytes;
  }

  /** @returns Whether the line was refused, and the connection with it. */
  #handle(line: Buffer): boolean {
    if (line.length <= this.MAX_LENGTH) {
      this.lineReceived(line);
      return false;
    }
    this.lineLengthExceeded(line);
    return this.#isEnding();
  }

  #refuseRest(): void {
    const rest = this.#splitter.take();
    this.lineLengthExceeded(rest);
    // Twisted keeps it and reports it again, longer. That is seen only under a transport that
    // goes on delivering while it is disconnecting, which ours do not. A connection that stays must
    // not grow.
    if (this.#isEnding()) this.#splitter.receive(rest);
  }

  #isEnding(): boolean {
    return this.transport.disconnecting || this.transport.disconnected;
  }
}
