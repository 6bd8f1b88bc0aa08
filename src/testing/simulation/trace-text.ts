/**
 * A trace in lines, for people.
 *
 * @module
 */
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import { groupOf } from "./picture/event-groups.ts";
import { type FoldedEvent, foldEvents } from "./picture/fold-events.ts";
import { relevantEvents, type TracedRun } from "./picture/relevant-events.ts";
import { describeSpan, jumpIn } from "./picture/time-jumps.ts";

/** How much of a run {@link describeStory} tells. */
export interface StoryOptions {
  /** Lines at most. Default: 40. */
  readonly last?: number;
}

/** Bytes of a message that are shown. */
const SHOWN_BYTES = 40;
const LAST = 40;
const TIME_WIDTH = 14;
/** What could forge a line, hide one, or speak to a terminal; in bytes also what is not ASCII. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]/gu;
const NOT_PLAIN = /[^\x20-\x7E]|["\\]/gu;
const NOT_FOUND = /: (?:NXDOMAIN|SERVFAIL|timeout)$/u;
const ESCAPES = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

/** One event in a line: `   7.410000 s  client1 < server  #3  received  52 B  "ok c1"`. */
export function describeTraceEvent(event: TraceEvent): string {
  const { at, kind, bytes, data, text, sentAt } = event;
  return line(event, [
    kind,
    ...(bytes === undefined ? [] : [`${String(bytes)} B`]),
    ...(data === undefined ? [] : [describeBytes(data)]),
    ...(text === undefined ? [] : [oneLine(text)]),
    ...(sentAt === undefined || sentAt === at ? [] : [`(sent at ${sentAt.toFixed(6)})`]),
  ]);
}

/**
 * What happened in a run, as one who looks for the cause wants to hear it: what went wrong around
 * the programs, and what happened where it failed. Handshakes, retransmissions and the pieces of
 * bytes are a line each; timers, and names that were found, are left out.
 *
 * @param run With its trace; without, there is nothing to tell.
 * @returns Lines without a line end after the last.
 */
export function describeStory(run: TracedRun, { last = LAST }: StoryOptions = {}): string {
  const folded = foldEvents(run.trace, "all").filter(({ event }) => isWorthTelling(event));
  const told = relevantEvents(folded, run, last);
  const jump = jumpIn(told.map(({ event }) => event.at));
  const lines = told.flatMap((one, index) => {
    const step = one.event.at - (told[index - 1]?.event.at ?? one.event.at);
    const pause = step < jump ? [] : [`… ${describeSpan(step)} …`.padStart(TIME_WIDTH)];
    return [...pause, describeFolded(one)];
  });
  const left = folded.length - told.length;
  if (left > 0) lines.unshift(`(${String(left)} events that matter less are left out)`);
  return lines.join("\n");
}

/** A name that was found is not. */
function isWorthTelling({ kind, text = "" }: TraceEvent): boolean {
  return groupOf(kind) !== "steps" || (kind === "name" && NOT_FOUND.test(text));
}

/** An event and those that were folded into it, in a line. */
export function describeFolded({ event, more }: FoldedEvent): string {
  const last = more.at(-1);
  if (last === undefined) return describeTraceEvent(event);
  switch (event.kind) {
    case "retransmitted":
      return `${describeTraceEvent(event)}  ${describeRepeats(more)}`;
    case "received":
      return describePieces([event, ...more]);
    default:
      return describeHandshake([event, ...more], last);
  }
}

/** `7 times until 12.4 s`, the first included. */
export function describeRepeats(more: readonly TraceEvent[]): string {
  const until = Number((more.at(-1)?.at ?? 0).toFixed(3));
  return `${String(more.length + 1)} times until ${String(until)} s`;
}

/** Bytes as a person reads them, quoted, in ASCII: `"ok\r\n"`, `"\xff"`. */
export function describeBytes(data: Uint8Array, most = SHOWN_BYTES): string {
  const text = Buffer.from(data.subarray(0, most)).toString("latin1");
  const plain = text.replace(NOT_PLAIN, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, "0");
    return ESCAPES.get(character) ?? `\\x${hex}`;
  });
  return `"${plain}"${data.length > most ? "…" : ""}`;
}

/** Text on one line, whoever wrote it. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(4, "0");
    return ESCAPES.get(character) ?? `\\u${hex}`;
  });
}

/** When, where, and what. */
function line({ at, kind, host, peer, connection }: TraceEvent, what: readonly string[]): string {
  const arrow = kind.endsWith("received") ? "<" : ">";
  const parts = [
    `${at.toFixed(6)} s`.padStart(TIME_WIDTH),
    oneLine(peer === undefined ? host : `${host} ${arrow} ${peer}`),
    ...(connection === undefined ? [] : [`#${String(connection)}`]),
    ...what,
  ];
  return parts.filter((part) => part !== "").join("  ");
}

function describePieces(pieces: readonly TraceEvent[]): string {
  const [first] = pieces;
  if (first === undefined) return "";
  const bytes = pieces.reduce((sum, piece) => sum + (piece.bytes ?? 0), 0);
  const shown = pieces.map(({ data = new Uint8Array() }) => describeBytes(data)).join(" | ");
  const sent = first.sentAt === undefined ? "" : `(sent at ${first.sentAt.toFixed(6)})`;
  const count = `${String(bytes)} B in ${String(pieces.length)} pieces`;
  return line(first, ["received", count, shown, sent]);
}

/** From the first step that is known to the last one. */
function describeHandshake(steps: readonly TraceEvent[], last: TraceEvent): string {
  const [first = last] = steps;
  const connected = steps.find(({ kind }) => kind === "connected") ?? first;
  const took = `after ${describeSpan(last.at - first.at)}`;
  const to = first.text === undefined ? "" : `to ${oneLine(first.text)}`;
  return line({ ...connected, at: first.at }, [first.kind, to, `${last.kind} ${took}`]);
}
