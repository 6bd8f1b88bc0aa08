/**
 * Values of fields between two worlds: sennit sends text as UTF-8, and in Node and on the web each
 * character is one byte.
 *
 * @module
 */
import type { FieldList } from "../http/wire/fields.ts";
import type { Request } from "../server/request.ts";

// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\0-\u007f]*$/u;
const UTF8 = new TextDecoder("utf-8", { fatal: true });
/** Fields that a resource above the mounted one may have set too: both count. */
const ADDED = new Set(["set-cookie", "vary"]);

/** A value that is bytes, as text that is sent as these bytes; Latin-1 becomes UTF-8. */
export function textOfBytes(value: string): string {
  if (ASCII.test(value)) return value;
  try {
    return UTF8.decode(Buffer.from(value, "latin1"));
  } catch {
    return value; // No UTF-8, so it is Latin-1: it is text already.
  }
}

/** The other way: text as the bytes that are sent for it. */
export function bytesOfText(value: string): string {
  return ASCII.test(value) ? value : Buffer.from(value, "utf8").toString("latin1");
}

/** Put fields into an answer, in the place of those that it has; their values are bytes. */
export function copyFields(request: Request, fields: FieldList): void {
  const { responseHeaders } = request;
  const seen = new Set(ADDED);
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? "";
    const value = textOfBytes(fields[at + 1] ?? "");
    if (seen.has(name)) responseHeaders.addRawHeader(name, value);
    else responseHeaders.set(name, value);
    seen.add(name);
  }
}
