/**
 * A trace in lines, for people.
 *
 * @module
 */
import type { TraceEvent } from "../../reactors/simulated/trace.ts";

/** Bytes of a message that are shown. */
const SHOWN_BYTES = 40;

/** One event in a line: `   7.410000 s  client1 < server  #3 received 52 B "ok c1"`. */
export function describeTraceEvent(event: TraceEvent): string {
  const { at, kind, host, peer, connection, bytes, text, sentAt } = event;
  const parts = [
    `${at.toFixed(6)} s`.padStart(14),
    peer === undefined ? host : `${host} ${kind === "received" ? "<" : ">"} ${peer}`,
    ...(connection === undefined ? [] : [`#${String(connection)}`]),
    kind,
    ...(bytes === undefined ? [] : [`${String(bytes)} B`]),
    ...(event.data === undefined ? [] : [shown(event.data)]),
    ...(text === undefined ? [] : [text]),
    ...(sentAt === undefined || sentAt === at ? [] : [`(sent at ${sentAt.toFixed(6)})`]),
  ];
  return parts.filter((part) => part !== "").join("  ");
}

/** Bytes as a person reads them. */
function shown(data: Uint8Array): string {
  const text = Buffer.from(data.subarray(0, SHOWN_BYTES)).toString("latin1");
  return JSON.stringify(text) + (data.length > SHOWN_BYTES ? "…" : "");
}
