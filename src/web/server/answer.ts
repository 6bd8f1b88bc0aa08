/**
 * Answers as values: what a handler may return.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import { Headers, type HeadersInit } from "../http/headers.ts";
import { HTML, USUAL_HEADERS } from "./usual-heads.ts";

/** The answer will be written and finished later, by hand: what a method returns to say so. */
export const NOT_DONE_YET: unique symbol = Symbol("NOT_DONE_YET");

/** A body in pieces. */
export type BodyStream = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** How a {@link PageStream} begins: what is there at once, and the rest, if there is more. */
export interface StreamBeginning {
  readonly text: string;
  readonly rest: AsyncIterable<string> | undefined;
}

/** A body in pieces that knows what it is, as `html` makes them. */
export interface PageStream extends AsyncIterable<string> {
  /** The Content-Type of an answer that has no other. */
  readonly contentType: string;
  /** Write it, as far as nothing must be waited for. */
  begin(): StreamBeginning;
}

/** What an answer's body can be. */
export type AnswerBody = string | Uint8Array | BodyStream;

/** How an {@link Answer} differs from a plain 200. */
export interface AnswerInit {
  /** Default: 200. */
  readonly code?: number;
  readonly headers?: HeadersInit;
}

/** A status, fields and a body, to be returned by a handler. Cheaper than a `Response`. */
export class Answer {
  readonly code: number;
  readonly headers: Headers;
  readonly body: AnswerBody;

  constructor(body: AnswerBody, { code = 200, headers }: AnswerInit = {}) {
    this.code = code;
    this.headers = headers instanceof Headers ? headers.copy() : new Headers(headers);
    this.body = body;
  }
}

/**
 * What a handler returns: text (HTML, unless Content-Type is set), bytes, pieces as they come, an
 * {@link Answer}, a `Response`, or {@link NOT_DONE_YET}.
 */
export type RenderResult = AnswerBody | Answer | Response | typeof NOT_DONE_YET;

/** A value, or something that will be one. */
export type Eventually<T> = T | Deferred<T> | PromiseLike<T>;

function typed(body: AnswerBody, type: string, init: AnswerInit): Answer {
  const alone = init.headers === undefined ? USUAL_HEADERS.get(type) : undefined;
  if (alone !== undefined) return new Answer(body, { code: init.code ?? 200, headers: alone });
  const answer = new Answer(body, init);
  if (!answer.headers.hasHeader("content-type")) answer.headers.set("content-type", type);
  return answer;
}

/** A value as JSON. @throws {TypeError} It cannot be written as JSON. */
export function json(value: unknown, init: AnswerInit = {}): Answer {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`Cannot write a ${typeof value} as JSON`);
  return typed(text, "application/json", init);
}

/** Plain text. */
export function text(body: string, init: AnswerInit = {}): Answer {
  return typed(body, "text/plain; charset=utf-8", init);
}

/** Any text as HTML, as it is: nothing is escaped. For pages there is `html`. */
export function htmlAnswer(body: AnswerBody, init: AnswerInit = {}): Answer {
  return typed(body, HTML, init);
}

/** The Content-Type of a body that a handler has returned without one. */
export function contentTypeOf(body: AnswerBody): string {
  if (typeof body === "string") return HTML;
  return isPageStream(body) ? body.contentType : "application/octet-stream";
}

/** Does it know what it is? */
export function isPageStream(body: object): body is PageStream {
  return "contentType" in body && typeof body.contentType === "string" && "begin" in body;
}
