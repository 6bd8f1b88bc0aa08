/**
 * A trace for Chrome's `chrome://tracing` and for Perfetto: hosts as processes, connections as
 * threads, messages as spans from where they left to where they were read.
 *
 * Spec: the Trace Event Format (JSON), https://perfetto.dev/docs/getting-started/other-formats.
 *
 * @module
 */
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import { describeEventLabel } from "./picture/event-label.ts";
import { foldEvents } from "./picture/fold-events.ts";
import { spansOf } from "./picture/spans.ts";
import { describeTraceEvent } from "./trace-text.ts";

/** One entry of the format. Its times are in microseconds. */
interface ChromeEvent {
  readonly ph: "M" | "b" | "e" | "i";
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly cat?: string;
  /** Of spans: two with the same one are the begin and the end. */
  readonly id?: number;
  /** Of instants: how high they are drawn. */
  readonly s?: "t";
  readonly args?: Readonly<Record<string, string>>;
}

/** Process 0. */
const WORLD = "world";

/** Write a trace. @returns JSON, for the programs that the top of this file names. */
export function traceChrome(events: readonly TraceEvent[]): string {
  const writer = new Writer();
  for (const { event } of foldEvents(events, "resent")) writer.add(event);
  const end = events.at(-1)?.at ?? 0;
  for (const { hosts, text, from, to } of spansOf(events)) {
    for (const host of hosts.length === 0 ? [""] : hosts) {
      writer.span(host, text, "broken", [from, Math.min(to, end)]);
    }
  }
  return JSON.stringify({ displayTimeUnit: "ms", traceEvents: writer.written });
}

class Writer {
  readonly written: ChromeEvent[] = [];
  readonly #processes = new Map<string, number>();
  #spans = 0;

  add(event: TraceEvent): void {
    const { host, connection = 0, at, sentAt, kind } = event;
    const name = describeEventLabel({ event, index: 0, number: 0, more: [] });
    const args = { event: describeTraceEvent(event).trim() };
    const pid = this.#processOf(host);
    this.written.push({ ph: "i", s: "t", name, pid, tid: connection, ts: micro(at), args });
    if (sentAt === undefined || !kind.endsWith("received")) return;
    this.span(host, name, "on the way", [sentAt, at]);
  }

  span(host: string, name: string, cat: string, [from, to]: readonly [number, number]): void {
    this.#spans += 1;
    const both = { name, cat, id: this.#spans, pid: this.#processOf(host) };
    this.written.push({ ph: "b", ...both, ts: micro(from) }, { ph: "e", ...both, ts: micro(to) });
  }

  #processOf(host: string): number {
    const known = this.#processes.get(host);
    if (known !== undefined) return known;
    const pid = host === "" ? 0 : this.#processes.size + 1;
    this.#processes.set(host, pid);
    const args = { name: host === "" ? WORLD : host };
    this.written.push({ ph: "M", name: "process_name", pid, args });
    return pid;
  }
}

function micro(seconds: number): number {
  return Math.round(seconds * 1e6);
}
