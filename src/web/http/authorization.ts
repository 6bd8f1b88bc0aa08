/**
 * Challenges, and the credentials that answer them: `WWW-Authenticate`, `Authorization`, and their
 * twins of proxies.
 *
 *     Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==                    a token68
 *     Digest realm="apps", qop="auth", Basic realm="x"      parameters; two challenges in one field
 *     Negotiate                                             neither
 *
 * Spec: RFC 9110 §11.2 to §11.6. What is to be quoted: §11.5, RFC 7616 §3.3.
 *
 * After: `_authorizedResource` of twisted.web.guard, which knows Basic and Digest.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { ValueReader } from "./value-reader.ts";
import { formatQuotedString, formatValue } from "./quoted-string.ts";
import { isToken } from "./wire/field-names.ts";

/** A challenge, or credentials: they are written alike. */
export interface Challenge {
  /** Read: in lower case, `basic`. Written: as it is, `Basic`. */
  readonly scheme: string;
  /** As it came, not decoded. Where it is, there are no parameters. */
  readonly token68?: string;
  /** Names in lower case, values without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN68 = /^[\w.~+/-]+=*$/u;
/** The rest is quoted: old clients know it so, and some parameters must be (RFC 7616 §3.3). */
const NEVER_QUOTED = new Set(["algorithm", "stale"]);

/**
 * Read the value of `Authorization`; `undefined` if it cannot be read.
 *
 * @example
 * ```ts
 * import { parseAuthorization } from "sennit/http";
 *
 * console.log(parseAuthorization("Bearer mF_9.B5f-4.1JqM")?.token68); // mF_9.B5f-4.1JqM
 * ```
 */
export function parseAuthorization(value: string): Challenge | undefined {
  const reader = new ValueReader(value);
  const credentials = readChallenge(reader);
  reader.skipWhitespace();
  return reader.isAtEnd ? credentials : undefined;
}

/**
 * Read the value of `WWW-Authenticate`, the lines of several joined with a comma; `undefined` if
 * any part of it cannot be read.
 */
export function parseChallenges(value: string): readonly Challenge[] | undefined {
  const reader = new ValueReader(value);
  return reader.list(() => readChallenge(reader));
}

function readChallenge(reader: ValueReader): Challenge | undefined {
  const scheme = reader.token()?.toLowerCase();
  if (scheme === undefined) return undefined;
  if (!reader.take(" ")) return { scheme, parameters: new Map() };
  reader.skipWhitespace();
  const token68 = readToken68(reader);
  if (token68 !== undefined) return { scheme, token68, parameters: new Map() };
  const parameters = readParameters(reader);
  return parameters && { scheme, parameters };
}

/** `realm=` is one, `realm=x` is none: it is one if nothing follows it. */
function readToken68(reader: ValueReader): string | undefined {
  const start = reader.position;
  const token68 = reader.token68();
  reader.skipWhitespace();
  if (reader.isAtEnd || reader.peek() === ",") return token68;
  reader.rewind(start);
  return undefined;
}

/** Up to the end, or to the comma after which the next challenge begins. */
function readParameters(reader: ValueReader): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (;;) {
    const start = reader.position;
    reader.skipEmptyElements();
    const [name, value] = readParameter(reader) ?? [];
    if (name === undefined || value === undefined) {
      reader.rewind(start);
      return found;
    }
    // Which one counts, nobody could say (RFC 9110 §11.2).
    if (found.has(name)) return undefined;
    found.set(name, value);
    reader.skipWhitespace();
    if (reader.peek() !== ",") return found;
  }
}

/** `token BWS "=" BWS value` (RFC 9110 §11.2). */
function readParameter(reader: ValueReader): readonly [string, string] | undefined {
  const name = reader.token()?.toLowerCase();
  reader.skipWhitespace();
  if (name === undefined || !reader.take("=")) return undefined;
  reader.skipWhitespace();
  const value = reader.value();
  return value === undefined ? undefined : [name, value];
}

/**
 * A challenge as it stands in `WWW-Authenticate`. Write each in a field of its own: many clients
 * read one a field. Credentials with a `token68` are written alike; those with parameters are not,
 * as Digest quotes other ones there (RFC 7616 §3.4).
 *
 * @throws {TypeError} A part is not what RFC 9110 has in its place, or there are both a `token68`
 * and parameters.
 *
 * @example
 * ```ts
 * import { formatChallenge } from "sennit/http";
 *
 * const parameters = new Map([["realm", "the town hall"]]);
 * console.log(formatChallenge({ scheme: "Basic", parameters })); // Basic realm="the town hall"
 * ```
 */
export function formatChallenge({ scheme, token68, parameters }: Challenge): string {
  const wrong = [scheme, ...parameters.keys()].find((name) => !isToken(name));
  if (wrong !== undefined) {
    throw new TypeError(`Cannot write a challenge: expected a token, got ${quote(wrong)}`);
  }
  if (token68 !== undefined) return `${scheme} ${checkedToken68(token68, parameters.size)}`;
  const written = [...parameters].map(([name, value]) => `${name}=${formatParameter(name, value)}`);
  return [scheme, written.join(", ")].filter((part) => part !== "").join(" ");
}

function formatParameter(name: string, value: string): string {
  return NEVER_QUOTED.has(name.toLowerCase()) ? formatValue(value) : formatQuotedString(value);
}

/** It may be a secret: it is not shown. */
function checkedToken68(token68: string, parameters: number): string {
  if (TOKEN68.test(token68) && parameters === 0) return token68;
  throw new TypeError("Cannot write a token68: expected Base64 or the like, and no parameters");
}
