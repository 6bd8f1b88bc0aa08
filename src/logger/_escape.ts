/**
 * Characters that could forge or hide lines of a log, made visible.
 *
 *     "bye\r\n2026-01-01 [admin] granted"   ->   bye\r\n2026-01-01 [admin] granted   (one line)
 *
 * Escaped are all control characters, the line and paragraph separators of Unicode, and the marks
 * that turn the direction of text (with which a line can be made to read as another).
 *
 * @module
 */

const UNSAFE = /[\p{Cc}\u2028-\u202E\u2066-\u2069]/gu;

const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The text on one line. A backslash is left alone: paths stay readable, the text is not undone. */
export function escapeLine(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT.get(character) ?? unicodeEscape(character));
}

/** As {@link escapeLine}, but line ends stay: for tracebacks. */
export function escapeLines(text: string): string {
  return text
    .split(/\r?\n/u)
    .map((line) => escapeLine(line))
    .join("\n");
}

/** The same for JSON, where these characters stand only in strings. The value is not changed. */
export function escapeJSON(json: string): string {
  return json.replace(UNSAFE, unicodeEscape);
}
