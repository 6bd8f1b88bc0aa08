/**
 * Values of fields between two worlds: sennit sends text as UTF-8, and in Node and on the web each
 * character is one byte.
 *
 * @module
 */
// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\0-\u007f]*$/u;
const UTF8 = new TextDecoder("utf-8", { fatal: true });

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
