/**
 * The lanes of a picture: one for each host that has a part in it.
 *
 * @module
 */
import type { TraceEvent } from "../../../reactors/simulated/trace.ts";
import type { FoldedEvent } from "./fold-events.ts";

/** A host's place in a picture. */
export interface Lane {
  readonly name: string;
  /** From the left, from 0. */
  readonly number: number;
  readonly x: number;
}

/** Pixels. More hosts have narrower lanes. */
const WIDTH = 1240;
const LANE_MIN = 150;
const LANE_MAX = 400;
/** More cannot be read side by side. */
const LANES_MAX = 40;
/** Left of the first lane: the times. */
const GUTTER = 150;
/** A character of the labels, and what is left free beside a lane. */
const CHARACTER = 6.7;
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
    const width = Math.min(LANE_MAX, Math.max(LANE_MIN, WIDTH / Math.max(1, names.size)));
    for (const { host, peer = "" } of trace) {
      for (const name of [host, peer]) {
        if (!names.delete(name)) continue;
        const number = this.#lanes.size;
        this.#lanes.set(name, { name, number, x: Math.round(GUTTER + number * width) });
      }
    }
    this.left = parts.size - this.#lanes.size;
    this.width = Math.round(GUTTER + Math.max(1, this.#lanes.size) * width);
    this.labelLength = Math.floor((width - MARGIN) / CHARACTER);
  }

  get count(): number {
    return this.#lanes.size;
  }

  of(host: string | undefined): Lane | undefined {
    return host === undefined ? undefined : this.#lanes.get(host);
  }

  /** Is there a place for it? What happens in the world has one. */
  holds({ event }: FoldedEvent): boolean {
    return event.host === "" || this.#lanes.has(event.host);
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#lanes.values();
  }
}

/** In how many events each host has a part. */
function countParts(
  shown: readonly FoldedEvent[],
  first: string | undefined,
): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  for (const { event } of shown) {
    for (const name of [event.host, event.peer ?? ""]) {
      if (name !== "") parts.set(name, (parts.get(name) ?? 0) + 1);
    }
  }
  if (first !== undefined && first !== "") parts.set(first, Infinity);
  return parts;
}
