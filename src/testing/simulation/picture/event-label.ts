/**
 * An event in a few words, where its place in the picture says the rest; and in many.
 *
 * @module
 */
import { describeBytes, describeFolded, describeRepeats, oneLine } from "../trace-text.ts";
import type { TraceKind } from "../../../reactors/simulated/trace.ts";
import type { FoldedEvent } from "./fold-events.ts";

/** Kinds that their look and their text say already. */
const UNSAID: ReadonlySet<TraceKind> = new Set(["received", "logged", "fault"]);
/** Bytes of a message: more make a page large, and are in the lines of JSON. */
const DETAIL_BYTES = 128;
/** Bytes that stand in the line already. */
const SHORT = 40;

/** What stands beside the lane: `#3 17 B "deposit 10\r\n"`. */
export function describeEventLabel({ event, more }: FoldedEvent): string {
  const { kind, connection, bytes, data, text } = event;
  const parts = [
    ...(connection === undefined ? [] : [`#${String(connection)}`]),
    ...(UNSAID.has(kind) ? [] : [kind.replace(/^host /u, "")]),
    ...(more.length === 0 ? [] : [describeRepeats(more)]),
    ...(bytes === undefined ? [] : [`${String(bytes)} B`]),
    ...(data === undefined ? [] : [describeBytes(data)]),
    ...(text === undefined ? [] : [kind === "host stalled" ? `for ${text} s` : oneLine(text)]),
  ];
  return parts.join(" ");
}

/** What is shown of one event when somebody points at it. */
export function describeEventDetails(folded: FoldedEvent): string {
  const { data = new Uint8Array() } = folded.event;
  const line = describeFolded(folded).trim();
  const whole = describeBytes(data, DETAIL_BYTES);
  return data.length <= SHORT ? line : `${line}\n${whole}`;
}

/** At most so many characters. */
export function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, Math.max(1, length - 1))}…` : text;
}
