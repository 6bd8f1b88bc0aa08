/**
 * Fields of an answer that others made: an app that is mounted, a server behind, a script.
 *
 * @module
 */
import { textOfBytes } from "../http/field-text.ts";
import type { FieldList } from "../http/wire/fields.ts";
import type { Request } from "./request.ts";

/** Fields that a resource above may have set too: both count. */
const ADDED = new Set(["set-cookie", "vary"]);

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
