/**
 * The point of no return: from when on was a failure inevitable?
 *
 * The run is repeated exactly up to some time, and from there on with other choices, again and
 * again. Where it fails whatever is chosen, the damage was done before.
 *
 * After: Antithesis' "rewind and re-randomise".
 *
 * @module
 */
import type { NamedScenario } from "./module.ts";
import { simulate, type SimulateOptions, type SimulationResult } from "./simulate.ts";
import { parseToken } from "./token.ts";
import { realSeconds } from "./real-time.ts";

/** How {@link whenInevitable} looks. */
export interface WhenOptions
  extends Pick<SimulateOptions, "time" | "events" | "faults" | "drain" | "globals"> {
  /** Points of time that are tried, in two rounds. Default: 15. */
  readonly points?: number;
  /** Runs for each, at most. Default: 60. */
  readonly runs?: number;
  /** Seconds of real time for all of them: then there are fewer runs. Default: 10. */
  readonly budget?: number;
}

/** How often a run that is free from `time` on fails in the same way. */
export interface WhenPoint {
  /** Seconds of the simulation. */
  readonly time: number;
  /** From 0 to 1. */
  readonly failing: number;
}

/** What {@link whenInevitable} has found. */
export interface WhenResult {
  /** In the order of time. */
  readonly points: readonly WhenPoint[];
  /** The last point from which most runs did not fail, and the first from which most did. */
  readonly between: readonly [from: number, to: number];
  /** When the failure was seen. */
  readonly seenAt: number;
}

const POINTS = 15;
const RUNS = 60;
const BUDGET = 10;
/** A run that fails so often was lost already. */
const INEVITABLE = 0.9;

/**
 * Find out when a failure became inevitable.
 *
 * @throws {Error} It does not fail when it is run again.
 */
export async function whenInevitable(
  scenario: NamedScenario,
  failed: Pick<SimulationResult, "token">,
  { points = POINTS, runs = RUNS, budget = BUDGET, ...others }: WhenOptions = {},
): Promise<WhenResult> {
  const options = { ...scenario.options, ...others };
  const { token } = failed;
  const { seed } = parseToken(token);
  const whole = await simulate(scenario.scenario, {
    ...options,
    token,
    recorded: true,
    traced: true,
  });
  const { failure, plan, time } = whole;
  if (failure === undefined) {
    throw new Error(`Cannot tell when ${token} failed: it does not fail when it is run again`);
  }
  const measure = async (planUntil: number): Promise<WhenPoint> => {
    const end = realSeconds() + budget / points;
    let failing = 0;
    let run = 0;
    while (run < runs && (run === 0 || realSeconds() < end)) {
      run += 1;
      const free = { seed, plan, planUntil, seedAfterPlan: seed + run };
      const result = await simulate(scenario.scenario, { ...options, ...free });
      if (result.failure?.signature === failure.signature) failing += 1;
    }
    return { time: planUntil, failing: failing / run };
  };
  // By what happens, not by the clock: a run is busy for a second, and then waits for a minute.
  const times = [0, ...whole.trace.map(({ at }) => at), time];
  const coarse = await measureAll(quantiles(times, Math.ceil(points / 2)), measure);
  const [from, to] = turn(coarse);
  const between = times.filter((at) => at > from && at < to);
  const fine = await measureAll(quantiles(between, Math.floor(points / 2)), measure);
  const all = [...coarse, ...fine].sort((a, b) => a.time - b.time);
  return { points: all, between: turn(all), seenAt: time };
}

async function measureAll(
  times: readonly number[],
  measure: (time: number) => Promise<WhenPoint>,
): Promise<WhenPoint[]> {
  const points: WhenPoint[] = [];
  for (const time of times) points.push(await measure(time));
  return points;
}

/** So many of these times, with as much going on between any two of them; no time twice. */
function quantiles(times: readonly number[], count: number): number[] {
  if (times.length === 0) return [];
  const chosen = Array.from({ length: count }, (_, at) => {
    return times[Math.round(((times.length - 1) * at) / Math.max(1, count - 1))] ?? 0;
  });
  return [...new Set(chosen)];
}

/** Where it becomes inevitable: after the last point from which most runs came through. */
function turn(points: readonly WhenPoint[]): readonly [number, number] {
  const last = points.findLastIndex(({ failing }) => failing < INEVITABLE);
  const from = points[last]?.time ?? 0;
  const to = points[last + 1]?.time ?? points.at(-1)?.time ?? from;
  return [from, to];
}
