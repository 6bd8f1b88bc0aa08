/**
 * What an exploration has found, for programs.
 *
 * @module
 */
import type { ExaminedFailure } from "../../testing/simulation/examine-failure.ts";
import type { ExploreFileResult } from "../../testing/simulation/explore-file.ts";
import type { ToldResult } from "../../testing/simulation/told-result.ts";

/** JSON, with its line end. */
export function jsonReport(
  file: string,
  found: ExploreFileResult,
  examined: ReadonlyMap<ToldResult, ExaminedFailure>,
): string {
  const { name, ok, seeds, events, seconds, marks, neverReached, diverged, unfinished } = found;
  const failures = found.failed.map((one) => failureIn(one, examined.get(one)));
  const report = {
    name,
    file,
    ok,
    seeds,
    events,
    seconds,
    failures,
    marks: Object.fromEntries(marks),
    neverReached,
    diverged,
    unfinished,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function failureIn(
  { seed, token, hash, events, settings, failure }: ToldResult,
  examined: ExaminedFailure | undefined,
): object {
  const { when, shrunk, told } = examined ?? {};
  return {
    ...failure,
    seed,
    token,
    hash,
    events,
    settings: Object.fromEntries(settings),
    inevitable: when?.between,
    shrunk: shrunk === undefined ? undefined : { ...shrunk, token: told?.token },
  };
}
