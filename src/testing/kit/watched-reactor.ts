/**
 * What a reactor must have so that a test can see what is left in it.
 *
 * @module
 */
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";
import type { MakingWitness } from "../../reactors/base/making-witness.ts";

/** What can be watched: every reactor that extends `ReactorBase`, and `Clock`. */
export interface WatchedReactor {
  /** Its clock, in seconds. */
  seconds(): number;
  /** The calls that wait. */
  getDelayedCalls(): readonly IDelayedCall[];
  /** Tell `witness` of what is made from now on, or nobody. @returns Who was told before. */
  setWitness(witness: MakingWitness | undefined): MakingWitness | undefined;
  /** What its books say is open. */
  readonly open?: readonly object[];
}
