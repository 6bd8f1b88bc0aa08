/**
 * The conditions of a request: is what the client has, or thinks we have, still so?
 *
 *     1  If-Match             unlike: failed          not there: 2
 *     2  If-Unmodified-Since  later:  failed
 *     3  If-None-Match        like:   not modified (GET, HEAD), failed      not there: 4
 *     4  If-Modified-Since    not later: not modified (GET, HEAD only)
 *     5  If-Range             unlike: no Range
 *
 * Spec: RFC 9110 §13.1, §13.2. Where it is silent: a list of entity tags that cannot be read
 * matches nothing, except in `If-None-Match` of a method that changes something, where it fails:
 * whoever sent it wanted to be protected from a change.
 *
 * After: `setLastModified` and `setETag` of twisted.web.http.Request, which know
 * `If-Modified-Since` and `If-None-Match`, each by itself.
 *
 * @module
 */
import {
  type EntityTag,
  isStrongMatch,
  isWeakMatch,
  parseEntityTag,
  parseEntityTags,
} from "./entity-tag.ts";
import { parseHTTPDate } from "./http-date.ts";

/** What of a request the conditions are in. */
export interface ConditionalRequest {
  readonly method: string;
  /**
   * The value of a field, the name in lower case; `undefined` when the request has none. Several
   * lines of a field are joined with a comma.
   */
  field(name: string): string | undefined;
}

/** What of the representation that would be sent, or changed, is compared. */
export interface SelectedRepresentation {
  readonly exists: boolean;
  /** What its `ETag` is. */
  readonly etag?: EntityTag;
  /** What its `Last-Modified` is, in seconds since the epoch. A part of a second is cut off. */
  readonly lastModified?: number;
}

/** `not-modified` is answered with 304, `failed` with 412. */
export type ConditionOutcome = "proceed" | "not-modified" | "failed";

/** Methods that select no representation: their conditions are ignored (RFC 9110 §13.2.1). */
const UNCONDITIONAL = new Set(["CONNECT", "OPTIONS", "TRACE"]);

/**
 * Evaluate steps 1 to 4. Ask only when the answer without conditions would be a 2xx: a 404, a 403
 * or a redirect goes out whatever the conditions say (RFC 9110 §13.2.1). A GET or HEAD of what does
 * not exist is taken for a 404 here too.
 *
 * @param now Seconds since the epoch, for dates with a year of two digits.
 *
 * @example
 * ```ts
 * import { evaluateConditions } from "sennit/http";
 *
 * const fields = new Map([["if-none-match", '"v1", "v2"']]);
 * const request = { method: "GET", field: (name: string) => fields.get(name) };
 * const selected = { exists: true, etag: { weak: false, tag: "v2" } };
 * console.log(evaluateConditions(request, selected, 1_800_000_000)); // not-modified
 * ```
 */
export function evaluateConditions(
  request: ConditionalRequest,
  selected: SelectedRepresentation,
  now: number,
): ConditionOutcome {
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (UNCONDITIONAL.has(request.method) || (isRead && !selected.exists)) return "proceed";
  if (!isExpectedState(request, selected, now)) return "failed";
  if (isNewToClient(request, selected, now, isRead)) return "proceed";
  return isRead ? "not-modified" : "failed";
}

/** Steps 1 and 2. */
function isExpectedState(
  request: ConditionalRequest,
  selected: SelectedRepresentation,
  now: number,
): boolean {
  const match = request.field("if-match");
  if (match !== undefined) return isListed(parseEntityTags(match) ?? [], selected, isStrongMatch);
  const date = parseDate(request.field("if-unmodified-since"), now);
  const modified = wholeSeconds(selected.lastModified);
  return date === undefined || modified === undefined || modified <= date;
}

/** Steps 3 and 4. */
function isNewToClient(
  request: ConditionalRequest,
  selected: SelectedRepresentation,
  now: number,
  isRead: boolean,
): boolean {
  const noneMatch = request.field("if-none-match");
  if (noneMatch !== undefined) {
    const tags = parseEntityTags(noneMatch);
    return tags === undefined ? isRead : !isListed(tags, selected, isWeakMatch);
  }
  const date = isRead ? parseDate(request.field("if-modified-since"), now) : undefined;
  const modified = wholeSeconds(selected.lastModified);
  return date === undefined || modified === undefined || modified > date;
}

function isListed(
  tags: "*" | readonly EntityTag[],
  { exists, etag }: SelectedRepresentation,
  isMatch: (one: EntityTag, other: EntityTag) => boolean,
): boolean {
  if (!exists) return false;
  return tags === "*" || (etag !== undefined && tags.some((tag) => isMatch(tag, etag)));
}

/**
 * Evaluate step 5: may the `Range` of this request be served? Ask after {@link evaluateConditions}
 * said `proceed`, and read the range with `parseRange` then. Without `If-Range` it may.
 *
 * A date counts only when its second is over (RFC 9110 §8.8.2.2): within it, what we send could
 * change again and keep its date.
 *
 * @param now Seconds since the epoch.
 * @returns `false`: send the whole representation.
 */
export function mayServeRange(
  request: ConditionalRequest,
  { etag, lastModified }: SelectedRepresentation,
  now: number,
): boolean {
  // RFC 9110 §14.2: Range means something to GET only.
  if (request.method !== "GET") return false;
  const condition = request.field("if-range");
  if (condition === undefined) return true;
  const tag = parseEntityTag(condition);
  if (tag !== undefined) return etag !== undefined && isStrongMatch(tag, etag);
  const date = parseHTTPDate(condition, now);
  return date !== undefined && date === wholeSeconds(lastModified) && date + 1 <= now;
}

function parseDate(text: string | undefined, now: number): number | undefined {
  return text === undefined ? undefined : parseHTTPDate(text, now);
}

/** Dates in fields know no parts of a second. */
function wholeSeconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.floor(seconds);
}
