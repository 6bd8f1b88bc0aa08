/**
 * Trouble that comes again and again, told once.
 *
 * A port at its limit refuses one connection after the other; one log line says so, not one for
 * each. Nor is the moment when a connection has gone and the next one gets its place the end of it:
 * an episode is over when there has been quiet for a while.
 *
 * @module
 */

/** Seconds of quiet after which the next trouble is news. */
const QUIET = 10;

/** See the top of this file. */
export class Episode {
  readonly #clock: { seconds(): number };
  #last = Number.NEGATIVE_INFINITY;

  constructor(clock: { seconds(): number }) {
    this.#clock = clock;
  }

  /** It happens. @returns Is this the first time in its episode? */
  begins(): boolean {
    const now = this.#clock.seconds();
    const isFirst = now - this.#last >= QUIET;
    this.#last = now;
    return isFirst;
  }
}
