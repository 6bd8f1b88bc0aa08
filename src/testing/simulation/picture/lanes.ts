/**
 * The lanes of a picture: one for each host that has a part in it.
 *
 * @module
 */
import type { TraceEvent } from "../../../reactors/simulated/trace.ts";
import type { FoldedEvent } from "./fold-events.ts";
import { hostsNamed } from "./spans.ts";

/** A host's place in a picture. */
export interface Lane {
  readonly name: string;
  /** From the left, from 0. */
  readonly number: number;
  readonly x: number;
  /** Has it nothing but the times on its left? */
  readonly isFirst: boolean;
}

/** Pixels. More hosts have narrower lanes. */
const WIDTH = 1250;
const LANE_MIN = 150;
const LANE_MAX = 360;
/** More cannot be read side by side. */
const LANES_MAX = 40;
/** Left of everything: the times, which end at one place, and the gaps, which begin at another. */
const GUTTER = 100;
export const TIME_X = 84;
export const GAP_X = 14;
/** A character of the labels. */
export const CHARACTER = 6.7;
/** More than all other events together. */
const FIRST_WEIGHT = 1e6;
/** What is left free beside a lane. */
const MARGIN = 30;

/** See the top of this file. */
export class Lanes implements Iterable<Lane> {
  readonly width: number;
  /** Characters of a label beside a lane. */
  readonly labelLength: number;
  /** Hosts for which there was no room. */
  readonly left: number;
  readonly #lanes = new Map<string, Lane>();

  /**
   * @param shown What the picture shows.
   * @param trace All there is: hosts stand in the order in which they came up.
   * @param first A host that must be there.
   */
  constructor(
    shown: readonly FoldedEvent[],
    trace: readonly TraceEvent[],
    first: string | undefined,
  ) {
    const parts = countParts(shown, first);
    const busiest = [...parts].sort(([, one], [, other]) => other - one).slice(0, LANES_MAX);
    const names = new Set(busiest.map(([name]) => name));
    // Beside n lanes there are n + 1 places for labels.
    const width = Math.min(LANE_MAX, Math.max(LANE_MIN, WIDTH / (names.size + 1)));
    for (const { host, peer = "" } of trace) {
      for (const name of [host, peer]) {
        if (!names.delete(name)) continue;
        const number = this.#lanes.size;
        const x = Math.round(GUTTER + (number + 1) * width);
        this.#lanes.set(name, { name, number, x, isFirst: number === 0 });
      }
    }
    this.left = parts.size - this.#lanes.size;
    this.width = Math.round(GUTTER + (this.#lanes.size + 1) * width);
    this.labelLength = Math.floor((width - MARGIN) / CHARACTER);
  }

  get count(): number {
    return this.#lanes.size;
  }

  of(host: string | undefined): Lane | undefined {
    return host === undefined ? undefined : this.#lanes.get(host);
  }

  /** Is there a place for it? What happens in the world has one, unless it names others. */
  holds({ event }: FoldedEvent): boolean {
    if (event.host !== "") return this.#lanes.has(event.host);
    const named = hostsNamed(event.text ?? "");
    return named.length === 0 || named.some((host) => this.#lanes.has(host));
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#lanes.values();
  }
}

/** In how many events each host has a part; those with `first` count most. */
function countParts(
  shown: readonly FoldedEvent[],
  first: string | undefined,
): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  for (const { event } of shown) {
    const weight = event.host === first || event.peer === first ? FIRST_WEIGHT : 1;
    for (const name of [event.host, event.peer ?? ""]) {
      if (name !== "") parts.set(name, (parts.get(name) ?? 0) + weight);
    }
  }
  if (first !== undefined && first !== "") parts.set(first, Infinity);
  return parts;
}
