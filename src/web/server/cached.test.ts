/**
 * @module
 */
import { assert, it } from "vitest";
import { get } from "../../../test/fixtures/web/http1-scene.ts";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { CACHED } from "./cached.ts";
import type { Request } from "./request.ts";

const SECONDS = 900_000_000;
const DATE = "Thu, 09 Jul 1998 16:00:00 GMT";

async function ask(
  say: (request: Request) => typeof CACHED | undefined,
  ...fields: readonly string[]
): Promise<RawAnswer> {
  const at = visit((request) => (say(request) === CACHED ? "" : "all of it"));
  return at.ask(get("/", ...fields));
}

const tagged = (request: Request): typeof CACHED | undefined => request.setETag('"v1"');
const dated = (request: Request): typeof CACHED | undefined => request.setLastModified(SECONDS);
const both = (request: Request): typeof CACHED | undefined => {
  return tagged(request) ?? dated(request);
};

it("Request.setETag() sends the tag, and no more to who has it (RFC 9110 §13.1.2)", async () => {
  const whole = await ask(tagged);
  assert.deepEqual([whole.code, whole.headers.get("etag"), whole.body], [200, '"v1"', "all of it"]);
  const cached = await ask(tagged, 'If-None-Match: W/"v1"');
  assert.deepEqual([cached.code, cached.headers.get("etag"), cached.body], [304, '"v1"', ""]);
  assert.equal((await ask(tagged, 'If-None-Match: "v2"')).code, 200);
  assert.equal((await ask(tagged, 'If-Match: "v2"')).code, 412);
});

it("Request.setETag() refuses what is no tag", async () => {
  for (const tag of ["v1", '"v1', "", '"a" "b"', "*"]) {
    await ask((request) => {
      assert.throws(() => request.setETag(tag), TypeError, "Cannot set the ETag");
      return undefined;
    });
  }
});

it("Request.setLastModified() sends the date, and nothing else to who has it", async () => {
  const whole = await ask(dated);
  assert.deepEqual([whole.code, whole.headers.get("last-modified")], [200, DATE]);
  assert.equal((await ask(dated, `If-Modified-Since: ${DATE}`)).code, 304);
  assert.equal((await ask(dated, "If-Modified-Since: Thu, 09 Jul 1998 15:59:59 GMT")).code, 200);
  assert.equal((await ask(dated, "If-Unmodified-Since: Thu, 09 Jul 1998 15:59:59 GMT")).code, 412);
});

it("Request.setLastModified() keeps the latest", async () => {
  const twice = await ask((request) => {
    request.setLastModified(SECONDS);
    return request.setLastModified(SECONDS - 10);
  });
  assert.equal(twice.headers.get("last-modified"), DATE);
  const later = await ask((request) => {
    request.setLastModified(SECONDS - 10);
    return request.setLastModified(SECONDS);
  });
  assert.equal(later.headers.get("last-modified"), DATE);
});

it("Request.setETag() goes before setLastModified() (RFC 9110 §13.2.2)", async () => {
  const fields = [`If-Modified-Since: ${DATE}`];
  assert.equal((await ask(both, 'If-None-Match: "v2"', ...fields)).code, 200);
  assert.equal((await ask(both, 'If-None-Match: "v1"', ...fields)).code, 304);
});
