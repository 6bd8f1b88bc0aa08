/**
 * Bytes to text, and nothing but UTF-8 is taken for it.
 *
 * Spec: RFC 6455 §8.1, RFC 3629. A byte order mark is a character like others.
 *
 * @module
 */
import { CLOSE_CODE } from "./close-codes.ts";
import { WebSocketProtocolError } from "./errors.ts";

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** What a lenient decoder puts for what is no UTF-8; it may also be meant. */
const REPLACEMENT = "\uFFFD";

/**
 * @throws {WebSocketProtocolError} With close code 1007: it is no UTF-8.
 */
export function decodeText(bytes: Buffer, from = 0, to = bytes.length): string {
  // 5x as fast as the strict decoder for ASCII, half as fast for the rest (Node 20).
  const text = bytes.toString("utf8", from, to);
  if (!text.includes(REPLACEMENT)) return text;
  return refusing(() => STRICT.decode(bytes.subarray(from, to)));
}

/**
 * Looks at a text as it comes, so that the first wrong byte ends it, not the last; whether the last
 * character is whole is for {@link decodeText} to see. The characters are dropped: pieces of a text
 * would take many times its memory if they were small.
 */
export class Utf8Check {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  /** @throws {WebSocketProtocolError} With close code 1007. */
  receive(bytes: Uint8Array): void {
    refusing(() => this.#decoder.decode(bytes, { stream: true }));
  }
}

function refusing(decode: () => string): string {
  try {
    return decode();
  } catch (cause) {
    throw new WebSocketProtocolError(
      "Cannot read a WebSocket's text: expected UTF-8",
      CLOSE_CODE.invalidPayload,
      { cause },
    );
  }
}
