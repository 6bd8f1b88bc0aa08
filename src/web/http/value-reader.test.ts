import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatQuotedString } from "./quoted-string.ts";
import { ValueReader } from "./value-reader.ts";

/** Everything that a field can carry inside quotes. */
const quotable = fc.string({
  unit: fc.constantFrom(...'aZ09 \t"\\,;=/\u0080\u00e9\u00ff'.split("")),
});

/** What a method takes from the beginning of a text, and what it leaves. */
function taken<Value>(
  text: string,
  read: (reader: ValueReader) => Value,
): { value: Value; rest: string } {
  const reader = new ValueReader(text);
  const value = read(reader);
  return { value, rest: text.slice(reader.position) };
}

describe("ValueReader", () => {
  it("token() takes what is a token and nothing else (RFC 9110 §5.6.2)", () => {
    const all = "!#$%&'*+-.^_`|~09azAZ";
    assert.deepEqual(
      taken(`${all}=x`, (reader) => reader.token()),
      { value: all, rest: "=x" },
    );
    for (const text of ["", " a", '"a"', "(a)", ",", "é", "\0"]) {
      assert.deepEqual(
        taken(text, (reader) => reader.token()),
        { value: undefined, rest: text },
      );
    }
  });

  it("quotedString() undoes quoted pairs (RFC 9110 §5.6.4)", () => {
    const cases: readonly (readonly [string, string])[] = [
      ['""', ""],
      ['"a b,;="', "a b,;="],
      [String.raw`"\"\\\a"`, String.raw`"\a`],
      ['"\té"', "\té"],
    ];
    for (const [text, value] of cases) {
      assert.deepEqual(
        taken(`${text}x`, (reader) => reader.quotedString()),
        { value, rest: "x" },
      );
    }
  });

  it("quotedString() takes nothing when the string is not whole or has what it may not", () => {
    for (const text of [
      "a",
      '"',
      '"a',
      '"a\\',
      '"a\\"',
      '"\r"',
      '"\0"',
      '"\\\n"',
      '"Ā"',
      '"\x7f"',
    ]) {
      assert.deepEqual(
        taken(text, (reader) => reader.quotedString()),
        { value: undefined, rest: text },
      );
    }
  });

  it("quotedString() reads what formatQuotedString() writes (RFC 9110 §5.6.4)", () => {
    fc.assert(
      fc.property(quotable, (text) => {
        const reader = new ValueReader(formatQuotedString(text));
        assert.equal(reader.quotedString(), text);
        assert.isTrue(reader.isAtEnd);
      }),
    );
  });

  it("parameters() reads around whitespace and empty ones (RFC 9110 §5.6.6)", () => {
    const cases: readonly (readonly [string, Record<string, string>])[] = [
      ["", {}],
      ["a=1", { a: "1" }],
      ["A=1;b=2", { a: "1", b: "2" }],
      [' ; a="x;y" ;; b=c ; ', { a: "x;y", b: "c" }],
      ['a=""', { a: "" }],
    ];
    for (const [text, pairs] of cases) {
      const { value, rest } = taken(text, (reader) => reader.parameters());
      assert.deepEqual(Object.fromEntries(value ?? []), pairs);
      assert.equal(rest, "");
    }
  });

  it("parameters() refuses a name without value, blanks around the sign, repeated names", () => {
    for (const text of ["a", "a=", "=1", "a =1", "a= 1", "a=1;A=2", 'a="', "a=(", "é=1"]) {
      assert.isUndefined(taken(text, (reader) => reader.parameters()).value, text);
    }
  });

  it("list() leaves empty elements out (RFC 9110 §5.6.1.2)", () => {
    const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
      ["", []],
      [" , ,\t", []],
      ["a", ["a"]],
      [",a , ,b,", ["a", "b"]],
      ["a b", undefined],
      ["a;b", undefined],
      ["a,=", undefined],
    ];
    for (const [text, elements] of cases) {
      const reader = new ValueReader(text);
      assert.deepEqual(
        reader.list(() => reader.token()),
        elements,
        text,
      );
    }
  });
});
