/**
 * The parts of a form of `multipart/form-data`.
 *
 * @module
 */
import type { Readable } from "node:stream";
import { BodyUsedError } from "../server/request-body.ts";

/** A field: text, and there. */
export interface FieldPart {
  readonly kind: "field";
  /** The name of the field, as the client says; it may come again. */
  readonly name: string;
  readonly value: string;
}

/** A part that is a file, or is sent like one. Its bytes come as they are asked for. */
export class FilePart implements AsyncIterable<Buffer> {
  readonly kind = "file";
  /** The name of the field, as the client says; it may come again. */
  readonly name: string;
  /** As the client says, without its folders; may be empty. Never a path to write to. */
  readonly filename: string;
  /** The media type, as the client says. */
  readonly type: string;
  readonly #bytes: Readable;
  readonly #fault: () => Error | undefined;
  #used = false;

  /** Made by `readMultipart`; `fault` says what is wrong with the form. */
  constructor(
    about: { readonly name: string; readonly filename: string; readonly type: string },
    bytes: Readable,
    fault: () => Error | undefined,
  ) {
    this.name = about.name;
    this.filename = about.filename;
    this.type = about.type;
    this.#bytes = bytes;
    this.#fault = fault;
  }

  /**
   * The bytes, in pieces, as they come. Who leaves the loop early does without the rest.
   *
   * @throws {BodyUsedError} They have been read, or the next part has been asked for.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    this.#use();
    try {
      for await (const chunk of this.#bytes.iterator({ destroyOnReturn: false })) {
        if (Buffer.isBuffer(chunk)) yield chunk;
      }
    } catch (error) {
      // Of what the parser says, the form has made an error of its own.
      throw this.#fault() ?? error;
    } finally {
      this.#bytes.resume();
    }
  }

  /** All bytes at once: as many as `maxFileBytes` at most. Throws as the loop does. */
  async read(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** Nobody has asked for the bytes by now: do without them. */
  pass(): void {
    if (this.#used) return;
    this.#used = true;
    this.#bytes.resume();
  }

  #use(): void {
    if (this.#used) throw new BodyUsedError();
    this.#used = true;
  }
}

/** A part of a form. */
export type FormPart = FieldPart | FilePart;
