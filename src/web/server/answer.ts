/**
 * Answers as values: what a handler may return.
 *
 * @module
 */
import { Deferred } from "../../defer/deferred.ts";
import { Headers, type HeadersInit } from "../http/headers.ts";

/** The answer will be written and finished later, by hand: what a method returns to say so. */
export const NOT_DONE_YET: unique symbol = Symbol("NOT_DONE_YET");

/** A body in pieces. */
export type BodyStream = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

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
    this.headers = new Headers(headers);
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

/** HTML, as it is: nothing is escaped. */
export function html(body: AnswerBody, init: AnswerInit = {}): Answer {
  return typed(body, "text/html; charset=utf-8", init);
}

/** Is it something to wait for? */
export function isEventual<T extends object>(value: unknown): value is PromiseLike<T> {
  return (
    value instanceof Deferred ||
    (typeof value === "object" &&
      value !== null &&
      "then" in value &&
      typeof value.then === "function")
  );
}
