/**
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatExtension, parseExtensions } from "./extensions.ts";

describe("parseExtensions", () => {
  const good: readonly (readonly [string, string])[] = [
    ["foo", '[["foo",[]]]'],
    ["  foo\t, bar ", '[["foo",[]],["bar",[]]]'],
    ["deflate-stream", '[["deflate-stream",[]]]'],
    [
      "mux; max-channels=4; flow-control, b",
      '[["mux",[["max-channels","4"],["flow-control"]]],["b",[]]]',
    ],
    ['private-extension;a="b" ; c = d', '[["private-extension",[["a","b"],["c","d"]]]]'],
    ["a; b=1; b=2, a", '[["a",[["b","1"],["b","2"]]],["a",[]]]'],
  ];
  for (const [value, expected] of good) {
    it(`reads ${value} (RFC 6455 §9.1)`, () => {
      const extensions = parseExtensions(value)?.map(({ name, parameters }) => [
        name,
        parameters.map(({ name, value }) => (value === undefined ? [name] : [name, value])),
      ]);
      assert.equal(JSON.stringify(extensions), expected);
    });
  }

  const bad = [
    ["", " ", ",", "a,", ",a", "a,,b", ";", "a;", "a;;b", "a; b=", "a; =b", "a=b", "a b"],
    ["a; b c", "a; b=c d", 'a; b="', 'a; b="c', 'a; b=""', 'a; b="c d"', 'a; b="c"d'],
    ['"a"', 'a; "b"', "a; b=c=d", "a; b;c,", "é", "a; b=é", "a\u0000", "a\nb", 'a; b="\\"'],
    ['a; b="1\\2\\\\3"'],
  ].flat();
  for (const value of bad) {
    it(`refuses ${JSON.stringify(value)} (RFC 6455 §9.1)`, () => {
      assert.isUndefined(parseExtensions(value));
    });
  }

  it("reads what formatExtension() wrote", () => {
    const token = fc.string({
      unit: fc.constantFrom("a", "B", "0", "-", "_", "!", "|", "~", "."),
      minLength: 1,
      maxLength: 5,
    });
    const parameter = fc.record({ name: token, value: fc.option(token, { nil: undefined }) });
    const list = fc.array(fc.record({ name: token, parameters: fc.array(parameter) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(list, (extensions) => {
        const text = extensions
          .map(({ name, parameters }) => formatExtension(name, parameters))
          .join(", ");
        assert.deepEqual(parseExtensions(text), extensions);
      }),
    );
  });

  it("takes linear time for what is nearly right", () => {
    const size = 200_000;
    for (const value of ["a;".repeat(size), `a; b="${"\\a".repeat(size)}`, " ".repeat(size)]) {
      assert.isUndefined(parseExtensions(value));
    }
    assert.lengthOf(parseExtensions(`a${",a; b".repeat(size)}`) ?? [], size + 1);
  });
});
