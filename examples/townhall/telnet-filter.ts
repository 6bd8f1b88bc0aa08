/**
 * Takes a telnet client's negotiation out of what it sends, so that only text is left.
 *
 *     IAC WILL ECHO                 FF FB 01              three bytes: WILL WONT DO DONT
 *     IAC SB NAWS … IAC SE          FF FA 1F … FF F0      a subnegotiation
 *     IAC IP                        FF F4                 two bytes: everything else
 *
 * It comes before the splitting into lines, because an option may have the number of a line feed. A
 * text in UTF-8 never has the byte FF, so nothing is lost.
 *
 * Spec: RFC 854 (commands), RFC 855 (subnegotiation). Differs: IAC IAC, the byte FF as data, is
 * dropped, as it is no text; nothing is ever answered; a subnegotiation that does not end within
 * 512 bytes is given up, so that noise cannot make somebody mute.
 *
 * @module
 */

const IAC = 0xff;
const SB = 0xfa;
const SE = 0xf0;
const WILL = 0xfb;
const DONT = 0xfe;

/** Ours: an environment or a terminal type is some dozens of bytes long. */
const SUBNEGOTIATION_BYTES_MAX = 512;

/** Where in a command the next byte lies; `text` is outside of any. */
type Place = "text" | "command" | "option" | "inside" | "inside-command";

/** One connection's filter. It holds no bytes. */
export class TelnetFilter {
  #place: Place = "text";
  #insideBytes = 0;

  /**
   * The peer sent this.
   *
   * @returns What of it is text: `data` itself, unless there is a command in it.
   */
  receive(data: Buffer): Buffer {
    if (this.#place === "text" && !data.includes(IAC)) return data;
    const text = Buffer.allocUnsafe(data.length);
    let length = 0;
    for (const byte of data) {
      if (this.#isText(byte)) {
        text[length] = byte;
        length += 1;
      }
    }
    return text.subarray(0, length);
  }

  #isText(byte: number): boolean {
    if (this.#place === "text" && byte !== IAC) return true;
    this.#place = this.#next(byte);
    return false;
  }

  /** Where the byte behind this one lies. */
  #next(byte: number): Place {
    switch (this.#place) {
      case "text":
        return "command";
      case "command":
        return this.#afterCommand(byte);
      case "inside":
        this.#insideBytes += 1;
        if (byte === IAC) return "inside-command";
        return this.#insideBytes < SUBNEGOTIATION_BYTES_MAX ? "inside" : "text";
      case "inside-command":
        return byte === SE ? "text" : "inside";
      default: // The option.
        return "text";
    }
  }

  #afterCommand(byte: number): Place {
    if (byte === SB) {
      this.#insideBytes = 0;
      return "inside";
    }
    return byte >= WILL && byte <= DONT ? "option" : "text";
  }
}
