/**
 * A failure of a simulation, for the person at the terminal.
 *
 *     ✗ the bank survives anything   seed 589   trace 5e713d4a0b1c2d3e
 *       eventually at 200.000000 s, 9120 events: all acknowledged: not within 60 s
 *       inevitable from 7.300000 to 8.700000 s, seen at 200.000000 s
 *       profile: swarm  strength: normal  faults: loss, cut, power loss
 *       shrunk: 1422 -> 33 choices (1686 runs, 2.9 s); what happened then:
 *          7.410000 s  server  fault  …
 *       replay: sennit sim replay bank.sim.ts --token sim1:589:33c…
 *       picture: .sim/bank-589.html   trace: .sim/bank-589.jsonl
 *
 * @module
 */
import { plural } from "../../core/text.ts";
import type { ExaminedFailure } from "../../testing/simulation/examine-failure.ts";
import type { Shrunk } from "../../testing/simulation/shrink.ts";
import type { WhenResult } from "../../testing/simulation/when.ts";

/** What was found out about it, and the story of the run that is told. */
export function describeExamined({ shrunk, when, story }: ExaminedFailure): string[] {
  return [
    ...(when === undefined ? [] : [`  ${describeWhen(when)}`]),
    shrunk === undefined ? "  what happened:" : `  ${describeShrunk(shrunk)}; what happened then:`,
    ...story.split("\n").map((line) => `  ${line}`),
  ];
}

/** From when on it was inevitable. */
export function describeWhen({ between: [from, to], seenAt }: WhenResult): string {
  const seen = `seen at ${seenAt.toFixed(6)} s`;
  if (to === 0) return `inevitable from the beginning, ${seen}`;
  if (from === to) return `not inevitable before it was ${seen}`;
  return `inevitable from ${from.toFixed(6)} to ${to.toFixed(6)} s, ${seen}`;
}

/** How small it has become. */
export function describeShrunk(
  shrunk: Pick<Shrunk, "before" | "after" | "runs" | "seconds">,
): string {
  const { before, after, runs, seconds } = shrunk;
  const choices = `${String(before)} -> ${plural(after, "choice")}`;
  return `shrunk: ${choices} (${plural(runs, "run")}, ${seconds.toFixed(1)} s)`;
}
