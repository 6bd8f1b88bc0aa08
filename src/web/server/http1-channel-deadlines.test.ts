/**
 * The deadlines of a connection of HTTP/1, each by itself; and that a client which falls silent at
 * any byte is gone by them, with no timer left.
 *
 * @module
 */
import { assert, it } from "vitest";
import { HARSH, MEMORY, describeOn } from "../../../test/fixtures/networks.ts";
import { lines, REQUESTS } from "../../../test/fixtures/web/http-transcripts.ts";
import { chunked, endOf, get, heard, held, post } from "../../../test/fixtures/web/http1-scene.ts";
import { type Visit, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Failure } from "../../defer/failure.ts";
import { capturedLogs, captureLogs } from "../../logger/capture.ts";
import { ConnectionTimedOut } from "../../internet/errors.ts";
import { Protocol } from "../../internet/protocol.ts";
import { failureResultOf } from "../../testing/results.ts";
import { NOT_DONE_YET, type RenderResult } from "./answer.ts";
import type { SiteHandler } from "./site.ts";

const describe = describeOn([MEMORY, HARSH]);

/** All different, so that it shows which one it was. */
const DEADLINES = {
  idleTimeout: 7,
  headTimeout: 11,
  bodyTimeout: 13,
  handlerTimeout: 17,
  writeTimeout: 19,
};
/** What a transport may take to close (30), and each phase once; writing is looked at twice. */
const ALL_OF_THEM = 7 + 11 + 13 + 17 + 2 * 19 + 30;

const answer: SiteHandler = (request) => request.path;
const echo: SiteHandler = (request) => request.content.text();

/** The second at which it ends, looked at every second. */
function secondsUntilEnd(at: Visit, most = ALL_OF_THEM): number | undefined {
  for (let second = 0; second <= most; second += 1) {
    if (!at.pump.server.connected) return second;
    at.advance(1);
  }
  return undefined;
}

/** When a client that sends this, and then nothing, is gone, and what it has heard. */
function silence(root: SiteHandler, sent: string, method = "GET"): (string | number)[] {
  const at = visit(root, DEADLINES);
  at.send(sent);
  const second = secondsUntilEnd(at) ?? "never";
  assert.lengthOf(at.reactor.getDelayedCalls(), 0, "a timer is left");
  return [second, ...heard(at, method, method)];
}

describe("HTTP1Channel: each deadline", () => {
  const head = get();
  const waiting = lines("POST /up HTTP/1.1", "Host: a", "Content-Length: 5", "");

  it("idleTimeout: before the first request, and between two", () => {
    assert.deepEqual(silence(answer, ""), [7, "closed"]);
    assert.deepEqual(silence(answer, "\r\n"), [7, "closed"]);
    assert.deepEqual(silence(answer, head), [7, "200 /", "closed"]);
    const at = visit(answer, DEADLINES);
    for (let count = 0; count < 5; count += 1) {
      at.advance(6);
      at.send(head);
    }
    assert.equal(endOf(at), "open", "each request begins a new one");
    assert.equal(secondsUntilEnd(at), 7);
  });

  it("headTimeout: from the first byte of a head to its end, however it drips", () => {
    const refused = "close 408 408 Request Timeout\n";
    assert.deepEqual(silence(answer, "G"), [11, refused, "closed"]);
    assert.deepEqual(silence(answer, head.slice(0, -1)), [11, refused, "closed"]);
    assert.deepEqual(silence(answer, "PRI * HTTP/2.0\r\n"), [11, refused, "closed"]);
    const at = visit(answer, DEADLINES);
    at.advance(5);
    for (const byte of "GET / HTTP/1.1") {
      at.send(byte);
      at.advance(1);
    }
    assert.deepEqual(heard(at, "GET"), [refused, "closed"]);
  });

  it("headTimeout: begins anew for each request", () => {
    const at = visit(answer, DEADLINES);
    at.send(head.slice(0, 5));
    at.advance(10);
    at.send(`${head.slice(5)}G`);
    at.advance(10);
    assert.equal(endOf(at), "open");
    at.send(head.slice(1));
    assert.deepEqual(heard(at, "GET", "GET"), ["200 /", "200 /", "open"]);
  });

  it("bodyTimeout: without a byte of a body that somebody reads", () => {
    const refused = "close 408 408 Request Timeout\n";
    assert.deepEqual(silence(echo, waiting, "POST"), [13, refused, "closed"]);
    assert.deepEqual(silence(echo, `${waiting}hell`, "POST"), [13, refused, "closed"]);
    assert.deepEqual(silence(echo, `${chunked("/")}5\r\nhello\r\n0\r\nX:`, "POST"), [
      13,
      refused,
      "closed",
    ]);
    const at = visit(echo, DEADLINES);
    at.send(waiting);
    for (const byte of "hello") {
      at.advance(12);
      at.send(byte);
    }
    assert.deepEqual(heard(at, "POST"), ["200 hello", "open"]);
    assert.equal(secondsUntilEnd(at), 7);
  });

  it("bodyTimeout: is not put off by what is no body: sizes and trailers that drip", () => {
    for (const [start = "", drop = ""] of [
      [chunked("/"), "0"],
      [`${chunked("/")}1;`, "a"],
      [`${chunked("/")}0\r\n`, "A"],
    ]) {
      const at = visit(echo, DEADLINES);
      at.send(start);
      for (let second = 0; second < 13; second += 1) {
        assert.equal(endOf(at), "open");
        at.send(drop);
        at.advance(1);
      }
      assert.deepEqual(heard(at, "POST"), ["close 408 408 Request Timeout\n", "closed"]);
    }
  });

  it("bodyTimeout: begins when somebody reads, and stops while the reader has paused", () => {
    const at = held(DEADLINES);
    at.send(waiting);
    at.advance(16);
    assert.equal(endOf(at), "open", "the handler has its own deadline");
    at.request(0).content.deliver({ dataReceived: () => {}, bodyEnded: () => {} });
    at.advance(12);
    at.request(0).content.pause();
    at.advance(15);
    assert.equal(endOf(at), "open");
    at.request(0).content.resume();
    at.advance(12);
    assert.equal(endOf(at), "open");
    at.advance(1);
    assert.deepEqual(heard(at, "POST"), ["close 408 408 Request Timeout\n", "closed"]);
    assert.isTrue(at.request(0).disconnected);
  });

  it("bodyTimeout: for a body that is thrown away after its answer; nothing is said then", () => {
    assert.deepEqual(silence(answer, waiting, "POST"), [13, "200 /up", "closed"]);
  });

  it("bodyTimeout: for a body that is thrown away, when its answer was taken late", () => {
    const at = visit(() => "x".repeat(200_000), DEADLINES);
    at.client.transport.pauseProducing();
    at.send(waiting);
    at.advance(15);
    at.client.transport.resumeProducing();
    at.pump.flush();
    assert.equal(endOf(at), "open");
    assert.equal(secondsUntilEnd(at), 13);
  });

  it("bodyTimeout: aborts when the answer has begun: it cannot be told otherwise", () => {
    const begun: SiteHandler = (request) => {
      request.write("some");
      void request.content.text().addErrback(() => {});
      return NOT_DONE_YET;
    };
    const at = visit(begun, DEADLINES);
    at.send(waiting);
    assert.equal(secondsUntilEnd(at), 13);
    assert.equal(endOf(at), "reset");
  });

  it("handlerTimeout: without a byte of an answer, from the end of the request", () => {
    const nothing: SiteHandler = () => NOT_DONE_YET;
    const refused = "close 503 503 Service Unavailable\n";
    assert.deepEqual(silence(nothing, head), [17, refused, "closed"]);
    assert.deepEqual(silence(nothing, waiting, "POST"), [17, refused, "closed"]);
    const reader: SiteHandler = async (request): Promise<RenderResult> => {
      void request.content.text().addErrback(() => {});
      return await new Promise<string>(() => {});
    };
    const at = visit(reader, DEADLINES);
    at.send(waiting);
    at.advance(12);
    at.send("hello");
    assert.equal(secondsUntilEnd(at), 17);
  });

  it("handlerTimeout: tells the handler why", () => {
    const at = held(DEADLINES);
    at.send(head);
    const finish = at.request(0).notifyFinish();
    at.advance(17);
    const told = failureResultOf(finish, ConnectionTimedOut);
    assert.include(String(told.value), "phase handler for 17 seconds");
    at.request(0).write("too late");
    at.request(0).finish();
    at.pump.flush();
    assert.deepEqual(heard(at, "GET"), ["close 503 503 Service Unavailable\n", "closed"]);
  });

  it("none while an answer is being made bit by bit: that is the handler's time", () => {
    const at = held(DEADLINES);
    at.send(head);
    at.request(0).write("some");
    at.advance(10_000);
    assert.equal(endOf(at), "open");
    at.client.transport.pauseProducing();
    at.request(0).write(Buffer.alloc(300_000));
    at.advance(5);
    at.client.transport.resumeProducing();
    at.advance(10_000);
    assert.equal(endOf(at), "open", "also when the client was slow for a while");
    at.request(0).finish();
    assert.equal(secondsUntilEnd(at), 7);
  });

  it("0 is none", () => {
    const none = { idleTimeout: 0, headTimeout: 0, bodyTimeout: 0, handlerTimeout: 0 };
    const at = held({ ...none, writeTimeout: 0 });
    at.advance(100_000);
    at.send(waiting.slice(0, 9));
    at.advance(100_000);
    at.send(waiting.slice(9));
    at.advance(100_000);
    const text = at.request(0).content.text();
    at.advance(100_000);
    at.send("hello");
    void text.addCallback((body) => at.request(0).finishWith(body));
    at.pump.flush();
    assert.deepEqual(heard(at, "POST"), ["200 hello", "open"]);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("an exception in what a deadline calls ends the connection all the same", () => {
    const at = held(DEADLINES);
    at.send(waiting);
    at.request(0).content.deliver({
      dataReceived: () => {},
      bodyEnded: () => {
        throw new Error("cannot take the end");
      },
    });
    const logs = capturedLogs(() => at.advance(14));
    assert.isFalse(at.pump.server.connected);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
    assert.lengthOf(logs, 1);
  });
});

describe("HTTP1Channel: a client that falls silent after any byte", () => {
  const MEANT = new TypeError("as meant");

  class Quiet extends Protocol {
    override connectionMade(): void {
      // A successor has its own deadlines.
      this.transport.loseConnection();
    }
  }

  const handlers: Readonly<Record<string, SiteHandler>> = {
    "answers at once": answer,
    "reads the body, then answers": echo,
    "reads bit by bit, and answers so": async (request): Promise<RenderResult> => {
      for await (const piece of request.content) request.write(piece);
      request.finish();
      return NOT_DONE_YET;
    },
    "begins to answer, then reads": (request) => {
      request.write("x".repeat(100));
      void request.content.text().addCallbacks(
        () => request.finish(),
        () => {},
      );
      return NOT_DONE_YET;
    },
    "never answers": () => NOT_DONE_YET,
    "answers in a while": (request) => {
      request.channel.reactor.callLater(3, () => request.finishWith("late"));
      return NOT_DONE_YET;
    },
    "answers much": () => Buffer.alloc(300_000),
    "refuses what it reads": async (request) => {
      await request.content.read({ limit: 3 });
      return "short";
    },
    fails: () => {
      throw MEANT;
    },
    "is given up": (request) => {
      request.loseConnection();
      return NOT_DONE_YET;
    },
    "speaks something else": (request) => {
      if (!request.upgrade(new Quiet())) return "no";
      return NOT_DONE_YET;
    },
  };
  const transcripts = {
    ...REQUESTS,
    "a pipeline of all kinds": get("/1") + post("/2", "hello") + get("/3", "Connection: close"),
    "malformed, late": `${chunked("/")}5\r\nhello\r\nnonsense`,
    "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  };

  /** Half a second before each deadline and on, so that promises have their turns in between. */
  const steps = [1, 5.5, 4, 2, 4, 2, 19, 0.5, ALL_OF_THEM - 38];

  for (const [name, handler] of Object.entries(handlers)) {
    for (const isReading of name === "answers much" ? [true, false] : [true]) {
      it(`is gone: ${name}${isReading ? "" : ", and nobody reads it"}`, async () => {
        using logs = captureLogs();
        for (const [what, text] of Object.entries(transcripts)) {
          const visits = Array.from({ length: text.length + 1 }, (_, length) => {
            const at = visit(handler, { ...DEADLINES, http2: false });
            if (!isReading) at.client.transport.pauseProducing();
            at.send(text.slice(0, length));
            return at;
          });
          for (const seconds of steps) {
            for (const at of visits) at.advance(seconds);
            await visits[0]?.settle();
          }
          for (const [length, at] of visits.entries()) {
            const where = `${what}, ${String(length)} bytes`;
            assert.isFalse(at.pump.server.connected, where);
            assert.lengthOf(at.reactor.getDelayedCalls(), 0, `${where}: a timer is left`);
          }
        }
        logs.flush(
          ({ log_failure: failure }) => failure instanceof Failure && failure.value === MEANT,
        );
        assert.deepEqual(logs.events, []);
      });
    }
  }
});
