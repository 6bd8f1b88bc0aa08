/**
 * Distinguished names as text.
 *
 *     OU=Sales+CN=J.  Smith,DC=example,DC=net     steps by ",", attributes of one step by "+"
 *     CN=Before\0dAfter,O=Lu\C4\8Di\C4\87         "\" and two digits: a byte of UTF-8
 *
 * Spec: RFC 4514 §2 (writing), §3 (reading). Differs: spaces around separators are forgiven, as
 * RFC 2253 §4 does.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { attributeType } from "./_attribute-types.ts";
import { readDER, textOfDER } from "./_der.ts";
import { CertificateError } from "./errors.ts";

/** An attribute, by keyword or dotted number. */
interface Attribute {
  readonly type: string;
  readonly value: string;
}

const KEYWORD = /^[A-Za-z][A-Za-z\d-]*$/u;
const OID = /^[0-2](?:\.(?:0|[1-9]\d*))+$/u;
const HEX_PAIR = /^[\dA-Fa-f]{2}$/u;
const HEX = /^(?:[\dA-Fa-f]{2})+$/u;
/** §2.4: these have a meaning of their own; `=` need not, but may be escaped. */
const SPECIAL = new Set(` "#+,;<=>\\`);
/** What §2.4 and §3 say may not stand unescaped in a value. */
const MUST_ESCAPE = `"+,;<>\\`;

/** The steps, the most significant one first. @throws {CertificateError} */
export function parseDN(text: string): readonly (readonly Attribute[])[] {
  if (text.trim() === "") return [];
  return splitUnescaped(text, ",").map(parseRDN).toReversed();
}

/** The attributes of one step. @throws {CertificateError} */
export function parseRDN(text: string): readonly Attribute[] {
  return splitUnescaped(text, "+").map(parseAttribute);
}

/** As text, the most significant step last. */
export function formatDN(steps: readonly (readonly Attribute[])[]): string {
  return steps.map(formatRDN).toReversed().join(",");
}

function formatRDN(attributes: readonly Attribute[]): string {
  return attributes.map(({ type, value }) => `${type}=${escapeValue(value)}`).join("+");
}

/** §2.4. */
function escapeValue(value: string): string {
  const chars = Array.from(value);
  const last = chars.length - 1;
  return chars.map((char, at) => escapeChar(char, at === 0, at === last)).join("");
}

function escapeChar(char: string, isFirst: boolean, isLast: boolean): string {
  if (char <= "\u001F" || char === "\u007F") return `\\${Buffer.from(char).toString("hex")}`;
  const mustBe = MUST_ESCAPE.includes(char);
  const isEdge = (char === " " && (isFirst || isLast)) || (char === "#" && isFirst);
  return mustBe || isEdge ? `\\${char}` : char;
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function parseAttribute(text: string): Attribute {
  const equals = text.indexOf("=");
  const name = text.slice(0, Math.max(equals, 0)).trim();
  if (equals < 0 || !(KEYWORD.test(name) || OID.test(name))) {
    throw unreadable(text, "a type, = and a value");
  }
  const raw = trimUnescaped(text.slice(equals + 1));
  const value = raw.startsWith("#") ? fromHex(raw) : unescapeValue(raw);
  return { type: attributeType(name)?.keyword ?? name, value };
}

/**
 * Without the spaces around it, but for one that is escaped. By hand: a peer chooses the text, and
 * a regular expression for spaces at the end takes the square of their number.
 */
function trimUnescaped(text: string): string {
  let start = 0;
  while (text[start] === " ") start += 1;
  let end = text.length;
  while (end > start && text[end - 1] === " ") end -= 1;
  let backslashes = 0;
  while (end - backslashes > start && text[end - backslashes - 1] === "\\") backslashes += 1;
  return text.slice(start, backslashes % 2 === 1 ? end + 1 : end);
}

function unescapeValue(raw: string): string {
  const bytes: Buffer[] = [];
  let at = 0;
  while (at < raw.length) {
    const char = String.fromCodePoint(raw.codePointAt(at) ?? 0);
    if (char === "\\") {
      const pair = raw.slice(at + 1, at + 3);
      const next = pair.charAt(0);
      if (HEX_PAIR.test(pair)) bytes.push(Buffer.from(pair, "hex"));
      else if (SPECIAL.has(next)) bytes.push(Buffer.from(next));
      else throw unreadable(raw, 'after "\\" a special character or two digits');
      at += HEX_PAIR.test(pair) ? 3 : 2;
    } else {
      if (MUST_ESCAPE.includes(char)) throw unreadable(raw, `${quote(char)} to be escaped`);
      bytes.push(Buffer.from(char));
      at += char.length;
    }
  }
  return Buffer.concat(bytes).toString("utf8");
}

/** §2.4: `#` and the encoding of the value, for types that the writer did not know. */
function fromHex(raw: string): string {
  if (!HEX.test(raw.slice(1))) throw unreadable(raw, "pairs of digits after #");
  const bytes = Buffer.from(raw.slice(1), "hex");
  const value = readDER(bytes);
  if (value?.end !== bytes.length) throw unreadable(raw, "one value in BER after #");
  const text = textOfDER(value);
  if (text !== undefined) return text;
  throw new CertificateError(
    `Cannot read distinguished name value ${quote(raw)}: expected a string, ` +
      `got a value with tag ${String(value.tag)}`,
    "unsupported",
  );
}

function unreadable(text: string, expected: string): CertificateError {
  return new CertificateError(
    `Cannot read distinguished name ${quote(text)}: expected ${expected}`,
    "unreadable",
  );
}
