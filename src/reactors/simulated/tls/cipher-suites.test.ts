/** @module */
import { assert, describe, it } from "vitest";
import { chosenSuites } from "./cipher-suites.ts";

const names = (ciphers?: string): string[] => chosenSuites(ciphers).suites.map(({ name }) => name);
const aliases = (ciphers: string): string[] =>
  chosenSuites(ciphers)
    .suites.map(({ alias }) => alias)
    .slice(3);

describe("chosenSuites()", () => {
  it("has Node's order by default", () => {
    assert.deepEqual(names().slice(0, 5), [
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ]);
  });

  // What `openssl ciphers` says of the same strings.
  it("reads OpenSSL's language", () => {
    assert.deepEqual(aliases("ECDHE+AESGCM"), [
      "ECDHE-ECDSA-AES256-GCM-SHA384",
      "ECDHE-RSA-AES256-GCM-SHA384",
      "ECDHE-ECDSA-AES128-GCM-SHA256",
      "ECDHE-RSA-AES128-GCM-SHA256",
    ]);
    assert.deepEqual(aliases("kRSA+AESGCM:!AES128"), ["AES256-GCM-SHA384"]);
    assert.deepEqual(aliases("AES128-SHA:kRSA+SHA:-AES128:AES128-SHA"), [
      "AES256-SHA",
      "AES128-SHA",
    ]);
    assert.deepEqual(aliases("kRSA+SHA:+AES256"), ["AES128-SHA", "AES256-SHA"]);
    assert.deepEqual(aliases("!AES256:kRSA+SHA"), ["AES128-SHA"]);
    assert.deepEqual(aliases("SHA384"), ["ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384"]);
  });

  it("means TLS 1.3 alone where no other suites are named", () => {
    const { suites, isModernOnly } = chosenSuites("TLS_AES_128_GCM_SHA256");
    assert.deepEqual([suites.length, isModernOnly], [1, true]);
    assert.isFalse(chosenSuites("TLS_AES_128_GCM_SHA256:HIGH").isModernOnly);
  });

  it("fails as OpenSSL does where nothing is chosen", () => {
    for (const nothing of ["RUBBISH", "HIGH:!ALL", "TLS_RUBBISH"]) {
      assert.throws(() => chosenSuites(nothing), "no cipher match", nothing);
    }
  });
});
