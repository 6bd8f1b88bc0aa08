/**
 * What the exit status of `sennit sim` tells its parent.
 *
 *      0  all is well
 *      1  a property failed
 *      2  the scenario is not deterministic
 *      3  it asks the platform for what its reactor should give
 *      4  it could not be simulated: no such file, no scenario in it
 *      5  what must happen sometimes never did
 *     64  usage: the command line makes no sense
 *
 * @module
 */
import type { DoctorReport } from "../../testing/simulation/doctor.ts";
import type { ExploreResult } from "../../testing/simulation/explore.ts";
import type { ToldResult } from "../../testing/simulation/told-result.ts";

/** See the table of this module. */
export const SIM_STATUS = {
  ok: 0,
  failed: 1,
  nondeterministic: 2,
  escaped: 3,
  harness: 4,
  neverReached: 5,
} as const;

/** For one run. */
export function statusOfRun({ failure }: Pick<ToldResult, "failure">): number {
  if (failure === undefined) return SIM_STATUS.ok;
  return failure.kind === "escape" ? SIM_STATUS.escaped : SIM_STATUS.failed;
}

/** For what the doctor has found. */
export function statusOfDoctor({ findings, escapes }: DoctorReport): number {
  if (findings.length > 0) return SIM_STATUS.nondeterministic;
  return escapes.length > 0 ? SIM_STATUS.escaped : SIM_STATUS.ok;
}

/** For a batch: that of its first failure, if there is one. */
export function statusOfBatch(result: ExploreResult<ToldResult>): number {
  const [first] = result.failed;
  if (first !== undefined) return statusOfRun(first);
  if (result.diverged.length > 0) return SIM_STATUS.nondeterministic;
  return result.neverReached.length > 0 ? SIM_STATUS.neverReached : SIM_STATUS.ok;
}
