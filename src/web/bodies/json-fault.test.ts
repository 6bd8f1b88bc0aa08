import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { findJSONFault } from "./json-fault.ts";

function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("findJSONFault()", () => {
  for (const [text, position, expected] of [
    ["", 0, "a value"],
    ["  ", 2, "a value"],
    ['{"a": }', 6, "a value"],
    ['{"a" 1}', 5, '":"'],
    ["{a: 1}", 1, 'a name in quotes or "}"'],
    ['{"a": 1,}', 8, "a name in quotes"],
    ["[1, 2", 5, '"," or the end'],
    ["[1, 2}", 5, '"," or the end'],
    ["[1,]", 3, "a value"],
    ["[}", 1, 'a value or "]"'],
    ["1 2", 2, "the end"],
    ["01", 1, "the end"],
    ["tru", 0, "a value"],
    ["'a'", 0, "a value"],
    [String.raw`["a\x"]`, 3, "the rest of a text"],
    ['["a\nb"]', 3, "the rest of a text"],
    ['["a', 3, "the rest of a text"],
    ["NaN", 0, "a value"],
    ["1.", 1, "the end"],
  ] as const) {
    it(`finds where ${JSON.stringify(text)} is wrong (RFC 8259)`, () => {
      assert.isFalse(isJSON(text));
      const fault = findJSONFault(text);
      assert.equal(fault?.position, position);
      assert.include(fault?.expected ?? "", expected);
    });
  }

  it("says of each text what JSON.parse says", () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", '"', "}", "]", "\\", "1", " ", "\u0001"))
      .map(([text, at, put]) => {
        const where = at % (text.length + 1);
        return text.slice(0, where) + put + text.slice(where + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken, fc.string()), (text) => {
        assert.equal(findJSONFault(text) === undefined, isJSON(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("is not too shallow for any text", () => {
    assert.equal(findJSONFault("[".repeat(1_000_000))?.position, 1_000_000);
    assert.equal(findJSONFault(`"${"\\n".repeat(500_000)}`)?.position, 1_000_001);
  });
});
