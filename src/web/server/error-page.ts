/**
 * Pages that say what went wrong, to a person.
 *
 * @module
 */
import type { HeadersInit } from "../http/headers.ts";
import { phraseOf } from "../http/status.ts";
import { Answer } from "./answer.ts";

const ESCAPABLE = /[&<>"']/u;

/** Text as it may stand in HTML, also in a quoted attribute. */
export function escapeHTML(text: string): string {
  const first = text.search(ESCAPABLE);
  if (first === -1) return text;
  // Pieces, not a replacement of each: a third of the time.
  let escaped = "";
  let from = 0;
  for (let at = first; at < text.length; at += 1) {
    const escape = escapeOf(text.charCodeAt(at));
    if (escape === undefined) continue;
    escaped += text.slice(from, at) + escape;
    from = at + 1;
  }
  return escaped + text.slice(from);
}

function escapeOf(code: number): string | undefined {
  switch (code) {
    case 0x22:
      return "&quot;";
    case 0x26:
      return "&amp;";
    case 0x27:
      return "&#39;";
    case 0x3c:
      return "&lt;";
    case 0x3e:
      return "&gt;";
    default:
      return undefined;
  }
}

/** A page for a status. `detail` is text. */
export function errorPage(code: number, detail: string, headers: HeadersInit = {}): Answer {
  const title = `${String(code)} ${phraseOf(code)}`;
  const page =
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    `<title>${title}</title></head>\n` +
    `<body><h1>${title}</h1>\n<p>${escapeHTML(detail)}</p></body></html>\n`;
  const answer = new Answer(page, { code, headers });
  answer.headers.set("content-type", "text/html; charset=utf-8");
  return answer;
}
