/**
 * Bodies of HTTP/1 messages.
 *
 *     5;name=value\r\n        size in hexadecimal, extensions
 *     hello\r\n
 *     0\r\n                   the last chunk
 *     X-Sum: 1\r\n            trailers
 *     \r\n
 *
 * Spec: RFC 9112 §6.3, §7.1. Differs: trailers that frame, route or name a message are refused
 * (§6.5.1 of RFC 9110 forbids them); extensions of chunks are read strictly, bounded over the
 * whole body, and dropped.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import type { DataEvent, EndEvent, Framing } from "./events.ts";
import { type FieldList, type FieldLimits, FieldReader } from "./fields.ts";
import type { Inbox, LineLimit } from "./inbox.ts";
import type { CompleteLimits } from "./limits.ts";
import { HTTPMessageError } from "./message-error.ts";

const NO_FIELDS: FieldList = [];
/** The end of a body without trailers. */
export const BODY_END: EndEvent = { type: "end", trailers: NO_FIELDS };
/** 13 digits are less than 2^53. */
const CHUNK_LINE = /^([\da-f]{1,13})(.*)$/iu;
/** RFC 9112 §7.1.1, with the blanks that it calls bad. */
const EXTENSIONS = extensionsPattern();

function extensionsPattern(): RegExp {
  const token = String.raw`[!#$%&'*+\-.^_\x60|~\w]+`;
  const quoted = String.raw`"(?:[^"\\]|\\.)*"`;
  const blanks = String.raw`[\t ]*`;
  const value = `(?:${blanks}=${blanks}(?:${token}|${quoted}))?`;
  return new RegExp(`^(?:${blanks};${blanks}${token}${value})+$`, "u");
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/u;
/** RFC 9110 §6.5.1: framing, routing, authentication, the form of the content. */
const FORBIDDEN_TRAILERS = new Set([
  ..."authorization cache-control connection content-encoding content-length".split(" "),
  ..."content-range content-type cookie expect host keep-alive max-forwards".split(" "),
  ..."proxy-authorization proxy-connection range set-cookie te trailer".split(" "),
  ..."transfer-encoding upgrade".split(" "),
]);

type State = "done" | "length" | "until-close" | "size" | "chunk" | "chunk-end" | "trailers";

/** See the top of this file. Reads one body after the other. */
export class BodyReader {
  readonly #limits: CompleteLimits;
  readonly #chunkLine: LineLimit;
  readonly #trailerLimits: FieldLimits;
  #state: State = "done";
  #left = 0;
  /** Bytes of the body so far, as its chunks announced them. */
  #total = 0;
  #extensionBytes = 0;
  #trailers: FieldReader | undefined;

  constructor(limits: CompleteLimits) {
    this.#limits = limits;
    this.#chunkLine = { bytes: limits.maxChunkLineBytes, fault: "chunk-line-too-long" };
    this.#trailerLimits = {
      line: { bytes: limits.maxLineBytes, fault: "line-too-long" },
      maxFields: limits.maxFields,
      maxBytes: limits.maxTrailerBytes,
      tooLarge: "trailers-too-large",
    };
  }

  /** A head has been read, and this is how its body is framed. */
  begin(framing: Framing): void {
    this.#total = 0;
    this.#extensionBytes = 0;
    this.#trailers = undefined;
    switch (framing.kind) {
      case "none":
        this.#state = "length";
        this.#left = 0;
        return;
      case "length":
        this.#state = "length";
        this.#left = framing.length;
        this.#count(framing.length);
        return;
      case "chunked":
        this.#state = "size";
        return;
      case "until-close":
        this.#state = "until-close";
    }
  }

  /** Bytes of the body that have not come; `undefined` while that is not known. */
  get left(): number | undefined {
    if (this.#state === "done") return 0;
    return this.#state === "length" ? this.#left : undefined;
  }

  /** @throws {HTTPMessageError} */
  next(inbox: Inbox): DataEvent | EndEvent | undefined {
    for (;;) {
      switch (this.#state) {
        case "done":
          return undefined;
        case "length":
          if (this.#left === 0) return this.#finish(NO_FIELDS);
          return this.#take(inbox);
        case "until-close":
          return this.#takeAny(inbox);
        case "size":
          if (!this.#readSize(inbox)) return undefined;
          break;
        case "chunk": {
          const event = this.#take(inbox);
          if (this.#left === 0) this.#state = "chunk-end";
          return event;
        }
        case "chunk-end":
          if (!this.#readChunkEnd(inbox)) return undefined;
          break;
        case "trailers": {
          const trailers = this.#trailers?.read(inbox);
          return trailers === undefined ? undefined : this.#finish(checkedTrailers(trailers));
        }
      }
    }
  }

  /**
   * No more will come.
   *
   * @throws {HTTPMessageError} `truncated`: the body is not whole.
   */
  end(): EndEvent | undefined {
    if (this.#state === "done") return undefined;
    if (this.#state === "until-close" || (this.#state === "length" && this.#left === 0)) {
      return this.#finish(NO_FIELDS);
    }
    throw new HTTPMessageError("truncated", "Cannot read a body: expected more, got the end");
  }

  #finish(trailers: FieldList): EndEvent {
    this.#state = "done";
    return trailers.length === 0 ? BODY_END : { type: "end", trailers };
  }

  #take(inbox: Inbox): DataEvent | undefined {
    const data = inbox.bytes(this.#left);
    if (data === undefined) return undefined;
    this.#left -= data.length;
    return { type: "data", data };
  }

  #takeAny(inbox: Inbox): DataEvent | undefined {
    const room = this.#limits.maxBodyBytes - this.#total;
    if (room === 0 && inbox.length > 0) this.#count(inbox.length);
    const data = inbox.bytes(room);
    if (data === undefined) return undefined;
    this.#count(data.length);
    return { type: "data", data };
  }

  #readSize(inbox: Inbox): boolean {
    const line = inbox.line(this.#chunkLine);
    if (line === undefined) return false;
    const match = CHUNK_LINE.exec(line);
    if (match === null) {
      throw new HTTPMessageError(
        "chunk-size",
        `Cannot read a chunk: expected its size in hexadecimal, got ${quote(line)}`,
      );
    }
    const [, digits = "", extensions = ""] = match;
    if (extensions !== "") this.#checkExtensions(extensions);
    this.#left = Number.parseInt(digits, 16);
    this.#count(this.#left);
    if (this.#left === 0) this.#trailers = new FieldReader(this.#trailerLimits);
    this.#state = this.#left === 0 ? "trailers" : "chunk";
    return true;
  }

  #checkExtensions(extensions: string): void {
    if (CONTROL.test(extensions) || !EXTENSIONS.test(extensions)) {
      throw new HTTPMessageError(
        extensions.startsWith(";") || /^[\t ]/u.test(extensions) ? "chunk-extension" : "chunk-size",
        `Cannot read a chunk: expected its size and ";name=value", got ${quote(extensions)}`,
      );
    }
    this.#extensionBytes += extensions.length;
    if (this.#extensionBytes <= this.#limits.maxChunkExtensionBytes) return;
    throw new HTTPMessageError(
      "chunk-extensions-too-large",
      `Cannot read a body: its chunks have more extensions than the limit`,
    );
  }

  #readChunkEnd(inbox: Inbox): boolean {
    const line = inbox.line(CHUNK_END);
    if (line === undefined) return false;
    this.#state = "size";
    return true;
  }

  #count(bytes: number): void {
    this.#total += bytes;
    if (this.#total <= this.#limits.maxBodyBytes) return;
    const most = String(this.#limits.maxBodyBytes);
    throw new HTTPMessageError(
      "body-too-large",
      `Cannot read a body: expected at most ${most} bytes`,
    );
  }
}

/** Nothing stands between a chunk and the end of its line. */
const CHUNK_END: LineLimit = { bytes: 0, fault: "chunk-end" };

function checkedTrailers(trailers: FieldList): FieldList {
  for (let at = 0; at < trailers.length; at += 2) {
    const name = trailers[at] ?? "";
    if (FORBIDDEN_TRAILERS.has(name)) {
      throw new HTTPMessageError("trailer-forbidden", `Cannot read trailers: ${name} is none`);
    }
  }
  return trailers;
}
