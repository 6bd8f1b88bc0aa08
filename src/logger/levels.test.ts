import { assert, it } from "vitest";
import { compareLevels, isLogLevel, LOG_LEVELS } from "./levels.ts";

it("compareLevels() orders the levels by urgency", () => {
  const sorted = [...LOG_LEVELS].toReversed().sort(compareLevels);
  assert.deepEqual(sorted, ["debug", "info", "warn", "error", "critical"]);
  assert.equal(compareLevels("warn", "warn"), 0);
});

it("isLogLevel() knows the levels and nothing else", () => {
  assert.isTrue(LOG_LEVELS.every(isLogLevel));
  assert.isFalse([undefined, "WARN", "toString", 3].some(isLogLevel));
});
