/**
 * Cookies: those that a browser sends, and the one that a server sets.
 *
 *     Cookie: id=1; theme="dark"
 *     Set-Cookie: id=1; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax
 *
 * Spec: RFC 6265 §4.1 (what a server writes), §5.4 (what a browser sends: the cookie with the
 * longest path first). Reading takes what browsers send, grammar or not; writing keeps to the
 * grammar, and to what browsers ask of a cookie before they keep it (RFC 6265bis §4.1.3, and
 * CHIPS).
 *
 * After: `addCookie` and `parseCookies` of twisted.web.http.Request. Differs: of two cookies of one
 * name the first counts, as it has the longer path; there it is the last. What is wrong is refused;
 * there it is made blank.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { formatHTTPDate } from "./http-date.ts";
import { isToken } from "./wire/field-names.ts";

/** What a browser is told about a cookie. */
export interface SetCookieOptions {
  /** When it is forgotten, in seconds since the epoch. Default: with the browser's session. */
  readonly expires?: number;
  /** In how many whole seconds it is forgotten, 0 being now. Goes before `expires`. */
  readonly maxAge?: number;
  /** The host it is for, with all below it. Default: the host that set it, and no other. */
  readonly domain?: string;
  /** What the paths that it is for begin with. Default: the folder of the path that set it. */
  readonly path?: string;
  /** Only over TLS. Default: false. */
  readonly secure?: boolean;
  /** Not for scripts. Default: false. */
  readonly httpOnly?: boolean;
  /** When another site makes the browser ask us. Default: not said; most take it for `lax`. */
  readonly sameSite?: "lax" | "strict" | "none";
  /** A jar of its own for each site that embeds us. Default: false. */
  readonly partitioned?: boolean;
}

/** RFC 6265 §4.1.1, between quotes or not. */
const COOKIE_VALUE = /^(?<mark>"?)[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*\k<mark>$/u;
const DOMAIN = /^[A-Za-z\d.-]+$/u;
/** A path that begins with anything else is ignored (RFC 6265 §5.2.4). */
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/u;
const BLANKS = new Set([" ", "\t"]);
const SAME_SITE = { lax: "Lax", strict: "Strict", none: "None" } as const;

/**
 * Read the value of `Cookie`. Values are as they came: nothing is decoded, no quotes are taken off.
 * Names are case-sensitive; the first of one name counts. What has no name, or no `=`, is left out.
 *
 * @example
 * ```ts
 * import { parseCookies } from "sennit/http";
 *
 * console.log(parseCookies("id=1; theme=dark").get("theme")); // dark
 * ```
 */
export function parseCookies(value: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of value.split(";")) {
    const at = pair.indexOf("=");
    const name = trimmed(pair.slice(0, Math.max(at, 0)));
    if (name !== "" && !cookies.has(name)) {
      cookies.set(name, trimmed(pair.slice(at + 1)));
    }
  }
  return cookies;
}

/**
 * Without spaces and tabs around it. `trim()` takes off more than a browser does: a name that
 * begins with U+00A0 and goes on as `__Host-id` would become `__Host-id`, which only we may set.
 */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (BLANKS.has(text.charAt(start))) start += 1;
  while (end > start && BLANKS.has(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/**
 * The value of `Set-Cookie`.
 *
 * @param value Encode what is not ASCII, and spaces, commas, semicolons, quotes and backslashes,
 * with `encodeURIComponent` or Base64; who reads it decodes it.
 * @throws {TypeError} A part could not stand in the field, or browsers would drop such a cookie
 * without a word: `__Host-` with a domain, `sameSite: "none"` without `secure`.
 * @throws {RangeError} `maxAge` is no number of whole seconds, or `expires` no date.
 *
 * @example
 * ```ts
 * import { formatSetCookie } from "sennit/http";
 *
 * const field = formatSetCookie("id", "x1", { path: "/", secure: true, sameSite: "lax" });
 * console.log(field); // id=x1; Path=/; Secure; SameSite=Lax
 * ```
 */
export function formatSetCookie(
  name: string,
  value: string,
  options: SetCookieOptions = {},
): string {
  const { expires, maxAge, domain, path, sameSite } = options;
  checkCookie(name, value);
  checkPrefix(name, options);
  checkSecure(name, options);
  const attributes = [
    `${name}=${value}`,
    expires === undefined ? "" : `Expires=${formatHTTPDate(expires)}`,
    maxAge === undefined ? "" : `Max-Age=${checkedMaxAge(maxAge)}`,
    domain === undefined ? "" : `Domain=${checked("domain", domain, DOMAIN)}`,
    path === undefined ? "" : `Path=${checked("path", path, PATH)}`,
    options.secure === true ? "Secure" : "",
    options.httpOnly === true ? "HttpOnly" : "",
    sameSite === undefined ? "" : `SameSite=${checkedSameSite(sameSite)}`,
    options.partitioned === true ? "Partitioned" : "",
  ];
  return attributes.filter((attribute) => attribute !== "").join("; ");
}

function checkCookie(name: string, value: string): void {
  if (!isToken(name)) {
    throw new TypeError(`Cannot set cookie ${quote(name)}: expected a token as its name`);
  }
  // The value may be a secret.
  if (!COOKIE_VALUE.test(value)) {
    throw new TypeError(
      `Cannot set cookie ${quote(name)}: expected a value of ASCII without spaces, commas, ` +
        "quotes, semicolons and backslashes; encode it first",
    );
  }
}

/** Browsers drop a cookie whose name promises what it does not keep (RFC 6265bis §4.1.3). */
function checkPrefix(name: string, { secure, domain, path }: SetCookieOptions): void {
  const prefix = /^__(?:secure|host)-/iu.exec(name)?.[0].toLowerCase();
  if (prefix === undefined) return;
  const isHost = prefix === "__host-";
  if (secure !== true || (isHost && (domain !== undefined || path !== "/"))) {
    const expected = isHost ? 'secure, path "/" and no domain' : "secure";
    throw new TypeError(`Cannot set cookie ${quote(name)}: expected ${expected}`);
  }
}

function checkSecure(name: string, { secure, sameSite, partitioned }: SetCookieOptions): void {
  if (secure === true || (sameSite !== "none" && partitioned !== true)) return;
  const what = partitioned === true ? "partitioned" : 'sameSite "none"';
  throw new TypeError(`Cannot set cookie ${quote(name)}: expected secure with ${what}`);
}

function checkedMaxAge(maxAge: number): string {
  if (Number.isSafeInteger(maxAge) && maxAge >= 0) return String(maxAge);
  throw new RangeError(`Cannot set a cookie for ${String(maxAge)} seconds: expected whole seconds`);
}

function checkedSameSite(sameSite: keyof typeof SAME_SITE): string {
  // Who has no types must not get a field that says "undefined".
  if (Object.hasOwn(SAME_SITE, sameSite)) return SAME_SITE[sameSite];
  throw new TypeError(`Cannot set a cookie: expected another sameSite, got ${quote(sameSite)}`);
}

function checked(what: string, text: string, pattern: RegExp): string {
  if (pattern.test(text)) return text;
  throw new TypeError(`Cannot set a cookie: expected another ${what}, got ${quote(text)}`);
}
