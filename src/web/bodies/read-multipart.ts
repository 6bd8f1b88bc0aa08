/**
 * Forms with files: `multipart/form-data`, part by part, as they come.
 *
 *     body ─▶ parser ─▶ (parts of one chunk wait here) ─▶ for await (const part of …)
 *               └─▶ bytes of a file ─▶ for await (const chunk of part)
 *
 * Nothing is held whole but fields. The client waits for who reads the parts, or a part; files that
 * are not read are thrown away.
 *
 * The bytes are parsed by the package `@fastify/busboy`.
 *
 * Spec: RFC 7578; RFC 2046 §5.1.1 (boundaries). Differs: fields are text in UTF-8, unless a part
 * says otherwise; beyond a limit the form is refused, not cut.
 *
 * @module
 */
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import type { Failure } from "../../defer/failure.ts";
import { formatMediaType, type MediaType } from "../http/media-type.ts";
import { type BodyReceiver, BodyTooLargeError, type RequestBody } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";
import { bodyType } from "./body-type.ts";
import { FilePart, type FormPart } from "./multipart-part.ts";
import { BodyMalformedError, FormLimitError } from "./read-errors.ts";

/** Bounds of a form. Beyond one it fails with {@link FormLimitError}: a server answers 413. */
export interface MultipartLimits {
  /** Bytes of the whole body. Default: no bound but those below. */
  readonly limit?: number;
  /** Default: 10. */
  readonly maxFiles?: number;
  /** Default: 100. */
  readonly maxFields?: number;
  /** Bytes of each file. Default: 10 MiB. */
  readonly maxFileBytes?: number;
  /** Bytes of each field. Default: 64 KiB. */
  readonly maxFieldBytes?: number;
  /** Bytes of the head of each part, its name among them. Default: 8 KiB. */
  readonly maxHeadBytes?: number;
}

const DEFAULTS: Required<MultipartLimits> = {
  limit: Number.MAX_SAFE_INTEGER,
  maxFiles: 10,
  maxFields: 100,
  maxFileBytes: 10_485_760,
  maxFieldBytes: 65_536,
  maxHeadBytes: 8192,
};
/** Content-Disposition, Content-Type, and what nobody reads. */
const HEADER_PAIRS_MAX = 16;
/** RFC 2046 §5.1.1. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/u;

/**
 * The parts of a form, in order. Fails with {@link UnsupportedBodyError} (415),
 * {@link BodyMalformedError} (400), {@link FormLimitError} and {@link BodyTooLargeError} (413), and
 * with the connection's reason if the client goes first; so does the file that is being read.
 *
 * Asking for the next part passes by a file that nobody has begun to read. Who leaves the loop
 * early leaves the rest.
 *
 * @example
 * ```ts
 * import { readMultipart, Router } from "sennit/web";
 *
 * const router = new Router();
 * router.post("/photos", async (request) => {
 *   const told: string[] = [];
 *   for await (const part of readMultipart(request, { maxFileBytes: 5_000_000 })) {
 *     if (part.kind === "field") told.push(`${part.name} is ${part.value}`);
 *     else for await (const chunk of part) told.push(`${chunk.length} bytes of ${part.filename}`);
 *   }
 *   return told.join("\n");
 * });
 * ```
 */
export async function* readMultipart(
  request: Request,
  limits: MultipartLimits = {},
): AsyncGenerator<FormPart, void, undefined> {
  const type = bodyType(request, isMultipart, "multipart/form-data");
  const boundary = type.parameters.get("boundary") ?? "";
  if (!BOUNDARY.test(boundary)) {
    throw new BodyMalformedError("Cannot read a form: expected a boundary in its Content-Type");
  }
  const reader = new MultipartReader(request.content, boundary, { ...DEFAULTS, ...limits });
  try {
    for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
      yield part;
      if (part.kind === "file") part.pass();
    }
  } finally {
    reader.end();
  }
}

function isMultipart({ type, subtype }: MediaType): boolean {
  return type === "multipart" && subtype === "form-data";
}

/** Between a body that comes and a parser that is read from. */
class MultipartReader implements BodyReceiver {
  readonly #content: RequestBody;
  readonly #limits: Required<MultipartLimits>;
  readonly #parser: BusboyInstance;
  /** Those that nobody has taken. */
  readonly #parts: FormPart[] = [];
  /** Those whose bytes are not at their end. */
  readonly #files = new Set<BusboyFileStream>();
  #bytes = 0;
  /** The parser takes no more for now. */
  #full = false;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(content: RequestBody, boundary: string, limits: Required<MultipartLimits>) {
    this.#content = content;
    this.#limits = limits;
    if ((content.length ?? 0) > limits.limit) throw new BodyTooLargeError(limits.limit);
    this.#parser = this.#makeParser(boundary);
    content.deliver(this);
  }

  /** The next part; `undefined`: there are no more. */
  async next(): Promise<FormPart | undefined> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const part = this.#parts.shift();
      // The bytes of a file come while it is read.
      this.#setPace();
      if (part !== undefined || this.#ended) return part;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** It is over; with an error: it is wrong. A file that is being read ends too. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    // What follows the form is read after the answer, if at all.
    this.#content.pause();
    this.#parser.destroy();
    for (const file of this.#files) file.destroy(error);
    this.#wakeUp();
  }

  // -- The body: see BodyReceiver

  dataReceived(data: Buffer): void {
    if (this.#ended) return;
    this.#bytes += data.length;
    if (this.#bytes > this.#limits.limit) {
      this.end(new BodyTooLargeError(this.#limits.limit));
      return;
    }
    this.#full = !this.#parser.write(data);
    this.#setPace();
  }

  bodyEnded(failure: Failure | undefined): void {
    if (failure !== undefined) this.end(failure.value);
    else if (!this.#ended) this.#parser.end();
  }

  // -- The parser

  #makeParser(boundary: string): BusboyInstance {
    const { maxFiles, maxFields, maxFileBytes, maxFieldBytes, maxHeadBytes } = this.#limits;
    const parameters = new Map([["boundary", boundary]]);
    const type = formatMediaType({ type: "multipart", subtype: "form-data", parameters });
    const parser = new Busboy({
      headers: { "content-type": type },
      limits: {
        files: maxFiles,
        fields: maxFields,
        // Parts that are neither are left out, but counted.
        parts: maxFiles + maxFields,
        fileSize: maxFileBytes,
        fieldSize: maxFieldBytes,
        headerSize: maxHeadBytes,
        headerPairs: HEADER_PAIRS_MAX,
      },
    });
    parser.on("field", (name, value, _, isCut) => this.#field(name, value, isCut));
    parser.on("file", (name, bytes, filename, _, type) =>
      this.#begin(bytes, { name, filename, type }),
    );
    parser.on("filesLimit", () => this.#tooMuch(`${String(maxFiles)} files`));
    parser.on("fieldsLimit", () => this.#tooMuch(`${String(maxFields)} fields`));
    parser.on("partsLimit", () => this.#tooMuch(`${String(maxFiles + maxFields)} parts`));
    parser.on("drain", () => this.#drained());
    parser.on("error", (error) => this.#malformed(error));
    parser.on("finish", () => this.end());
    return parser;
  }

  #field(name: string | undefined, value: string, isCut: boolean): void {
    if (name === undefined) this.#malformed("a field has no name");
    else if (isCut) this.#tooMuch(`${String(this.#limits.maxFieldBytes)} bytes in a field`);
    else this.#put({ kind: "field", name, value });
  }

  #begin(
    bytes: BusboyFileStream,
    about: { readonly name: string | undefined; readonly filename: string; readonly type: string },
  ): void {
    const { name } = about;
    // Told by the parts, or by the loop that reads this one.
    bytes.on("error", () => {});
    if (name === undefined) {
      this.#malformed("a file has no name");
      return;
    }
    this.#files.add(bytes);
    bytes.once("close", () => this.#files.delete(bytes));
    bytes.once("limit", () =>
      this.#tooMuch(`${String(this.#limits.maxFileBytes)} bytes in a file`),
    );
    this.#put(new FilePart({ ...about, name }, bytes, () => this.#error));
  }

  #put(part: FormPart): void {
    if (this.#ended) return;
    this.#parts.push(part);
    this.#wakeUp();
  }

  #drained(): void {
    this.#full = false;
    this.#setPace();
  }

  #tooMuch(limit: string): void {
    this.end(new FormLimitError(`Cannot read a form: expected at most ${limit}`));
  }

  #malformed(cause: unknown): void {
    const what = cause instanceof Error ? cause.message : String(cause);
    this.end(new BodyMalformedError(`Cannot read a form: ${what}`, { cause }));
  }

  /** The client waits while a part does, or the parser. */
  #setPace(): void {
    if (this.#ended) return;
    if (this.#full || this.#parts.length > 0) this.#content.pause();
    else this.#content.resume();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
