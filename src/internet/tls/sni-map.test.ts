import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { CertificateOptions, type ServerTLSPolicy } from "./certificate-options.ts";
import { DiffieHellmanParameters } from "./diffie-hellman-parameters.ts";
import { TLSHostnameError } from "./errors.ts";
import type { PrivateCertificate } from "./private-certificate.ts";
import { selfSignedCertificate } from "./self-signed.ts";
import { SNIMap } from "./sni-map.ts";
import { trustRootFromCertificates } from "./trust-root.ts";

const ONE = await selfSignedCertificate({ names: ["one.example"] });
const WILD = await selfSignedCertificate({ names: ["*.wild.example"] });
const OTHER = await selfSignedCertificate({ names: ["other.example"] });

const KNOWN = new Map([
  [ONE.certificate.dumpPEM(), "ONE"],
  [WILD.certificate.dumpPEM(), "WILD"],
  [OTHER.certificate.dumpPEM(), "OTHER"],
]);

/** Which certificate a client that asks for `name` is shown. */
function shown(map: SNIMap, name: string): string | undefined {
  const settings = map.settingsFor(name);
  return settings && (KNOWN.get(settings.certificate ?? "") ?? "another");
}

describe("SNIMap", () => {
  const map = new SNIMap({
    names: {
      "One.Example": ONE,
      "*.wild.example": WILD,
      "b.wild.example": OTHER,
      "Ü.example": OTHER,
    },
  });
  const cases: readonly [string, string | undefined][] = [
    ["one.example", "ONE"],
    ["ONE.EXAMPLE", "ONE"],
    ["one.example.", "ONE"],
    ["a.wild.example", "WILD"],
    ["A.Wild.Example", "WILD"],
    ["b.wild.example", "OTHER"],
    ["xn--tda.example", "OTHER"],
    ["wild.example", undefined],
    [".wild.example", undefined],
    ["a.b.wild.example", undefined],
    ["*.wild.example", "WILD"],
    ["two.example", undefined],
    ["example", undefined],
    ["__proto__", undefined],
    ["constructor", undefined],
    ["", "ONE"],
  ];
  for (const [name, expected] of cases) {
    it(`shows ${String(expected)} to who asks for ${JSON.stringify(name)}`, () => {
      assert.equal(shown(map, name), expected);
    });
  }

  it("shows the default to everybody else", () => {
    const withDefault = new SNIMap({ names: { "one.example": ONE }, default: OTHER });
    assert.equal(shown(withDefault, "one.example"), "ONE");
    assert.equal(shown(withDefault, "two.example"), "OTHER");
    assert.equal(shown(withDefault, ""), "OTHER");
    assert.equal(String(withDefault), "SNIMap(1 name, and a default)");
  });

  it("never throws for what a client asks", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        assert.oneOf(shown(map, name), [undefined, "ONE", "WILD", "OTHER"]);
      }),
    );
  });

  it("has one settings object for each name", () => {
    assert.strictEqual(map.settingsFor("one.example"), map.settingsFor("ONE.example."));
    assert.strictEqual(map.settingsFor("a.wild.example"), map.settingsFor("c.wild.example"));
  });

  it("gives its policy to certificates that come without one", () => {
    const named = new SNIMap({ names: { "one.example": ONE } }, { acceptableProtocols: ["h2"] });
    assert.deepEqual(named.settingsFor("one.example")?.acceptableProtocols, ["h2"]);
  });

  it("takes options, whose ciphers and protocols may differ", () => {
    const options = new CertificateOptions({
      privateKey: ONE,
      certificate: ONE.certificate,
      acceptableProtocols: ["h2"],
    });
    const mixed = new SNIMap({ names: { "one.example": options, "other.example": OTHER } });
    assert.strictEqual(mixed.settingsFor("one.example"), options.settings);
    assert.isEmpty(mixed.settingsFor("other.example")?.acceptableProtocols);
  });
});

describe("SNIMap while it runs", () => {
  it("sets, replaces and deletes names", () => {
    const map = new SNIMap();
    assert.isUndefined(map.settingsFor(""));
    assert.isUndefined(map.settingsFor("one.example"));
    map.set("Ü.example", ONE);
    assert.deepEqual(map.names, ["xn--tda.example"]);
    map.set("xn--tda.example", OTHER);
    assert.equal(shown(map, "xn--tda.example"), "OTHER");
    assert.isTrue(map.delete("ü.example."));
    assert.isFalse(map.delete("ü.example"));
    assert.isUndefined(map.settingsFor("xn--tda.example"));
    assert.equal(String(map), "SNIMap(0 names)");
  });

  it("reloads all names at once, the default among them", () => {
    const map = new SNIMap({ names: { "one.example": ONE }, default: WILD });
    map.reload({ names: { "other.example": OTHER } });
    assert.deepEqual(map.names, ["other.example"]);
    assert.isUndefined(map.settingsFor("one.example"));
  });

  it("stays as it is when something is refused", () => {
    const map = new SNIMap({ names: { "one.example": ONE } });
    assert.throws(() => map.set("not a name", OTHER), TLSHostnameError);
    assert.throws(() => map.set("192.0.2.1", OTHER), TLSHostnameError, "got an address");
    assert.throws(() => map.delete("*"), TLSHostnameError);
    const names = { "other.example": OTHER, "": WILD };
    assert.throws(() => map.reload({ names }), TLSHostnameError);
    assert.deepEqual(map.names, ["one.example"]);
  });

  const trustRoot = trustRootFromCertificates([WILD]);
  const differing: readonly [string, ServerTLSPolicy, ServerTLSPolicy][] = [
    ["trustRoot", {}, { trustRoot }],
    ["requireCertificate", { trustRoot }, { trustRoot, requireCertificate: false }],
    ["minimum", {}, { raiseMinimumTo: "TLSv1.3" }],
    ["maximum", {}, { lowerMaximumSecurityTo: "TLSv1.2" }],
    ["dhParameters", {}, { dhParameters: DiffieHellmanParameters.auto() }],
    ["sessions", {}, { enableSessions: true }],
  ];
  for (const [part, usual, odd] of differing) {
    it(`refuses names that differ in ${part}: TLS has settled that by then`, () => {
      const one = optionsWith(ONE, usual);
      const other = optionsWith(OTHER, odd);
      const map = new SNIMap({ names: { "one.example": one } });
      assert.throws(() => map.set("other.example", other), TypeError, `same ${part}`);
      assert.deepEqual(map.names, ["one.example"]);
      const content = { names: { "one.example": one }, default: other };
      assert.throws(() => new SNIMap(content), TypeError, "the default and one.example");
    });
  }

  it("takes equal trust roots for the same", () => {
    const map = new SNIMap({ names: { "one.example": ONE.options(WILD) } });
    map.set("other.example", OTHER.options(WILD));
    assert.throws(() => map.set("wild.example", WILD.options(OTHER)), TypeError, "same trustRoot");
    assert.throws(() => map.set("wild.example", WILD.options(WILD, OTHER)), TypeError);
  });
});

function optionsWith(made: PrivateCertificate, policy: ServerTLSPolicy): CertificateOptions {
  return new CertificateOptions({ privateKey: made, certificate: made.certificate, ...policy });
}
