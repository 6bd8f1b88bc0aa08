/**
 * The head of a request of HTTP/2, as `node:http2` hands it over.
 *
 * Spec: RFC 9113 §8.1.1, §8.2.3, §8.3. nghttp2 has refused what it calls malformed: names in upper
 * case, fields of one connection, a Content-Length that does not fit, pseudo-headers that are
 * missing, repeated or late.
 *
 * @module
 */
import type { IncomingHttpHeaders } from "node:http2";
import type { FieldList } from "../http/wire/fields.ts";
import type { CompleteLimits } from "../http/wire/limits.ts";
import { isAuthority, readTarget } from "../http/wire/targets.ts";

/** What a request of HTTP/2 says. */
export interface HTTP2RequestHead {
  readonly method: string;
  /** The target as it was sent: the path, or the authority of a CONNECT. */
  readonly uri: string;
  readonly path: string;
  readonly authority: string;
  /** Without those that begin with a colon; with Host, as in HTTP/1. */
  readonly fields: FieldList;
  /** The request has no body. */
  readonly ended: boolean;
  readonly expectsContinue: boolean;
}

/** A request that is answered with this status, and goes no further. */
export type RefusedStatus = 400 | 413 | 414 | 417 | 431;

/**
 * Read it.
 *
 * @param raw Names and values in turn, in the order in which they came.
 * @param ended The request has no body.
 */
export function readRequestHead(
  headers: IncomingHttpHeaders,
  raw: readonly string[],
  ended: boolean,
  limits: CompleteLimits,
): HTTP2RequestHead | RefusedStatus {
  if (isTooLarge(raw, limits)) return 431;
  const method = headers[":method"] ?? "";
  const path = headers[":path"] ?? "";
  const authority = readAuthority(headers);
  if (authority === undefined || Array.isArray(method) || Array.isArray(path)) return 400;
  if (path.length > limits.maxTargetBytes) return 414;
  const isConnect = method === "CONNECT";
  const uri = isConnect ? authority : path;
  const target = readTarget(method, uri);
  // A path that is a whole URL would name two places.
  if (target === undefined || (target.authority !== undefined && !isConnect)) return 400;
  const expect = headers.expect?.toLowerCase();
  if (expect !== undefined && expect !== "100-continue") return 417;
  if (Number(headers["content-length"] ?? 0) > limits.maxBodyBytes) return 413;
  const fields = withHost(fieldsOf(raw), headers.host === undefined ? authority : "");
  const expectsContinue = expect !== undefined && !ended;
  return { method, uri, path: target.path, authority, fields, ended, expectsContinue };
}

/** The pseudo-fields count for the bytes, not for the number. */
function isTooLarge(raw: readonly string[], { maxFields, maxHeadBytes }: CompleteLimits): boolean {
  let bytes = 0;
  let pseudo = 0;
  for (let at = 0; at < raw.length; at += 1) bytes += raw[at]?.length ?? 0;
  while (raw[2 * pseudo]?.startsWith(":") === true) pseudo += 1;
  return bytes > maxHeadBytes || raw.length / 2 - pseudo > maxFields;
}

/** `undefined`: there are two, or it is none. Two names for one place are malformed (§8.3.1). */
function readAuthority(headers: IncomingHttpHeaders): string | undefined {
  const named = headers[":authority"];
  const { host } = headers;
  if (Array.isArray(named)) return undefined;
  const isOne = named === undefined || host === undefined || isSame(named, host);
  const authority = named ?? host ?? "";
  return isOne && isAuthority(authority) ? authority : undefined;
}

function isSame(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}

/** Fields without those that begin with a colon, which are the first of them. */
export function fieldsOf(raw: readonly string[]): FieldList {
  let at = 0;
  while (raw[at]?.startsWith(":") === true) at += 2;
  return raw.slice(at);
}

/** What is written for HTTP/1 asks for Host, and Twisted puts it there, too. */
function withHost(fields: FieldList, host: string): FieldList {
  return host === "" ? fields : ["host", host, ...fields];
}
