import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { TLSHostnameError } from "./errors.ts";
import { normalizeServerName, parseHostname, parseNamePattern } from "./hostname.ts";

describe("parseHostname()", () => {
  const names: readonly [string, string][] = [
    ["example.com", "example.com"],
    ["EXAMPLE.Com", "example.com"],
    ["example.com.", "example.com"],
    ["localhost", "localhost"],
    ["Bücher.example", "xn--bcher-kva.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["faß.example", "xn--fa-hia.example"],
    ["ⓔxample。com", "example.com"],
    ["_smtp._tcp.example", "_smtp._tcp.example"],
    ["1.example", "1.example"],
    [`${"a".repeat(63)}.example`, `${"a".repeat(63)}.example`],
  ];
  for (const [text, ascii] of names) {
    it(`takes ${JSON.stringify(text)} for the name ${ascii}`, () => {
      assert.deepEqual(parseHostname(text), { kind: "name", ascii });
    });
  }

  const addresses: readonly [string, string][] = [
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["[::1]", "::1"],
    ["2001:DB8:0:0::0:1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
  ];
  for (const [text, ascii] of addresses) {
    it(`takes ${JSON.stringify(text)} for the address ${ascii}`, () => {
      assert.deepEqual(parseHostname(text), { kind: "address", ascii });
    });
  }

  // Some of these a URL would take for "a.example", or for 127.0.0.1: another host than was meant.
  const wrong = [
    "",
    ".",
    "a..example",
    ".example",
    "a.example..",
    "a\0.example",
    "a b.example",
    "a\t.example",
    " a.example",
    "a.example\n",
    "a.example/b",
    "a.example:443",
    "user@a.example",
    "a.example?",
    "a.example#b",
    "a%2eexample",
    "*.example",
    "https://a.example",
    "127.1",
    "0x7f.1",
    "2130706433",
    "1.2.3.4.5",
    "256.0.0.1",
    "010.0.0.1",
    "a.example.1",
    "::1::",
    "[127.0.0.1]",
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(127)}example`,
    "a'b.example",
  ];
  for (const text of wrong) {
    it(`refuses ${JSON.stringify(text.slice(0, 70))}`, () => {
      assert.throws(() => parseHostname(text), TLSHostnameError, "Cannot use ");
    });
  }

  it("gives what it would give again, or refuses", () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        try {
          const first = parseHostname(text);
          assert.deepEqual(parseHostname(first.ascii), first);
        } catch (error) {
          assert.instanceOf(error, TLSHostnameError);
        }
      }),
    );
  });

  it("is a TypeError with a code", () => {
    const error = new TLSHostnameError("no");
    assert.instanceOf(error, TypeError);
    assert.deepEqual([error.code, error.name], ["ERR_TLS_HOSTNAME", "TLSHostnameError"]);
  });
});

describe("parseNamePattern()", () => {
  it("takes a name, or one behind *.", () => {
    assert.equal(parseNamePattern("A.example."), "a.example");
    assert.equal(parseNamePattern("*.Bücher.example"), "*.xn--bcher-kva.example");
  });

  for (const text of ["*", "*.", "*.*.example", "a.*.example", "a*.example", "127.0.0.1", "::1"]) {
    it(`refuses ${text}`, () => {
      assert.throws(() => parseNamePattern(text), TLSHostnameError);
    });
  }
});

describe("normalizeServerName()", () => {
  it("changes case and the dot at the end, and nothing else", () => {
    assert.equal(normalizeServerName("A.Example."), "a.example");
    assert.equal(normalizeServerName("../../etc"), "../../etc");
  });
});
