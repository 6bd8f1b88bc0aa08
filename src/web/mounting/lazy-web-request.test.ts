import { assert, describe, it } from "vitest";
import { lazyWebRequest } from "./lazy-web-request.ts";

const URL_ASKED = "http://example.com/a?b";

/** A lazy POST with a body, and what was made of it so far. */
function lazily() {
  const made: string[] = [];
  const controller = new AbortController();
  const request = lazyWebRequest({
    url: URL_ASKED,
    method: "POST",
    headers: () => {
      made.push("headers");
      return new Headers({ "content-type": "application/json", "x-a": "1" });
    },
    signal: () => {
      made.push("signal");
      return controller.signal;
    },
    request: (headers, signal) => {
      made.push("request");
      return new Request(URL_ASKED, { method: "POST", headers, signal, body: '{"a":1}' });
    },
  });
  return { request, made, controller };
}

describe("lazyWebRequest()", () => {
  it("makes nothing of what is not asked for", () => {
    const { request, made } = lazily();
    assert.instanceOf(request, Request);
    assert.equal(`${request.method} ${request.url}`, `POST ${URL_ASKED}`);
    assert.isEmpty(made);
    assert.equal(request.headers.get("x-a"), "1");
    assert.strictEqual(request.headers, request.headers);
    assert.deepEqual(made, ["headers"]);
  });

  it("becomes a real one for everything else", async () => {
    const { request, made } = lazily();
    assert.isFalse(request.bodyUsed);
    assert.deepEqual(await request.clone().json(), { a: 1 });
    assert.deepEqual(await request.json(), { a: 1 });
    assert.isTrue(request.bodyUsed);
    assert.equal(request.redirect, "follow");
    assert.deepEqual(made, ["headers", "signal", "request"]);
  });

  it("keeps fields that are changed, before and after", () => {
    const { request } = lazily();
    for (const value of ["2", "3"]) {
      request.headers.set("x-a", value);
      assert.equal(request.clone().headers.get("x-a"), value);
      assert.equal(request.headers.get("x-a"), value);
    }
  });

  it("is aborted with its signal", () => {
    const { request, controller } = lazily();
    const { signal } = request.clone();
    controller.abort();
    assert.isTrue(request.signal.aborted);
    assert.isTrue(signal.aborted);
  });

  it("is known to the platform for what it is", () => {
    assert.throws(() => new Request(lazily().request), TypeError);
  });

  it("can be the second argument of one that is made", async () => {
    const { request } = lazily();
    const moved = new Request("http://example.com/moved", request);
    assert.equal(moved.headers.get("x-a"), "1");
    assert.equal(moved.method, "POST");
    assert.deepEqual(await moved.json(), { a: 1 });
  });
});
