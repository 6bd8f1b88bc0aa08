/**
 * Answers of HTTP/1 on a transport: a head, and the body as the head has framed it.
 *
 * @module
 */
import type { ITransport } from "../../internet/interfaces-transport.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { formatChunkSize, formatLastChunk } from "../http/wire/head-writer.ts";
import { type AnswerFraming, type AnswerSetting, formatAnswerHead } from "./answer-head.ts";
import type { AnswerHead } from "./channel.ts";

/** A head and a whole body. @returns Must the connection be closed after it? */
export function writeWhole(
  transport: ITransport,
  head: AnswerHead,
  body: Uint8Array | string,
  setting: AnswerSetting,
): boolean {
  const { text, closes } = formatAnswerHead(head, setting);
  if (head.bodiless || body.length === 0) transport.write(text);
  else if (typeof body === "string") transport.write(text + body);
  else {
    transport.write(text);
    transport.write(body);
  }
  return closes;
}

/** See the top of this file. Writes one answer after the other, in pieces. */
export class AnswerWriter {
  /** Who has the transport, once it is connected. */
  readonly #connection: { readonly transport: ITransport };
  #framing: AnswerFraming = "none";
  /** Bytes that the head has announced and that are not written; `undefined`: none announced. */
  #owed: number | undefined;

  constructor(connection: { readonly transport: ITransport }) {
    this.#connection = connection;
  }

  /** The head alone. @returns Must the connection be closed after the answer? */
  begin(head: AnswerHead, setting: AnswerSetting): boolean {
    const { text, framing, closes, length } = formatAnswerHead(head, setting);
    this.#framing = framing;
    this.#owed = length;
    this.#connection.transport.write(text);
    return closes;
  }

  /** Is the end of the body that of the connection, and not there yet? */
  get endsWithConnection(): boolean {
    return this.#framing === "until-close";
  }

  /** Some of the body. @returns `false`: it is longer than was announced, and that is new. */
  write(bytes: Uint8Array): boolean {
    const { transport } = this.#connection;
    if (this.#framing === "chunked") {
      transport.write(formatChunkSize(bytes.length));
      transport.write(bytes);
      transport.write("\r\n");
      return true;
    }
    if (this.#owed !== undefined) return this.#writeOwed(bytes, this.#owed);
    if (this.#framing !== "none") transport.write(bytes);
    return true;
  }

  /** More than was announced would be read as the next answer. */
  #writeOwed(bytes: Uint8Array, owed: number): boolean {
    this.#owed = bytes.length > owed ? -1 : owed - bytes.length;
    if (owed > 0) this.#connection.transport.write(bytes.subarray(0, owed));
    return owed < 0 || bytes.length <= owed;
  }

  /** The end of the body. @returns `false`: it is shorter than was announced. */
  finish(trailers: FieldList): boolean {
    if (this.#framing === "chunked") this.#connection.transport.write(formatLastChunk(trailers));
    this.#framing = "none";
    return (this.#owed ?? 0) <= 0;
  }
}
