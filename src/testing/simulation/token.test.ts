import { assert, describe, it } from "vitest";
import { formatToken, parseToken } from "./token.ts";

describe("tokens", () => {
  it("say a seed", () => {
    assert.equal(formatToken({ seed: 589 }), "sim1:589");
    assert.deepEqual(parseToken(" sim1:589\n"), { seed: 589 });
  });

  it("say a plan", () => {
    const plan = new Map([
      [
        "net:a>b",
        new Map([
          [0, 1],
          [27, 300],
        ]),
      ],
      ["ties", new Map([[5, 2]])],
    ]);
    assert.deepEqual(parseToken(formatToken({ seed: 1, plan })), { seed: 1, plan });
  });

  it("say up to when a plan holds, and whose choices follow", () => {
    const plan = new Map([["ties", new Map([[5, 2]])]]);
    for (const run of [
      { seed: 1, plan, planUntil: 7.25 },
      { seed: 1, plan, planUntil: 1e-7, seedAfterPlan: 9 },
      { seed: 1, plan: new Map(), planUntil: 0, seedAfterPlan: 9 },
    ]) {
      assert.deepEqual(parseToken(formatToken(run)), run);
    }
    const short = formatToken({ seed: 1, plan });
    assert.equal(formatToken({ seed: 1, plan, seedAfterPlan: 9 }), short, "it holds to the end");
    assert.equal(formatToken({ seed: 1, planUntil: 5, seedAfterPlan: 1 }), "sim1:1");
    const { plan: none, planUntil } = parseToken(formatToken({ seed: 1, seedAfterPlan: 9 }));
    assert.deepEqual([none, planUntil], [new Map(), 0]);
  });

  it("that are none are refused", () => {
    for (const text of [
      "",
      "589",
      "sim2:589",
      "sim1:",
      "sim1:-1",
      "sim1:1.5",
      "sim1:1:!!",
      "sim1:1:AAAA",
      "sim1:1:",
      "sim1:1:i44FAA:x",
      "sim1:1:i44FAA:-1",
      "sim1:1:i44FAA:1:",
      "sim1:1:i44FAA:1:2:3",
      "sim1:9007199254740992",
    ]) {
      assert.throws(() => parseToken(text), SyntaxError, "Cannot read the token", text);
    }
  });
});
