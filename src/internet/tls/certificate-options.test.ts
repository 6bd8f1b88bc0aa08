import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { capturedLogs } from "../../logger/capture.ts";
import { formatEvent } from "../../logger/format.ts";
import { AcceptableCiphers } from "./acceptable-ciphers.ts";
import { CertificateOptions, type CertificateOptionsContent } from "./certificate-options.ts";
import { DiffieHellmanParameters } from "./diffie-hellman-parameters.ts";
import { DistinguishedName } from "./distinguished-name.ts";
import { CertificateError } from "./errors.ts";
import { KeyPair } from "./key-pair.ts";
import { platformTrust, trustRootFromCertificates } from "./trust-root.ts";

const NOW = new Date("2030-06-01T00:00:00Z");
const KEY = new KeyPair(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
const DN = new DistinguishedName({ commonName: "Ann" });
const MADE = await KEY.selfSignedCert(1, DN, { notBefore: new Date("2030-01-01T00:00:00Z") });
const OTHER = await (await KeyPair.generate()).selfSignedCert(2, DN, {
  notBefore: new Date("2029-01-01T00:00:00Z"),
  secondsToExpiry: 86_400,
});
const CONTENT = { privateKey: KEY, certificate: MADE.certificate, now: () => NOW };

function problemOf(content: CertificateOptionsContent): unknown {
  try {
    return new CertificateOptions(content);
  } catch (error) {
    assert.instanceOf(error, CertificateError);
    return error.problem;
  }
}

describe("CertificateOptions", () => {
  it("are safe by default", () => {
    const options = new CertificateOptions(CONTENT);
    assert.equal(options.role, "server");
    assert.deepEqual(options.settings, {
      privateKey: KEY.dumpPEM(),
      certificate: MADE.certificate.dumpPEM(),
      trustRoot: undefined,
      requireCertificate: false,
      minimum: "TLSv1.2",
      maximum: "TLSv1.3",
      ciphers: undefined,
      acceptableProtocols: [],
      dhParameters: undefined,
      sessions: false,
    });
  });

  it("have one settings object, which never changes", () => {
    const options = new CertificateOptions(CONTENT);
    assert.strictEqual(options.settingsFor(""), options.settings);
    assert.strictEqual(options.settingsFor("a.example"), options.settings);
    assert.isFrozen(options.settings);
    assert.isFrozen(options.settings.acceptableProtocols);
  });

  it("take what they are told", () => {
    const { settings } = new CertificateOptions({
      ...CONTENT,
      trustRoot: trustRootFromCertificates([MADE]),
      requireCertificate: false,
      acceptableProtocols: ["h2"],
      acceptableCiphers: AcceptableCiphers.fromOpenSSLCipherString("HIGH"),
      dhParameters: DiffieHellmanParameters.auto(),
      enableSessions: true,
      raiseMinimumTo: "TLSv1.3",
    });
    assert.deepInclude(settings, {
      trustRoot: [MADE.certificate.dumpPEM()],
      requireCertificate: false,
      acceptableProtocols: ["h2"],
      ciphers: "HIGH",
      dhParameters: "auto",
      sessions: true,
      minimum: "TLSv1.3",
    });
  });

  it("require certificates of whom they trust, pinned or from anybody", () => {
    const pinned = new CertificateOptions({ ...CONTENT, trustRoot: OTHER.certificate }).settings;
    assert.deepEqual(pinned.trustRoot, [OTHER.certificate.dumpPEM()]);
    assert.isTrue(pinned.requireCertificate);
    const all = new CertificateOptions({ ...CONTENT, trustRoot: platformTrust() }).settings;
    assert.equal(all.trustRoot, "platform");
  });

  it("are made of PEM text as well, with the chain in it or beside it", () => {
    const privateKey = KEY.dumpPEM({ passphrase: "secret" });
    const certificate = MADE.certificate.dumpPEM() + OTHER.certificate.dumpPEM();
    const extraCertChain = [OTHER.certificate, OTHER.certificate.dumpPEM()];
    const passphrase = "secret";
    const now = (): Date => OTHER.certificate.notBefore;
    const content = { privateKey, certificate, extraCertChain, passphrase, now };
    const options = new CertificateOptions(content);
    assert.equal(options.settings.privateKey, KEY.dumpPEM());
    const other = OTHER.certificate.dumpPEM();
    assert.equal(options.settings.certificate, MADE.certificate.dumpPEM() + other.repeat(3));
    assert.isTrue(options.certificate.equals(MADE.certificate));
    assert.lengthOf(options.extraCertChain, 3);
  });

  it("are refused at once if key or certificate cannot be used", () => {
    const { privateKey, certificate } = OTHER;
    assert.equal(problemOf({ ...CONTENT, privateKey: { privateKey } }), "mismatch");
    assert.equal(problemOf({ ...CONTENT, certificate }), "mismatch");
    assert.equal(problemOf({ ...CONTENT, privateKey: "no" }), "unreadable");
    assert.equal(problemOf({ ...CONTENT, certificate: "no" }), "unreadable");
    assert.equal(problemOf({ ...CONTENT, extraCertChain: ["no"] }), "unreadable");
    const encrypted = KEY.dumpPEM({ passphrase: "secret" });
    assert.equal(problemOf({ ...CONTENT, privateKey: encrypted }), "passphrase");
    const contradiction = { raiseMinimumTo: "TLSv1.3", lowerMaximumSecurityTo: "TLSv1.2" } as const;
    assert.throws(() => new CertificateOptions({ ...CONTENT, ...contradiction }), TypeError);
  });

  it("show nothing of the key", () => {
    const options = new CertificateOptions(CONTENT);
    assert.equal(String(options), "CertificateOptions(Certificate(CN=Ann), TLSv1.2 to TLSv1.3)");
    assert.equal(inspect(options, { depth: 9 }), String(options));
    assert.notInclude(JSON.stringify(options), "PRIVATE KEY");
  });
});

describe("CertificateOptions out of date", () => {
  function warningsAt(now: string, content: Partial<CertificateOptionsContent> = {}): string[] {
    const clock = (): Date => new Date(now);
    return capturedLogs(() => {
      assert.equal(new CertificateOptions({ ...CONTENT, ...content, now: clock }).role, "server");
    }).map((event) => `${event.log_level}: ${formatEvent(event)}`);
  }

  it("start all the same, with a warning", () => {
    assert.deepEqual(warningsAt("2030-06-01"), []);
    assert.deepEqual(warningsAt("2031-01-02"), [
      "warn: Certificate(CN=Ann) has expired at 2031-01-01T00:00:00.000Z: peers will refuse it",
    ]);
    assert.deepEqual(warningsAt("2029-12-31"), [
      "warn: Certificate(CN=Ann) is not good before 2030-01-01T00:00:00.000Z: peers will refuse it",
    ]);
  });

  it("warn of the chain too", () => {
    const extraCertChain = [OTHER.certificate];
    assert.lengthOf(warningsAt("2030-06-01", { extraCertChain }), 1);
  });
});
