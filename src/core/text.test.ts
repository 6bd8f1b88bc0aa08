import * as fc from "fast-check";
import { assert, it } from "vitest";
import { plural, quote, safeString } from "./text.ts";

it("quote() writes strings as JSON and the rest as String() does", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ["text", '"text"'],
    ['say "a\r\nb"', '"say \\"a\\r\\nb\\""'],
    ["", '""'],
    [7, "7"],
    [Number.NaN, "NaN"],
    [10n, "10"],
    [undefined, "undefined"],
    [null, "null"],
    [Symbol("s"), "Symbol(s)"],
    [[1, 2], "1,2"],
    [new RangeError("x"), "RangeError: x"],
  ];
  for (const [value, text] of cases) assert.equal(quote(value), text);
});

it("quote() cuts at 80 characters, and says so", () => {
  assert.equal(quote("x".repeat(78)), `"${"x".repeat(78)}"`);
  assert.equal(quote("x".repeat(79)), `"${"x".repeat(78)}…`);
  assert.equal(quote("x".repeat(1000)).length, 80);
});

it("quote() of any value is short, of one line when it is text, and never throws", () => {
  fc.assert(
    fc.property(
      fc.anything({ withNullPrototype: true, withBigInt: true, maxDepth: 1, maxKeys: 2 }),
      (value) => {
        assert.isAtMost(quote(value).length, 80);
      },
    ),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "\r", "\n", "\t", "\0", "\u2028", "😀") }),
      (text) => {
        assert.notMatch(quote(text), /[\r\n]/u);
      },
    ),
  );
});

it("safeString() survives values that cannot be shown", () => {
  const refusing = {
    toString(): string {
      throw new Error("no");
    },
  };
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const value of [refusing, Object.create(null), { toString: () => ({}) }, revoked]) {
    assert.equal(safeString(value), "(a value that cannot be shown)");
  }
});

it("plural() counts", () => {
  assert.deepEqual(
    [0, 1, 2].map((count) => plural(count, "second")),
    ["0 seconds", "1 second", "2 seconds"],
  );
});
