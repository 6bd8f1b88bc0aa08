/**
 * The fields of an answer that somebody else's server sends.
 *
 * @module
 */
import type { AnswerHead } from "../server/channel.ts";
import { bytesOfText } from "../http/field-text.ts";

/** How bytes are framed, and what becomes of the connection, is that server's to say. */
const ITS_OWN = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Names with their values, as bytes.
 *
 * @param length Bytes of the body, if it is known whole.
 */
export function foreignFields(head: AnswerHead, length?: number): [string, string[]][] {
  const { code, bodiless, headers } = head;
  const fields: [string, string[]][] = [];
  // What is sent counts, whatever was announced; but to HEAD only the announcement can tell it.
  const isCounted = length !== undefined && code !== 204 && code !== 304;
  const declared = bodiless ? headers.get("content-length") : undefined;
  const isKnown = isCounted && declared === undefined && (length > 0 || !bodiless);
  for (const [name, values] of headers.getAllRawHeaders()) {
    if (ITS_OWN.has(name) || (name === "content-length" && (isKnown || code === 204))) continue;
    fields.push([name, values.map(bytesOfText)]);
  }
  if (isKnown) fields.push(["content-length", [String(length)]]);
  return fields;
}
