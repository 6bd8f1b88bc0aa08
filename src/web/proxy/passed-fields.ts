/**
 * Fields as a proxy passes them on.
 *
 * Spec: RFC 9110 §7.6.1, §7.8, RFC 9113 §8.2.3 (the pieces of a Cookie become one field again).
 *
 * @module
 */
import type { Headers } from "../http/headers.ts";
import { removeHopByHop } from "../http/hop-by-hop.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { textOfBytes } from "../http/field-text.ts";
import type { Request } from "../server/request.ts";

/** What is said anew by whoever sends the message on. */
const SAID_ANEW = new Set(["content-length", "expect", "host", "http2-settings", "via"]);

/** How a request is passed on. */
export interface PassedRequest {
  readonly host: string;
  /** The element of Via that is ours. */
  readonly via: string;
  /** Is this field left out? */
  readonly without: (name: string) => boolean;
  /** What the proxy itself has to say. */
  readonly added: FieldList;
}

/** The fields of a request, for the next server: without what frames the body. */
export function requestFields(headers: Headers, passed: PassedRequest): string[] {
  const fields = ["host", passed.host];
  const kept = removeHopByHop(headers.list);
  let hasCookie = false;
  for (let at = 0; at < kept.length; at += 2) {
    const name = kept[at] ?? "";
    if (SAID_ANEW.has(name) || passed.without(name)) continue;
    if (name !== "cookie") fields.push(name, textOfBytes(kept[at + 1] ?? ""));
    else if (!hasCookie) {
      hasCookie = true;
      fields.push(name, textOfBytes(headers.get(name) ?? ""));
    }
  }
  const via = headers.get("via");
  fields.push("via", via === undefined ? passed.via : `${via}, ${passed.via}`);
  // Trailers are passed on, so who can take them may say so (RFC 9110 §10.1.4).
  if (takesTrailers(headers.get("te"))) fields.push("connection", "te", "te", "trailers");
  fields.push(...passed.added);
  return fields;
}

/** Fields of an interim answer, or trailers: without those for the connection they came on. */
export function passedFields(list: FieldList): string[] {
  return removeHopByHop(list).map((text, at) => (at % 2 === 0 ? text : textOfBytes(text)));
}

function takesTrailers(te: string | undefined): boolean {
  return te !== undefined && /(?:^|[\t ,])trailers(?:$|[\t ,;])/iu.test(te);
}

/**
 * What the client wants to speak instead of HTTP, if it may be passed on. HTTP/1.0 knows none, and
 * what has a body must not (RFC 9110 §7.8 lets us ignore it).
 *
 * @param allowed In lower case.
 */
export function wantedUpgrade(request: Request, allowed: ReadonlySet<string>): string | undefined {
  const { requestHeaders: headers, clientproto, content } = request;
  if (clientproto !== "HTTP/1.1" || content.length !== 0) return undefined;
  const connection = headers.get("connection")?.toLowerCase().split(",") ?? [];
  if (!connection.some((option) => option.trim() === "upgrade")) return undefined;
  const wanted = headers.get("upgrade")?.split(",") ?? [];
  return wanted.map((one) => one.trim()).find((one) => allowed.has(one.toLowerCase()));
}
