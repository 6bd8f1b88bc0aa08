/**
 * A row of the table of malformed and ambiguous requests: what is sent, and what becomes of it.
 *
 * @module
 */
import type { HTTPLimits } from "../../../src/web/http/wire/limits.ts";

/** See the top of this file. */
export interface Row {
  /** What is special about it. */
  readonly what: string;
  /** Everything that the client sends; one character is one byte. */
  readonly sent: string;
  /** The status of each answer. */
  readonly answers: readonly number[];
  /** Is the connection open at the end? */
  readonly isOpen: boolean;
  /** What the handler was asked: `GET /`, `POST / hello`; `…` is a body that did not come whole. */
  readonly saw: readonly string[];
  /** The section that says so, or what happened where it was read otherwise. */
  readonly why: string;
  readonly limits: HTTPLimits;
}

/** A part of the table. */
export interface Table {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** What a row may say beside the usual. */
interface Also {
  readonly status?: number;
  /** What the handler was asked before it went wrong. */
  readonly saw?: readonly string[];
  /** Answers before it went wrong. */
  readonly before?: readonly number[];
  readonly limits?: HTTPLimits;
}

/** Refused with 400, or `also.status`, and the connection is closed. */
export function refused(what: string, sent: string, why: string, also: Also = {}): Row {
  const { status = 400, saw = [], before = [], limits = {} } = also;
  return { what, sent, answers: [...before, status], isOpen: false, saw, why, limits };
}

/** All of it is taken, and answered with 200; the connection is kept. */
export function taken(what: string, sent: string, saw: readonly string[], why: string): Row {
  return { what, sent, answers: saw.map(() => 200), isOpen: true, saw, why, limits: {} };
}

/** All of it is taken, and the connection is closed after the last answer. */
export function takenOnce(what: string, sent: string, saw: readonly string[], why: string): Row {
  return { ...taken(what, sent, saw, why), isOpen: false };
}

/** These lines, each with CR LF, and the empty one. */
export function ask(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** What must not be taken for a request, or must be, as it is behind one that is whole. */
export const NEXT: string = ask("GET /next HTTP/1.1", "Host: a");

/** A request with these fields and this body, and `NEXT` behind it. */
export function posted(fields: readonly string[], body: string): string {
  return ask("POST / HTTP/1.1", "Host: a", ...fields) + body + NEXT;
}

/** A request with a body in these chunks, and `NEXT` behind it. */
export function chunked(body: string): string {
  return posted(["Transfer-Encoding: chunked"], body);
}
