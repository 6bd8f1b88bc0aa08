import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { EndpointDescriptionError } from "./description-error.ts";
import {
  formatStringDescription,
  parseStringDescription,
  quoteStringArgument,
} from "./string-description.ts";

/** Positional fields, then keywords as pairs. */
function parsed(description: string): [string[], [string, string][]] {
  const { positional, keywords } = parseStringDescription(description);
  return [[...positional], [...keywords]];
}

describe("parseStringDescription()", () => {
  const cases: readonly [string, string[], [string, string][]][] = [
    ["", [""], []],
    ["tcp", ["tcp"], []],
    ["tcp:8080", ["tcp", "8080"], []],
    ["tcp:8080:interface=127.0.0.1", ["tcp", "8080"], [["interface", "127.0.0.1"]]],
    ["tcp:port=80:::x", ["tcp", "", "", "x"], [["port", "80"]]],
    [":", ["", ""], []],
    ["a=b=c", [], [["a", "b=c"]]],
    ["=", [], [["", ""]]],
    ["a=", [], [["a", ""]]],
    [String.raw`tcp:8000:interface=\:\:1`, ["tcp", "8000"], [["interface", "::1"]]],
    [String.raw`a\=b`, ["a=b"], []],
    [String.raw`a\\:b`, ["a\\", "b"], []],
    [String.raw`\a\b`, ["ab"], []],
    ["\\\u{1F9F6}:x", ["\u{1F9F6}", "x"], []],
    [String.raw`ke\:y=1`, [], [["ke:y", "1"]]],
  ];
  for (const [description, positional, keywords] of cases) {
    it(`reads ${JSON.stringify(description)}`, () => {
      assert.deepEqual(parsed(description), [positional, keywords]);
    });
  }

  it("refuses a backslash at the end", () => {
    assert.throws(
      () => parseStringDescription("tcp:80\\"),
      EndpointDescriptionError,
      '"tcp:80\\\\": expected a character after the last backslash',
    );
  });

  it("refuses a keyword given twice", () => {
    assert.throws(
      () => parseStringDescription("tcp:port=80:port=81"),
      EndpointDescriptionError,
      'keyword "port" is given twice',
    );
  });

  it("reads any text, or refuses it with EndpointDescriptionError", () => {
    const text = fc.string({ unit: fc.constantFrom("\\", ":", "=", "a", "1", "\u{1F9F6}") });
    fc.assert(
      fc.property(text, (description) => {
        try {
          const { positional, keywords } = parseStringDescription(description);
          assert.isAtLeast(positional.length + keywords.size, 1);
        } catch (error) {
          assert.instanceOf(error, EndpointDescriptionError);
        }
      }),
    );
  });
});

describe("quoteStringArgument()", () => {
  it("takes every character's meaning away", () => {
    assert.equal(quoteStringArgument("::1"), String.raw`\:\:1`);
    assert.equal(quoteStringArgument("C:\\a=b"), String.raw`C\:\\a\=b`);
  });

  it("is read back unchanged, as a field and as a value", () => {
    const unit = fc.constantFrom("\\", ":", "=", "a", "\0", "é", "\u{1F9F6}", "\ud83e");
    fc.assert(
      fc.property(fc.string({ unit }), (argument) => {
        const quoted = quoteStringArgument(argument);
        assert.deepEqual(parsed(`x:${quoted}:k=${quoted}`), [["x", argument], [["k", argument]]]);
      }),
    );
  });
});

it("formatStringDescription() is the inverse of parseStringDescription()", () => {
  const field = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("\\", ":", "=", "a") }));
  const pairs = fc.uniqueArray(fc.tuple(field, field), { selector: ([name]) => name });
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), pairs, (positional, keywords) => {
      const description = formatStringDescription(positional, keywords);
      assert.deepEqual(parsed(description), [positional, keywords]);
    }),
  );
});
