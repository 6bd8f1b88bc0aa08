import { assert, describe, it } from "vitest";
import { randomSerialNumber } from "./_issue.ts";
import { optionsForClientTLS } from "./client-options.ts";
import { TLSHostnameError } from "./errors.ts";
import { selfSignedCertificate } from "./self-signed.ts";
import { trustRootFromCertificates } from "./trust-root.ts";

describe("selfSignedCertificate()", () => {
  it("is for this machine, for a year, unless told otherwise", async () => {
    const { certificate, privateKey } = await selfSignedCertificate();
    assert.deepEqual(certificate.names, ["localhost", "127.0.0.1", "::1"]);
    assert.equal(String(certificate.getSubject()), "CN=localhost");
    assert.equal(privateKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
    const days = (certificate.notAfter.getTime() - certificate.notBefore.getTime()) / 86_400_000;
    assert.equal(days, 365);
    assert.isTrue(certificate.isIssuedBy(certificate));
    assert.isFalse(certificate.isAuthority);
  });

  it("takes what it is told, chance among it", async () => {
    const made = await selfSignedCertificate({
      names: [`${"a".repeat(60)}.example`, "*.b.example"],
      days: 2,
      notBefore: new Date("2030-01-01T00:00:00Z"),
      randomBytes: (count) => Buffer.alloc(count, 0xff),
    });
    assert.isTrue(made.certificate.matches("x.b.example"));
    assert.isTrue(made.certificate.getSubject().empty);
    assert.deepEqual(made.certificate.notAfter, new Date("2030-01-03T00:00:00Z"));
    assert.equal(made.certificate.serialNumber, BigInt(`0x7f${"ff".repeat(15)}`));
  });

  it("is what a client can be told to trust", async () => {
    const made = await selfSignedCertificate({ names: ["localhost"] });
    const trustRoot = trustRootFromCertificates([made]);
    const { settings } = optionsForClientTLS("localhost", { trustRoot });
    assert.deepEqual(settings.trustRoot, [made.certificate.dumpPEM()]);
  });

  it("refuses bad arguments at once", () => {
    assert.throws(() => void selfSignedCertificate({ names: [] }), TypeError, "at least one name");
    assert.throws(() => void selfSignedCertificate({ names: ["a b"] }), TLSHostnameError);
    assert.throws(() => void selfSignedCertificate({ names: [""] }), TLSHostnameError);
    assert.throws(() => void selfSignedCertificate({ days: 0 }), RangeError, "days above 0");
    assert.throws(() => void selfSignedCertificate({ days: Number.NaN }), RangeError);
  });
});

describe("randomSerialNumber()", () => {
  it("is positive, and always of the same length", () => {
    const zero = randomSerialNumber((count) => Buffer.alloc(count));
    assert.equal(zero, 1n << 126n);
    assert.notEqual(randomSerialNumber(), randomSerialNumber());
  });
});
