import { assert, describe, it } from "vitest";
import type { TraceEvent } from "../../../reactors/simulated/trace.ts";
import { foldEvents } from "./fold-events.ts";
import { relevantEvents } from "./relevant-events.ts";

const heard = (host: string, connection: number): TraceEvent => {
  return { at: 1, kind: "received", host, peer: "z", connection };
};
const FAULT: TraceEvent = { at: 1, kind: "fault", host: "", text: "partition a | b" };
const TIMERS: TraceEvent = { at: 1, kind: "timers", host: "a" };

function chosen(trace: readonly TraceEvent[], max: number, host?: string): number[] {
  const run = { trace, failure: { host } };
  return relevantEvents(foldEvents(trace, "resent"), run, max).map(({ index }) => index);
}

describe("relevantEvents()", () => {
  it("takes all where they are few enough", () => {
    assert.deepEqual(chosen([TIMERS, FAULT], 2), [0, 1]);
  });

  it("takes faults first, then what happened where it failed, then the last", () => {
    const trace = [FAULT, heard("a", 1), heard("b", 2), heard("c", 3), heard("c", 3), TIMERS];
    assert.deepEqual(chosen(trace, 2, "a"), [0, 1]);
    assert.deepEqual(chosen(trace, 3, "a"), [0, 1, 4]);
    assert.deepEqual(chosen(trace, 5, "a"), [0, 1, 2, 3, 4]);
    assert.deepEqual(chosen(trace, 3), [0, 3, 4]);
  });

  it("takes the connection of a violation before its host", () => {
    const violated: TraceEvent = { at: 2, kind: "violated", host: "a", connection: 2, text: "no" };
    const trace = [heard("b", 2), heard("a", 1), heard("c", 3), violated];
    assert.deepEqual(chosen(trace, 2), [0, 3]);
    assert.deepEqual(chosen(trace, 3), [0, 1, 3]);
  });

  it("faults leave room for what happened", () => {
    const trace = [heard("a", 1), heard("a", 1), FAULT, FAULT, FAULT, FAULT];
    assert.deepEqual(chosen(trace, 4), [0, 1, 4, 5]);
  });

  it("that all hosts were started is no news", () => {
    const started: TraceEvent = { at: 0, kind: "host started", host: "a" };
    const again: TraceEvent = { at: 5, kind: "host started", host: "a" };
    assert.deepEqual(chosen([started, heard("a", 1), again], 2), [1, 2]);
  });
});
