/**
 * All that can be told of a failure in some seconds: it is run again, made small, dated, told as a
 * story and drawn.
 *
 * @module
 */
import { shrink, type Shrunk } from "./shrink.ts";
import type { NamedScenario, ScenarioOptions } from "./module.ts";
import { realSeconds } from "./real-time.ts";
import { simulate } from "./simulate.ts";
import { type ToldResult, toldResult } from "./told-result.ts";
import { traceHTML } from "./trace-html.ts";
import { traceLines } from "./trace-lines.ts";
import { describeStory } from "./trace-text.ts";
import { whenInevitable, type WhenResult } from "./when.ts";

/** What is to be told. */
export interface ExamineOrder {
  /** Of the run that failed. */
  readonly token: string;
  /** Make it small. */
  readonly shrink: boolean;
  /** Seconds of real time for it all, more or less. Without time for it, it is not dated. */
  readonly budget: number;
  /** Of the run; those of the scenario hold too. */
  readonly options: ScenarioOptions;
  /** The command that runs it again, without the token. */
  readonly command: string;
}

/** A failure, looked at closely. All of it is plain data. */
export interface ExaminedFailure {
  /** The run as it is told: of the shrunk one, if it was shrunk. */
  readonly told: ToldResult;
  readonly shrunk: Pick<Shrunk, "before" | "after" | "runs" | "seconds"> | undefined;
  /** From when on it was inevitable; of the run that is told. `undefined`: runs take too long. */
  readonly when: WhenResult | undefined;
  /** The last events that matter, in lines. */
  readonly story: string;
  /** All events, as lines of JSON. */
  readonly lines: string;
  /** A picture of it: a page. */
  readonly html: string;
}

/** The parts of the budget. */
const FOR_SHRINKING = 0.6;
const FOR_WHEN = 0.3;
/** With fewer runs, of which each point of time needs one, nothing can be said. */
const RUNS_FOR_WHEN = 15;

/** See the top of this file. @returns `undefined`: it does not fail when it is run again. */
export async function examineFailure(
  scenario: NamedScenario,
  order: ExamineOrder,
): Promise<ExaminedFailure | undefined> {
  const { token, budget, command, options } = order;
  const { name, scenario: play, options: own } = scenario;
  const begun = realSeconds();
  const whole = await simulate(play, { ...own, ...options, token, traced: true });
  const took = realSeconds() - begun;
  if (whole.failure === undefined) return undefined;
  const shrunk = order.shrink
    ? await shrink(scenario, whole, { ...options, budget: budget * FOR_SHRINKING })
    : undefined;
  const result = shrunk?.result ?? whole;
  const forWhen = budget * FOR_WHEN;
  const isWorthIt = took * RUNS_FOR_WHEN < forWhen;
  const when = isWorthIt
    ? await whenInevitable(scenario, result, { ...options, budget: forWhen })
    : undefined;
  const replay = `${command} --token ${result.token}`;
  return {
    told: toldResult(result),
    shrunk: shrunk === undefined ? undefined : countsOf(shrunk),
    when,
    story: describeStory(result),
    lines: traceLines(result.trace),
    html: traceHTML({ name, result, shrunk, when, replay }),
  };
}

function countsOf({
  before,
  after,
  runs,
  seconds,
}: Shrunk): NonNullable<ExaminedFailure["shrunk"]> {
  return { before, after, runs, seconds };
}
