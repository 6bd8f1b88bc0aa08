import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import {
  formatEntityTag,
  isStrongMatch,
  isWeakMatch,
  parseEntityTag,
  parseEntityTags,
} from "./entity-tag.ts";

const entityTag = fc.record({
  weak: fc.boolean(),
  tag: fc.string({ unit: fc.constantFrom(..."aZ0!,\\'/W~\u0080\u00ff".split("")) }),
});

describe("parseEntityTag()", () => {
  it("reads weak and strong ones; a backslash is a backslash (RFC 9110 §8.8.3)", () => {
    const cases: readonly (readonly [string, boolean, string])[] = [
      ['"xyzzy"', false, "xyzzy"],
      ['W/"xyzzy"', true, "xyzzy"],
      ['""', false, ""],
      [String.raw`"a\b"`, false, String.raw`a\b`],
      ['"a,b"', false, "a,b"],
      ['"é"', false, "é"],
    ];
    for (const [text, weak, tag] of cases) assert.deepEqual(parseEntityTag(text), { weak, tag });
  });

  it("refuses the rest", () => {
    const wrong = ["", "a", '"', '"a', 'w/"a"', 'W"a"', "W/a", 'W/ "a"', '"a b"', '"a"b', ' "a"'];
    for (const text of [...wrong, '"a""', '"\0"', '"\x7f"', '"a","b"', "*", '"Ā"']) {
      assert.isUndefined(parseEntityTag(text), text);
    }
  });

  it("reads what formatEntityTag() writes", () => {
    fc.assert(
      fc.property(entityTag, (tag) => {
        assert.deepEqual(parseEntityTag(formatEntityTag(tag)), tag);
      }),
    );
  });
});

describe("parseEntityTags()", () => {
  it("reads lists and the star (RFC 9110 §13.1.1)", () => {
    assert.equal(parseEntityTags("*"), "*");
    assert.deepEqual(parseEntityTags('"a",W/"b,c" ,, "d"'), [
      { weak: false, tag: "a" },
      { weak: true, tag: "b,c" },
      { weak: false, tag: "d" },
    ]);
    assert.deepEqual(parseEntityTags(""), []);
    for (const text of ["a", '"a" "b"', '*, "a"', '"a", *', '"a", b', '"a";"b"']) {
      assert.isUndefined(parseEntityTags(text), text);
    }
  });

  it("reads what is written, joined with commas", () => {
    fc.assert(
      fc.property(fc.array(entityTag), (tags) => {
        assert.deepEqual(parseEntityTags(tags.map(formatEntityTag).join(", ")), tags);
      }),
    );
  });
});

it("formatEntityTag() refuses what would end the tag, or the field", () => {
  for (const tag of ['"', " ", "a\r\nb", "\0", "\x7f", "Ā"]) {
    assert.throws(
      () => formatEntityTag({ weak: false, tag }),
      TypeError,
      "Cannot write entity tag",
    );
  }
});

it("isStrongMatch() and isWeakMatch() compare as the table has it (RFC 9110 §8.8.3.2)", () => {
  const table: readonly (readonly [string, string, boolean, boolean])[] = [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', 'W/"1"', false, true],
    ['"1"', '"1"', true, true],
    ['"1"', '"2"', false, false],
  ];
  for (const [first, second, strong, weak] of table) {
    const [one, other] = [parseEntityTag(first), parseEntityTag(second)];
    assert(one !== undefined && other !== undefined);
    assert.equal(isStrongMatch(one, other), strong, `${first} ${second}`);
    assert.equal(isWeakMatch(one, other), weak, `${first} ${second}`);
  }
});
