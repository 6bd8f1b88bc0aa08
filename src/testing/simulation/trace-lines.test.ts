import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { simulatedBank } from "../../../test/fixtures/simulated-bank.ts";
import { TRACE_KINDS, type TraceEvent } from "../../reactors/simulated/trace.ts";
import { simulate } from "./simulate.ts";
import { TraceFormatError } from "./trace-format-error.ts";
import { readTraceLines, traceLines } from "./trace-lines.ts";

const HEADER = '{"sennit-trace":1}\n';

const anyEvent: fc.Arbitrary<TraceEvent> = fc.record(
  {
    at: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((at) => at + 0),
    kind: fc.constantFrom(...TRACE_KINDS),
    host: fc.string({ unit: "binary" }),
    peer: fc.string({ unit: "binary" }),
    connection: fc.nat(),
    sentAt: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((at) => at + 0),
    bytes: fc.nat(),
    data: fc.uint8Array().map((data) => Buffer.from(data)),
    text: fc.string({ unit: "binary" }),
  },
  { requiredKeys: ["at", "kind", "host"] },
);

describe("traceLines()", () => {
  it("is a header and one line for each event, its fields in order", () => {
    const data = Buffer.from("hi\r\n\xFF", "latin1");
    const event: TraceEvent = { kind: "received", host: "b", at: 0.5, text: "x", data, bytes: 5 };
    assert.equal(
      traceLines([event, { at: 1, kind: "mark", host: "" }]),
      `${HEADER}{"at":0.5,"kind":"received","host":"b","bytes":5,"data":"hi\\r\\nÿ","text":"x"}
{"at":1,"kind":"mark","host":""}
`,
    );
  });

  it("readTraceLines() reads every trace", () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        assert.deepEqual(readTraceLines(traceLines(events)), events);
      }),
    );
  });

  it("readTraceLines() reads that of a run", async () => {
    const { trace } = await simulate(simulatedBank.scenario, { traced: true });
    assert.isAbove(trace.length, 50);
    assert.deepEqual(readTraceLines(traceLines(trace)), [...trace]);
  });
});

describe("readTraceLines()", () => {
  const broken: [what: string, text: string, line: number, problem: string][] = [
    ["nothing", "", 1, "expected a header, got nothing"],
    ["another version", '{"sennit-trace":2}\n', 1, "expected version 1"],
    ["another file", '{"sennit-recording":1}\n', 1, "expected version 1"],
    ["no JSON", `${HEADER}{"at":1\n`, 2, "expected an object in JSON"],
    ["no object", `${HEADER}[]\n`, 2, "expected an object in JSON"],
    ["no time", `${HEADER}{"kind":"mark","host":""}\n`, 2, 'expected "at", got nothing'],
    ["another kind", `${HEADER}{"at":1,"kind":"x","host":""}`, 2, 'unexpected "x" in "kind"'],
    ["no bytes", `${HEADER}{"at":1,"kind":"mark","host":"","data":"€"}`, 2, 'in "data"'],
    ["an inherited field", `${HEADER}{"__proto__":{"at":1},"kind":"mark","host":""}`, 2, '"at"'],
  ];
  for (const [what, text, line, problem] of broken) {
    it(`refuses ${what}, and says where`, () => {
      try {
        readTraceLines(text);
        assert.fail("it was read");
      } catch (error) {
        assert.instanceOf(error, TraceFormatError);
        assert.equal(error.line, line);
        assert.include(error.message, problem);
      }
    });
  }
});
