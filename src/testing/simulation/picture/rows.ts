/**
 * The rows of a picture: one for each event, in their order. Time runs down, but not evenly: what
 * happens within a millisecond must be read as well as what happens within an hour.
 *
 * Places in it are counted in rows, so that rows can be taken out and everything moves up: 7 is the
 * upper edge of the row of that number, 7.5 its middle. The page's script knows this, too.
 *
 * @module
 */
import { type EventGroup, groupOf } from "./event-groups.ts";
import type { FoldedEvent } from "./fold-events.ts";
import { jumpIn } from "./time-jumps.ts";

/** One event. */
export interface Row {
  readonly number: number;
  readonly folded: FoldedEvent;
  readonly group: EventGroup;
  /** Is it there from the beginning? */
  readonly shown: boolean;
}

/** A time between two rows that is longer than others, or events that were left out. */
export interface Gap {
  /** The row below it, shown or not: where most of the time passes. */
  readonly row: number;
  readonly seconds: number;
  /** Events left out. */
  readonly left: number;
}

/** Pixels, as the others here but one. */
export const ROW_HEIGHT = 20;
export const GAP_HEIGHT = 24;
/** Events left out that are worth a gap of their own. */
export const LEFT_MIN = 25;
/** Below the last row: how it ended. */
export const FOOT_HEIGHT = 44;

/** See the top of this file. */
export class Rows implements Iterable<Row> {
  /** Seconds between two rows from which on a gap is printed. */
  readonly jump: number;
  readonly gaps: readonly Gap[];
  readonly #rows: readonly Row[];
  /** The upper edge of each, and at last the lower edge of the last. */
  readonly #tops: readonly number[];

  /** @param hidden Groups that are not there from the beginning. */
  constructor(events: readonly FoldedEvent[], hidden: ReadonlySet<EventGroup>) {
    this.#rows = events.map((folded, number) => {
      const group = groupOf(folded.event.kind);
      return { number, folded, group, shown: !hidden.has(group) };
    });
    this.jump = jumpIn(this.#rows.filter(({ shown }) => shown).map(timeOf));
    this.gaps = this.#findGaps();
    this.#tops = this.#place();
  }

  get count(): number {
    return this.#rows.length;
  }

  get height(): number {
    return this.#tops.at(-1) ?? 0;
  }

  [Symbol.iterator](): Iterator<Row> {
    return this.#rows.values();
  }

  /** How many events were left out right before each row. */
  leftBefore(row: Row): number {
    return row.folded.number - (this.#rows[row.number - 1]?.folded.number ?? -1) - 1;
  }

  /** Where an event of the trace is: in the middle of its row, or between those around it. */
  placeOfEvent(index: number): number {
    const row = this.#first(({ folded }) => folded.index >= index);
    return this.#rows[row]?.folded.index === index ? row + 0.5 : row;
  }

  /** Where a time is: below all that had happened by then. */
  placeOf(time: number): number {
    return this.#first((row) => timeOf(row) > time);
  }

  /** Where a host did something at that time: at its last event then, or else as `placeOf`. */
  placeAt(time: number, host: string | undefined): number {
    const after = this.placeOf(time);
    for (let at = after - 1; at >= 0; at -= 1) {
      const row = this.#rows[at];
      if (row === undefined || timeOf(row) < time) break;
      if (row.folded.event.host === host) return at + 0.5;
    }
    return after;
  }

  /** Pixels from the top. */
  y(place: number): number {
    const row = Math.floor(place);
    const top = this.#tops[row] ?? this.height;
    return this.#rows[row]?.shown === true ? top + (place - row) * ROW_HEIGHT : top;
  }

  /** The first row for which something holds, as it does for all after it. */
  #first(holds: (row: Row) => boolean): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = this.#rows[middle];
      if (row === undefined || holds(row)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #findGaps(): Gap[] {
    const gaps: Gap[] = [];
    let shownAt: number | undefined;
    let before: number | undefined;
    let longest = { row: 0, step: -1 };
    let left = 0;
    for (const row of this.#rows) {
      const at = timeOf(row);
      const step = at - (before ?? at);
      before = at;
      if (step > longest.step) longest = { row: row.number, step };
      left += this.leftBefore(row);
      if (!row.shown) continue;
      const seconds = at - (shownAt ?? at);
      if (left >= LEFT_MIN || seconds >= this.jump) {
        gaps.push({ row: longest.row, seconds, left });
      }
      shownAt = at;
      longest = { row: 0, step: -1 };
      left = 0;
    }
    return gaps;
  }

  #place(): number[] {
    const gaps = new Set(this.gaps.map(({ row }) => row));
    let top = 0;
    const tops = this.#rows.map(({ number, shown }) => {
      if (gaps.has(number)) top += GAP_HEIGHT;
      const here = top;
      if (shown) top += ROW_HEIGHT;
      return here;
    });
    return [...tops, top];
  }
}

function timeOf({ folded }: Row): number {
  return folded.event.at;
}
