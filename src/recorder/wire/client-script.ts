/**
 * The client's side of a recorded connection, whichever side was recorded.
 *
 * @module
 */
import type { Recording } from "./recorded-event.ts";

/** One thing that the client did. */
interface ClientStep {
  readonly time: number;
  /** It had received so many bytes by then. */
  readonly after: number;
  readonly action: Buffer | "end" | "close";
}

/** What the client did, and what it was answered. */
export interface ClientScript {
  readonly steps: readonly ClientStep[];
  /** The direction of the answers in the recording. */
  readonly answers: "in" | "out";
  /** All bytes of them. */
  readonly answerBytes: number;
  /** The server was the one that ended the connection. */
  readonly serverEnds: boolean;
}

/** Take it out of a recording. */
export function clientScriptOf({ header, events }: Recording): ClientScript {
  const isOurs = header.role === "client";
  const [questions, answers] = isOurs ? (["out", "in"] as const) : (["in", "out"] as const);
  const half = isOurs ? "out-end" : "in-end";
  const steps: ClientStep[] = [];
  let after = 0;
  /** Who has ended it: the side that was recorded, or the other one. */
  let ended: "recorded" | "other" | undefined;
  for (const event of events) {
    const { type, time } = event;
    const isRecordedSide = type === "close" || type === "abort";
    if (isRecordedSide) ended ??= "recorded";
    else if (type === "closed") ended ??= event.failed ? "recorded" : "other";
    if (type === questions) steps.push({ time, after, action: event.data });
    else if (type === answers) after += event.data.length;
    else if (type === half) steps.push({ time, after, action: "end" });
  }
  const clientEnds = ended === (isOurs ? "recorded" : "other");
  const end = events.findLast(({ type }) => type === "close" || type === "closed");
  if (clientEnds) steps.push({ time: end?.time ?? 0, after, action: "close" });
  return { steps, answers, answerBytes: after, serverEnds: ended !== undefined && !clientEnds };
}
