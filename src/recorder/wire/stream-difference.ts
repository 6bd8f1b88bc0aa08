/**
 * Where two streams of bytes part, whatever the chunks in which they came.
 *
 *     recorded  HTTP/1.1 200 OK\r\nDate: ⟨ignored⟩\r\nServer: se│nnit …
 *     now       HTTP/1.1 200 OK\r\nDate: ⟨ignored⟩\r\nServer: se│rver …
 *                                                    offset ───┘
 *
 * @module
 */

/** What is not compared. */
export interface CompareOptions {
  /**
   * What matches one of these is the same as anything else that does: dates, tags, random ids. They
   * see each byte as the character of that number. Default: none.
   */
  readonly ignore?: readonly RegExp[];
}

/** The first place where two streams are not the same. */
export interface StreamDifference {
  /** `missing`: the stream ends too early; `extra`: it goes on where it should have ended. */
  readonly kind: "changed" | "missing" | "extra";
  /** Of the first byte that is different, in the stream that was expected. */
  readonly offset: number;
  /** What is the same on both sides and stands before it: the last bytes of that. */
  readonly before: Buffer;
  /** What was expected from there on, the first bytes of it. */
  readonly expected: Buffer;
  /** What came in its place. */
  readonly actual: Buffer;
}

/** Bytes shown on each side. */
const SHOWN = 32;
/** Stands for what is ignored: no byte is this character. */
const IGNORED = "\u0100";

/** @returns `undefined`: they are the same. */
export function compareStreams(
  expected: Buffer,
  actual: Buffer,
  { ignore = [] }: CompareOptions = {},
): StreamDifference | undefined {
  const [one, other] = [new Masked(expected, ignore), new Masked(actual, ignore)];
  if (one.text === other.text) return undefined;
  const shorter = Math.min(one.text.length, other.text.length);
  let at = 0;
  while (at < shorter && one.text.charCodeAt(at) === other.text.charCodeAt(at)) at += 1;
  const kind = at === other.text.length ? "missing" : at === one.text.length ? "extra" : "changed";
  const offset = one.offsetOf(at);
  const place = other.offsetOf(at);
  return {
    kind,
    offset,
    before: expected.subarray(Math.max(0, offset - SHOWN), offset),
    expected: expected.subarray(offset, offset + SHOWN),
    actual: actual.subarray(place, place + SHOWN),
  };
}

/** A stretch of bytes that is ignored. */
interface Hole {
  readonly start: number;
  readonly end: number;
}

/** Bytes as text in which each hole is one character. */
class Masked {
  readonly text: string;
  readonly #holes: readonly Hole[];

  constructor(data: Buffer, ignore: readonly RegExp[]) {
    const whole = data.toString("latin1");
    this.#holes = joined(ignore.flatMap((pattern) => holesIn(whole, pattern)));
    let text = "";
    let from = 0;
    for (const { start, end } of this.#holes) {
      text += whole.slice(from, start) + IGNORED;
      from = end;
    }
    this.text = text + whole.slice(from);
  }

  /** Of the byte behind the character at `index`. */
  offsetOf(index: number): number {
    let offset = index;
    for (const { start, end } of this.#holes) {
      if (start >= offset) break;
      offset += end - start - 1;
    }
    return offset;
  }
}

function holesIn(text: string, pattern: RegExp): readonly Hole[] {
  const everywhere = new RegExp(pattern, `${pattern.flags.replaceAll(/[gy]/gu, "")}g`);
  return [...text.matchAll(everywhere)]
    .map((match) => ({ start: match.index, end: match.index + match[0].length }))
    .filter(({ start, end }) => end > start);
}

/** In order, and none inside of another one. */
function joined(holes: readonly Hole[]): readonly Hole[] {
  const result: Hole[] = [];
  for (const hole of holes.toSorted((one, other) => one.start - other.start)) {
    const last = result.at(-1);
    if (last === undefined || hole.start > last.end) result.push(hole);
    else if (hole.end > last.end) {
      result[result.length - 1] = { start: last.start, end: hole.end };
    }
  }
  return result;
}
