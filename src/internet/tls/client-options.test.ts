import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { AcceptableCiphers } from "./acceptable-ciphers.ts";
import { insecureOptionsForClientTLS, optionsForClientTLS } from "./client-options.ts";
import { DistinguishedName } from "./distinguished-name.ts";
import { TLSHostnameError } from "./errors.ts";
import { KeyPair } from "./key-pair.ts";
import { platformTrust, trustRootFromCertificates } from "./trust-root.ts";

const KEY = new KeyPair(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
const MADE = await KEY.selfSignedCert(1, new DistinguishedName({ commonName: "Ann" }));

describe("optionsForClientTLS()", () => {
  it("verifies the name, for the platform's authorities, from TLS 1.2 on", () => {
    const options = optionsForClientTLS("Www.Bücher.example.");
    assert.deepInclude(options, {
      role: "client",
      hostname: "www.xn--bcher-kva.example",
      verifyHostname: true,
    });
    assert.deepEqual(options.settings, {
      trustRoot: "platform",
      requireCertificate: true,
      minimum: "TLSv1.2",
      maximum: "TLSv1.3",
      ciphers: undefined,
      acceptableProtocols: [],
      dhParameters: undefined,
      sessions: false,
    });
  });

  it("has one settings object, which never changes", () => {
    const options = optionsForClientTLS("a.example");
    assert.strictEqual(options.settings, options.settings);
    assert.isFrozen(options.settings);
    assert.isFrozen(options.settings.acceptableProtocols);
  });

  it("takes addresses", () => {
    assert.equal(optionsForClientTLS("192.0.2.1").hostname, "192.0.2.1");
    assert.equal(optionsForClientTLS("2001:DB8::0:1").hostname, "2001:db8::1");
  });

  it("takes what it is told", () => {
    const { settings } = optionsForClientTLS("a.example", {
      trustRoot: MADE.certificate,
      clientCertificate: MADE,
      acceptableProtocols: ["h2", "http/1.1"],
      extraCertificateOptions: {
        acceptableCiphers: AcceptableCiphers.fromOpenSSLCipherString("HIGH"),
        enableSessions: true,
        raiseMinimumTo: "TLSv1.3",
      },
    });
    assert.deepInclude(settings, {
      privateKey: KEY.dumpPEM(),
      certificate: MADE.certificate.dumpPEM(),
      trustRoot: [MADE.certificate.dumpPEM()],
      acceptableProtocols: ["h2", "http/1.1"],
      ciphers: "HIGH",
      sessions: true,
      minimum: "TLSv1.3",
    });
  });

  for (const hostname of ["", "a\0b", "a b", "127.1", "a.example:443", "*.example"]) {
    it(`refuses ${JSON.stringify(hostname)}`, () => {
      assert.throws(() => optionsForClientTLS(hostname), TLSHostnameError);
      assert.throws(() => insecureOptionsForClientTLS(hostname), TLSHostnameError);
    });
  }

  it("refuses contradictions", () => {
    const extraCertificateOptions = { lowerMaximumSecurityTo: "TLSv1.1" } as const;
    assert.throws(() => optionsForClientTLS("a.example", { extraCertificateOptions }), TypeError);
    const trustRoot = { raw: Buffer.from("no") };
    assert.throws(() => optionsForClientTLS("a.example", { trustRoot }), "Cannot read certificate");
  });

  it("shows nothing of the key", () => {
    const options = optionsForClientTLS("a.example", { clientCertificate: MADE });
    assert.equal(inspect(options, { depth: 9 }), "ClientTLSOptions(a.example, TLSv1.2 to TLSv1.3)");
    assert.notInclude(JSON.stringify(options), "PRIVATE KEY");
  });
});

describe("insecureOptionsForClientTLS()", () => {
  it("verifies nothing, and says so", () => {
    const options = insecureOptionsForClientTLS("a.example", { clientCertificate: MADE });
    assert.isFalse(options.verifyHostname);
    assert.isUndefined(options.settings.trustRoot);
    assert.equal(options.settings.minimum, "TLSv1.2");
    assert.equal(options.settings.privateKey, KEY.dumpPEM());
    assert.include(String(options), "INSECURE");
  });
});

describe("trustRootFromCertificates()", () => {
  it("takes certificates of any kind, and bundles", () => {
    const pem = MADE.certificate.dumpPEM();
    const { certificates } = trustRootFromCertificates([
      MADE.certificate,
      MADE,
      { raw: MADE.raw },
      `a bundle\n${pem}and\n${pem}`,
    ]);
    assert.deepEqual(
      certificates,
      Array.from({ length: 5 }, () => pem),
    );
    assert.isFrozen(certificates);
  });

  it("never takes a key along", () => {
    const { certificates } = trustRootFromCertificates([MADE, MADE.dumpPEM()]);
    assert.notInclude(JSON.stringify(certificates), "PRIVATE KEY");
  });

  it("refuses what would trust nobody, or is no certificate", () => {
    assert.throws(() => trustRootFromCertificates([]), TypeError, "at least one certificate");
    assert.throws(() => trustRootFromCertificates(["no"]), "Cannot read certificate");
    assert.throws(() => trustRootFromCertificates([{ raw: Buffer.from([0]) }]), "Cannot read");
  });
});

describe("platformTrust()", () => {
  it("is always the same", () => {
    assert.strictEqual(platformTrust(), platformTrust());
    assert.deepEqual(platformTrust(), { certificates: "platform" });
  });
});
