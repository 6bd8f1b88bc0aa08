/**
 * An event in a few words, where its place in the picture says the rest; and in many.
 *
 * @module
 */
import { describeBytes, describeFolded, describeRepeats, oneLine } from "../trace-text.ts";
import type { FoldedEvent } from "./fold-events.ts";

/** All that is kept of a message. */
const DETAIL_BYTES = 256;

/** What stands beside the lane: `#3 17 B "deposit 10\r\n"`. */
export function describeEventLabel({ event, more }: FoldedEvent): string {
  const { kind, connection, bytes, data, text } = event;
  const parts = [
    ...(connection === undefined ? [] : [`#${String(connection)}`]),
    ...(kind === "received" || kind === "logged" ? [] : [labelOf(kind)]),
    ...(bytes === undefined ? [] : [`${String(bytes)} B`]),
    ...(data === undefined ? [] : [describeBytes(data)]),
    ...(text === undefined ? [] : [oneLine(text)]),
    ...(more.length === 0 ? [] : [describeRepeats(more)]),
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

/** Bytes that stand in the line already. */
const SHORT = 40;

/** A lane says that it is a host's. */
function labelOf(kind: string): string {
  return kind.replace(/^host /u, "");
}
