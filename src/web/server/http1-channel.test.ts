/**
 * A connection of HTTP/1 from the client's side: the order of answers, how they are framed, and
 * when the connection is kept. Its bodies, pace, deadlines and ends have tests of their own.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { lines } from "../../../test/fixtures/web/http-transcripts.ts";
import { chunked, endOf, get, heard, held, post } from "../../../test/fixtures/web/http1-scene.ts";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { capturedLogs } from "../../logger/capture.ts";
import { NOT_DONE_YET } from "./answer.ts";
import type { Request } from "./request.ts";
import type { SiteHandler } from "./site.ts";

/** Answers with the path; reads nothing. */
const path: SiteHandler = (request) => request.path;

/** Answers with the body. */
const echo: SiteHandler = (request) => request.content.text();

/** What a client hears of an answer that is written like this. */
function answered(write: (request: Request) => void, ask = get(), method = "GET"): string[] {
  const at = visit((request) => {
    write(request);
    return NOT_DONE_YET;
  });
  at.send(ask);
  return heard(at, method);
}

/** The fields of the first answer, as they were sent. */
function fieldsOf(received: string): string {
  return received.slice(received.indexOf("\r\n") + 2, received.indexOf("\r\n\r\n"));
}

describe("HTTP1Channel: one request after the other", () => {
  it("answers pipelined requests in order, also when they come byte by byte", () => {
    for (const options of [{}, { chunkBytes: 1 }]) {
      const at = visit(path, options);
      at.send(get("/1") + get("/2") + get("/3"));
      assert.deepEqual(heard(at, "GET", "GET", "GET"), ["200 /1", "200 /2", "200 /3", "open"]);
    }
  });

  it("does not begin with the next one before the first is finished", () => {
    const at = held();
    at.send(get("/1") + get("/2") + post("/3", "abc"));
    assert.lengthOf(at.requests, 1);
    at.request(0).write("first");
    at.pump.flush();
    assert.lengthOf(at.requests, 1);
    at.request(0).finish();
    assert.lengthOf(at.requests, 2);
    at.request(1).finishWith("second");
    assert.lengthOf(at.requests, 3);
    at.request(2).finishWith("third");
    at.pump.flush();
    assert.deepEqual(heard(at, "GET", "GET", "POST"), [
      "200 first",
      "200 second",
      "200 third",
      "open",
    ]);
  });

  it("does not even look whether the next one is good before the first is finished", () => {
    const at = held();
    at.send(`${get("/1")}nonsense\r\n`);
    assert.deepEqual(heard(at, "GET"), ["open"]);
    at.request(0).finishWith("first");
    at.pump.flush();
    assert.deepEqual(heard(at, "GET", "GET"), [
      "200 first",
      "close 400 400 Bad Request\n",
      "closed",
    ]);
  });

  it("answers thousands of pipelined requests without growing the stack", () => {
    const at = visit(path);
    at.send(get("/x").repeat(30_000));
    assert.equal(at.client.received.split("HTTP/1.1 200").length - 1, 30_000);
    const slow = held();
    slow.send(get("/x").repeat(1000));
    for (let number = 0; number < 1000; number += 1) {
      slow.request(number).finishWith("");
      slow.pump.flush();
    }
    assert.equal(slow.client.received.split("HTTP/1.1 200").length - 1, 1000);
  });

  it("reads a request behind a body that was read, or that nobody wanted", () => {
    for (const handler of [path, echo]) {
      for (const first of [
        post("/1", "hello"),
        `${chunked("/1")}5\r\nhello\r\n0\r\nX: y\r\n\r\n`,
      ]) {
        const at = visit(handler, { chunkBytes: 1 });
        at.send(first + get("/2"));
        const isKept = handler === echo || first.includes("Content-Length");
        if (!isKept) continue; // See "early answers".
        const [one, two, end] = heard(at, "POST", "GET");
        assert.deepEqual([one, end], [handler === echo ? "200 hello" : "200 /1", "open"]);
        assert.equal(two, handler === echo ? "200" : "200 /2");
      }
    }
  });
});

describe("HTTP1Channel: keep-alive (RFC 9112 §9.3)", () => {
  const ask = (version: string, ...fields: string[]): string[] => {
    const at = visit(path);
    at.send(lines(`GET / HTTP/${version}`, "Host: a", ...fields, ""));
    return heard(at, "GET");
  };

  it("keeps HTTP/1.1 unless it says close, and closes HTTP/1.0 unless it says keep-alive", () => {
    assert.deepEqual(ask("1.1"), ["200 /", "open"]);
    assert.deepEqual(ask("1.1", "Connection: x, Close"), ["close 200 /", "closed"]);
    assert.deepEqual(ask("1.0"), ["close 200 /", "closed"]);
    assert.deepEqual(ask("1.0", "Connection: Keep-Alive"), ["200 /", "open"]);
    assert.deepEqual(ask("1.0", "Connection: keep-alive, close"), ["close 200 /", "closed"]);
  });

  it("tells an HTTP/1.0 client that it is kept", () => {
    const at = visit(path);
    at.send(lines("GET / HTTP/1.0", "Connection: keep-alive", ""));
    assert.include(fieldsOf(at.client.received), "Connection: keep-alive");
  });

  it("closes when the answer says so, and reads nothing behind it", () => {
    const at = visit((request) => {
      request.setHeader("Connection", "Close");
      return request.path;
    });
    at.send(get("/1") + get("/2"));
    assert.deepEqual(heard(at, "GET"), ["close 200 /1", "closed"]);
    assert.include(fieldsOf(at.client.received), "Connection: Close");
  });

  it("adds close to what the answer says about the connection", () => {
    const at = visit((request) => {
      request.setHeader("Connection", "x-y");
      return "";
    });
    at.send(get("/", "Connection: close"));
    assert.include(fieldsOf(at.client.received), "Connection: x-y, close");
  });
});

describe("HTTP1Channel: how an answer is framed (RFC 9112 §6)", () => {
  const old = lines("GET / HTTP/1.0", "Connection: keep-alive", "");

  it("says the length of an answer that is there whole, whatever was announced", () => {
    const at = visit((request) => {
      request.setHeader("Content-Length", 99);
      request.setHeader("Transfer-Encoding", "gzip");
      return "h\u00e9llo";
    });
    at.send(get());
    const fields = fieldsOf(at.client.received);
    assert.include(fields, "Content-Length: 6");
    assert.notInclude(fields, "Transfer-Encoding");
    assert.deepEqual(heard(at, "GET"), ["200 h\u00c3\u00a9llo", "open"]);
  });

  it("sends what is written bit by bit in chunks, and trailers after them", () => {
    const write = (request: Request): void => {
      request.write("hello");
      request.write("");
      request.write(Buffer.from(" world"));
      request.finish();
    };
    assert.deepEqual(answered(write), ["200 hello world", "open"]);
    const at = held();
    at.send(get());
    write(at.request(0));
    at.pump.flush();
    const { received } = at.client;
    assert.isTrue(received.endsWith("\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), received);
  });

  it("sends it to the end of the connection where the client knows no chunks", () => {
    const write = (request: Request): void => {
      request.write("hello");
      request.finish();
    };
    assert.deepEqual(answered(write, old), ["close 200 hello", "closed"]);
  });

  it("sends it as it is where its length was announced", () => {
    const write = (request: Request): void => {
      request.setHeader("Content-Length", 5);
      request.write("he");
      request.write("llo");
      request.finish();
    };
    assert.deepEqual(answered(write), ["200 hello", "open"]);
    assert.deepEqual(answered(write, old), ["200 hello", "open"]);
  });

  it("sends in chunks what was announced with nonsense", () => {
    const write = (request: Request): void => {
      request.setHeader("Content-Length", "5, 5");
      request.write("hello");
      request.finish();
    };
    assert.deepEqual(answered(write), ["200 hello", "open"]);
  });

  it("drops what is longer than announced, and says so once", () => {
    const at = held();
    at.send(get("/1") + get("/2"));
    const first = at.request(0);
    const logs = capturedLogs(() => {
      first.setHeader("Content-Length", 5);
      first.write("hel");
      first.write("lo wor");
      first.write("ld");
      first.finish();
    });
    at.request(1).finishWith("second");
    at.pump.flush();
    assert.deepEqual(heard(at, "GET", "GET"), ["200 hello", "200 second", "open"]);
    assert.lengthOf(logs, 1);
    assert.equal(logs[0]?.["what"], "longer");
  });

  it("cuts off what is shorter than announced, and answers nothing behind it", () => {
    const at = held();
    at.send(get("/1") + get("/2"));
    const first = at.request(0);
    const logs = capturedLogs(() => {
      first.setHeader("Content-Length", 9);
      first.write("hello");
      first.finish();
    });
    at.pump.flush();
    assert.equal(endOf(at), "reset");
    assert.lengthOf(at.requests, 1, "the next one would be answered to nobody");
    assert.equal(logs[0]?.["what"], "shorter");
  });

  it("sends no body to HEAD, with 204 and with 304; HEAD is told the length", () => {
    const head = lines("HEAD / HTTP/1.1", "Host: a", "");
    const body = (code: number) => (request: Request) => {
      request.setResponseCode(code);
      request.finishWith("hello");
    };
    const pieces = (code: number) => (request: Request) => {
      request.setResponseCode(code);
      request.write("he");
      request.write("llo");
      request.finish();
    };
    for (const write of [body, pieces]) {
      assert.deepEqual(answered(write(200), head, "HEAD"), ["200", "open"]);
      assert.deepEqual(answered(write(204)), ["204", "open"]);
      assert.deepEqual(answered(write(304)), ["304", "open"]);
      assert.deepEqual(answered(write(404), head, "HEAD"), ["404", "open"]);
    }
    const at = visit(() => "hello");
    at.send(head);
    assert.include(fieldsOf(at.client.received), "Content-Length: 5");
    const none = visit((request) => {
      request.setResponseCode(204);
      return "hello";
    });
    none.send(get());
    assert.notInclude(none.client.received, "Content-Length");
  });

  it("keeps the connection behind an answer without a body, whatever is written to it", () => {
    const at = held();
    at.send(lines("HEAD /1 HTTP/1.1", "Host: a", "") + get("/2"));
    at.request(0).setHeader("Content-Length", 5);
    at.request(0).write("hello, and more");
    at.request(0).finish();
    at.request(1).finishWith("two");
    at.pump.flush();
    assert.deepEqual(heard(at, "HEAD", "GET"), ["200", "200 two", "open"]);
  });
});

describe("HTTP1Channel: what is refused", () => {
  it("is told the time and the server, as every answer is", () => {
    const at = visit(path);
    at.send("nonsense\r\n");
    const fields = fieldsOf(at.client.received);
    assert.include(fields, "Server: sennit");
    assert.include(fields, "Date: Sun, 09 Sep 2001 01:46:40 GMT");
    assert.include(fields, "Connection: close");
  });

  it("gets no body in answer to HEAD", () => {
    const at = visit(path);
    at.send(lines("HEAD / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", "", "x"));
    assert.deepEqual(heard(at, "HEAD"), ["close 200", "closed"]);
    const late = held();
    late.send(lines("HEAD / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", "", "x"));
    assert.deepEqual(heard(late, "HEAD"), ["close 400", "closed"]);
  });
});

describe("HTTP1Channel: interim answers (RFC 9110 §15.2)", () => {
  it("go to HTTP/1.1 before the answer, and nowhere else", () => {
    const at = held();
    at.send(get());
    at.request(0).interim(103);
    at.request(0).finishWith("ok");
    at.request(0).interim(103);
    at.pump.flush();
    assert.deepEqual(heard(at, "GET"), ["103", "200 ok", "open"]);
    const old = held();
    old.send(lines("GET / HTTP/1.0", ""));
    old.request(0).interim(103);
    old.request(0).finishWith("ok");
    old.pump.flush();
    assert.deepEqual(heard(old, "GET"), ["close 200 ok", "closed"]);
  });

  it("are interim: 101 and 200 are refused", () => {
    const at = held();
    at.send(get());
    for (const code of [99, 101, 200, 102.5]) {
      assert.throws(() => at.request(0).interim(code), RangeError, "Cannot send an interim");
    }
  });
});
