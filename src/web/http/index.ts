/**
 * What HTTP messages say, without connections: fields, dates, tags, ranges, cookies, negotiation;
 * and the readers of HTTP/1 that a server and a client are made of, for people who bring their own
 * transport.
 *
 * @example
 * ```ts
 * import { RequestReader } from "sennit/http";
 *
 * const reader = new RequestReader();
 * reader.receive(Buffer.from("GET /a?b HTTP/1.1\r\nHost: example.com\r\n\r\n"));
 * for (let event = reader.next(); event !== undefined; event = reader.next()) {
 *   console.log(event.type); // request, end
 * }
 * ```
 *
 * @module http
 */

// Fields
export { Headers, type HeadersInit } from "./headers.ts";
export { removeHopByHop } from "./hop-by-hop.ts";
export { RESPONSES } from "./status.ts";

// What they say
export {
  type Challenge,
  formatChallenge,
  parseAuthorization,
  parseChallenges,
} from "./authorization.ts";
export {
  type ConditionalRequest,
  type ConditionOutcome,
  evaluateConditions,
  mayServeRange,
  type SelectedRepresentation,
} from "./conditional.ts";
export { formatSetCookie, parseCookies, type SetCookieOptions } from "./cookie.ts";
export {
  type EntityTag,
  formatEntityTag,
  isStrongMatch,
  isWeakMatch,
  parseEntityTag,
  parseEntityTags,
} from "./entity-tag.ts";
export {
  type ForwardedElement,
  type ForwardedNode,
  formatForwarded,
  parseForwarded,
} from "./forwarded.ts";
export { formatHTTPDate, parseHTTPDate } from "./http-date.ts";
export { formatMediaType, type MediaType, parseMediaType } from "./media-type.ts";
export { preferredEncoding, preferredLanguage, preferredMediaType } from "./negotiation.ts";
export { parseQuery, type QueryLimits, QueryTooLargeError } from "./query.ts";
export {
  type ByteRange,
  type ContentRange,
  formatContentRange,
  parseContentRange,
  parseRange,
  type RangeLimits,
} from "./range.ts";

// Wire halves
export type {
  DataEvent,
  EndEvent,
  Framing,
  HTTPVersion,
  RequestHead,
  ResponseHead,
} from "./wire/events.ts";
export type { FieldList, Fields } from "./wire/fields.ts";
export {
  formatChunkSize,
  formatLastChunk,
  formatRequestHead,
  formatResponseHead,
} from "./wire/head-writer.ts";
export {
  type CompleteLimits,
  completeLimits,
  HTTP_LIMITS,
  type HTTPLimits,
} from "./wire/limits.ts";
export { FAULT_STATUS, type HTTPFault, HTTPMessageError } from "./wire/message-error.ts";
export { type RequestEvent, RequestReader } from "./wire/request-reader.ts";
export { type ResponseEvent, ResponseReader } from "./wire/response-reader.ts";
