/**
 * Byte ranges: the parts of a representation that a client asks for, and that an answer holds.
 *
 *     Range: bytes=0-499,-500                 Content-Range: bytes 0-499/1234
 *                                             Content-Range: bytes 0-499/*      size not known
 *
 * In a 416, a star stands for the range.
 *
 * Spec: RFC 9110 §14.1.2 (byte ranges), §14.2 (`Range`), §14.4 (`Content-Range`), §15.3.7.2
 * (coalescing). Against abuse (§14.2, §17.15): ranges that overlap or touch become one, so an
 * answer is never larger than the whole, and more than a few ranges are ignored.
 *
 * After: `_parseRangeHeader` of twisted.web.static and `parseContentRange` of twisted.web.http.
 * Differs: there every range is served as often as it is asked for.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { ValueReader } from "./value-reader.ts";

/** Bytes `first` to `last`, both included, counted from 0. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Bounds of a `Range`. */
export interface RangeLimits {
  /** Ranges in one request; a request for more is answered with the whole. Default: 16. */
  readonly maxRanges?: number;
}

/** What a `Content-Range` says. */
export interface ContentRange {
  /** `undefined`: no range could be satisfied, in a 416. Then there is a size. */
  readonly range?: ByteRange;
  /** Bytes of the whole representation. `undefined`: not known. */
  readonly size?: number;
}

/** Readers of documents ask for a few; who asks for more gains nothing over the whole. */
const MAX_RANGES = 16;
const INT_RANGE = /^(?<first>\d+)-(?<last>\d*)$/u;
const SUFFIX_RANGE = /^-(?<length>\d+)$/u;
const CONTENT_RANGE =
  /^[Bb][Yy][Tt][Ee][Ss] (?:(?<first>\d+)-(?<last>\d+)|\*)\/(?:(?<size>\d+)|\*)$/u;

/**
 * Read the value of `Range` for a representation of `size` bytes. Ask `mayServeRange` first.
 *
 * @returns The ranges in the order they were asked for, none overlapping or touching another: one
 * is answered as it is, several as `multipart/byteranges`. `unsatisfiable`: answer with 416 and
 * {@link formatContentRange} of the size. `undefined`: not readable, another unit, too many, or
 * nothing to take a range of; send the whole.
 * @throws {RangeError} `size` is no number of bytes.
 *
 * @example
 * ```ts
 * import { parseRange } from "sennit/http";
 *
 * console.log(parseRange("bytes=-500", 1234)); // [ { first: 734, last: 1233 } ]
 * console.log(parseRange("bytes=5000-", 1234)); // unsatisfiable
 * console.log(parseRange("lines=1-2", 1234)); // undefined
 * ```
 */
export function parseRange(
  value: string,
  size: number,
  { maxRanges = MAX_RANGES }: RangeLimits = {},
): readonly ByteRange[] | "unsatisfiable" | undefined {
  if (!isSize(size)) {
    throw new RangeError(`Cannot take a range of ${String(size)} bytes: expected a size`);
  }
  const reader = new ValueReader(value);
  if (reader.token()?.toLowerCase() !== "bytes" || !reader.take("=")) return undefined;
  const ranges = reader.list(() => readRange(reader, size));
  if (ranges === undefined || ranges.length === 0 || ranges.length > maxRanges) return undefined;
  // Some clients ask for a range of everything, to bound it; of nothing, nothing is what they want.
  if (size === 0) return undefined;
  const satisfiable = ranges.filter(({ first, last }) => first <= last);
  return satisfiable.length === 0 ? "unsatisfiable" : coalesce(satisfiable);
}

/**
 * The next range, within `size` bytes; its end is before its beginning if it cannot be satisfied.
 * Numbers beyond 2^53 are near enough: no representation is that large.
 */
function readRange(reader: ValueReader, size: number): ByteRange | undefined {
  // A digit and a hyphen may both stand in a token.
  const text = reader.token() ?? "";
  const suffix = SUFFIX_RANGE.exec(text)?.groups;
  if (suffix !== undefined) {
    return { first: Math.max(0, size - Number(suffix["length"])), last: size - 1 };
  }
  const { first, last = "" } = INT_RANGE.exec(text)?.groups ?? {};
  if (first === undefined) return undefined;
  const end = last === "" ? Infinity : Number(last);
  return Number(first) <= end ? { first: Number(first), last: Math.min(end, size - 1) } : undefined;
}

function coalesce(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: { first: number; last: number; order: number }[] = [];
  const ascending = ranges
    .map(({ first, last }, order) => ({ first, last, order }))
    .toSorted((one, other) => one.first - other.first);
  for (const range of ascending) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last + 1) {
      merged.push(range);
      continue;
    }
    before.last = Math.max(before.last, range.last);
    before.order = Math.min(before.order, range.order);
  }
  return merged
    .toSorted((one, other) => one.order - other.order)
    .map(({ first, last }) => ({ first, last }));
}

/**
 * The value of `Content-Range`.
 *
 * @throws {RangeError} The range is not within the size, or there is neither.
 */
export function formatContentRange({ range, size }: ContentRange): string {
  if (!isContentRange(range, size)) {
    const got = `${quote(range?.first)} to ${quote(range?.last)} of ${quote(size)}`;
    throw new RangeError(`Cannot write Content-Range: expected a range within a size, got ${got}`);
  }
  const bytes = range === undefined ? "*" : `${String(range.first)}-${String(range.last)}`;
  return `bytes ${bytes}/${size === undefined ? "*" : String(size)}`;
}

/** Read the value of `Content-Range`; `undefined` if it is none, or of another unit than bytes. */
export function parseContentRange(value: string): ContentRange | undefined {
  const groups = CONTENT_RANGE.exec(value)?.groups;
  if (groups === undefined) return undefined;
  const first = groups["first"];
  const range =
    first === undefined ? undefined : { first: Number(first), last: Number(groups["last"]) };
  const size = groups["size"] === undefined ? undefined : Number(groups["size"]);
  if (!isContentRange(range, size)) return undefined;
  return { ...(range && { range }), ...(size !== undefined && { size }) };
}

function isContentRange(range: ByteRange | undefined, size: number | undefined): boolean {
  if (size !== undefined && !isSize(size)) return false;
  if (range === undefined) return size !== undefined;
  const { first, last } = range;
  return isSize(first) && isSize(last) && first <= last && (size === undefined || last < size);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
