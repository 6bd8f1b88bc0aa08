/**
 * Bodies of requests on a connection of HTTP/1: who is told to send one, and what becomes of one
 * that is answered before its end.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { lines } from "../../../test/fixtures/web/http-transcripts.ts";
import { chunked, endOf, get, heard, held, post } from "../../../test/fixtures/web/http1-scene.ts";
import { readAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { NOT_DONE_YET } from "./answer.ts";
import type { SiteHandler } from "./site.ts";

/** Answers with the path; reads nothing. */
const path: SiteHandler = (request) => request.path;

/** Answers with the body. */
const echo: SiteHandler = (request) => request.content.text();

describe("HTTP1Channel: 100 Continue (RFC 9110 §10.1.1)", () => {
  const expecting = (body: string): string => post("/", body, "Expect: 100-continue");
  const head = expecting("").replace("Length: 0", "Length: 5");

  it("is sent when somebody wants the body, once", () => {
    const at = held();
    at.send(head);
    assert.deepEqual(heard(at, "POST"), ["open"]);
    const text = at.request(0).content.text();
    at.pump.flush();
    assert.deepEqual(heard(at, "POST"), ["100", "open"]);
    at.send("hello");
    void text.addCallback((body) => at.request(0).finishWith(body));
    at.pump.flush();
    assert.deepEqual(heard(at, "POST"), ["100", "200 hello", "open"]);
  });

  it("is not sent when the answer comes first: then the connection is closed", () => {
    const at = visit((request) => {
      request.setResponseCode(403);
      return "no";
    });
    at.send(head);
    assert.deepEqual(heard(at, "POST"), ["close 403 no", "closed"]);
  });

  it("lets the connection be kept when it was sent, whatever comes first then", () => {
    const at = held();
    at.send(head);
    void at
      .request(0)
      .content.text()
      .addErrback(() => {});
    at.request(0).finishWith("early");
    at.send(`hello${get("/2")}`);
    assert.deepEqual(heard(at, "POST"), ["100", "200 early", "open"]);
    assert.lengthOf(at.requests, 2);
  });

  it("is not sent into an answer that has begun", () => {
    const at = held();
    at.send(head);
    at.request(0).write("early");
    void at.request(0).content.text();
    at.pump.flush();
    assert.notInclude(at.client.received, "100 Continue");
    at.send("hello");
    at.request(0).finish();
    at.pump.flush();
    assert.deepEqual(heard(at, "POST"), ["close 200 early", "closed"]);
  });

  it("is not sent without a body, or to HTTP/1.0", () => {
    const read: SiteHandler = async (request) => `${await request.content.text()}!`;
    for (const ask of [
      expecting(""),
      head.replace("HTTP/1.1", "HTTP/1.0"),
      get("/", "Expect: 100-continue"),
    ]) {
      const at = visit(read);
      at.send(ask);
      assert.notInclude(at.client.received, "100 Continue", ask);
    }
  });

  it("does no harm when the client has not waited", async () => {
    const at = visit(echo);
    at.send(expecting("hello") + get("/2"));
    await at.settle();
    assert.deepEqual(heard(at, "POST", "GET"), ["100", "200 hello", "200", "open"]);
  });
});

describe("HTTP1Channel: an answer before the end of the request", () => {
  const large = (bytes: number): string => {
    return lines("POST /1 HTTP/1.1", "Host: a", `Content-Length: ${String(bytes)}`, "");
  };

  it("reads what is left and throws it away, if that is not much", () => {
    const at = visit(path);
    at.send(`${large(100_000)}${"x".repeat(1000)}`);
    assert.deepEqual(heard(at, "POST"), ["200 /1", "open"]);
    at.send(`${"x".repeat(99_000)}${get("/2")}`);
    assert.deepEqual(heard(at, "POST", "GET"), ["200 /1", "200 /2", "open"]);
  });

  it("says that it closes, and closes, if it is much or not known", () => {
    for (const ask of [large(262_145), chunked("/1")]) {
      const at = visit(path);
      at.send(ask);
      assert.deepEqual(heard(at, "POST"), ["close 200 /1", "closed"]);
    }
  });

  it("says so as well when some of the body was read", () => {
    const at = held();
    at.send(large(10_000_000));
    const text = at.request(0).content.read({ limit: 20_000_000 });
    void text.addErrback(() => {});
    at.send("x".repeat(1000));
    at.request(0).setResponseCode(413);
    at.request(0).finishWith("too much");
    at.pump.flush();
    assert.deepEqual(heard(at, "POST"), ["close 413 too much", "closed"]);
  });

  it("keeps a connection whose body in chunks has come whole by then", () => {
    const at = held();
    at.send(`${chunked("/1")}5\r\nhello\r\n0\r\n\r\n`);
    at.request(0).finishWith("first");
    at.send(get("/2"));
    at.request(1).finishWith("second");
    at.pump.flush();
    assert.deepEqual(heard(at, "POST", "GET"), ["200 first", "200 second", "open"]);
  });

  it("lets an answer begin while the body is being read: echo, bit by bit", async () => {
    const at = visit(async (request): Promise<typeof NOT_DONE_YET> => {
      for await (const piece of request.content) request.write(piece);
      request.finish();
      return NOT_DONE_YET;
    });
    at.send(chunked("/"));
    for (const piece of ["one ", "two ", "three"]) {
      at.send(`${piece.length.toString(16)}\r\n${piece}\r\n`);
      await at.settle();
      assert.isTrue(readAnswer(at.client.received).body.endsWith(piece), piece);
    }
    at.send(`0\r\n\r\n${chunked("/2")}1\r\nx\r\n0\r\n\r\n`);
    await at.settle();
    assert.deepEqual(heard(at, "POST", "POST"), ["200 one two three", "200 x", "open"]);
  });

  it("tells who reads the body that the rest will not come", () => {
    for (const ask of [large(1000), large(1_000_000)]) {
      const at = held();
      at.send(ask);
      const seen: string[] = [];
      void at
        .request(0)
        .content.read({ limit: 2_000_000 })
        .addErrback((failure) => {
          seen.push(String(failure.value));
        });
      at.request(0).finishWith("early");
      at.pump.flush();
      assert.lengthOf(seen, 1, ask);
      assert.include(seen[0], "has been answered");
    }
  });

  it("sends no second answer when the rest turns out to be malformed", () => {
    const at = held();
    at.send(`${chunked("/1")}5\r\nhello\r\n`);
    void at
      .request(0)
      .content.text()
      .addErrback(() => {});
    at.request(0).write("early");
    at.request(0).finish();
    at.send("nonsense\r\n");
    assert.deepEqual(heard(at, "POST"), ["200 early", "closed"]);
    const kept = visit(path);
    kept.send(post("/1", "").replace("Length: 0", "Length: 3"));
    kept.send("abcnonsense\r\n");
    assert.deepEqual(heard(kept, "POST", "GET"), [
      "200 /1",
      "close 400 400 Bad Request\n",
      "closed",
    ]);
  });

  it("aborts when the rest is malformed and the answer has begun: nothing else can be said", () => {
    const at = held();
    at.send(chunked("/1"));
    void at
      .request(0)
      .content.text()
      .addErrback(() => {});
    at.request(0).write("some");
    at.send("nonsense\r\n");
    assert.equal(endOf(at), "reset");
    assert.isTrue(at.request(0).disconnected);
  });

  it("answers 400 when the rest is malformed and nothing was said", () => {
    const at = held();
    at.send(chunked("/1"));
    const text = at.request(0).content.text();
    const seen: string[] = [];
    void text.addErrback((failure) => {
      seen.push(failure.value instanceof Error ? failure.value.message : "");
    });
    at.send("nonsense\r\n");
    assert.deepEqual(heard(at, "POST"), ["close 400 400 Bad Request\n", "closed"]);
    assert.include(seen[0], "expected its size in hexadecimal");
  });

  it("throws away what has come already, and waited for somebody to read it", () => {
    const at = held();
    at.send(large(100_000) + "x".repeat(100_000) + get("/2"));
    at.request(0).finishWith("first");
    at.pump.flush();
    at.request(1).finishWith("second");
    at.pump.flush();
    assert.deepEqual(heard(at, "POST", "GET"), ["200 first", "200 second", "open"]);
  });

  it("throws 256 KiB away, of each request anew, and closes where it turns out to be more", () => {
    const piece = `${(100_000).toString(16)}\r\n${"x".repeat(100_000)}\r\n`;
    const at = held();
    for (const [number, count] of [2, 2, 3].entries()) {
      at.send(chunked("/"));
      const request = at.request(number);
      void request.content.read().addErrback(() => {});
      request.write("early");
      request.finish();
      at.send(piece.repeat(count));
      if (count === 2) at.send("0\r\n\r\n");
    }
    assert.deepEqual(heard(at, "POST", "POST", "POST"), [
      "200 early",
      "200 early",
      "200 early",
      "closed",
    ]);
  });

  it("is no failure for who has all bytes of the body, if not yet its end", () => {
    const at = held();
    at.send(large(5));
    const seen: string[] = [];
    at.request(0).content.deliver({
      dataReceived: (data) => {
        seen.push(data.toString());
        at.request(0).finishWith("ok");
      },
      bodyEnded: (failure) => seen.push(String(failure)),
    });
    at.send(`hello${get("/2")}`);
    assert.deepEqual(seen, ["hello", "undefined"]);
    assert.lengthOf(at.requests, 2);
  });
});
