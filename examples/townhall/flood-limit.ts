/**
 * How fast somebody may speak: a bucket of tokens, one for each line.
 *
 * Who finds it empty is warned once; what they go on saying is dropped, and after some more of that
 * they go. Who waits until the bucket is full again has a clean record. Time is handed in.
 *
 * @module
 */

/** How full, how fast, how patient. */
export interface FloodLimitOptions {
  /** Lines that may come at once. */
  readonly burstLines: number;
  /** Lines per second that may come for ever. */
  readonly linesPerSecond: number;
  /** Lines that are dropped after the warning before the speaker is. */
  readonly droppedLinesMax: number;
}

/** What to do with a line: obey it; drop it and warn; drop it; end the connection. */
export type FloodVerdict = "pass" | "warn" | "drop" | "end";

/** One speaker's bucket. */
export class FloodLimit {
  readonly #options: FloodLimitOptions;
  #tokens: number;
  #filledAt: number;
  /** Lines dropped since the bucket was full. */
  #dropped = 0;

  constructor(options: FloodLimitOptions, now: number) {
    this.#options = options;
    this.#tokens = options.burstLines;
    this.#filledAt = now;
  }

  /** A line has come at `now`, in seconds of a clock that never goes back. */
  receiveLine(now: number): FloodVerdict {
    this.#fill(now);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return "pass";
    }
    this.#dropped += 1;
    if (this.#dropped === 1) return "warn";
    return this.#dropped > this.#options.droppedLinesMax + 1 ? "end" : "drop";
  }

  #fill(now: number): void {
    const { burstLines, linesPerSecond } = this.#options;
    const tokens = this.#tokens + (now - this.#filledAt) * linesPerSecond;
    this.#filledAt = now;
    this.#tokens = Math.min(burstLines, tokens);
    if (this.#tokens === burstLines) this.#dropped = 0;
  }
}
