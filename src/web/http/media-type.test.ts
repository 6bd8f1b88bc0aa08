import * as fc from "fast-check";
import { assert, it } from "vitest";
import { formatMediaType, parseMediaType } from "./media-type.ts";

const token = fc.string({ unit: fc.constantFrom(..."az09.+-_".split("")), minLength: 1 });
const value = fc.string({ unit: fc.constantFrom(...'aZ09 \t"\\;,=/\u00e9'.split("")) });

it("parseMediaType() takes these four for the same (RFC 9110 §8.3.1)", () => {
  const same = [
    "text/html;charset=utf-8",
    'Text/HTML;Charset="utf-8"',
    'text/html; charset="utf-8"',
    "text/html;charset=utf-8;",
    "text/html ;; charset=utf-8 ; ",
  ];
  for (const text of same) {
    assert.deepEqual(parseMediaType(text), {
      type: "text",
      subtype: "html",
      parameters: new Map([["charset", "utf-8"]]),
    });
  }
});

it("parseMediaType() keeps the case of values, and knows what is in quotes", () => {
  const found = parseMediaType('multipart/form-data; boundary="A;b=\\"c\\", d"; X=y');
  assert.deepEqual(
    [...(found?.parameters ?? [])],
    [
      ["boundary", 'A;b="c", d'],
      ["x", "y"],
    ],
  );
});

it("parseMediaType() refuses the rest, and repairs nothing", () => {
  const wrong = [
    "",
    "text",
    "text/",
    "/html",
    "text/html/x",
    "text /html",
    "text/ html",
    " text/html",
  ];
  const worse = [
    "text/html, a/b",
    "text/html;a",
    "text/html;a=",
    "text/html; a = b",
    "text/html a=b",
  ];
  const worst = [
    'text/html;a="',
    "text/html;a=b c",
    "text/html;=b",
    "te(t/html",
    "text/html;a=1;A=2",
  ];
  for (const text of [...wrong, ...worse, ...worst, "text/html;a=é", 'text/html;a="b"c', "*"]) {
    assert.isUndefined(parseMediaType(text), text);
  }
});

it("parseMediaType() reads what formatMediaType() writes", () => {
  const pairs = fc.array(fc.tuple(token, value));
  fc.assert(
    fc.property(token, token, pairs, (type, subtype, pairs) => {
      const written = { type, subtype, parameters: new Map(pairs) };
      assert.deepEqual(parseMediaType(formatMediaType(written)), written);
    }),
  );
});

it("formatMediaType() refuses what would break out of the field", () => {
  const none = new Map<string, string>();
  const wrong = [
    { type: "te xt", subtype: "html", parameters: none },
    { type: "text", subtype: "", parameters: none },
    { type: "text", subtype: "html;a=b", parameters: none },
    { type: "text", subtype: "html", parameters: new Map([["a b", "c"]]) },
    { type: "text", subtype: "html", parameters: new Map([["a", "c\r\nX: y"]]) },
    { type: "text", subtype: "html", parameters: new Map([["a", "Ā"]]) },
  ];
  for (const one of wrong) assert.throws(() => formatMediaType(one), TypeError);
});
