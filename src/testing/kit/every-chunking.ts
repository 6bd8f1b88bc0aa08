/**
 * The same bytes in every way they may arrive: a stream has no messages, and what was written at
 * once may come in any pieces.
 *
 * @module
 */
import { inspect, isDeepStrictEqual } from "node:util";
import { AssertionError } from "../../core/assert.ts";
import { plural } from "../../core/text.ts";
import { countCuts, type Cuts, everyChoice, someCuts } from "./_cuts.ts";
import { showPieces } from "./_show-pieces.ts";

/** Options of {@link everyChunking}. */
export interface ChunkingOptions {
  /**
   * At most about so many cuts. Bytes with no more ways to be cut are cut in each of them: 18 bytes
   * with the default, 131,072. Others are cut in two everywhere, at every choice of `edges`, into
   * pieces of one size (1 to 16 bytes), and in three, as far as this allows.
   */
  readonly maxCuts?: number;
  /**
   * For bytes that cannot be cut in every way: up to 16 offsets of which every choice is tried,
   * such as the ends of headers. Default: those of the first 12 bytes.
   */
  readonly edges?: readonly number[];
}

/** How bytes were cut. */
export interface Chunking {
  /** How often they were fed in pieces. */
  readonly cuts: number;
  /** Was that every way there is? */
  readonly isEvery: boolean;
}

const CUTS_MAX = 2 ** 17;
/** Cuts are counted in the bits of a 32-bit integer. */
const CUTS_MOST = 2 ** 30;
const EDGES_MAX = 16;
const EDGES_USUAL = 12;

type Outcome = { readonly value: unknown } | { readonly thrown: unknown };

/**
 * Feed the bytes whole, then cut in every way (or in very many, see {@link ChunkingOptions}), and
 * expect the same outcome each time.
 *
 * @param feed Called for each way: makes a new parser, feeds it the pieces, returns what came of
 *   that, by value. The pieces are its own. What it throws for the whole bytes is thrown on: an
 *   error that belongs to the outcome is caught and returned by `feed` itself.
 * @throws {AssertionError} For some cut the outcome is another, or an error. It shows the fewest
 *   pieces with which that is so.
 * @throws {TypeError} `feed` returns a promise: what is to be compared must be there.
 * @throws {RangeError} No bytes, `maxCuts` below 2 or above 2 ** 30, or more than 16 edges.
 *
 * @example
 * ```ts
 * import { LineSplitter } from "sennit/protocols";
 * import { everyChunking } from "sennit/testing";
 *
 * const { cuts } = everyChunking("one\r\ntwo\r\n", (pieces) => {
 *   const splitter = new LineSplitter();
 *   const lines: string[] = [];
 *   for (const piece of pieces) {
 *     splitter.receive(piece);
 *     for (let line = splitter.next(); line !== undefined; line = splitter.next()) {
 *       lines.push(line.bytes.toString());
 *     }
 *   }
 *   return lines;
 * });
 * console.log(cuts); // 511: all there are, for 10 bytes
 * ```
 */
export function everyChunking(
  bytes: Uint8Array | string,
  feed: (pieces: readonly Buffer[]) => unknown,
  options: ChunkingOptions = {},
): Chunking {
  const input = Buffer.from(bytes);
  const max = checkedMax(options.maxCuts ?? CUTS_MAX);
  if (input.length === 0) throw new RangeError("Cannot cut bytes: expected some, got none");
  const whole: Outcome = { value: settled(feed([Buffer.from(input)])) };
  const differs = (cuts: Cuts): boolean => !isSame(whole, outcomeOf(feed, piecesOf(input, cuts)));
  const isEvery = countCuts(input.length) <= max;
  let tried = 0;
  for (const cuts of isEvery
    ? everyChoice(inside(input))
    : someCuts(input.length, edges(input, options), max)) {
    tried += 1;
    if (!differs(cuts)) continue;
    const fewest = fewer(cuts, differs);
    throw difference(input, fewest, whole, outcomeOf(feed, piecesOf(input, fewest)));
  }
  return { cuts: tried, isEvery };
}

function checkedMax(max: number): number {
  if (Number.isInteger(max) && max >= 2 && max <= CUTS_MOST) return max;
  throw new RangeError(`Cannot cut in ${String(max)} ways: expected 2 to ${String(CUTS_MOST)}`);
}

function inside(input: Buffer): Cuts {
  return Array.from({ length: input.length - 1 }, (_, at) => at + 1);
}

function edges(input: Buffer, { edges: given }: ChunkingOptions): Cuts {
  if (given === undefined) return inside(input).slice(0, EDGES_USUAL);
  if (given.length <= EDGES_MAX) {
    const sorted = [...new Set(given)].sort((one, other) => one - other);
    return sorted.filter((at) => at > 0 && at < input.length);
  }
  const most = String(EDGES_MAX);
  throw new RangeError(`Cannot cut at ${String(given.length)} edges: expected at most ${most}`);
}

/** The pieces, of a copy: what is fed may change its bytes. */
function piecesOf(input: Buffer, cuts: Cuts): Buffer[] {
  const copy = Buffer.from(input);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const at of cuts) {
    pieces.push(copy.subarray(from, at));
    from = at;
  }
  pieces.push(copy.subarray(from));
  return pieces;
}

function settled(value: unknown): unknown {
  if (typeof value === "object" && value !== null && "then" in value) {
    throw new TypeError("Cannot compare promises: expected feed to return what came of the bytes");
  }
  return value;
}

function outcomeOf(feed: (pieces: readonly Buffer[]) => unknown, pieces: Buffer[]): Outcome {
  try {
    return { value: settled(feed(pieces)) };
  } catch (thrown) {
    return { thrown };
  }
}

function isSame(whole: Outcome, other: Outcome): boolean {
  if (!("value" in whole && "value" in other)) return false;
  return whole.value === other.value || isDeepStrictEqual(whole.value, other.value);
}

/** Leave out cuts as long as the outcome still differs. */
function fewer(cuts: Cuts, differs: (cuts: Cuts) => boolean): Cuts {
  for (let at = 0; cuts.length > 1 && at < cuts.length; at += 1) {
    const without = cuts.filter((_, index) => index !== at);
    if (differs(without)) return fewer(without, differs);
  }
  return cuts;
}

function difference(input: Buffer, cuts: Cuts, whole: Outcome, cut: Outcome): AssertionError {
  const pieces = piecesOf(input, cuts);
  const message = [
    `Expected the same outcome wherever ${plural(input.length, "byte")} are cut; ` +
      `in ${String(pieces.length)} pieces it is another:`,
    `  pieces  ${showPieces(pieces)}`,
    `  whole   ${shown(whole)}`,
    `  cut     ${shown(cut)}`,
  ];
  const cause = "thrown" in cut ? { cause: cut.thrown } : {};
  return new AssertionError(message.join("\n"), cause);
}

function shown(outcome: Outcome): string {
  if ("thrown" in outcome) return `throws ${String(outcome.thrown)}`;
  const text = inspect(outcome.value, { depth: 6, breakLength: 90, maxStringLength: 500 });
  return text.replaceAll("\n", "\n          ");
}
