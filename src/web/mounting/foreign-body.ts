/**
 * The body of a request that somebody else's server has received: counted, as that server may have
 * no bound, or another one.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { HTTPMessageError } from "../http/wire/message-error.ts";
import type { RequestBody } from "../server/request-body.ts";

/** See the top of this file. */
export class ForeignBody {
  readonly #content: RequestBody;
  readonly #maxBytes: number;
  #bytes = 0;
  #ended = false;

  constructor(content: RequestBody, maxBytes: number) {
    this.#content = content;
    this.#maxBytes = maxBytes;
  }

  /** Nothing more is taken. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Some of it; it is the content's from now on. */
  receive(data: Uint8Array): void {
    if (this.#ended || data.length === 0) return;
    this.#bytes += data.length;
    if (this.#bytes <= this.#maxBytes) {
      this.#content.receive(Buffer.from(data.buffer, data.byteOffset, data.length));
      return;
    }
    const most = String(this.#maxBytes);
    const message = `Cannot read a body: expected at most ${most} bytes, got more`;
    this.fail(new Failure(new HTTPMessageError("body-too-large", message)));
  }

  /** It is whole. */
  receiveEnd(trailers: FieldList): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#content.receiveEnd(trailers);
  }

  /** The rest will not come. */
  fail(reason: Failure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#content.fail(reason);
  }
}
