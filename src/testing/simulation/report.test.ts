import { assert, describe, it } from "vitest";
import { describeFailure, describeFound } from "./report.ts";
import { simulate } from "./simulate.ts";
import { toldResult } from "./told-result.ts";

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
    assert.match(at, /^ {6}at .*report\.test\.ts/u);
    assert.equal(others.at(-1), "  size: 7");
  });

  it("of a run that never ended says what is known", async () => {
    const { failure, ...told } = toldResult(
      await simulate(() => Promise.reject(new Error("gone"))),
    );
    const lines = describeFound("a walk", { ...told, hash: "", failure });
    assert.deepEqual(lines.slice(0, 2), ["✗ a walk   seed 0", "  error: gone"]);
  });
});

describe("describeFailure()", () => {
  it("says from where it was thrown, be it a failure or what was told of one", async () => {
    const result = await simulate(() => Promise.reject(new RangeError("too far")));
    const text = describeFailure("a walk", result);
    assert.match(text, /: too far\n {6}at .*report\.test\.ts[^]*\n {2}replay: SIM_TOKEN=sim1:0$/u);
    assert.equal(describeFailure("a walk", toldResult(result)), text);
  });
});
