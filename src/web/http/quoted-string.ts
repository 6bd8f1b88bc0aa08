/**
 * Text as it is written in fields: as a token where it is one, else between quotes.
 *
 * Spec: RFC 9110 §5.6.2 (tokens), §5.6.4 (quoted strings; quoted pairs only where they must be).
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { isToken } from "./wire/field-names.ts";

const QUOTABLE = /^[\t\x20-\x7e\x80-\xff]*$/u;

/**
 * `text` between quotes.
 *
 * @throws {TypeError} It has characters that no field can carry: control characters, or beyond
 * Latin-1.
 */
export function formatQuotedString(text: string): string {
  if (!QUOTABLE.test(text)) {
    throw new TypeError(
      `Cannot quote ${quote(text)}: expected Latin-1 text without control characters`,
    );
  }
  return `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}

/**
 * `text` as it is when it is a token, else between quotes.
 *
 * @throws {TypeError} As {@link formatQuotedString}.
 */
export function formatValue(text: string): string {
  return isToken(text) ? text : formatQuotedString(text);
}
