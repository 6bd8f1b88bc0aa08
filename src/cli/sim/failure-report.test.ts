import { assert, describe, it } from "vitest";
import { simulate } from "../../testing/simulation/simulate.ts";
import { toldResult } from "../../testing/simulation/told-result.ts";
import { statusOfRun } from "./exit-status.ts";
import { describeFound } from "./failure-report.ts";
import { forShell } from "./replay-line.ts";
import { scenarioStem } from "./write-pictures.ts";

describe("describeFound()", () => {
  it("says what failed, where and when, what was drawn, and from where it was thrown", async () => {
    const result = await simulate(
      async (sim) => {
        sim.settings.set("size", "7");
        await sim.sleep(1.5);
        throw new RangeError("too far\nby a mile");
      },
      { seed: 3 },
    );
    const [title = "", what, more, at = "", ...others] = describeFound(
      "a walk",
      toldResult(result),
    );
    assert.equal(title, `✗ a walk   seed 3   trace ${result.hash}`);
    assert.equal(what, `  error at 1.500000 s, ${String(result.events)} events: too far`);
    assert.equal(more, "  by a mile");
    assert.match(at, /^ {6}at .*failure-report\.test\.ts/u);
    assert.equal(others.at(-1), "  size: 7");
    assert.equal(statusOfRun(result), 1);
  });

  it("of a run that never ended says what is known", async () => {
    const { failure, ...told } = toldResult(
      await simulate(() => Promise.reject(new Error("gone"))),
    );
    const lines = describeFound("a walk", { ...told, hash: "", failure });
    assert.deepEqual(lines.slice(0, 2), ["✗ a walk   seed 0", "  error: gone"]);
  });

  it("of an escape has another status", async () => {
    const result = await simulate(() => void Date.now(), { globals: "strict" });
    assert.equal(statusOfRun(result), 3);
  });
});

it("forShell() quotes what a shell would read otherwise", () => {
  assert.equal(forShell("tests/bank.sim.ts"), "tests/bank.sim.ts");
  assert.equal(forShell("it's a bank.ts"), String.raw`'it'\''s a bank.ts'`);
});

it("scenarioStem() is the name without its endings", () => {
  const names = ["tests/bank.sim.ts", "bank.mjs", "bank.sim.js", "bank"];
  assert.deepEqual(names.map(scenarioStem), ["bank", "bank", "bank", "bank"]);
});
