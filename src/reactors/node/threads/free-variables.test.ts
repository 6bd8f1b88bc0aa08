/**
 * What the engine's parser is made to tell about a function's variables.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { compiles, freeVariable } from "./free-variables.ts";

function isGlobal(name: string): boolean {
  return name in globalThis;
}

describe("freeVariable() names", () => {
  const FREE: readonly (readonly [what: string, source: string])[] = [
    ["what is read", "() => outer + 1"],
    ["what is called", "(x) => outer(x)"],
    ["what is assigned to", "() => { outer = 1; }"],
    ["what is counted up", "() => { outer++; }"],
    ["what is spread", "() => [...outer]"],
    ["what a member is taken of", "() => outer.outer.x"],
    ["what is an index", "(d) => d?.outer?.[outer]"],
    ["what is in a template", "(s) => `a ${s} ${outer}`"],
    ["what is a shorthand property", "() => ({ outer })"],
    ["what has the name of its property", "() => ({ outer: outer })"],
    ["what is a default", "(a = outer) => a"],
    ["what is a default in a pattern", "({ a = outer }) => a"],
    ["what is awaited", "async () => { await outer; }"],
    ["what is compared in a case", "(x) => { switch (x) { case outer: return 1; } }"],
    ["what stands in a condition", "(x) => (x ? outer : 0)"],
    ["what a class extends", "() => new (class extends outer {})()"],
    ["what only an inner function uses", "(xs) => xs.map((x) => x * outer)"],
    ["what only a branch uses", "(x) => { if (x > 99) return outer; }"],
    ["what is destructured into", "(x) => { [outer] = x; }"],
    ["what has a name of letters of any script", "() => été + 1"],
    ["what begins with a dollar", "() => $outer + 1"],
  ];
  for (const [what, source] of FREE) {
    it(`${what}: ${source}`, () => {
      assert.match(freeVariable(source, isGlobal) ?? "none", /^(?:\$?outer|été)$/u);
    });
  }
});

describe("freeVariable() passes", () => {
  const BOUND: readonly (readonly [what: string, source: string])[] = [
    ["parameters", "function f(a, b) { return a + b + f.length; }"],
    ["patterns", "({ a, b: { c } = {}, ...rest }, [d, , e = 1]) => [a, c, rest, d, e]"],
    ["variables of each kind", "() => { var a = 1; let b = 2; const c = 3; return a + b + c; }"],
    ["properties", "(a) => a.outer + a?.outer"],
    ["keys", "(a) => ({ outer: a, get other() { return a; }, more() { return a; } })"],
    ["strings, comments and templates", "(s) => /* outer */ 'outer' + `outer ${s}` // outer"],
    ["regular expressions", "(s) => /[j-k]\\d\\u{1F600}x[a-z]/u.test(s) && /outer/gi.test(s)"],
    ["named groups", "(s) => /(?<outer>x)\\k<outer>/u.exec(s)?.groups"],
    ["escapes", "() => '\\x41outer\\n' + String.raw`\\outer`"],
    ["globals", "(n) => Math.max(n, Number.NaN, undefined) + process.pid"],
    ["labels", "(n) => { outer: for (;;) { for (;;) { if (n) continue outer; break outer; } } }"],
    ["labels that nobody uses", "() => { outer: for (;;) { break; } }"],
    ["what a catch binds", "() => { try { f(); } catch (e) { return e; } function f() {} }"],
    [
      "classes with all their members",
      "(n) => { class A { #p = n; static q = 2; get p() { return this.#p; } } return A; }",
    ],
    [
      "what is asked for with typeof",
      "() => typeof outer === 'undefined' || typeof (outer) === 'x'",
    ],
    ["import()", "async (n) => (await import('node:zlib')).gzipSync(n)"],
    [
      "new.target, this, super of an inner class",
      "function f() { return [new.target, this, class extends Array { m() { super.at(0); } }]; }",
    ],
    [
      "words that are keywords elsewhere",
      "(x, async, of, get, set) => { for (const y of x) return { get, set, async, of, y }; }",
    ],
    ["numbers", "() => 0x1F + 1e5 + 10n.toString().length + 1_000"],
    ["strict functions", "() => { 'use strict'; return 1; }"],
  ];
  for (const [what, source] of BOUND) {
    it(`${what}: ${source}`, () => {
      assert.isUndefined(freeVariable(source.replace(/\/\/.*$/u, ""), isGlobal));
    });
  }

  it("a name that is declared elsewhere in the function: that shows when it runs", () => {
    const source = "(xs) => { if (xs) { let outer = 2; } return outer; }";
    assert.isUndefined(freeVariable(source, isGlobal));
  });
});

it("compiles() takes strict code alone", () => {
  assert.isTrue(compiles("(a) => a"));
  assert.isFalse(compiles("with (a) {}"));
  assert.isFalse(compiles("("));
});
