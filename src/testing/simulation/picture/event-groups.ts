/**
 * The kinds of events in groups that a reader wants to see or not to see.
 *
 * @module
 */
import type { TraceKind } from "../../../reactors/simulated/trace.ts";

/** `steps` is what happens all the time and says little: timers, names, datagrams that leave. */
export type EventGroup = "trouble" | "bytes" | "connections" | "programs" | "log" | "steps";

/** What the groups are called, in the order in which they are offered. */
export const EVENT_GROUPS: ReadonlyMap<EventGroup, string> = new Map([
  ["trouble", "faults and hosts"],
  ["bytes", "bytes"],
  ["connections", "connections"],
  ["programs", "disks, processes, threads"],
  ["log", "log and marks"],
  ["steps", "timers, names, sends"],
]);

const GROUP_OF: Readonly<Record<TraceKind, EventGroup>> = {
  "host started": "trouble",
  "host ended": "trouble",
  "host lost power": "trouble",
  "host stalled": "trouble",
  "host resumed": "trouble",
  fault: "trouble",
  healed: "trouble",
  violated: "trouble",
  reset: "trouble",
  "timed out": "trouble",
  connecting: "connections",
  refused: "connections",
  connected: "connections",
  accepted: "connections",
  "half-closed": "connections",
  closed: "connections",
  retransmitted: "connections",
  TLS: "connections",
  received: "bytes",
  "datagram received": "bytes",
  "datagram lost": "bytes",
  disk: "programs",
  process: "programs",
  thread: "programs",
  logged: "log",
  mark: "log",
  sent: "steps",
  "datagram sent": "steps",
  timers: "steps",
  name: "steps",
};

/** The group of a kind. */
export function groupOf(kind: TraceKind): EventGroup {
  return GROUP_OF[kind];
}
