/**
 * Is what the client has still good? Then it is sent nothing.
 *
 * After: `CACHED`, `setETag` and `setLastModified` of twisted.web.http. Differs: all conditions of
 * RFC 9110 §13 count, in their order, and not each by itself.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { evaluateConditions } from "../http/conditional.ts";
import { parseEntityTag } from "../http/entity-tag.ts";
import type { Headers } from "../http/headers.ts";
import { formatHTTPDate, parseHTTPDate } from "../http/http-date.ts";

/** The status says it all: answer with an empty body. */
export const CACHED: unique symbol = Symbol("CACHED");

/** What of a request is needed here. */
interface Conditional {
  readonly method: string;
  readonly responseHeaders: Headers;
  getHeader(name: string): string | undefined;
  setResponseCode(code: number): void;
  wallClock(): number | undefined;
}

/** See `Request.setETag`. */
export function setETag(request: Conditional, etag: string): typeof CACHED | undefined {
  if (parseEntityTag(etag) === undefined) {
    throw new TypeError(
      `Cannot set the ETag: expected one like "v1" or W/"v1", got ${quote(etag)}`,
    );
  }
  request.responseHeaders.set("etag", etag);
  return check(request);
}

/** See `Request.setLastModified`. */
export function setLastModified(request: Conditional, seconds: number): typeof CACHED | undefined {
  const field = formatHTTPDate(seconds);
  const before = lastModifiedOf(request);
  if (before === undefined || before < seconds) request.responseHeaders.set("last-modified", field);
  return check(request);
}

function lastModifiedOf({ responseHeaders }: Conditional): number | undefined {
  return parseHTTPDate(responseHeaders.get("last-modified") ?? "", 0);
}

/** Compare with what the client has. */
function check(request: Conditional): typeof CACHED | undefined {
  const { method } = request;
  const etag = parseEntityTag(request.responseHeaders.get("etag") ?? "");
  const lastModified = lastModifiedOf(request);
  const outcome = evaluateConditions(
    { method, field: (name) => request.getHeader(name) },
    {
      exists: true,
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { lastModified }),
    },
    request.wallClock() ?? 0,
  );
  if (outcome === "proceed") return undefined;
  request.setResponseCode(outcome === "failed" ? 412 : 304);
  return CACHED;
}
