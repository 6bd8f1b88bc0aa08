import { assert, describe, it } from "vitest";
import { FloodLimit, type FloodVerdict } from "./flood-limit.ts";

const OPTIONS = { burstLines: 3, linesPerSecond: 2, droppedLinesMax: 2 };

function verdicts(limit: FloodLimit, count: number, now: number): FloodVerdict[] {
  return Array.from({ length: count }, () => limit.receiveLine(now));
}

describe("FloodLimit", () => {
  it("receiveLine() passes a burst, warns once, drops some, and ends it", () => {
    const limit = new FloodLimit(OPTIONS, 0);
    assert.deepEqual(verdicts(limit, 7, 0), [
      "pass",
      "pass",
      "pass",
      "warn",
      "drop",
      "drop",
      "end",
    ]);
  });

  it("receiveLine() passes the rate for ever", () => {
    const limit = new FloodLimit(OPTIONS, 0);
    for (let second = 0; second < 100; second += 1) {
      assert.deepEqual(verdicts(limit, 2, second), ["pass", "pass"], String(second));
    }
  });

  it("receiveLine() counts on while the bucket has not been full again", () => {
    const limit = new FloodLimit(OPTIONS, 0);
    verdicts(limit, 5, 0);
    assert.deepEqual(verdicts(limit, 3, 1), ["pass", "pass", "drop"]);
    assert.deepEqual(verdicts(limit, 3, 2), ["pass", "pass", "end"]);
  });

  it("receiveLine() forgets when the bucket has been full", () => {
    const limit = new FloodLimit(OPTIONS, 0);
    verdicts(limit, 5, 0);
    assert.deepEqual(verdicts(limit, 4, 1.5), ["pass", "pass", "pass", "warn"]);
  });
});
