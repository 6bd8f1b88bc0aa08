/**
 * What a batch has found, for a person.
 *
 * @module
 */
import { plural } from "../../core/text.ts";
import type { ExploreResult } from "./explore.ts";
import { SimulationFailure } from "./failure.ts";
import { framesOf, withoutDrivers } from "./frames.ts";
import type { NamedScenario } from "./module.ts";
import type { SimulationResult } from "./simulate.ts";
import { type ToldResult, toldFailure } from "./told-result.ts";
import { describeStory } from "./trace-text.ts";

/** Lines of a message that are shown: there may be a stack in it. */
const MESSAGE_LINES_MAX = 14;
/** Lines of the stack of what was thrown. */
const STACK_LINES_MAX = 6;

/** What failed, where, when, and what was drawn. */
export function describeFound(name: string, found: ToldResult): string[] {
  const { seed, hash, settings, events, time } = found;
  const failure =
    found.failure instanceof SimulationFailure ? toldFailure(found.failure) : found.failure;
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
  const lines = withoutDrivers(framesOf(stack ?? ""));
  const isThere = lines[0] !== undefined && message.includes(lines[0]);
  return isThere ? [] : lines.slice(0, STACK_LINES_MAX).map((line) => `  ${line}`);
}

/** One failure: the same, how to run it again, and its story if it was traced. */
export function describeFailure(
  name: string,
  result: ToldResult & Partial<Pick<SimulationResult, "trace">>,
): string {
  const { failure, token, trace = [] } = result;
  const story = trace.length === 0 ? [] : [describeStory({ failure, trace })];
  return [...describeFound(name, result), `  replay: SIM_TOKEN=${token}`, ...story].join("\n");
}

/** A whole batch. */
export function describeBatch(
  { name }: Pick<NamedScenario, "name">,
  result: ExploreResult<ToldResult>,
): string {
  const lines = result.failed.map((one) => describeFailure(name, one));
  for (const mark of result.neverReached) {
    lines.push(`✗ ${name}   never reached in ${String(result.seeds)} seeds: ${mark}`);
  }
  for (const { seed, event } of result.diverged) {
    lines.push(
      `✗ ${name}   seed ${String(seed)} is not deterministic: ` +
        `two runs part before event ${String(event)}`,
    );
  }
  if (lines.length === 0) lines.push(`✓ ${name}   ${String(result.seeds)} seeds`);
  return lines.join("\n");
}
