/**
 * How long something takes: its benign time or, by choice, anything up to its worst.
 *
 * @module
 */
import type { ChoiceStream } from "./choices.ts";
import type { Range } from "./link.ts";

const MICROSECOND = 0.000_001;

/** See the top of this file. */
export class Delay {
  #benign = 0;
  /** In microseconds, the step of choices. */
  #jitter = 0;

  /** @param range In seconds. */
  constructor(range: Range) {
    this.set(range);
  }

  /** Another range, in seconds. */
  set(range: Range): void {
    const [benign, worst] = typeof range === "number" ? [range, range] : range;
    this.#benign = benign;
    this.#jitter = Math.max(0, Math.round((worst - benign) / MICROSECOND));
  }

  /** Seconds, this time. Where nothing is open, nothing is chosen. */
  draw(choices: ChoiceStream): number {
    if (this.#jitter === 0) return this.#benign;
    return this.#benign + choices.pick(this.#jitter + 1) * MICROSECOND;
  }
}
