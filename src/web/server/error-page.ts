/**
 * Pages that say what went wrong, to a person.
 *
 * @module
 */
import type { HeadersInit } from "../http/headers.ts";
import { phraseOf } from "../http/status.ts";
import { Answer } from "./answer.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand in HTML, also in a quoted attribute. */
export function escapeHTML(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (one) => ESCAPES[one] ?? one);
}

/** A page for a status. `detail` is text. */
export function errorPage(code: number, detail: string, headers: HeadersInit = {}): Answer {
  const title = `${String(code)} ${phraseOf(code)}`;
  const page =
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>\n` +
    `<body><h1>${title}</h1>\n<p>${escapeHTML(detail)}</p></body></html>\n`;
  const answer = new Answer(page, { code, headers });
  answer.headers.set("content-type", "text/html; charset=utf-8");
  return answer;
}
