/**
 * Is what a protocol did now what it did then?
 *
 * @module
 */
import { bytesOf, isWhole, type Recording } from "../../recorder/wire/recorded-event.ts";
import {
  compareWithRecording,
  formatDifference,
  type RecordingDifference,
} from "../../recorder/wire/recording-difference.ts";
import type { CompareOptions } from "../../recorder/wire/stream-difference.ts";

/** What counts. */
export interface VerdictOptions extends CompareOptions {
  /** Must the protocol end the connection as it did, or leave it open? Default: `true`. */
  readonly compareEnd?: boolean;
}

/** What our protocol did to end the connection; `failed`: it threw. */
export type ReplayEnd = "open" | "half-closed" | "closed" | "aborted" | "failed";

/** What two recordings have in common. */
export interface Verdict {
  /** The protocol wrote what it wrote then, and ended the connection as then. */
  readonly same: boolean;
  /** What is different, in lines for people; empty if nothing is. */
  readonly report: string;
  /** Where the bytes are different. */
  readonly difference: RecordingDifference | undefined;
  /** How it ended. */
  readonly end: { readonly recorded: ReplayEnd; readonly replayed: ReplayEnd };
  /** The recording that was made of the replay. */
  readonly replayed: Recording;
}

/** Compare what was written, and who ended it. */
export function judge(
  recorded: Recording,
  replayed: Recording,
  options: VerdictOptions = {},
): Verdict {
  const difference = compareWithRecording(recorded, "out", bytesOf(replayed, "out"), options);
  const end = { recorded: endOf(recorded), replayed: endOf(replayed) };
  const isCompared = options.compareEnd !== false && isWhole(recorded);
  const isSameEnd = !isCompared || end.recorded === end.replayed;
  const lines = [
    ...(difference === undefined ? [] : [formatDifference(difference)]),
    ...(isSameEnd ? [] : [`Different at the end: expected ${end.recorded}, got ${end.replayed}`]),
  ];
  return { same: lines.length === 0, report: lines.join("\n"), difference, end, replayed };
}

function endOf({ events }: Recording): ReplayEnd {
  const types = new Set(events.map(({ type }) => type));
  if (events.some((event) => event.type === "closed" && event.failed)) return "failed";
  if (types.has("abort")) return "aborted";
  if (types.has("close")) return "closed";
  return types.has("out-end") ? "half-closed" : "open";
}
