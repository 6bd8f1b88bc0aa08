/**
 * When somebody who says nothing is warned, and when they go. Time is handed in.
 *
 *     a line ── timeout − warning ──▶ warn ── warning ──▶ end
 *
 * @module
 */

/** How long, in seconds. */
export interface IdleWatchOptions {
  /** From the last line to the end. */
  readonly idleTimeout: number;
  /** From the warning to the end; nobody is warned when it is 0, or not less than the timeout. */
  readonly idleWarning: number;
}

/** One speaker's watch. */
export class IdleWatch {
  readonly #options: IdleWatchOptions;
  #heardAt: number;
  #warned = false;

  constructor(options: IdleWatchOptions, now: number) {
    this.#options = options;
    this.#heardAt = now;
  }

  /** Something was said at `now`. */
  heard(now: number): void {
    this.#heardAt = now;
    this.#warned = false;
  }

  /** When to call {@link IdleWatch.expire}; a line that comes before only moves it further. */
  get deadline(): number {
    const { idleTimeout, idleWarning } = this.#options;
    const isWarningDue = !this.#warned && idleWarning > 0 && idleWarning < idleTimeout;
    return this.#heardAt + idleTimeout - (isWarningDue ? idleWarning : 0);
  }

  /** What is due at `now`, if anything. */
  expire(now: number): "warn" | "end" | undefined {
    if (now < this.deadline) return undefined;
    if (now >= this.#heardAt + this.#options.idleTimeout) return "end";
    this.#warned = true;
    return "warn";
  }
}
