/**
 * Streams that were reset before their answer, within a while.
 *
 * A client that opens streams and resets them at once makes a server work without limit, as no
 * stream counts as open (CVE-2023-44487). One that makes the server reset them, with frames that do
 * not belong there, gets the same (CVE-2025-8671): it does not matter here who has sent the reset.
 *
 * @module
 */
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";

/** In which resets are counted, in seconds. */
const WINDOW = 10;

/** See the top of this file. */
export class ResetCount {
  readonly #reactor: IReactorTime;
  readonly #most: number;
  #resets = 0;
  #since = 0;

  /** @param most In any ten seconds. */
  constructor(reactor: IReactorTime, most: number) {
    this.#reactor = reactor;
    this.#most = most;
  }

  /** There was one more. Were there too many? */
  isTooMany(): boolean {
    const now = this.#reactor.seconds();
    if (now - this.#since > WINDOW) {
      this.#resets = 0;
      this.#since = now;
    }
    this.#resets += 1;
    return this.#resets > this.#most;
  }
}
