/**
 * Request targets: which form a method may have, and what they say.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { isAuthority, readTarget } from "./targets.ts";

/** Path and authority of a target, or `undefined`. */
function parts(method: string, target: string): readonly [string, string?] | undefined {
  const form = readTarget(method, target);
  if (form === undefined) return undefined;
  return form.authority === undefined ? [form.path] : [form.path, form.authority];
}

describe("readTarget()", () => {
  it("reads the origin form as it is (RFC 9112 §3.2.1)", () => {
    for (const target of [
      "/",
      "/a/b?c=d",
      "//evil",
      "/%00%2f",
      "/a/../b",
      "/a;b",
      "/?",
      '/"<>\\^`{|}',
    ]) {
      assert.deepEqual(parts("GET", target), [target]);
    }
  });

  it("reads the absolute form (RFC 9112 §3.2.2)", () => {
    assert.deepEqual(parts("GET", "http://a/b?c"), ["/b?c", "a"]);
    assert.deepEqual(parts("GET", "HTTP://a:80"), ["/", "a:80"]);
    assert.deepEqual(parts("GET", "http://a?b"), ["/?b", "a"]);
    assert.deepEqual(parts("GET", "https://[::1]:443/"), ["/", "[::1]:443"]);
    assert.deepEqual(parts("POST", "x+y-z.1://a/b"), ["/b", "a"]);
  });

  it("reads host and port for CONNECT alone (RFC 9112 §3.2.3)", () => {
    assert.deepEqual(parts("CONNECT", "a:443"), ["", "a:443"]);
    assert.deepEqual(parts("CONNECT", "[2001:db8::1]:443"), ["", "[2001:db8::1]:443"]);
    for (const target of ["a", "a:", "/", "*", "http://a:1/", "u@a:1", ":1", "[::1]", "a:1/"]) {
      assert.isUndefined(readTarget("CONNECT", target), target);
    }
    assert.isUndefined(readTarget("GET", "a:443"));
  });

  it("reads the asterisk for OPTIONS alone (RFC 9112 §3.2.4)", () => {
    assert.deepEqual(parts("OPTIONS", "*"), ["*"]);
    assert.deepEqual(parts("OPTIONS", "http://a:1"), ["*", "a:1"]);
    assert.deepEqual(parts("OPTIONS", "http://a/"), ["/", "a"]);
    assert.deepEqual(parts("OPTIONS", "/"), ["/"]);
    assert.isUndefined(readTarget("GET", "*"));
    assert.isUndefined(readTarget("OPTIONS", "**"));
  });

  it("refuses everything else", () => {
    for (const target of [
      ..."|a|?a|#|/#|/a#b|http:|http:/a|http://|http:///a|http://#|//|".split("|").slice(0, -2),
      ..."http://u@a/ http://u:p@a/ http://a:b/ http://a:123456/ 1http://a/ ://a/".split(" "),
      ..."http://[::1/ http://[::1::2]/ http://[x]/ http://[1.2.3.4]/ http://a]/".split(" "),
      ..."http://[fe80::1%eth0]/ http://%zz/ http://a\\b/ http://a%/".split(" "),
      ..."/ |/\t|/\u0000|/\u007f|/\u00e9|/a b|http://\u00e9/| /".split("|"),
    ]) {
      assert.isUndefined(readTarget("GET", target), JSON.stringify(target));
    }
  });
});

describe("isAuthority()", () => {
  it("accepts a host, with a port or without (RFC 9110 §7.2)", () => {
    for (const text of [
      "",
      "a",
      "a.b-c_d",
      "a:",
      "a:80",
      "127.0.0.1:80",
      "[::1]",
      "[::ffff:1.2.3.4]:1",
    ]) {
      assert.isTrue(isAuthority(text), text);
    }
    assert.isTrue(isAuthority("a%2e"), "percent-encoding is kept");
  });

  it("refuses what is read in two ways", () => {
    const bad = "a/b a@b a:b a:80:80 a,b[ [ ] [] [:] [:::] [1] a#b a?b a\\b a% a%g0 :80 [::1]a";
    for (const text of [...bad.split(" "), " ", "a b", "a\t", "a\u0000", "\u00e9", "a:1234567"]) {
      assert.isFalse(isAuthority(text), JSON.stringify(text));
    }
  });

  it("takes time that grows with the length alone", () => {
    for (const text of [
      "a".repeat(100_000),
      "%aa".repeat(30_000),
      "[".repeat(100_000),
      "a:".repeat(9000),
    ]) {
      isAuthority(`${text}\u0000`);
      readTarget("GET", `http://${text}\u0000`);
    }
  });
});
