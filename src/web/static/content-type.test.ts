/**
 * @module
 */
import { assert, it } from "vitest";
import { typeOf, withCharset } from "./content-type.ts";

const NONE = new Map<string, string>();

it("typeOf() goes by the extension, whatever its case", () => {
  assert.equal(typeOf("/srv/a.html", NONE), "text/html");
  assert.equal(typeOf("/srv/A.JPEG", NONE), "image/jpeg");
  assert.equal(typeOf("/srv/a.tar.gz", NONE), "application/gzip");
  assert.equal(typeOf("/srv/app.mjs", NONE), "text/javascript");
});

it("typeOf() knows nothing of a name without a known extension", () => {
  for (const path of ["/srv/README", "/srv/html", "/srv/a.nosuch", "/srv.html/a", "/srv/.html"]) {
    assert.isUndefined(typeOf(path, NONE), path);
  }
});

it("typeOf() asks the given types first, and only those that were given", () => {
  const types = new Map([["ts", "text/x-typescript"]]);
  assert.equal(typeOf("/srv/a.TS", types), "text/x-typescript");
  assert.isUndefined(typeOf("/srv/a.constructor", types));
});

it("withCharset() says that text is UTF-8, unless something is said", () => {
  assert.equal(withCharset("text/css"), "text/css; charset=utf-8");
  assert.equal(withCharset("text/css; charset=latin1"), "text/css; charset=latin1");
  assert.equal(withCharset("application/json"), "application/json");
});
