import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { LineCutter } from "./_line-cutter.ts";
import type { LogEvent } from "./event.ts";
import { eventAsText, formatEvent } from "./format.ts";
import { eventsFromJSONLog } from "./json-log.ts";
import { Logger } from "./logger.ts";
import { jsonFileLogObserver } from "./observers.ts";

/** The JSON log of what `body` emits. */
function logOf(body: (log: Logger) => void): string {
  let text = "";
  const observer = jsonFileLogObserver((line) => {
    text += line;
  });
  body(new Logger({ namespace: "a.b", observer, clock: () => 1.5 }));
  return text;
}

async function* piecesOf<Piece>(pieces: readonly Piece[]): AsyncGenerator<Piece, void> {
  yield* pieces;
}

async function eventsOfPieces(pieces: readonly (string | Uint8Array)[]): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for await (const event of eventsFromJSONLog(piecesOf(pieces))) events.push(event);
  return events;
}

describe("eventsFromJSONLog()", () => {
  it("gives the events with the text of their time", () => {
    const log = logOf((log) => {
      let n = 1;
      log.info("{n()} – {peer}", { n: () => n, peer: "x" });
      n = 2;
    });
    const [event] = [...eventsFromJSONLog(log)];
    assert.equal(
      event === undefined ? "" : eventAsText(event, { utc: true }),
      "1970-01-01T00:00:01.500Z [a.b#info] 1 – x",
    );
    assert.equal(event?.["peer"], "x");
  });

  it("gives failures with their type, code, stack and causes", () => {
    const cause = Object.assign(new TypeError("inner"), { stack: "inner stack" });
    const parts = [new Error("part")];
    const error = Object.assign(new AggregateError(parts, "outer", { cause }), {
      code: "ERR_OUTER",
      stack: "outer stack",
    });
    const [event] = [...eventsFromJSONLog(logOf((log) => log.failure("x", error)))];
    const failure = event?.log_failure;
    assert.equal(failure?.value.name, "AggregateError");
    assert.propertyVal(failure?.value, "code", "ERR_OUTER");
    assert.equal(failure?.getErrorMessage(), "outer");
    assert.equal(failure?.getTraceback(), "outer stack\n  Error: part\ncaused by: inner stack");
  });

  it("puts an event in the place of a record that cannot be read", () => {
    const good = logOf((log) => log.info("good"));
    const log = `${good}{"log_level":"loud"}\n[1]\n\n${good}${good.slice(0, 20)}`;
    const texts = [...eventsFromJSONLog(log)].map(formatEvent);
    assert.equal(texts.length, 5);
    assert.deepEqual([texts[0], texts[3]], ["good", "good"]);
    assert.include(texts[1], 'expected a level in log_level, got "loud"');
    assert.include(texts[2], 'Cannot read JSON log record "[1]": TypeError: expected an object');
    assert.match(texts[4] ?? "", /^Cannot read JSON log record .*SyntaxError/u);
  });

  it("reads records of little", () => {
    const [event] = [...eventsFromJSONLog('{"log_level":"info","log_failure":7,"log_text":"x"}')];
    assert.equal(event === undefined ? "" : eventAsText(event), "- [#info] x");
  });

  it("gives the same events for any cut of the text or the bytes", async () => {
    const log = logOf((log) => {
      for (const word of ["Grüße", "👋", "line\nend"]) log.info("{word}", { word });
    });
    const whole = [...eventsFromJSONLog(log)];
    const bytes = new TextEncoder().encode(log);
    const cuts = fc.array(fc.nat({ max: bytes.length })).map((at) => at.sort((a, b) => a - b));
    const property = fc.asyncProperty(cuts, async (at) => {
      const bounds = [0, ...at, bytes.length];
      const ofBytes = bounds.slice(1).map((end, index) => bytes.subarray(bounds[index], end));
      const ofText = bounds.slice(1).map((end, index) => log.slice(bounds[index], end));
      assert.deepEqual(await eventsOfPieces(ofBytes), whole);
      assert.deepEqual(await eventsOfPieces(ofText), whole);
    });
    await fc.assert(property, { numRuns: 30 });
  });
});

it("LineCutter cuts a line that is too long, and goes on with the next", () => {
  const cutter = new LineCutter(4);
  assert.deepEqual(cutter.push("abc"), []);
  assert.deepEqual(cutter.push("def"), []);
  assert.deepEqual(cutter.push("ghi\nxy\nz"), ["abcd", "xy"]);
  assert.equal(cutter.end(), "z");
});
