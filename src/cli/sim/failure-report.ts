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
import type { ToldResult } from "../../testing/simulation/told-result.ts";
import type { WhenResult } from "../../testing/simulation/when.ts";

/** Lines of a message that are shown: there may be a stack in it. */
const MESSAGE_LINES_MAX = 14;
/** Lines of the stack of what was thrown. */
const STACK_LINES_MAX = 6;

/** What failed, where, when, and what was drawn. */
export function describeFound(name: string, found: ToldResult): string[] {
  const { failure, seed, hash, settings, events, time } = found;
  if (failure === undefined) return [`✓ ${name}   seed ${String(seed)}   trace ${hash}`];
  const drawn = [...settings].map(([key, value]) => `${key}: ${value}`).join("  ");
  const host = failure.host === undefined ? "" : ` on ${failure.host}`;
  // A run that never ended has told nothing.
  const when = hash === "" ? "" : ` at ${time.toFixed(6)} s, ${plural(events, "event")}`;
  const [first = "", ...message] = failure.message.split("\n");
  return [
    `✗ ${name}   seed ${String(seed)}${hash === "" ? "" : `   trace ${hash}`}`,
    `  ${failure.kind}${host}${when}: ${first}`,
    ...message.slice(0, MESSAGE_LINES_MAX).map((line) => `  ${line}`),
    ...stackLines(failure.stack, failure.message),
    ...(drawn === "" ? [] : [`  ${drawn}`]),
  ];
}

/** Of what was thrown, unless the message has it already. */
function stackLines(stack: string | undefined, message: string): string[] {
  const lines = (stack ?? "").split("\n").filter((line) => /^\s+at /u.test(line));
  const isThere = lines[0] !== undefined && message.includes(lines[0]);
  return isThere ? [] : lines.slice(0, STACK_LINES_MAX).map((line) => `  ${line}`);
}

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
