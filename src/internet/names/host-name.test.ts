import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { toHostName, unresolvableBecause } from "./host-name.ts";

/** 253 characters, in labels of 63 and less. */
const LONGEST = `${`${"x".repeat(63)}.`.repeat(3)}${"x".repeat(61)}`;

describe("toHostName()", () => {
  const names: readonly [string, string][] = [
    ["example.com", "example.com"],
    ["Example.COM.", "Example.COM."],
    ["a_b-c.example", "a_b-c.example"],
    ["127.1", "127.1"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
    ["straße.de", "xn--strae-oqa.de"],
    ["ü。de", "xn--tda.de"],
    ["点看", "xn--3pxu8k"],
    [LONGEST, LONGEST],
    [`${LONGEST}.`, `${LONGEST}.`],
  ];
  for (const [text, name] of names) {
    it(`sends ${JSON.stringify(text.slice(0, 20))} as ${name.slice(0, 25)}`, () => {
      assert.deepEqual(toHostName(text), { name });
    });
  }

  const refused: readonly [string, string][] = [
    ["", "the name is empty"],
    ["a\0b", "a NUL is no part of a name"],
    ["x".repeat(254), "expected at most 253 characters, got 254"],
    [`${"ü.".repeat(100)}de`, "expected at most 253 characters, got 802"],
    ["x".repeat(64), "expected 1 to 63 characters between dots"],
    ["ü".repeat(64), "expected 1 to 63 characters between dots"],
    ["a..b", "expected 1 to 63 characters between dots"],
    [".a", "expected 1 to 63 characters between dots"],
    [".", "expected 1 to 63 characters between dots"],
    ["two words", "expected letters, digits, hyphens and dots"],
    ["example.com:80", "expected letters, digits, hyphens and dots"],
    ["ü/evil.example", "expected letters, digits, hyphens and dots"],
    ["ü\n.de", "expected letters, digits, hyphens and dots"],
    ["ü%2e.de", "expected letters, digits, hyphens and dots"],
    ["\ud83e.de", "it is no internationalized name (UTS 46)"],
    ["\u200d.de", "it is no internationalized name (UTS 46)"],
  ];
  for (const [text, problem] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.deepEqual(toHostName(text), { problem });
    });
  }

  it("sends nothing but letters, digits, hyphens, underscores and dots", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const checked = toHostName(text);
        if ("name" in checked) assert.match(checked.name, /^[\w.-]{1,254}$/u);
        else assert.notEqual(checked.problem, "");
      }),
    );
  });
});

describe("unresolvableBecause()", () => {
  it("lets everything through that the system may know", () => {
    for (const name of ["two words", "bücher.example", "a:b", "127.1"]) {
      assert.isUndefined(unresolvableBecause(name));
    }
  });
});
