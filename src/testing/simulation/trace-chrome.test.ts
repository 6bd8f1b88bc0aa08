import { assert, describe, it } from "vitest";
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import { traceChrome } from "./trace-chrome.ts";

const TRACE: readonly TraceEvent[] = [
  { at: 0, kind: "host started", host: "bank" },
  { at: 0.5, kind: "fault", host: "", text: "partition bank | ada" },
  { at: 1.5, kind: "received", host: "bank", peer: "ada", connection: 2, sentAt: 1, bytes: 4 },
  { at: 2, kind: "healed", host: "", text: "partition bank | ada" },
];

describe("traceChrome()", () => {
  it("has a process for each host, instants for events, spans for what takes time", () => {
    const { traceEvents }: { traceEvents: { ph: string; name: string; ts?: number }[] } =
      JSON.parse(traceChrome(TRACE));
    const of = (ph: string): string[] => {
      return traceEvents
        .filter((one) => one.ph === ph)
        .map(({ name, ts = 0 }) => `${String(ts)} ${name}`);
    };
    assert.equal(of("M").length, 3);
    assert.equal(of("i").length, 4);
    assert.deepEqual(of("b"), [
      "1000000 #2 4 B",
      "500000 partition bank | ada",
      "500000 partition bank | ada",
    ]);
    assert.deepEqual(of("e"), [
      "1500000 #2 4 B",
      "2000000 partition bank | ada",
      "2000000 partition bank | ada",
    ]);
  });
});
