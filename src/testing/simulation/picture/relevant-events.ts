/**
 * Of many events, those that a reader of a failure wants to see.
 *
 * @module
 */
import type { TraceEvent } from "../../../reactors/simulated/trace.ts";
import { groupOf } from "./event-groups.ts";
import type { FoldedEvent } from "./fold-events.ts";

/** A run, as far as it must be known here. A `SimulationResult` is one. */
export interface TracedRun {
  readonly trace: readonly TraceEvent[];
  readonly failure: { readonly host: string | undefined } | undefined;
}

/** Where a failure happened, as far as it is known. */
interface FailurePlace {
  readonly host: string | undefined;
  readonly connection: number | undefined;
}

/** What faults and crashes may take at most, where there are too many events. */
const TROUBLE_SHARE = 0.5;

/**
 * At most `max` of a run's events, in their order: first what went wrong around the programs, then
 * what happened on the connection and on the host of the failure, then the others; of each, the
 * last.
 */
export function relevantEvents(
  folded: readonly FoldedEvent[],
  { failure, trace }: TracedRun,
  max: number,
): readonly FoldedEvent[] {
  if (folded.length <= max) return folded;
  const violated = trace.findLast(({ kind }) => kind === "violated");
  const place = { host: failure?.host ?? violated?.host, connection: violated?.connection };
  const ranks = folded.map((one) => rankOf(one, place));
  const chosen = new Set<FoldedEvent>();
  const limits = [max * TROUBLE_SHARE, max, max, max, max];
  for (const [rank, limit] of limits.entries()) {
    for (let at = folded.length - 1; at >= 0 && chosen.size < limit; at -= 1) {
      const one = folded[at];
      if (one !== undefined && ranks[at] === rank) chosen.add(one);
    }
  }
  return folded.filter((one) => chosen.has(one));
}

/** 0 for what matters most. */
function rankOf({ event }: FoldedEvent, { host, connection }: FailurePlace): number {
  const group = groupOf(event.kind);
  const isBeginning = event.kind === "host started" && event.at === 0;
  if (group === "steps" || isBeginning) return 4;
  if (group === "trouble") return 0;
  if (connection !== undefined && event.connection === connection) return 1;
  return host !== undefined && (event.host === host || event.peer === host) ? 2 : 3;
}
