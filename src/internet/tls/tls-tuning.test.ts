import { assert, describe, it } from "vitest";
import { AcceptableCiphers } from "./acceptable-ciphers.ts";
import { type TLSTuning, tunedSettings } from "./tls-tuning.ts";

function range(tuning: TLSTuning): string {
  const { minimum, maximum } = tunedSettings(tuning, []);
  return `${minimum} ${maximum}`;
}

describe("tunedSettings()", () => {
  it("begins with TLS 1.2, Node's ciphers, and no sessions", () => {
    assert.deepEqual(tunedSettings({}, []), {
      minimum: "TLSv1.2",
      maximum: "TLSv1.3",
      ciphers: undefined,
      acceptableProtocols: [],
      sessions: false,
    });
  });

  it("takes what it is told", () => {
    const acceptableCiphers = AcceptableCiphers.fromOpenSSLCipherString("ECDHE+AESGCM");
    const settings = tunedSettings({ acceptableCiphers, enableSessions: true }, ["h2", "http/1.1"]);
    assert.equal(settings.ciphers, "ECDHE+AESGCM");
    assert.isTrue(settings.sessions);
    assert.deepEqual(settings.acceptableProtocols, ["h2", "http/1.1"]);
    assert.isFrozen(settings.acceptableProtocols);
  });

  const versions: readonly [TLSTuning, string][] = [
    [{ raiseMinimumTo: "TLSv1.3" }, "TLSv1.3 TLSv1.3"],
    [{ raiseMinimumTo: "TLSv1" }, "TLSv1.2 TLSv1.3"],
    [{ insecurelyLowerMinimumTo: "TLSv1" }, "TLSv1 TLSv1.3"],
    [{ insecurelyLowerMinimumTo: "TLSv1.2" }, "TLSv1.2 TLSv1.3"],
    [{ lowerMaximumSecurityTo: "TLSv1.2" }, "TLSv1.2 TLSv1.2"],
    [{ insecurelyLowerMinimumTo: "TLSv1", lowerMaximumSecurityTo: "TLSv1.1" }, "TLSv1 TLSv1.1"],
  ];
  for (const [tuning, expected] of versions) {
    it(`makes ${expected} of ${JSON.stringify(tuning)}`, () => {
      assert.equal(range(tuning), expected);
    });
  }

  const contradictions: readonly TLSTuning[] = [
    { raiseMinimumTo: "TLSv1.3", insecurelyLowerMinimumTo: "TLSv1" },
    { raiseMinimumTo: "TLSv1.3", lowerMaximumSecurityTo: "TLSv1.2" },
    { insecurelyLowerMinimumTo: "TLSv1.3" },
    { insecurelyLowerMinimumTo: "TLSv1.1", lowerMaximumSecurityTo: "TLSv1" },
    { lowerMaximumSecurityTo: "TLSv1.1" },
  ];
  for (const tuning of contradictions) {
    it(`refuses ${JSON.stringify(tuning)}`, () => {
      assert.throws(() => range(tuning), TypeError, "Cannot choose versions of TLS: ");
    });
  }

  for (const protocol of ["", "x".repeat(256), "ü".repeat(128)]) {
    it(`refuses ALPN protocols of ${String(Buffer.byteLength(protocol))} bytes`, () => {
      assert.throws(() => tunedSettings({}, ["h2", protocol]), TypeError, "1 to 255 bytes");
    });
  }
});

describe("AcceptableCiphers", () => {
  it("keeps OpenSSL's string", () => {
    const text = "HIGH:!aNULL:@SECLEVEL=2:TLS_AES_128_GCM_SHA256";
    const ciphers = AcceptableCiphers.fromOpenSSLCipherString(text);
    assert.equal(ciphers.cipherString, text);
    assert.equal(ciphers.toString(), `AcceptableCiphers(${text})`);
  });

  for (const text of ["", "a\nb", "AES;rm"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => AcceptableCiphers.fromOpenSSLCipherString(text), TypeError);
    });
  }
});
