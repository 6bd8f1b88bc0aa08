/**
 * Requests of HTTP/2 and their answers.
 *
 * @module
 */
import { constants } from "node:http2";
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { visitHTTP2 } from "../../../test/fixtures/web/in-memory-http2.ts";
import { captureLogs } from "../../logger/capture.ts";
import { Headers } from "../http/headers.ts";
import { Answer, NOT_DONE_YET } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { Resource } from "../server/resource.ts";

const SECOND = "Thu, 01 Jan 1970 00:00:01 GMT";

describe("HTTP2Channel: requests", () => {
  it("asks the site, as HTTP/1 does (RFC 9113 §8.3.1)", async () => {
    let seen: Request | undefined;
    const at = visitHTTP2((request) => {
      seen = request;
      return `${request.method} ${request.path}?${request.query}`;
    });
    const { code, headers, body } = await at.ask("/a/b?c=d", { "x-one": "1" });
    assert.equal(code, 200);
    assert.equal(body, "GET /a/b?c=d");
    assert.equal(headers["content-length"], "12");
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    assert.equal(headers["server"], "sennit");
    assert.equal(seen?.clientproto, "HTTP/2");
    assert.equal(seen?.authority, "site.example:80");
    assert.equal(seen?.getHeader("host"), "site.example:80");
    assert.equal(seen?.getHeader("x-one"), "1");
    assert.isFalse(seen?.requestHeaders.hasHeader(":path"));
    assert.isFalse(seen?.isSecure());
    assert.isTrue(seen?.content.complete);
    assert.equal(String(seen?.getClientAddress()), String(at.pump.client.getHost()));
    await at.end();
  });

  it("has many at once, and answers them in any order", async () => {
    const waiting: Request[] = [];
    const at = visitHTTP2((request) => {
      waiting.push(request);
      return NOT_DONE_YET;
    });
    const asked = [];
    for (let n = 0; n < 100; n += 1) {
      asked.push(at.begin({ ":path": `/${String(n)}` }).read());
    }
    await at.settle();
    assert.equal(waiting.length, 100);
    for (const request of waiting.toReversed()) request.finishWith(request.path);
    await at.settle();
    assert.deepEqual(
      asked.map((one) => one.body),
      asked.map((_, n) => `/${String(n)}`),
    );
    await at.end();
  });

  it("joins cookies that came in several fields (RFC 9113 §8.2.3)", async () => {
    const at = visitHTTP2(
      (request) => `${request.getCookie("a") ?? ""}${request.getCookie("b") ?? ""}`,
    );
    const { body } = await at.ask("/", { cookie: ["a=1", "b=2"] });
    assert.equal(body, "12");
    await at.end();
  });

  it("fails the client of a field that HTTP/1 would not have taken", async () => {
    const at = visitHTTP2(() => "never");
    const { code } = await at.ask("/", { expect: "200-maybe" });
    assert.equal(code, 417);
    const long = await at.ask(`/${"a".repeat(8192)}`);
    assert.equal(long.code, 414);
    await at.end();
  });
});

describe("HTTP2Channel: answers", () => {
  it("has no body to HEAD, and says how long it would be", async () => {
    const at = visitHTTP2(() => "hello");
    const { code, headers, body, ended } = await at.ask("/", { ":method": "HEAD" });
    assert.deepEqual([code, headers["content-length"], body, ended], [200, "5", "", true]);
    await at.end();
  });

  it("has no body to HEAD that is streamed, or has a body itself", async () => {
    const at = visitHTTP2((request) => {
      request.setHeader("content-length", 10);
      request.write("01234");
      request.write("56789");
      request.finish();
      return NOT_DONE_YET;
    });
    const { headers, body, ended, reset } = await at.ask("/", { ":method": "HEAD" }, "a body");
    assert.deepEqual([headers["content-length"], body, ended, reset], ["10", "", true, undefined]);
    await at.end();
  });

  it.each([
    [204, undefined],
    [304, "5"],
    [205, "0"],
  ])("%i has no body, whatever is written (RFC 9110 §6.4.1, §15.3.6)", async (code, length) => {
    const at = visitHTTP2(() => new Answer("hello", { code, headers: { "content-length": "5" } }));
    const asked = await at.ask("/");
    assert.deepEqual([asked.code, asked.body, asked.ended], [code, "", true]);
    assert.equal(asked.headers["content-length"], length);
    const streamed = visitHTTP2((request) => {
      request.setResponseCode(code);
      request.write("hello");
      request.finish();
      return NOT_DONE_YET;
    });
    const second = await streamed.ask("/");
    assert.deepEqual([second.code, second.body, second.reset], [code, "", undefined]);
    await at.end();
    await streamed.end();
  });

  it("leaves out the fields of a connection (RFC 9113 §8.2.2)", async () => {
    const headers = {
      Connection: "keep-alive, x-a",
      "Keep-Alive": "timeout=5",
      "Proxy-Connection": "close",
      TE: "gzip",
      "Transfer-Encoding": "chunked",
      Upgrade: "websocket",
      "HTTP2-Settings": "AAAA",
      "X-A": "stays",
    };
    const at = visitHTTP2(() => new Answer("hello", { headers }));
    const asked = await at.ask("/");
    assert.equal(asked.body, "hello");
    const names = Object.keys(asked.headers).filter((name) => name !== "date");
    const kept = [":status", "content-length", "server", "x-a"];
    assert.deepEqual(names.toSorted(), kept);
    await at.end();
  });

  it("repeats Set-Cookie, and joins what else is repeated (RFC 9110 §5.3)", async () => {
    const at = visitHTTP2((request) => {
      for (const value of ["a=1", "b=2", "c=3"]) request.addHeader("set-cookie", value);
      for (const value of ["Accept", "Cookie"]) request.addHeader("vary", value);
      // node:http2 throws at a second one of these.
      for (const value of ["no-a", "no-b"]) request.addHeader("age", value);
      request.addHeader("constructor", "1");
      return "hello";
    });
    const { headers, code } = await at.ask("/");
    assert.equal(code, 200);
    assert.deepEqual(headers["set-cookie"], ["a=1", "b=2", "c=3"]);
    assert.equal(headers["vary"], "Accept, Cookie");
    assert.equal(headers["age"], "no-a, no-b");
    assert.equal(new Map(Object.entries(headers)).get("constructor"), "1");
    await at.end();
  });

  it("has the answer's own Date and Server in the place of the standing ones", async () => {
    const at = visitHTTP2(() => new Answer("", { headers: { Date: SECOND, Server: "mine" } }));
    const { headers } = await at.ask("/");
    assert.deepEqual([headers["date"], headers["server"]], [SECOND, "mine"]);
    await at.end();
  });

  it("sends values as UTF-8, as HTTP/1 does", async () => {
    const at = visitHTTP2(() => new Answer("", { headers: { "X-A": "é\u010a€" } }));
    const { headers } = await at.ask("/");
    assert.equal(Buffer.from(String(headers["x-a"]), "latin1").toString(), "é\u010a€");
    await at.end();
  });

  it("sends interim answers, and none after the head", async () => {
    const at = visitHTTP2((request) => {
      request.interim(103, new Headers({ Link: "</a.css>; rel=preload" }));
      request.interim(102);
      request.write("hello");
      request.interim(103);
      request.finish();
      return NOT_DONE_YET;
    });
    const { interim, body } = await at.ask("/");
    assert.deepEqual([interim, body], [[103, 102], "hello"]);
    await at.end();
  });

  it("sends trailers where the client takes them", async () => {
    const at = visitHTTP2((request) => {
      request.write("hello");
      request.finish(new Headers({ "X-Sum": "5", Connection: "close" }));
      return NOT_DONE_YET;
    });
    const taken = await at.ask("/", { te: "trailers" });
    assert.equal(taken.trailers?.["x-sum"], "5");
    assert.deepEqual([taken.body, taken.ended, taken.reset], ["hello", true, undefined]);
    const left = await at.ask("/");
    assert.deepEqual([left.trailers, left.body, left.ended], [undefined, "hello", true]);
    const unread = await at.ask("/", { te: "trailers", ":method": "POST" }, "a body nobody reads");
    assert.equal(unread.trailers?.["x-sum"], "5");
    await at.end();
  });

  it("ends without trailers where none are sent", async () => {
    const at = visitHTTP2((request) => {
      request.write("hello");
      request.finish();
      return NOT_DONE_YET;
    });
    const { trailers, body, ended, reset } = await at.ask("/", { te: "trailers" });
    assert.deepEqual([trailers, body, ended, reset], [undefined, "hello", true, undefined]);
    await at.end();
  });

  it("drops what is beyond Content-Length, and cuts off what is shorter", async () => {
    using logs = captureLogs();
    const at = visitHTTP2((request) => {
      request.setHeader("content-length", 5);
      request.write(request.path === "/long" ? "hello, you" : "hell");
      request.finish();
      return NOT_DONE_YET;
    });
    const long = await at.ask("/long");
    assert.deepEqual([long.body, long.ended, long.reset], ["hello", true, undefined]);
    const short = await at.ask("/short");
    assert.equal(short.reset, constants.NGHTTP2_INTERNAL_ERROR);
    assert.deepEqual(
      logs.events.map((event) => event["what"]),
      ["longer", "shorter"],
    );
    await at.end();
  });

  it("says how long it is, whatever was announced", async () => {
    const at = visitHTTP2(() => new Answer("hello", { headers: { "content-length": "7" } }));
    const { body, headers } = await at.ask("/");
    assert.deepEqual([body, headers["content-length"]], ["hello", "5"]);
    await at.end();
  });

  it("is 404 where there is no resource, and 405 where it knows no such method", async () => {
    const leaf = new (class extends Resource {
      override readonly isLeaf = true;
      render_GET(): string {
        return "here";
      }
    })();
    const at = visitHTTP2(new Resource().putChild("here", leaf));
    assert.equal((await at.ask("/here")).body, "here");
    assert.equal((await at.ask("/there")).code, 404);
    const refused = await at.ask("/here", { ":method": "POST" }, "body");
    assert.equal(refused.code, 405);
    assert.include(refused.headers["allow"], "GET");
    await at.end();
  });

  it("is an error page where the resource fails", async () => {
    using logs = captureLogs();
    const at = visitHTTP2(() => {
      throw new TypeError("broken");
    });
    const { code, body } = await at.ask("/");
    assert.equal(code, 500);
    assert.notInclude(body, "broken");
    assert.lengthOf(logs.events, 1);
    await at.end();
  });

  it("resets the stream when node:http2 refuses the head, and no other", async () => {
    using logs = captureLogs();
    const at = visitHTTP2((request) => {
      // HTTP/1 sends such codes; HTTP/2 in Node does not.
      if (request.path === "/bad") request.setResponseCode(777);
      return "hello";
    });
    const bad = await at.ask("/bad");
    assert.equal(bad.reset, constants.NGHTTP2_INTERNAL_ERROR);
    assert.lengthOf(logs.events, 1);
    assert.equal((await at.ask("/")).body, "hello");
    await at.end();
  });
});
