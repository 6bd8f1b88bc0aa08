/**
 * A message that has not come whole: in several frames, or in a frame that was cut.
 *
 * @module
 */
import type { BinaryEvent, CompressedEvent, MessageType, TextEvent } from "./events.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { messageEvent } from "./message-event.ts";
import { Utf8Check } from "./utf8.ts";

/** Collects the payloads of a message. */
export class PartialMessage {
  readonly #type: MessageType;
  readonly #compressed: boolean;
  readonly #bytes = new GrowingBytes();
  readonly #check: Utf8Check | undefined;

  constructor(type: MessageType, compressed: boolean) {
    this.#type = type;
    this.#compressed = compressed;
    if (type === "text" && !compressed) this.#check = new Utf8Check();
  }

  /** Bytes so far. */
  get length(): number {
    return this.#bytes.length;
  }

  /**
   * Take `chunk[from, to)`, unmasked.
   *
   * @param most How long the message can become.
   * @throws {WebSocketProtocolError} With close code 1007: text that is none.
   */
  append(chunk: Buffer, from: number, to: number, most: number): void {
    this.#check?.receive(chunk.subarray(from, to));
    this.#bytes.append(chunk, from, to, most);
  }

  /** @throws {WebSocketProtocolError} With close code 1007: text that ends within a character. */
  finish(): TextEvent | BinaryEvent | CompressedEvent {
    return messageEvent(this.#type, this.#compressed, this.#bytes.take());
  }
}
