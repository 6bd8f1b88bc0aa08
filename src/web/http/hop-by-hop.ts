/**
 * The fields that are about one connection: a proxy does not pass them on.
 *
 *     Connection: close, X-Trace        takes itself and x-trace away
 *
 * Spec: RFC 9110 §7.6.1, §11.7 (a proxy's own credentials). Differs: `Connection` cannot take away
 * `Host` and `Content-Length`. No sender may name them there, and without them the message would be
 * another one.
 *
 * @module
 */
import type { FieldList } from "./wire/fields.ts";

/** RFC 9110 §7.6.1 and §11.7, and `Proxy-Connection` of RFC 9112 §C.2.2. */
const ALWAYS = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
];
const NEVER = new Set(["content-length", "host"]);

/**
 * The fields without those for the connection they came on. Add what the proxy itself has to say
 * (`Forwarded`, `Via`) after it: a client may name that too in its `Connection`.
 *
 * @param fields Name, value, name, value; the names in lower case.
 * @returns A list of the same form.
 */
export function removeHopByHop(fields: FieldList): string[] {
  const removed = new Set(ALWAYS);
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at] === "connection") for (const name of options(fields[at + 1])) removed.add(name);
  }
  const kept: string[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at] ?? "";
    if (!removed.has(name)) kept.push(name, fields[at + 1] ?? "");
  }
  return kept;
}

/** What a `Connection` names; what is no token names no field. */
function options(value = ""): readonly string[] {
  const names = value.split(",").map((name) => name.trim().toLowerCase());
  return names.filter((name) => !NEVER.has(name));
}
