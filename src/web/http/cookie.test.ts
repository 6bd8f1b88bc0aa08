import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatSetCookie, parseCookies, type SetCookieOptions } from "./cookie.ts";

/** Cookie octets of RFC 6265 §4.1.1. */
const OCTETS = Array.from({ length: 0x7f - 0x21 }, (_, at) =>
  String.fromCharCode(0x21 + at),
).filter((octet) => !'",;\\'.includes(octet));

describe("parseCookies()", () => {
  function pairs(value: string): readonly (readonly [string, string])[] {
    return [...parseCookies(value)];
  }

  it("reads what browsers send (RFC 6265 §5.4)", () => {
    assert.deepEqual(pairs("SID=31d4d96e407aad42; lang=en-US"), [
      ["SID", "31d4d96e407aad42"],
      ["lang", "en-US"],
    ]);
    assert.deepEqual(pairs("a=1;b=2 ;\tc = 3 ;; ;d="), [
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
      ["d", ""],
    ]);
    assert.deepEqual(pairs(""), []);
  });

  it("lets the first of one name count, and tells case apart", () => {
    assert.deepEqual(pairs("id=deep; id=shallow; ID=other"), [
      ["id", "deep"],
      ["ID", "other"],
    ]);
  });

  it("decodes nothing, takes no quotes off, and keeps further equals signs", () => {
    assert.deepEqual(pairs('a="x y"; b=%41+; c=d=e==; f={"g":[1,2]}; h[i]=é'), [
      ["a", '"x y"'],
      ["b", "%41+"],
      ["c", "d=e=="],
      ["f", '{"g":[1,2]}'],
      ["h[i]", "é"],
    ]);
  });

  it("ends a value at the semicolon, in quotes too: so do browsers", () => {
    assert.deepEqual(pairs('a="x; b=y"'), [
      ["a", '"x'],
      ["b", 'y"'],
    ]);
  });

  it("leaves out what has no name", () => {
    assert.deepEqual(pairs("abc; =b; =; b=1; ==c"), [["b", "1"]]);
  });

  it("takes off spaces and tabs only: other blanks would forge a prefix", () => {
    assert.deepEqual(pairs("\u00a0__Host-id=forged; __Host-id=ours"), [
      ["\u00a0__Host-id", "forged"],
      ["__Host-id", "ours"],
    ]);
  });

  it("is not confused by names of Object", () => {
    const cookies = parseCookies("__proto__=1; constructor=2");
    assert.equal(cookies.get("__proto__"), "1");
    assert.equal(cookies.get("constructor"), "2");
    assert.isUndefined(cookies.get("toString"));
  });

  it("reads what formatSetCookie() writes", () => {
    const name = fc.string({
      unit: fc.constantFrom(..."aZ09!#$%&'*+-.^_`|~".split("")),
      minLength: 1,
    });
    const value = fc.string({ unit: fc.constantFrom(...OCTETS) });
    fc.assert(
      fc.property(name, value, fc.boolean(), (name, value, quoted) => {
        const written = quoted ? `"${value}"` : value;
        fc.pre(!/^__(?:secure|host)-/iu.test(name));
        assert.deepEqual(pairs(formatSetCookie(name, written)), [[name, written]]);
      }),
    );
  });
});

describe("formatSetCookie()", () => {
  it("writes each attribute (RFC 6265 §4.1.1)", () => {
    assert.equal(formatSetCookie("a", "b"), "a=b");
    const all: SetCookieOptions = {
      expires: 784_111_777,
      maxAge: 3600,
      domain: "example.com",
      path: "/a b",
      secure: true,
      httpOnly: true,
      sameSite: "none",
      partitioned: true,
    };
    assert.equal(
      formatSetCookie("a", "b", all),
      "a=b; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Max-Age=3600; Domain=example.com; Path=/a b; " +
        "Secure; HttpOnly; SameSite=None; Partitioned",
    );
    assert.equal(
      formatSetCookie("a", "", { maxAge: 0, sameSite: "lax" }),
      "a=; Max-Age=0; SameSite=Lax",
    );
    assert.equal(formatSetCookie("a", "b", { sameSite: "strict" }), "a=b; SameSite=Strict");
    const none = { secure: false, httpOnly: false, partitioned: false };
    assert.equal(formatSetCookie("a", "b", none), "a=b");
  });

  it("refuses names and values that would break out, or that nobody reads alike", () => {
    for (const name of ["", "a b", "a;b", "a=b", "a,b", "a\r\nb", "\0", "é", '"a"', "a\t"]) {
      assert.throws(() => formatSetCookie(name, "b"), TypeError, "expected a token");
    }
    const values = [";", "a;b", "a b", "a,b", "\r\n", "\n", "\0", "\t", "\x7f", "é", "Ā", "\\"];
    for (const value of [...values, '"', '"a', 'a"', '"a"b"', '"a;b"', " a", "a "]) {
      assert.throws(() => formatSetCookie("a", value), TypeError, "encode it first");
    }
  });

  it("does not show the value that it refuses: it may be a secret", () => {
    assert.throws(() => formatSetCookie("a", "hunter2;"), /^(?!.*hunter2)/u);
  });

  it("refuses attributes that would break out, or that browsers ignore", () => {
    const wrong: readonly SetCookieOptions[] = [
      { path: "" },
      { path: "a" },
      { path: "/;Domain=evil.example" },
      { path: "/\r\nX: y" },
      { path: "/é" },
      { path: "/\x7f" },
      { domain: "" },
      { domain: "a;b" },
      { domain: "a b" },
      { domain: "a\r\n" },
      { domain: "é.example" },
      { domain: "\u212a.example" },
    ];
    for (const options of wrong) {
      assert.throws(() => formatSetCookie("a", "b", options), TypeError, "Cannot set a cookie");
    }
    for (const maxAge of [-1, 0.5, Number.NaN, Infinity]) {
      assert.throws(() => formatSetCookie("a", "b", { maxAge }), RangeError, "whole seconds");
    }
    assert.throws(() => formatSetCookie("a", "b", { expires: Infinity }), RangeError, "as a date");
  });

  it("refuses a sameSite that there is not, for callers without types", () => {
    const options: object = { sameSite: "toString" };
    assert.throws(() => formatSetCookie("a", "b", options), TypeError, "another sameSite");
  });

  it("refuses what browsers would drop without a word (RFC 6265bis §4.1.3)", () => {
    const secure = true;
    const wrong: readonly (readonly [string, SetCookieOptions])[] = [
      ["a", { sameSite: "none" }],
      ["a", { partitioned: true }],
      ["__Secure-a", {}],
      ["__secure-a", {}],
      ["__Host-a", { path: "/" }],
      ["__Host-a", { secure }],
      ["__Host-a", { secure, path: "/a" }],
      ["__Host-a", { secure, path: "/", domain: "example.com" }],
      ["__HOST-a", { secure }],
    ];
    for (const [name, options] of wrong) {
      assert.throws(() => formatSetCookie(name, "b", options), TypeError, "expected secure");
    }
    assert.equal(formatSetCookie("__Secure-a", "b", { secure }), "__Secure-a=b; Secure");
    assert.equal(
      formatSetCookie("__Host-a", "b", { secure, path: "/" }),
      "__Host-a=b; Path=/; Secure",
    );
    assert.equal(formatSetCookie("a__Host-", "b"), "a__Host-=b");
  });
});
