import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { parseQuery, QueryTooLargeError } from "./query.ts";

describe("parseQuery()", () => {
  function pairs(text: string): readonly (readonly [string, readonly string[]])[] {
    return [...parseQuery(text)];
  }

  it("decodes as WHATWG URL §5.1 has it", () => {
    const cases: readonly (readonly [string, readonly (readonly [string, readonly string[]])[]])[] =
      [
        ["", []],
        ["&&", []],
        [
          "a=1&b=2&a=3",
          [
            ["a", ["1", "3"]],
            ["b", ["2"]],
          ],
        ],
        ["a", [["a", [""]]]],
        [
          "a=&=b&=",
          [
            ["a", [""]],
            ["", ["b", ""]],
          ],
        ],
        ["a=b=c", [["a", ["b=c"]]]],
        ["a+b=c++d", [["a b", ["c  d"]]]],
        ["a%20b=%2b%2B%26%3D", [["a b", ["++&="]]]],
        ["a=1;b=2", [["a", ["1;b=2"]]]],
        ["?a=1", [["?a", ["1"]]]],
        ["%E2%82%AC=%c3%a9", [["€", ["é"]]]],
        ["€=é%C3%A9", [["€", ["éé"]]]],
        ["%EF%BB%BFa=1", [["\ufeffa", ["1"]]]],
        ["a=%00", [["a", ["\0"]]]],
      ];
    for (const [text, expected] of cases) assert.deepEqual(pairs(text), expected, text);
  });

  it("leaves a percent sign without two digits as it is", () => {
    for (const text of [
      "%",
      "%4",
      "%zz",
      "%4z",
      "%z4",
      "%%",
      "%u0041",
      "%G0",
      "%`0",
      "%0:",
      "% 0",
    ]) {
      assert.deepEqual(pairs(`a=${text}`), [["a", [text]]], text);
    }
    assert.deepEqual(pairs("a=%%41%"), [["a", ["%A%"]]]);
  });

  it("makes U+FFFD of bytes that are no UTF-8", () => {
    const cases: readonly (readonly [string, string])[] = [
      ["%FF", "\ufffd"],
      ["%E2%82", "\ufffd"],
      ["%E2%82x", "\ufffdx"],
      ["%C0%AF", "\ufffd\ufffd"],
      ["%ED%A0%80", "\ufffd\ufffd\ufffd"],
      ["é%FF", "é\ufffd"],
      ["Ā%FF", "Ā\ufffd"],
    ];
    for (const [text, value] of cases) assert.deepEqual(pairs(`a=${text}`), [["a", [value]]], text);
  });

  it("is not confused by names of Object", () => {
    const query = parseQuery("__proto__=1&constructor=2&__proto__[x]=3");
    assert.deepEqual(query.get("__proto__"), ["1"]);
    assert.deepEqual(query.get("constructor"), ["2"]);
    assert.isUndefined(query.get("toString"));
  });

  it("counts pairs, not ampersands, and stops at its bound", () => {
    assert.equal(parseQuery("a&".repeat(1000)).get("a")?.length, 1000);
    assert.equal(parseQuery(`&&${"a&&".repeat(1000)}`).get("a")?.length, 1000);
    assert.throws(() => parseQuery("a&".repeat(1001)), QueryTooLargeError, "at most 1000 pairs");
    assert.throws(() => parseQuery("a&b&c", { maxPairs: 2 }), QueryTooLargeError);
    assert.deepEqual([...parseQuery("a&b", { maxPairs: 2 }).keys()], ["a", "b"]);
    assert.equal(new QueryTooLargeError("x").code, "ERR_QUERY_TOO_LARGE");
  });

  it("reads what URLSearchParams writes", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        const expected = new Map<string, string[]>();
        for (const [name, value] of pairs) {
          expected.set(name, [...(expected.get(name) ?? []), value]);
        }
        assert.deepEqual(parseQuery(new URLSearchParams(pairs).toString()), expected);
      }),
    );
  });

  it("reads any ASCII as URLSearchParams does", () => {
    const ascii = fc.string({ unit: fc.constantFrom(..."a%4Ff0+&=;? C3A9".split("")) });
    fc.assert(
      fc.property(ascii, (text) => {
        const found = [...parseQuery(text)].flatMap(([name, values]) =>
          values.map((value) => [name, value]),
        );
        // The ampersand keeps a question mark at the beginning from being taken off.
        const expected = [...new URLSearchParams(`&${text}`)];
        const byName = expected.map(([name]) => name);
        expected.sort(([one], [other]) => byName.indexOf(one) - byName.indexOf(other));
        assert.deepEqual(found, expected);
      }),
    );
  });
});
