import { assert, describe, it } from "vitest";
import { withinPatience } from "./patience.ts";

describe("withinPatience()", () => {
  it("gives what comes in time, and what is thrown", () => {
    for (const seconds of [1, Number.POSITIVE_INFINITY]) {
      assert.equal(
        withinPatience(() => 7, seconds),
        7,
      );
      const late = Object.assign(new Error("late"), { code: "ERR_SCRIPT_EXECUTION_TIMEOUT" });
      assert.throws(() => {
        withinPatience(() => {
          throw late;
        }, seconds);
      }, "late");
    }
  });

  it("interrupts what does not come, and does not run its finally", () => {
    let isOver = false;
    const result = withinPatience(() => {
      try {
        for (;;);
      } finally {
        isOver = true;
      }
    }, 0.05);
    assert.isUndefined(result);
    assert.isFalse(isOver);
    assert.equal(
      withinPatience(() => 8, 1),
      8,
    );
  });
});
