/**
 * `application/x-www-form-urlencoded`: the query of a URL, and the body of a plain form.
 *
 *     a=1&b=x+y&a=%32&c          a: "1", "2"    b: "x y"    c: ""
 *
 * Spec: WHATWG URL §5.1 (a plus is a space; a percent sign without two digits stays; bytes that are
 * no UTF-8 become U+FFFD). Differs: the number of pairs is bounded.
 *
 * After: `parse_qs` of twisted.web.http. Differs: there a semicolon separates too, and a name
 * without an equals sign is dropped.
 *
 * @module
 */
import { RemoteProtocolError } from "../../core/errors.ts";

/** Bounds of a query. */
export interface QueryLimits {
  /** Pairs in all, of one name or of many. Default: 1,000. */
  readonly maxPairs?: number;
}

/** Beyond any form for people. Each costs memory in the hundreds of bytes, for two on the wire. */
const MAX_PAIRS = 1000;
const PERCENT = 0x25;

/** A query has more pairs than it may. Answer 413 for a body, 414 for a URL. */
export class QueryTooLargeError extends RemoteProtocolError {
  readonly code = "ERR_QUERY_TOO_LARGE";
  /** How a server answers it, when it was part of the target. */
  readonly status = 414;
}

/**
 * Read a query.
 *
 * @param text Without the question mark; of a body, its bytes as UTF-8.
 * @returns The values of each name, in their order, the names in the order of their first.
 * @throws {QueryTooLargeError} It has more pairs than `maxPairs`. The only thing that can be wrong.
 *
 * @example
 * ```ts
 * import { parseQuery } from "sennit/http";
 *
 * const query = parseQuery("tag=a&tag=b&q=caf%C3%A9+noir");
 * console.log(query.get("tag")); // [ 'a', 'b' ]
 * console.log(query.get("q")?.[0]); // café noir
 * ```
 */
export function parseQuery(
  text: string,
  { maxPairs = MAX_PAIRS }: QueryLimits = {},
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let pairs = 0;
  for (let start = 0; start < text.length; ) {
    const end = indexOrEnd(text, "&", start);
    if (end > start) {
      pairs += 1;
      if (pairs > maxPairs) throw tooLarge(maxPairs);
      addPair(found, text.slice(start, end));
    }
    start = end + 1;
  }
  return found;
}

function tooLarge(maxPairs: number): QueryTooLargeError {
  return new QueryTooLargeError(`Cannot read a query: expected at most ${String(maxPairs)} pairs`);
}

function addPair(found: Map<string, string[]>, pair: string): void {
  const at = indexOrEnd(pair, "=", 0);
  const name = decode(pair.slice(0, at));
  const value = decode(pair.slice(at + 1));
  const values = found.get(name);
  if (values === undefined) found.set(name, [value]);
  else values.push(value);
}

function indexOrEnd(text: string, character: string, start: number): number {
  const at = text.indexOf(character, start);
  return at === -1 ? text.length : at;
}

/**
 * Not by `URLSearchParams`: that of Node makes U+0000 of a U+0100 that stands beside bytes that are
 * no UTF-8.
 */
function decode(text: string): string {
  const spaced = text.replaceAll("+", " ");
  if (!spaced.includes("%")) return spaced;
  const bytes = Buffer.from(spaced, "utf8");
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const decoded = byte === PERCENT ? escapedByte(bytes, at) : undefined;
    // What is decoded is never longer: it can be written over what was read.
    bytes[length] = decoded ?? byte;
    length += 1;
    if (decoded !== undefined) at += 2;
  }
  return bytes.toString("utf8", 0, length);
}

/** The byte whose two digits stand after the percent sign at `at`. */
function escapedByte(bytes: Buffer, at: number): number | undefined {
  const high = hexDigit(bytes[at + 1] ?? 0);
  const low = hexDigit(bytes[at + 2] ?? 0);
  return high === undefined || low === undefined ? undefined : 16 * high + low;
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : undefined;
}
