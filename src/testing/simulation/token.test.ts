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
    ]) {
      assert.throws(() => parseToken(text), SyntaxError, "Cannot read the token", text);
    }
  });
});
