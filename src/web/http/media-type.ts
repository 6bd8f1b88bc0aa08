/**
 * Media types, with their parameters: the value of `Content-Type`.
 *
 *     text/html; charset="utf-8"      is the same as      Text/HTML;Charset=utf-8
 *
 * Spec: RFC 9110 §8.3.1, §5.6.6; RFC 6838 §4.3 (a parameter comes once). Differs: none of the
 * repairs that browsers do (WHATWG MIME Sniffing §4.4): what two readers repair differently is how
 * one of them is fooled.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { ValueReader } from "./value-reader.ts";
import { formatValue } from "./quoted-string.ts";
import { isToken } from "./wire/field-names.ts";

/** A media type. */
export interface MediaType {
  /** In lower case: `text`. */
  readonly type: string;
  /** In lower case: `html`. */
  readonly subtype: string;
  /** Names in lower case; values as they came, without quotes: `UTF-8` and `utf-8` are both met. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Read a media type; `undefined` if it is none, or has a parameter twice.
 *
 * @example
 * ```ts
 * import { parseMediaType } from "sennit/http";
 *
 * const type = parseMediaType('Text/HTML; charset="utf-8"');
 * console.log(type?.type, type?.subtype, type?.parameters.get("charset")); // text html utf-8
 * ```
 */
export function parseMediaType(text: string): MediaType | undefined {
  const reader = new ValueReader(text);
  const type = reader.token()?.toLowerCase();
  if (type === undefined || !reader.take("/")) return undefined;
  const subtype = reader.token()?.toLowerCase();
  if (subtype === undefined) return undefined;
  reader.skipWhitespace();
  const parameters = reader.take(";") ? reader.parameters() : new Map<string, string>();
  return parameters !== undefined && reader.isAtEnd ? { type, subtype, parameters } : undefined;
}

/**
 * The media type as it stands in a field; values are quoted where they must be.
 *
 * @throws {TypeError} A name is no token, or a value is not to be written in a field.
 */
export function formatMediaType({ type, subtype, parameters }: MediaType): string {
  const names = [type, subtype, ...parameters.keys()];
  const wrong = names.find((name) => !isToken(name));
  if (wrong !== undefined) {
    throw new TypeError(`Cannot write a media type: expected a token, got ${quote(wrong)}`);
  }
  const written = [...parameters].map(([name, value]) => `; ${name}=${formatValue(value)}`);
  return `${type}/${subtype}${written.join("")}`;
}
