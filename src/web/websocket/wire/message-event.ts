/**
 * Whole messages, from bytes to events.
 *
 * @module
 */
import type { BinaryEvent, CompressedEvent, MessageType, TextEvent } from "./events.ts";
import { decodeText } from "./utf8.ts";

/**
 * The event of a message, which is `bytes[from, to)`.
 *
 * @throws {WebSocketProtocolError} With close code 1007: text that is none.
 */
export function messageEvent(
  type: MessageType,
  compressed: boolean,
  bytes: Buffer,
  from = 0,
  to: number = bytes.length,
): TextEvent | BinaryEvent | CompressedEvent {
  return compressed
    ? { type: "compressed", of: type, data: bytes.subarray(from, to) }
    : plainEvent(type, bytes, from, to);
}

/**
 * The same of a message that is not compressed, or no longer.
 *
 * @throws {WebSocketProtocolError} With close code 1007: text that is none.
 */
export function plainEvent(
  type: MessageType,
  bytes: Buffer,
  from = 0,
  to: number = bytes.length,
): TextEvent | BinaryEvent {
  return type === "text"
    ? { type, data: decodeText(bytes, from, to) }
    : { type, data: bytes.subarray(from, to) };
}
