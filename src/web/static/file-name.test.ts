/**
 * @module
 */
import { assert, it } from "vitest";
import { isFileName, isHidden, isWithin } from "./file-name.ts";

it("isFileName() takes names and nothing that leads anywhere", () => {
  for (const name of ["a", "a.b", "...", "..a", "a..", "%2e%2e", "a:b", " ", "ä", "~", "CON"]) {
    assert.isTrue(isFileName(name), name);
  }
  for (const name of ["", ".", "..", "/", "a/b", "../a", "..\\a", "\\", "a\0", "\0"]) {
    assert.isFalse(isFileName(name), JSON.stringify(name));
  }
});

it("isHidden() tells names that begin with a dot", () => {
  assert.deepEqual([".git", ".", "a.b", "a"].map(isHidden), [true, true, false, false]);
});

it("isWithin() compares whole names", () => {
  assert.isTrue(isWithin("/srv", "/srv"));
  assert.isTrue(isWithin("/srv", "/srv/a/b"));
  assert.isTrue(isWithin("/", "/etc"));
  assert.isFalse(isWithin("/srv", "/srv-old/a"));
  assert.isFalse(isWithin("/srv/a", "/srv"));
  assert.isFalse(isWithin("/srv", "/etc"));
});
