/**
 * Records both ways, as a handshake uses them.
 *
 * @module
 */
import {
  emptyBody,
  encodeFinished,
  encodeMessage,
  type Message,
  MessageReader,
  MessageType,
} from "./wire/messages.ts";
import {
  digest,
  type RecordKeys,
  RecordReader,
  RecordType,
  RecordWriter,
  type Side,
  WireVersion,
} from "./wire/records.ts";

/** See the top of this file. */
export class Channel {
  readonly reader: RecordReader;
  readonly writer: RecordWriter;
  readonly messages = new MessageReader();
  /** What was agreed on, from then on. */
  version: number = WireVersion.TLS1_2;
  #transcript = 0;
  #flight: Buffer[] = [];
  readonly #send: (records: readonly Buffer[]) => void;

  /** @param send Where a flight goes. */
  constructor(own: Side, send: (records: readonly Buffer[]) => void) {
    this.reader = new RecordReader(own === "client" ? "server" : "client");
    this.writer = new RecordWriter(own);
    this.#send = send;
  }

  /** A version was agreed on. */
  settle(version: number): void {
    this.version = version;
    // RFC 8446 §5.1: later versions say that they are TLS 1.2, for the sake of old middle boxes.
    const shown = Math.min(version, WireVersion.TLS1_2);
    this.writer.version = shown;
    this.reader.version = shown;
  }

  /** From now on both directions are protected. */
  protect(keys: RecordKeys): void {
    this.reader.protect(keys);
    this.writer.protect(keys);
  }

  /** Add a message to the flight. Without a body: one that only says that it has come. */
  message(type: number, body: Uint8Array = emptyBody(type, this.version)): void {
    this.#note(type, body);
    this.#flight.push(this.writer.seal(RecordType.handshake, encodeMessage(type, body)));
  }

  /** Add a Finished to the flight. */
  finished(): void {
    this.message(MessageType.finished, encodeFinished(this.#transcript, this.version));
  }

  /** The peer has said this. @returns The digest of all that both have said before it. */
  heard({ type, body }: Message): number {
    const before = this.#transcript;
    if (type !== MessageType.changeCipherSpec) this.#note(type, body);
    return before;
  }

  #note(type: number, body: Uint8Array): void {
    this.#transcript = digest(this.#transcript ^ type, body);
  }

  /** Add a change_cipher_spec: before TLS 1.3, what follows is protected. */
  changeCipherSpec(): void {
    this.#flight.push(this.writer.seal(RecordType.changeCipherSpec, Buffer.of(1)));
  }

  /** Send the flight. */
  flush(): void {
    const flight = this.#flight;
    this.#flight = [];
    this.#send(flight);
  }
}
