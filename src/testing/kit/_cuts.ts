/**
 * The ways to cut bytes: each as the offsets of its cuts, in rising order.
 *
 * @module
 */

/** Pieces of up to so many bytes are tried as pieces of one size. */
const EQUAL_BYTES_MAX = 16;

/** Offsets behind which there is a cut, each from 1 to the length less 1, in rising order. */
export type Cuts = readonly number[];

/** How many ways there are to cut so many bytes. */
export function countCuts(length: number): number {
  return 2 ** Math.max(0, length - 1);
}

/** Every choice among these offsets but none: those of one cut first, then of two, and so on. */
export function* everyChoice(offsets: Cuts): Generator<Cuts> {
  const end = 2 ** offsets.length;
  for (let size = 1; size <= offsets.length; size += 1) {
    for (let mask = 2 ** size - 1; mask < end; mask = nextOfSameSize(mask)) {
      yield chosen(offsets, mask);
    }
  }
}

/** The next greater number with as many bits (Gosper). */
function nextOfSameSize(mask: number): number {
  const lowest = mask & -mask;
  const ripple = mask + lowest;
  return ripple | (((mask ^ ripple) / lowest) >>> 2);
}

function chosen(offsets: Cuts, mask: number): Cuts {
  const cuts: number[] = [];
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    const at = offsets[31 - Math.clz32(rest & -rest)];
    if (at !== undefined) cuts.push(at);
  }
  return cuts;
}

/**
 * Cuts of bytes that are too many for every way: in two everywhere, every choice among `edges`,
 * pieces of one size down to single bytes, in three everywhere. Where `max` cuts are not enough for
 * that, places are left out evenly.
 */
export function* someCuts(length: number, edges: Cuts, max: number): Generator<Cuts> {
  const step = Math.ceil(length / (max / 4));
  for (let at = 1; at < length; at += step) yield [at];
  yield* everyChoice(edges);
  for (let size = EQUAL_BYTES_MAX; size > 0; size -= 1) yield every(size, length);
  yield* pairs(length, max - length / step - 2 ** edges.length - EQUAL_BYTES_MAX);
}

function every(size: number, length: number): Cuts {
  const cuts: number[] = [];
  for (let at = size; at < length; at += size) cuts.push(at);
  return cuts;
}

function* pairs(length: number, max: number): Generator<Cuts> {
  const all = ((length - 1) * (length - 2)) / 2;
  const step = Math.max(1, all / Math.max(1, max));
  let at = 0;
  for (let first = 1; first < length - 1; first += 1) {
    const seconds = length - 1 - first;
    for (; at < seconds; at += step) yield [first, first + 1 + Math.floor(at)];
    at -= seconds;
  }
}
