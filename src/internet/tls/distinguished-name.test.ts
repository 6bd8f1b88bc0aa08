import { inspect } from "node:util";
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { DistinguishedName, distinguishedNameFromLines } from "./distinguished-name.ts";
import { CertificateError } from "./errors.ts";

/** `type=value`, a step a string, the most significant first. */
function stepsOf(dn: DistinguishedName): string[] {
  return dn.relativeNames.map((step) =>
    step.map(({ type, value }) => `${type}=${value}`).join("+"),
  );
}

describe("DistinguishedName", () => {
  it("puts its fields into the usual order", () => {
    const dn = new DistinguishedName({
      emailAddress: "ann@example.com",
      commonName: "Ann",
      organizationalUnitName: ["Staff", "Chiefs"],
      organizationName: "Example",
      localityName: "Springfield",
      stateOrProvinceName: "Oregon",
      countryName: "US",
      domainComponent: ["com", "example"],
      userId: "ann",
    });
    assert.deepEqual(stepsOf(dn), [
      "DC=com",
      "DC=example",
      "C=US",
      "ST=Oregon",
      "L=Springfield",
      "O=Example",
      "OU=Staff",
      "OU=Chiefs",
      "CN=Ann",
      "UID=ann",
      "emailAddress=ann@example.com",
    ]);
    assert.deepEqual(
      [
        dn.commonName,
        dn.organizationName,
        dn.organizationalUnitName,
        dn.localityName,
        dn.stateOrProvinceName,
        dn.countryName,
        dn.emailAddress,
      ],
      ["Ann", "Example", "Chiefs", "Springfield", "Oregon", "US", "ann@example.com"],
    );
  });

  it("finds attributes by keyword, name in full and number, in any case", () => {
    const dn = DistinguishedName.parse("OU=a,OU=b,2.5.4.72=r");
    for (const type of ["OU", "ou", "organizationalUnitName", "2.5.4.11"]) {
      assert.deepEqual(dn.getAll(type), ["b", "a"]);
    }
    assert.equal(dn.get("2.5.4.72"), "r");
    assert.isUndefined(dn.commonName);
  });

  it("refuses fields that are none, empty or too long", () => {
    const surname: object = { surname: "Ann" };
    assert.throws(() => new DistinguishedName(surname), TypeError, 'got "surname"');
    assert.throws(
      () => new DistinguishedName({ countryName: "Germany" }),
      TypeError,
      "two letters",
    );
    assert.throws(() => new DistinguishedName({ commonName: "" }), RangeError, "1 to 64");
    assert.throws(() => new DistinguishedName({ commonName: "a".repeat(65) }), RangeError);
  });

  it("is a value", () => {
    const dn = new DistinguishedName({ commonName: "Ann", organizationName: "Example" });
    assert.isTrue(dn.equals(DistinguishedName.parse("CN=Ann,O=Example")));
    assert.isFalse(dn.equals(DistinguishedName.parse("O=Example,CN=Ann")));
    assert.isFalse(dn.equals(DistinguishedName.parse("CN=ann,O=Example")));
    assert.isTrue(
      DistinguishedName.parse("CN=a+OU=b").equals(DistinguishedName.parse("OU=b+CN=a")),
    );
    assert.isTrue(new DistinguishedName().empty);
    assert.isTrue(new DistinguishedName().equals(DistinguishedName.parse("")));
  });

  it("shows itself to people", () => {
    const dn = DistinguishedName.parse("emailAddress=a@b,CN=Ann,O=Example");
    const lines = [
      "  Organization Name: Example",
      "        Common Name: Ann",
      "      Email Address: a@b",
    ];
    assert.equal(dn.inspect(), lines.join("\n"));
    assert.equal(inspect(dn), "DistinguishedName(emailAddress=a@b,CN=Ann,O=Example)");
  });
});

describe("DistinguishedName.parse()", () => {
  // The examples of RFC 4514 §4, and what OpenSSL and RFC 2253 write.
  const cases: readonly [string, string[]][] = [
    ["UID=jsmith,DC=example,DC=net", ["DC=net", "DC=example", "UID=jsmith"]],
    ["OU=Sales+CN=J.  Smith,DC=example,DC=net", ["DC=net", "DC=example", "OU=Sales+CN=J.  Smith"]],
    [String.raw`CN=James \"Jim\" Smith\, III,DC=net`, ["DC=net", 'CN=James "Jim" Smith, III']],
    [String.raw`CN=Before\0dAfter,DC=net`, ["DC=net", "CN=Before\rAfter"]],
    ["1.3.6.1.4.1.1466.0=#04024869", ["unsupported"]],
    ["2.5.4.99=#0c024869", ["2.5.4.99=Hi"]],
    ["2.5.4.99=#1e0400480069", ["2.5.4.99=Hi"]],
    [String.raw`CN=Lu\C4\8Di\C4\87`, ["CN=Lučić"]],
    ["CN = Ann, O = Example", ["O=Example", "CN=Ann"]],
    ["cn=Ann,organizationName=Example", ["O=Example", "CN=Ann"]],
    [String.raw`CN=\ a\ `, ["CN= a "]],
    [String.raw`CN=\#a`, ["CN=#a"]],
    [String.raw`CN=a\\ `, ["CN=a\\"]],
    ["CN=a=b", ["CN=a=b"]],
    ["CN=", ["CN="]],
    ["  ", []],
    ["CN", ["unreadable"]],
    ["=a", ["unreadable"]],
    ["CN=a,", ["unreadable"]],
    ["C N=a", ["unreadable"]],
    ["1..2=a", ["unreadable"]],
    ["CN=a;O=b", ["unreadable"]],
    ['CN="a"', ["unreadable"]],
    ["CN=a\\", ["unreadable"]],
    [String.raw`CN=\g`, ["unreadable"]],
    ["CN=#0c", ["unreadable"]],
    ["CN=#0g", ["unreadable"]],
    ["CN=#0c0248690000", ["unreadable"]],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => {
      let actual: string[];
      try {
        actual = stepsOf(DistinguishedName.parse(text));
      } catch (error) {
        assert.instanceOf(error, CertificateError);
        actual = [error.problem];
      }
      assert.deepEqual(actual, expected);
    });
  }

  it("reads what toString() writes", () => {
    const type = fc.constantFrom("CN", "O", "OU", "emailAddress", "1.2.3.4", "2.5.4.99");
    const char = fc.constantFrom(...Array.from(' #\\,+"<>;=\0\n\u007Faü€😀'));
    const value = fc.oneof(fc.string({ unit: char }), fc.string({ unit: "grapheme" }));
    const step = fc.array(fc.record({ type, value }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), (steps) => {
        const dn = new DistinguishedName(steps);
        const read = DistinguishedName.parse(dn.toString());
        assert.deepEqual(read.relativeNames, dn.relativeNames);
        assert.isTrue(read.equals(dn));
      }),
    );
  });

  it("throws nothing but CertificateError, whatever it reads", () => {
    const piece = fc.oneof(fc.constantFrom("CN=", ",", "+", "\\", "#", " ", "0c"), fc.string());
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          DistinguishedName.parse(pieces.join(""));
        } catch (error) {
          assert.instanceOf(error, CertificateError);
        }
      }),
    );
  });
});

describe("distinguishedNameFromLines()", () => {
  it("reads a step a line, the most significant first", () => {
    const dn = distinguishedNameFromLines("C=DE\nO=\\ a\\, b + OU=c\nCN=x");
    assert.deepEqual(stepsOf(dn), ["C=DE", "O= a, b+OU=c", "CN=x"]);
    assert.isTrue(distinguishedNameFromLines(undefined).empty);
  });

  it("takes its time in proportion to the text, which peers choose", () => {
    const value = `${" ".repeat(200_000)}x${"\\\\".repeat(100_000)}`;
    const dn = distinguishedNameFromLines(`CN=${value}`);
    assert.equal(dn.commonName?.length, 100_001);
  });
});
