/**
 * What a batch has found, for a person.
 *
 * @module
 */
import type { ExploreResult } from "./explore.ts";
import type { NamedScenario } from "./module.ts";
import type { SimulationResult } from "./simulate.ts";
import type { ToldResult } from "./told-result.ts";
import { describeStory } from "./trace-text.ts";

/** One failure: what, where, when, what was drawn, how to run it again, and its story if traced. */
export function describeFailure(
  name: string,
  result: ToldResult & Partial<Pick<SimulationResult, "trace">>,
): string {
  const { failure, seed, settings, events, time, trace = [] } = result;
  const host = failure?.host === undefined ? "" : ` on ${failure.host}`;
  const what = `${failure?.kind ?? ""}${host}`;
  const drawn = [...settings].map(([key, value]) => `${key}: ${value}`).join("  ");
  return [
    `✗ ${name}   seed ${String(seed)}   trace ${result.hash}`,
    `  ${what} at ${time.toFixed(6)} s, ${String(events)} events: ${failure?.message ?? ""}`,
    ...(drawn === "" ? [] : [`  ${drawn}`]),
    `  replay: SIM_TOKEN=${result.token}`,
    ...(trace.length === 0 ? [] : [describeStory({ failure, trace })]),
  ].join("\n");
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
