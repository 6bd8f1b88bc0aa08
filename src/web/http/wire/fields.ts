/**
 * The fields of a message, and what they say about its framing.
 *
 *     Host: a\r\n  X-Y: 1\r\n  \r\n     ["host", "a", "x-y", "1"]
 *
 * Spec: RFC 9112 §5 (syntax), §6 (framing), RFC 9110 §5. Differs: no folded lines; a repeated
 * Content-Length is refused even if it says the same twice; so is a Transfer-Encoding that is
 * anything but `chunked`, and both together: each of them is read differently by some server on
 * the way.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import { isFieldValue, lowerFieldName } from "./field-names.ts";
import type { Inbox, LineLimit } from "./inbox.ts";
import { HTTPMessageError, type HTTPFault } from "./message-error.ts";
import { isAuthority } from "./targets.ts";

/** Name, value, name, value: names in lower case, values without the white space around them. */
export type FieldList = readonly string[];

/** What the fields of one message come to. Shared between messages: nobody changes it. */
export interface Fields {
  readonly list: FieldList;
  /** The value of Content-Length; `undefined` if there is none. */
  readonly contentLength: number | undefined;
  /** The values of Transfer-Encoding, joined, in lower case; `undefined` if there are none. */
  readonly transferEncoding: string | undefined;
  /** The options of Connection, in lower case. */
  readonly connection: readonly string[];
  /** The last Host. */
  readonly host: string | undefined;
  /** May it stand in Host (RFC 9110 §7.2)? */
  readonly isHostValid: boolean;
  /** How many Host fields there are. */
  readonly hosts: number;
  /** The values of Expect, joined, in lower case. */
  readonly expect: string | undefined;
  readonly upgrade: string | undefined;
}

const SPACE = 32;
const TAB = 9;
const DIGITS = /^\d{1,16}$/u;
const NO_OPTIONS: readonly string[] = [];

/** The bounds of a block of fields. */
export interface FieldLimits {
  /** Of one line. */
  readonly line: LineLimit;
  readonly maxFields: number;
  /** All lines with their ends, but for the empty one. */
  readonly maxBytes: number;
  /** What it is called when they are more. */
  readonly tooLarge: HTTPFault;
}

/** Reads the lines of one block of fields, to its empty line. */
export class FieldReader {
  readonly #limits: FieldLimits;
  #list: string[] = [];
  #bytes: number;

  /** @param bytes What counts for `maxBytes` already: the line before the fields. */
  constructor(limits: FieldLimits, bytes = 0) {
    this.#limits = limits;
    this.#bytes = bytes;
  }

  /** All bytes taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Read on.
   *
   * @returns The fields when the block is whole; `undefined` when more must come.
   * @throws {HTTPMessageError}
   */
  read(inbox: Inbox): FieldList | undefined {
    for (;;) {
      const line = inbox.line(lineLimit(this.#limits, this.#bytes));
      if (line === undefined) return undefined;
      this.#bytes += line.length + 2;
      if (line === "") return this.#list;
      if (this.#list.length === 2 * this.#limits.maxFields) {
        const most = String(this.#limits.maxFields);
        throw new HTTPMessageError(
          "too-many-fields",
          `Cannot read fields: expected at most ${most}`,
        );
      }
      readField(line, this.#list);
    }
  }
}

/** The bound of the next line of a block of which `bytes` are taken. */
function lineLimit(limits: FieldLimits, bytes: number): LineLimit {
  // The line's end counts for the block.
  const left = Math.max(0, limits.maxBytes - bytes - 2);
  return left < limits.line.bytes ? { bytes: left, fault: limits.tooLarge } : limits.line;
}

function readField(line: string, into: string[]): void {
  const colon = line.indexOf(":");
  const name = colon === -1 ? undefined : lowerFieldName(line.slice(0, colon));
  if (name === undefined) throw nameError(line, colon);
  const value = withoutBlanks(line, colon + 1);
  if (!isFieldValue(value)) {
    const got = quote(value);
    throw new HTTPMessageError(
      "field-value",
      `Cannot read the value of ${name}: expected no control characters, got ${got}`,
    );
  }
  into.push(name, value);
}

/** What stands from there on, but for the blanks around it: the two of HTTP, no others. */
function withoutBlanks(text: string, from = 0): string {
  let start = from;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function nameError(line: string, colon: number): HTTPMessageError {
  if (isBlank(line.charCodeAt(0))) {
    return new HTTPMessageError("folding", "Cannot read a field: expected its name, got a fold");
  }
  const got = quote(colon === -1 ? line : line.slice(0, colon));
  const expected = colon === -1 ? "a colon" : "a token before the colon";
  return new HTTPMessageError(
    "field-name",
    `Cannot read a field: expected ${expected}, got ${got}`,
  );
}

/**
 * What the fields say.
 *
 * @throws {HTTPMessageError} They contradict each other, or cannot be read.
 */
export function interpret(list: FieldList): Fields {
  let contentLength: number | undefined;
  let transferEncoding: string | undefined;
  let connection = NO_OPTIONS;
  let host: string | undefined;
  let hosts = 0;
  let expect: string | undefined;
  let upgrade: string | undefined;
  for (let at = 0; at < list.length; at += 2) {
    const value = list[at + 1] ?? "";
    switch (list[at]) {
      case "content-length":
        if (contentLength !== undefined) {
          throw new HTTPMessageError("length-repeated", "Cannot frame a body: two Content-Lengths");
        }
        contentLength = readLength(value);
        break;
      case "transfer-encoding":
        if (transferEncoding !== undefined) {
          throw new HTTPMessageError(
            "coding-repeated",
            "Cannot frame a body: two Transfer-Encodings",
          );
        }
        transferEncoding = value.toLowerCase();
        break;
      case "connection":
        connection = connection === NO_OPTIONS ? options(value) : connection.concat(options(value));
        break;
      case "host":
        host = value;
        hosts += 1;
        break;
      case "expect":
        expect = expect === undefined ? value.toLowerCase() : `${expect}, ${value.toLowerCase()}`;
        break;
      case "upgrade":
        upgrade = upgrade === undefined ? value : `${upgrade}, ${value}`;
        break;
      default:
    }
  }
  if (transferEncoding !== undefined && contentLength !== undefined) {
    throw new HTTPMessageError(
      "coding-with-length",
      "Cannot frame a body: expected a Content-Length or a Transfer-Encoding, got both",
    );
  }
  // Looked at once for all messages with the same fields.
  const isHostValid = host === undefined || isAuthority(host);
  const framing = { contentLength, transferEncoding, connection };
  return { list, ...framing, host, isHostValid, hosts, expect, upgrade };
}

function readLength(value: string): number {
  const length = DIGITS.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(length)) return length;
  throw new HTTPMessageError(
    "length-invalid",
    `Cannot read a Content-Length: expected digits, got ${quote(value)}`,
  );
}

/** The members of a list of tokens, in lower case. */
function options(value: string): readonly string[] {
  return value
    .toLowerCase()
    .split(",")
    .map((option) => withoutBlanks(option))
    .filter((option) => option !== "");
}
