/**
 * Names of fields: what may be one, and how they are written.
 *
 * Inside sennit a name is lower case, as in HTTP/2; in HTTP/1 it is sent as people know it.
 *
 * Spec: RFC 9110 §5.1 (names are case-insensitive), §5.6.2 (token).
 *
 * @module
 */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/u;

/** Fields that are met every day, as they are written. */
const KNOWN = [
  ..."Accept Accept-Charset Accept-Encoding Accept-Language Accept-Patch Accept-Ranges".split(" "),
  ..."Access-Control-Allow-Credentials Access-Control-Allow-Headers".split(" "),
  ..."Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Max-Age".split(" "),
  ..."Access-Control-Expose-Headers Access-Control-Request-Headers".split(" "),
  ..."Access-Control-Request-Method Age Allow Alt-Svc Authorization Cache-Control".split(" "),
  ..."Connection Content-Disposition Content-Encoding Content-Language Content-Length".split(" "),
  ..."Content-Location Content-MD5 Content-Range Content-Security-Policy Content-Type".split(" "),
  ..."Cookie DNT Date ETag Expect Expires Forwarded From Host If-Match".split(" "),
  ..."If-Modified-Since If-None-Match If-Range If-Unmodified-Since Keep-Alive".split(" "),
  ..."Last-Modified Link Location Max-Forwards Origin Pragma Priority".split(" "),
  ..."Proxy-Authenticate Proxy-Authorization Proxy-Connection Range Referer".split(" "),
  ..."Referrer-Policy Retry-After Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform".split(" "),
  ..."Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User".split(" "),
  ..."Sec-WebSocket-Accept Sec-WebSocket-Extensions Sec-WebSocket-Key".split(" "),
  ..."Sec-WebSocket-Protocol Sec-WebSocket-Version Server Set-Cookie".split(" "),
  ..."Strict-Transport-Security TE Trailer Transfer-Encoding Upgrade".split(" "),
  ..."Upgrade-Insecure-Requests User-Agent Vary Via WWW-Authenticate".split(" "),
  ..."X-Content-Type-Options X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto".split(" "),
  ..."X-Frame-Options X-Requested-With X-XSS-Protection".split(" "),
];

const LOWER = new Map(
  KNOWN.flatMap((name): [string, string][] => [
    [name, name.toLowerCase()],
    [name.toLowerCase(), name.toLowerCase()],
  ]),
);
const WRITTEN = new Map(KNOWN.map((name) => [name.toLowerCase(), name]));

/** Is it a token (RFC 9110 §5.6.2): a name of a field, a method? */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** A field's name in lower case; `undefined` if it is none. */
export function lowerFieldName(name: string): string | undefined {
  return LOWER.get(name) ?? (TOKEN.test(name) ? name.toLowerCase() : undefined);
}

/** A name in lower case as it is written in HTTP/1: `content-type` is `Content-Type`. */
export function writtenFieldName(name: string): string {
  return WRITTEN.get(name) ?? capitalized(name);
}

function capitalized(name: string): string {
  return name.replaceAll(/(^|-)([a-z])/gu, (_, dash: string, letter: string) => {
    return dash + letter.toUpperCase();
  });
}

/** What may not stand in a field's value: control characters but for the tabulator. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const NOT_IN_VALUE = /[^\t\u0020-\u007e\u0080-\u{10ffff}]/u;

/** Is it a field's value, or can be one when it is written as UTF-8 (RFC 9110 §5.5)? */
export function isFieldValue(text: string): boolean {
  return !NOT_IN_VALUE.test(text);
}
