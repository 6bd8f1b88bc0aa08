import { assert, describe, it } from "vitest";
import type { TraceEvent } from "../../../reactors/simulated/trace.ts";
import { foldEvents } from "./fold-events.ts";
import { GAP_HEIGHT, ROW_HEIGHT, Rows } from "./rows.ts";

const mark = (at: number, host = "a"): TraceEvent => ({ at, kind: "mark", host, text: "here" });
const timers = (at: number): TraceEvent => ({ at, kind: "timers", host: "b" });

function rowsOf(...events: readonly TraceEvent[]): Rows {
  return new Rows(foldEvents(events, "resent"), new Set(["steps"]));
}

describe("Rows", () => {
  it("has a row for each event, one below the other", () => {
    const rows = rowsOf(mark(0), mark(1), mark(1), mark(2));
    assert.equal(rows.height, 4 * ROW_HEIGHT);
    assert.equal(rows.y(2), 2 * ROW_HEIGHT);
    assert.equal(rows.y(2.5), 2.5 * ROW_HEIGHT);
    assert.equal(rows.y(4), rows.height);
    assert.isEmpty(rows.gaps);
  });

  it("prints where time jumps", () => {
    const rows = rowsOf(mark(0), mark(1), mark(2), mark(60), mark(61));
    assert.deepEqual(rows.gaps, [{ row: 3, seconds: 58, left: 0 }]);
    assert.equal(rows.y(3), 3 * ROW_HEIGHT + GAP_HEIGHT);
    assert.equal(rows.height, 5 * ROW_HEIGHT + GAP_HEIGHT);
  });

  it("gives no height to what is hidden, and knows on which side of a jump it was", () => {
    const rows = rowsOf(mark(0), mark(1), mark(2), timers(2.5), mark(60), timers(118), mark(120));
    assert.deepEqual(
      rows.gaps.map(({ row }) => row),
      [4, 5],
    );
    assert.equal(rows.y(3.5), 3 * ROW_HEIGHT);
    assert.equal(rows.y(4), 3 * ROW_HEIGHT + GAP_HEIGHT);
    assert.equal(rows.y(5.5), 4 * ROW_HEIGHT + 2 * GAP_HEIGHT);
    assert.equal(rows.y(6), rows.y(5.5));
  });

  it("says how many events were left out, if they are many", () => {
    const all = foldEvents(
      Array.from({ length: 100 }, (_, at) => mark(at)),
      "resent",
    );
    const some = all.filter(({ index }) => index < 3 || index > 80 || index === 50);
    assert.deepEqual(
      new Rows(some, new Set()).gaps.map(({ row, left }) => [row, left]),
      [
        [3, 47],
        [4, 30],
      ],
    );
  });

  it("knows where a time is", () => {
    const rows = rowsOf(mark(1), mark(2, "a"), mark(2, "b"), mark(2, "c"), mark(4));
    assert.equal(rows.placeOf(0.5), 0);
    assert.equal(rows.placeOf(2), 4);
    assert.equal(rows.placeOf(Infinity), 5);
    assert.equal(rows.placeAt(2, "a"), 1.5);
    assert.equal(rows.placeAt(2, "z"), 4);
    assert.equal(rows.placeAt(3, "a"), 4);
  });

  it("knows where an event is, or would be", () => {
    const all = foldEvents([mark(0), mark(1), mark(2)], "resent");
    const rows = new Rows(
      all.filter(({ index }) => index !== 1),
      new Set(),
    );
    assert.equal(rows.placeOfEvent(0), 0.5);
    assert.equal(rows.placeOfEvent(1), 1);
    assert.equal(rows.placeOfEvent(2), 1.5);
    assert.equal(rows.placeOfEvent(9), 2);
  });
});
