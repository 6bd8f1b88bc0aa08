/**
 * Heads and chunks of HTTP/1 messages, from values to text.
 *
 * Spec: RFC 9112 §3, §4, §7.1. The values are checked where they are set ({@link checkField}), not
 * here.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import { isFieldValue, lowerFieldName, writtenFieldName } from "./field-names.ts";
import type { FieldList } from "./fields.ts";

/** Lines of fields as they are sent, with their ends. */
export function formatFields(fields: FieldList): string {
  let text = "";
  for (let at = 0; at < fields.length; at += 2) {
    text += `${writtenFieldName(fields[at] ?? "")}: ${fields[at + 1] ?? ""}\r\n`;
  }
  return text;
}

/** `GET /path HTTP/1.1` and the fields, to the empty line. */
export function formatRequestHead(method: string, target: string, fields: FieldList): string {
  return `${method} ${target} HTTP/1.1\r\n${formatFields(fields)}\r\n`;
}

/** `HTTP/1.1 200 OK` and the fields, to the empty line. */
export function formatResponseHead(status: number, phrase: string, fields: FieldList): string {
  return `HTTP/1.1 ${String(status)} ${phrase}\r\n${formatFields(fields)}\r\n`;
}

/** What stands before a chunk of so many bytes. After it stands CR LF. */
export function formatChunkSize(bytes: number): string {
  return `${bytes.toString(16)}\r\n`;
}

/** The end of a chunked body. */
export function formatLastChunk(trailers: FieldList = []): string {
  return trailers.length === 0 ? "0\r\n\r\n" : `0\r\n${formatFields(trailers)}\r\n`;
}

/**
 * A field's name and value, as they may be sent.
 *
 * @returns The name in lower case.
 * @throws {TypeError} They would break out of their line.
 */
export function checkField(name: string, value: string): string {
  const lower = lowerFieldName(name);
  if (lower === undefined) {
    throw new TypeError(`Cannot set a field: expected a token for its name, got ${quote(name)}`);
  }
  if (!isFieldValue(value)) {
    throw new TypeError(
      `Cannot set ${name}: expected a value without control characters, got ${quote(value)}`,
    );
  }
  return lower;
}
