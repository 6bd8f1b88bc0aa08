/**
 * Compresses answers, where the client takes it and it is worth it.
 *
 *     Accept-Encoding: gzip, br  ─▶  Content-Encoding: br, Vary: Accept-Encoding, ETag: W/"…"
 *
 * An answer is sent as it is when it is short, of a type that is compressed already, a part of
 * something (206), encoded already, or says `no-transform`.
 *
 * Do not compress a page that shows a secret beside something that a stranger chooses, a search
 * term say: its length then tells of the secret (the attack called BREACH). `no-transform` helps.
 *
 * Spec: RFC 9110 §8.4, §8.8.3.3 (other bytes, another tag), §12.5.3, §12.5.5; RFC 9111 §5.2.2.6.
 * After: twisted.web.server.GzipEncoderFactory. Differs: it sees whole answers, not writes, and so
 * knows which are worth it; an entity tag becomes a weak one.
 *
 * @module
 */
import { andThen } from "../server/and-then.ts";
import type { Headers } from "../http/headers.ts";
import { preferredEncoding } from "../http/negotiation.ts";
import { hasNoBody } from "../http/status.ts";
import { Answer, type BodyStream, type Eventually, type RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { compressLater, compressNow, compressPieces, type ContentCoding } from "./content-coder.ts";
import { addVary } from "./vary.ts";
import { answerOf, fieldOf, type Wrapper } from "./wrapper.ts";

/** Options of {@link compressed}. */
export interface CompressedOptions {
  /** What is offered, the best first. Default: `br`, `gzip`. */
  readonly codings?: readonly ContentCoding[];
  /** Shorter bodies are sent as they are, if their length is known. Default: 1,024. */
  readonly minBytes?: number;
  /**
   * Answers that are being compressed at once, at most; one more is sent as it is. Each holds up to
   * 1 MiB (`br`) or 300 KiB (`gzip`). Default: 256.
   */
  readonly maxConcurrent?: number;
}

/** Measured on bodies of 4 KB: 75 µs at once, 305 µs by way of another thread. */
const NOW_MAX = 16_384;
const CODINGS = ["br", "gzip"] as const;
const COMPRESSIBLE =
  /^(?:text\/|font\/[ot]tf\b|[^;]+[+/](?:x-)?(?:javascript|json|ndjson|rtf|wasm|xml)\b)/iu;
const NO_TRANSFORM = /(?:^|,)\s*no-transform\s*(?:$|,)/iu;
/** With one of these an answer is encoded, or a part, or its very bytes are vouched for. */
const AS_IT_IS = [
  "content-encoding",
  "content-range",
  "content-md5",
  "content-digest",
  "repr-digest",
];

/** See the top of this file. */
class Compressor {
  readonly #codings: readonly ContentCoding[];
  readonly #minBytes: number;
  readonly #maxConcurrent: number;
  #concurrent = 0;

  constructor({ codings = CODINGS, minBytes = 1024, maxConcurrent = 256 }: CompressedOptions) {
    this.#codings = codings;
    this.#minBytes = minBytes;
    this.#maxConcurrent = maxConcurrent;
  }

  compress(request: Request, result: RenderResult): Eventually<RenderResult> {
    const answer = answerOf(request, result);
    if (answer === undefined) return result;
    const isUnchanged = answer.code === 304;
    if (!isUnchanged && !this.#isWorthIt(request, answer)) return answer;
    const coding = this.#choose(request);
    // The answer of the handler may be one for many requests.
    const headers = answer.headers.copy();
    addVary(headers, "Accept-Encoding");
    if (coding === undefined) return new Answer(answer.body, { code: answer.code, headers });
    weaken(request, headers);
    if (isUnchanged) return new Answer("", { code: 304, headers });
    return this.#encode(request, coding, new Answer(answer.body, { code: answer.code, headers }));
  }

  #isWorthIt(request: Request, answer: Answer): boolean {
    const { code, body } = answer;
    if (hasNoBody(code) || code === 206) return false;
    const isWhole = typeof body === "string" || body instanceof Uint8Array;
    // Characters are never more than bytes: enough for a floor.
    if (isWhole && body.length < this.#minBytes) return false;
    if (!COMPRESSIBLE.test(fieldOf(request, answer, "content-type") ?? "")) return false;
    if (NO_TRANSFORM.test(fieldOf(request, answer, "cache-control") ?? "")) return false;
    return AS_IT_IS.every((name) => fieldOf(request, answer, name) === undefined);
  }

  #choose(request: Request): ContentCoding | undefined {
    const accept = request.getHeader("accept-encoding");
    if (accept === undefined) return undefined;
    const best = preferredEncoding(accept, [...this.#codings, "identity"]);
    return this.#codings.find((coding) => coding === best);
  }

  #encode(request: Request, coding: ContentCoding, answer: Answer): Eventually<Answer> {
    const { code, headers, body } = answer;
    const isWhole = typeof body === "string" || body instanceof Uint8Array;
    const isQuick = isWhole && body.length <= NOW_MAX;
    if (!isQuick && this.#concurrent >= this.#maxConcurrent) return answer;
    headers.set("content-encoding", coding);
    headers.removeHeader("content-length");
    request.responseHeaders.removeHeader("content-length");
    const encoded = (bytes: BodyStream | Uint8Array | string): Answer =>
      new Answer(bytes, { code, headers });
    if (request.method === "HEAD") return encoded(isWhole ? "" : body);
    if (!isWhole) return encoded(this.#pieces(request, coding, body));
    if (isQuick) return encoded(compressNow(coding, body));
    this.#concurrent += 1;
    return compressLater(coding, body)
      .finally(() => {
        this.#concurrent -= 1;
      })
      .then(encoded);
  }

  #pieces(request: Request, coding: ContentCoding, body: BodyStream): BodyStream {
    this.#concurrent += 1;
    const coder = compressPieces(coding, body);
    coder.once("close", () => {
      this.#concurrent -= 1;
    });
    // A source that is silent would keep the coder after its client.
    void request.notifyFinish().addErrback(() => {
      coder.destroy();
    });
    return coder;
  }
}

/** Other bytes than those the tag was made for. */
function weaken(request: Request, headers: Headers): void {
  const etag = headers.get("etag") ?? request.responseHeaders.get("etag");
  if (etag?.startsWith('"') === true) headers.set("etag", `W/${etag}`);
}

/**
 * A wrapper that compresses answers. See the top of this file.
 *
 * @example
 * ```ts
 * import { compressed, Router } from "sennit/web";
 *
 * const router = new Router();
 * router.use(compressed());
 * router.get("/", () => "<p>Hello</p>\n".repeat(1000));
 * ```
 */
export function compressed(options: CompressedOptions = {}): Wrapper {
  const compressor = new Compressor(options);
  return (request, next) =>
    andThen(next(request), (result) => compressor.compress(request, result));
}
