/**
 * The head of an HTTP/1 answer: how its body is framed, and what is said about the connection.
 *
 * Spec: RFC 9112 §6, §7.1, §9.3, §9.6; RFC 9110 §6.6.1, §8.6.
 *
 * @module
 */
import { phraseOf, RESPONSES } from "../http/status.ts";
import type { HTTPVersion } from "../http/wire/events.ts";
import { writtenFieldName } from "../http/wire/field-names.ts";
import type { AnswerHead } from "./channel.ts";
import type { UsualHeads } from "./usual-heads.ts";

/** How a body is framed; `none`: there is none. */
export type AnswerFraming = "length" | "chunked" | "until-close" | "none";

/** What the answer depends on beside itself. */
export interface AnswerSetting {
  /** Of the request. */
  readonly version: HTTPVersion;
  /** Bytes of the body, if it is known whole. */
  readonly length: number | undefined;
  /** `Server` and `Date`, with the ends of their lines. */
  readonly standing: string;
  /** The connection is closed after it, whatever the fields say. */
  readonly closing: boolean;
  /** Default: every head is put together for itself. */
  readonly usual?: UsualHeads;
}

/** A head, and what it means for what follows. */
export interface FormattedHead {
  /** To the empty line. */
  readonly text: string;
  readonly framing: AnswerFraming;
  /** Bytes that the body must have; `undefined`: as many as come. */
  readonly length: number | undefined;
  /** The connection is closed after it. */
  readonly closes: boolean;
}

const STATUS_LINES = new Map(
  [...RESPONSES.keys()].map((code) => [code, statusLine(code, phraseOf(code))]),
);
const CLOSE = /(?:^|[\t ,])close(?:$|[\t ,])/iu;
const DIGITS = /^\d{1,15}$/u;

function statusLine(code: number, phrase: string): string {
  return `HTTP/1.1 ${String(code)} ${phrase}\r\n`;
}

/** See the top of this file. */
export function formatAnswerHead(head: AnswerHead, setting: AnswerSetting): FormattedHead {
  return usualHead(head, setting) ?? anyHead(head, setting);
}

function usualHead(head: AnswerHead, setting: AnswerSetting): FormattedHead | undefined {
  const { version, length, standing, closing, usual } = setting;
  if (head.code !== 200 || head.phrase !== "OK" || head.bodiless) return undefined;
  if (length === undefined || closing || version === "1.0") return undefined;
  const start = usual?.startOf(head.headers.list, standing);
  if (start === undefined) return undefined;
  return { text: `${start}${String(length)}\r\n\r\n`, framing: "length", length, closes: false };
}

function anyHead(head: AnswerHead, setting: AnswerSetting): FormattedHead {
  const { code, phrase, headers, bodiless } = head;
  const { list } = headers;
  let { closing: closes, standing } = setting;
  let text = "";
  let declared: string | undefined;
  let connection: string | undefined;
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] ?? "";
    const value = list[at + 1] ?? "";
    switch (name) {
      case "content-length":
        declared = value;
        continue;
      case "transfer-encoding":
        continue; // How bytes are framed on the wire is ours to say.
      case "connection":
        connection = connection === undefined ? value : `${connection}, ${value}`;
        continue;
      case "date":
      case "server":
        standing = without(standing, name);
        break;
      default:
    }
    text += `${writtenFieldName(name)}: ${value}\r\n`;
  }
  const { framing, length } = bodiless
    ? bodilessFraming(head, setting, declared)
    : framed(setting, declared);
  if (framing === "until-close") closes = true;
  if (framing === "chunked") text += "Transfer-Encoding: chunked\r\n";
  else if (length !== undefined) text += `Content-Length: ${String(length)}\r\n`;
  if (connection !== undefined && CLOSE.test(connection)) closes = true;
  else if (closes) connection = connection === undefined ? "close" : `${connection}, close`;
  else if (setting.version === "1.0") connection = "keep-alive";
  if (connection !== undefined) text += `Connection: ${connection}\r\n`;
  const known = STATUS_LINES.get(code);
  const start = known !== undefined && phrase === phraseOf(code) ? known : statusLine(code, phrase);
  return {
    text: `${start}${standing}${text}\r\n`,
    framing,
    length: framing === "length" ? length : undefined,
    closes,
  };
}

interface Framing {
  readonly framing: AnswerFraming;
  readonly length: number | undefined;
}

function framed({ version, length }: AnswerSetting, declared: string | undefined): Framing {
  // What is sent counts, whatever was announced.
  if (length !== undefined) return { framing: "length", length };
  if (declared !== undefined && DIGITS.test(declared)) {
    return { framing: "length", length: Number(declared) };
  }
  return { framing: version === "1.0" ? "until-close" : "chunked", length: undefined };
}

/** To HEAD and with 304 the length may be told that the body would have; else there is none. */
function bodilessFraming(
  { code }: AnswerHead,
  { length }: AnswerSetting,
  declared: string | undefined,
): Framing {
  if (code < 200 || code === 204) return { framing: "none", length: undefined };
  if (declared !== undefined && DIGITS.test(declared)) {
    return { framing: "none", length: Number(declared) };
  }
  const isKnown = length !== undefined && length > 0 && code !== 304;
  return { framing: "none", length: isKnown ? length : undefined };
}

/** The standing fields but for one that the answer has itself. */
function without(standing: string, name: string): string {
  return standing
    .split(/(?<=\r\n)/u)
    .filter((line) => !line.toLowerCase().startsWith(`${name}:`))
    .join("");
}
