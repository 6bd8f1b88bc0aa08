/**
 * Delimiters: in one piece, and across a border.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Delimiter } from "./delimiter.ts";

/** Where `delimiter` is found, looking from `from`. */
function found(text: string, delimiter: string, from = 0): number {
  return new Delimiter(delimiter).indexIn(Buffer.from(text), from);
}

/** How much of it ends `before`, when it goes on in `after`. */
function across(before: string, after: string, delimiter: string): number {
  const bytes = Buffer.from(before);
  return new Delimiter(delimiter).bytesBeforeBorder(bytes, bytes.length, Buffer.from(after), 0);
}

describe("Delimiter", () => {
  it("indexIn() finds the first whole one", () => {
    assert.equal(found("ab\r\ncd\r\n", "\r\n"), 2);
    assert.equal(found("ab\r\ncd\r\n", "\r\n", 3), 6);
    assert.equal(found("a\rb\nc\r\r\n", "\r\n"), 6);
    assert.equal(found("aaaab", "aab"), 2);
    assert.equal(found("one\ntwo", "\n"), 3);
  });

  it("indexIn() finds none in a part of one", () => {
    assert.equal(found("ab\r", "\r\n"), -1);
    assert.equal(found("", "\n"), -1);
    assert.equal(found("\r\n", "\r\n", 1), -1);
  });

  it("bytesBeforeBorder() tells how one is cut, the earliest first", () => {
    assert.equal(across("line\r", "\nnext", "\r\n"), 1);
    assert.equal(across("xaba", "babc", "abab"), 3);
    assert.equal(across("xaa", "aaa", "aaa"), 2);
    assert.equal(across("a", "a", "aaa"), 0);
    assert.equal(across("line", "\r\n", "\r\n"), 0);
    assert.equal(across("line\r", "x\n", "\r\n"), 0);
    assert.equal(across("line\n", "\n", "\n"), 0);
  });

  it("copies its bytes", () => {
    const bytes = Buffer.from(";");
    const delimiter = new Delimiter(bytes);
    bytes.fill("x");
    assert.equal(delimiter.indexIn(Buffer.from("x;"), 0), 1);
  });

  it("refuses to be empty", () => {
    assert.throws(() => new Delimiter(""), RangeError, "expected at least one byte");
  });
});
