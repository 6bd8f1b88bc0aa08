import { assert, describe, it } from "vitest";
import { preferredEncoding, preferredLanguage, preferredMediaType } from "./negotiation.ts";

describe("preferredEncoding()", () => {
  const ALL = ["br", "gzip", "identity"];

  it("takes the higher q, then the server's order (RFC 9110 §12.5.3)", () => {
    assert.equal(preferredEncoding("gzip, deflate, br", ALL), "br");
    assert.equal(preferredEncoding("gzip;q=1, br;q=0.5", ALL), "gzip");
    assert.equal(preferredEncoding("GZIP", ALL), "gzip");
    assert.equal(preferredEncoding("*", ALL), "br");
    assert.equal(preferredEncoding("br;q=0, *", ALL), "gzip");
    assert.equal(preferredEncoding("gzip", ["identity", "gzip"]), "identity");
  });

  it("takes no coding for a client that says nothing, or knows none", () => {
    assert.equal(preferredEncoding(undefined, ALL), "identity");
    assert.equal(preferredEncoding(undefined, ["gzip"]), "gzip");
    assert.isUndefined(preferredEncoding(undefined, []));
    assert.equal(preferredEncoding("", ALL), "identity");
    assert.equal(preferredEncoding("compress", ALL), "identity");
    assert.equal(preferredEncoding("br;q=0, gzip;q=0", ALL), "identity");
  });

  it("finds none when all are refused (RFC 9110 §12.5.3)", () => {
    assert.isUndefined(preferredEncoding("identity;q=0", ALL));
    assert.isUndefined(preferredEncoding("*;q=0", ALL));
    assert.isUndefined(preferredEncoding("", ["gzip"]));
    assert.equal(preferredEncoding("*;q=0, identity;q=0.1", ALL), "identity");
    assert.equal(preferredEncoding("gzip, *;q=0", ALL), "gzip");
    assert.equal(preferredEncoding("gzip, identity;q=0", ["identity", "gzip"]), "gzip");
  });
});

describe("preferredMediaType()", () => {
  const ALL = ["text/html", "application/json"];

  it("takes the higher q, the more specific range first (RFC 9110 §12.5.1)", () => {
    assert.equal(preferredMediaType("application/json", ALL), "application/json");
    assert.equal(
      preferredMediaType("text/*;q=0.3, application/json;q=0.7", ALL),
      "application/json",
    );
    assert.equal(preferredMediaType("*/*, text/html;q=0.1", ALL), "application/json");
    assert.equal(preferredMediaType("TEXT/HTML", ALL), "text/html");
    assert.equal(preferredMediaType("*/*", ALL), "text/html");
  });

  it("takes the first for a client that has no wish", () => {
    assert.equal(preferredMediaType(undefined, ALL), "text/html");
    assert.equal(preferredMediaType("", ALL), "text/html");
    assert.equal(preferredMediaType(" , ", ALL), "text/html");
    assert.isUndefined(preferredMediaType(undefined, []));
  });

  it("finds none when none is asked for, or all are refused", () => {
    assert.isUndefined(preferredMediaType("image/png", ALL));
    assert.isUndefined(preferredMediaType("text/html;q=0, application/json;q=0.0", ALL));
    assert.isUndefined(preferredMediaType("text/html;q=oops", ALL));
    assert.equal(preferredMediaType("text/html;q=0, */*", ALL), "application/json");
  });
});

describe("preferredLanguage()", () => {
  it("takes the nearest (RFC 9110 §12.5.4)", () => {
    assert.equal(preferredLanguage("da, en-GB;q=0.8, en;q=0.7", ["en", "de"]), "en");
    assert.equal(preferredLanguage("de-AT, de;q=0.5", ["de-CH", "de-AT"]), "de-AT");
    assert.equal(preferredLanguage("de", ["de-CH"]), "de-CH");
    assert.equal(preferredLanguage("de-CH", ["de"]), "de");
    assert.equal(preferredLanguage("*", ["fr", "de"]), "fr");
  });

  it("takes the first for a client that has no wish, and none when none is acceptable", () => {
    assert.equal(preferredLanguage(undefined, ["fr", "de"]), "fr");
    assert.equal(preferredLanguage(" ", ["fr", "de"]), "fr");
    assert.isUndefined(preferredLanguage("en", ["fr", "de"]));
    assert.isUndefined(preferredLanguage("fr;q=0", ["fr"]));
  });
});
