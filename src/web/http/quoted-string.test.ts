import { assert, it } from "vitest";
import { formatQuotedString, formatValue } from "./quoted-string.ts";

it("formatValue() quotes what is no token (RFC 9110 §5.6.4)", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["utf-8", "utf-8"],
    ["", '""'],
    ["a b", '"a b"'],
    ['say "a\\b"', String.raw`"say \"a\\b\""`],
    ["é\t", '"é\t"'],
  ];
  for (const [text, written] of cases) assert.equal(formatValue(text), written);
});

it("formatQuotedString() refuses what no field can carry", () => {
  for (const text of ["\r", "\n", "a\r\nb: c", "\0", "\x7f", "Ā", "😀"]) {
    assert.throws(() => formatQuotedString(text), TypeError, "Cannot quote");
  }
});
