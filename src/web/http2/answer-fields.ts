/**
 * The fields of an answer, as `node:http2` takes them.
 *
 * Spec: RFC 9113 §8.2, RFC 9110 §5.3, §8.6.
 *
 * @module
 */
import type { OutgoingHttpHeaders } from "node:http2";
import type { FieldList } from "../http/wire/fields.ts";
import type { AnswerHead } from "../server/channel.ts";

/** Fields of one connection of HTTP/1 (RFC 9113 §8.2.2), and the one that is ours to say. */
const NOT_COPIED = new Set([
  "connection",
  "content-length",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);
const DIGITS = /^\d{1,15}$/u;
const NOT_ASCII = /[^\t -~]/u;

/** How long the body of an answer is. */
export interface AnswerLength {
  /** What Content-Length says, and what is written has to come to. */
  readonly announced: number | undefined;
  /** There is none, whatever is written. */
  readonly none: boolean;
}

/**
 * How long is it?
 *
 * @param whole Bytes of the body, if it is known whole.
 */
export function answerLength(head: AnswerHead, whole: number | undefined): AnswerLength {
  const { code, bodiless } = head;
  if (code === 204) return { announced: undefined, none: true };
  // What a 205 would say is nothing, by definition (RFC 9110 §15.3.6).
  if (code === 205) return { announced: 0, none: true };
  const declared = head.headers.get("content-length");
  const isDeclared = declared !== undefined && DIGITS.test(declared);
  // What is sent counts, whatever was announced; to HEAD and with 304 nothing is.
  if (isDeclared && (bodiless || whole === undefined)) {
    return { announced: Number(declared), none: bodiless };
  }
  const isKnown = !bodiless || (whole !== undefined && whole > 0 && code !== 304);
  return { announced: isKnown ? whole : undefined, none: bodiless };
}

/**
 * The head of an answer. `Server` and `Date` of the answer stand in the place of the standing ones.
 *
 * @param standing As {@link readStanding} gives them.
 */
export function headFields(
  head: AnswerHead,
  standing: FieldList,
  length: number | undefined,
): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = { ":status": head.code };
  for (let at = 0; at < standing.length; at += 2) {
    const name = standing[at] ?? "";
    if (!head.headers.hasHeader(name)) fields[name] = standing[at + 1];
  }
  addFields(fields, head.headers.list);
  if (length !== undefined) fields["content-length"] = String(length);
  return fields;
}

/** Fields without a head: of an interim answer, or trailers. */
export function plainFields(list: FieldList): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = {};
  addFields(fields, list);
  return fields;
}

function addFields(fields: OutgoingHttpHeaders, list: FieldList): void {
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] ?? "";
    if (NOT_COPIED.has(name)) continue;
    const value = bytesOf(list[at + 1] ?? "");
    // A name may be one of Object.prototype.
    const before = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (before === undefined) fields[name] = value;
    else if (name !== "set-cookie") fields[name] = `${String(before)}, ${value}`;
    else fields[name] = Array.isArray(before) ? [...before, value] : [String(before), value];
  }
}

/** Values are UTF-8, as in HTTP/1; Node takes one byte for each character. */
function bytesOf(value: string): string {
  return NOT_ASCII.test(value) ? Buffer.from(value).toString("latin1") : value;
}

/** `Server` and `Date` as HTTP/1 has them, as a list. */
export function readStanding(text: string): FieldList {
  return text
    .split("\r\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon).toLowerCase(), bytesOf(line.slice(colon + 2))];
    });
}
