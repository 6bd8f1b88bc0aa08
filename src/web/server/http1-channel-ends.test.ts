/**
 * How requests and connections of HTTP/1 end: finished, left by the client, drained, or taken over
 * by another protocol.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { lines } from "../../../test/fixtures/web/http-transcripts.ts";
import { chunked, endOf, get, heard, held, post } from "../../../test/fixtures/web/http1-scene.ts";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import type { Failure } from "../../defer/failure.ts";
import { capturedLogs } from "../../logger/capture.ts";
import { ConnectionAborted, ConnectionLost } from "../../internet/errors.ts";
import { Protocol } from "../../internet/protocol.ts";
import { failureResultOf, successResultOf } from "../../testing/results.ts";
import { NOT_DONE_YET } from "./answer.ts";
import type { Request } from "./request.ts";
import { AnswerStateError } from "./request.ts";

const waiting = lines("POST /up HTTP/1.1", "Host: a", "Content-Length: 5", "");

describe("HTTP1Channel: notifyFinish()", () => {
  it("fires when the answer is finished, each Deferred by itself", () => {
    const at = held();
    at.send(get());
    const [one, other] = [at.request(0).notifyFinish(), at.request(0).notifyFinish()];
    assert.notStrictEqual(one, other);
    at.request(0).write("some");
    assert.isFalse(one.called);
    at.request(0).finish();
    assert.isUndefined(successResultOf(one));
    assert.isUndefined(successResultOf(other));
    assert.isUndefined(successResultOf(at.request(0).notifyFinish()), "also afterwards");
  });

  it("fails when the client goes first, with the connection's reason", () => {
    const at = held();
    at.send(get());
    const before = at.request(0).notifyFinish();
    at.client.transport.abortConnection();
    at.pump.flush();
    failureResultOf(before, ConnectionLost);
    failureResultOf(at.request(0).notifyFinish(), ConnectionLost);
  });

  it("fires once, whatever comes after", () => {
    const at = held();
    at.send(get());
    const finish = at.request(0).notifyFinish();
    at.request(0).finish();
    at.client.transport.abortConnection();
    at.pump.flush();
    assert.isUndefined(successResultOf(finish));
    assert.isTrue(at.request(0).finished);
    assert.isFalse(at.request(0).disconnected);
  });

  it("tells who waits before the request's body fails", () => {
    const at = held();
    at.send(waiting);
    const seen: string[] = [];
    void at
      .request(0)
      .notifyFinish()
      .addErrback(() => seen.push("finish"));
    at.request(0).content.deliver({
      dataReceived: () => {},
      bodyEnded: (failure) => seen.push(String(failure !== undefined)),
    });
    at.client.transport.abortConnection();
    at.pump.flush();
    assert.deepEqual(seen, ["finish", "true"]);
  });
});

describe("HTTP1Channel: a client that has gone", () => {
  it("is not written to: nothing is said about it", () => {
    const at = held();
    at.send(get("/1") + get("/2"));
    at.client.transport.abortConnection();
    at.pump.flush();
    const logs = capturedLogs(() => {
      const request = at.request(0);
      assert.isTrue(request.disconnected);
      request.setHeader("X", "y");
      request.write("some");
      request.finish();
      request.finish();
      request.finishWith("more");
      request.loseConnection();
      assert.isFalse(request.upgrade(new Protocol()));
    });
    at.pump.flush();
    assert.isEmpty(logs);
    assert.lengthOf(at.requests, 1, "what it has asked for besides is nobody's");
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("in the middle of its body fails who reads it", () => {
    for (const ask of [`${waiting}he`, `${chunked("/")}5\r\nhello\r\n`]) {
      const at = held();
      at.send(ask);
      const text = at.request(0).content.text();
      at.client.transport.abortConnection();
      at.pump.flush();
      failureResultOf(text, ConnectionLost);
    }
  });

  it("and said so in good order, is gone as well: what is made for it is dropped", () => {
    const at = held();
    at.send(get());
    const finish = at.request(0).notifyFinish();
    at.client.transport.loseConnection();
    at.pump.flush();
    assert.isTrue(at.request(0).disconnected);
    failureResultOf(finish);
  });

  it("gets the whole answer when it has only said that it sends no more", () => {
    const at = visit(() => "x".repeat(100_000));
    at.client.transport.write(get());
    at.client.transport.loseWriteConnection();
    at.pump.flush();
    assert.isTrue(at.client.received.endsWith("x".repeat(100_000)));
  });

  it("that sends no more sees no end in the middle of an answer that has no other", () => {
    const [old, done] = [held(), held()];
    for (const at of [old, done]) {
      at.send(lines("GET / HTTP/1.0", ""));
      at.request(0).write("half");
    }
    done.request(0).finish();
    for (const at of [old, done]) {
      at.client.transport.loseWriteConnection();
      at.pump.flush();
    }
    assert.equal(endOf(old), "reset", "it would be taken for the whole answer");
    assert.isTrue(old.request(0).disconnected);
    assert.equal(endOf(done), "closed");
  });

  it("is told to the access log, once for each request", () => {
    const seen: string[] = [];
    const accessLog = (request: Request): void => {
      seen.push(`${request.path} ${String(request.disconnected)} ${String(request.sentLength)}`);
    };
    const at = held({ accessLog });
    at.send(get("/1") + get("/2") + get("/3"));
    at.request(0).finishWith("hello");
    at.request(1).write("he");
    at.client.transport.abortConnection();
    at.pump.flush();
    assert.deepEqual(seen, ["/1 false 5", "/2 true 2"]);
  });
});

describe("HTTP1Channel: an answer that is over", () => {
  it("cannot be written to or finished again", () => {
    const at = held();
    at.send(get("/1") + get("/2"));
    const first = at.request(0);
    first.finishWith("one");
    assert.throws(() => first.write("more"), AnswerStateError);
    assert.throws(() => first.finish(), AnswerStateError);
    assert.throws(() => first.setHeader("a", "b"), AnswerStateError);
    assert.throws(() => first.upgrade(new Protocol()), AnswerStateError);
    first.loseConnection();
    at.request(1).finishWith("two");
    at.pump.flush();
    assert.deepEqual(heard(at, "GET", "GET"), ["200 one", "200 two", "open"]);
  });

  it("cannot take the next one's producer away", () => {
    const at = held();
    at.send(get("/1") + get("/2"));
    at.request(0).finishWith("one");
    const told: string[] = [];
    const producer = {
      pauseProducing: () => told.push("pause"),
      resumeProducing: () => told.push("resume"),
      stopProducing: () => told.push("stop"),
    };
    at.request(1).registerProducer(producer, true);
    at.request(0).unregisterProducer();
    at.request(0).registerProducer({ ...producer, stopProducing: () => told.push("late") }, true);
    at.client.transport.abortConnection();
    at.pump.flush();
    assert.deepEqual(told, ["late", "stop"]);
  });

  it("loseConnection() cuts an answer off that is not", () => {
    const at = held();
    at.send(get());
    at.request(0).write("some");
    at.request(0).loseConnection();
    at.pump.flush();
    assert.equal(endOf(at), "reset");
    assert.isTrue(at.request(0).disconnected);
  });
});

describe("HTTP1Channel: drain()", () => {
  it("closes a connection between requests at once", () => {
    for (const before of ["", get()]) {
      const at = visit(() => "ok");
      at.send(before);
      const { protocol } = at.pump.server;
      if (protocol !== undefined && "drain" in protocol) drain(protocol);
      at.pump.flush();
      assert.equal(endOf(at), "closed");
    }
  });

  it("lets the request in hand be answered, and says that the connection is closed", () => {
    const at = held();
    at.send(get("/1") + get("/2"));
    drain(at.pump.server.protocol);
    at.pump.flush();
    assert.equal(endOf(at), "open");
    at.request(0).finishWith("one");
    at.pump.flush();
    assert.deepEqual(heard(at, "GET"), ["close 200 one", "closed"]);
    assert.lengthOf(at.requests, 1);
  });

  it("lets a request come whole that has begun", () => {
    const at = visit((request) => request.content.text());
    at.send(waiting.slice(0, 9));
    drain(at.pump.server.protocol);
    at.send(`${waiting.slice(9)}hello`);
    assert.deepEqual(heard(at, "POST"), ["close 200 hello", "closed"]);
  });

  it("lets an answer be finished that has begun without saying so", () => {
    const at = held();
    at.send(get("/1") + get("/2"));
    at.request(0).write("one");
    drain(at.pump.server.protocol);
    at.request(0).finish();
    at.pump.flush();
    assert.deepEqual(heard(at, "GET"), ["200 one", "closed"]);
  });

  it("is the successor's to do, when there is one", () => {
    const told: string[] = [];
    const plain = new Protocol();
    const able = Object.assign(new Protocol(), { drain: () => told.push("drain") });
    for (const [successor, end] of [
      [plain, "closed"],
      [able, "open"],
    ] as const) {
      const at = held();
      at.send(get("/", "Connection: upgrade", "Upgrade: x"));
      assert.isTrue(at.request(0).upgrade(successor));
      drain(at.pump.server.protocol);
      at.pump.flush();
      assert.equal(endOf(at), end);
    }
    assert.deepEqual(told, ["drain"]);
  });

  it("reaches a successor that takes over only afterwards", () => {
    const told: string[] = [];
    const able = Object.assign(new Protocol(), { drain: () => told.push("drain") });
    const at = held();
    at.send(get("/", "Connection: upgrade", "Upgrade: x"));
    drain(at.pump.server.protocol);
    assert.isTrue(at.request(0).upgrade(able));
    at.pump.flush();
    assert.deepEqual(told, ["drain"]);
  });
});

function drain(protocol: unknown): void {
  if (typeof protocol !== "object" || protocol === null || !("drain" in protocol)) {
    throw new TypeError("It cannot drain");
  }
  if (typeof protocol.drain === "function") protocol.drain();
}

/** Writes down what it hears. */
class Listener extends Protocol {
  heard = "";
  ended: Failure | undefined;
  override dataReceived(data: Buffer): void {
    this.heard += data.toString();
  }
  override connectionLost(reason: Failure): void {
    this.ended = reason;
  }
}

describe("HTTP1Channel: upgrade()", () => {
  const ask = get("/ws", "Connection: Upgrade", "Upgrade: x");

  it("answers 101 with the fields that were set, and hands over what came behind it", () => {
    const at = held();
    const listener = new Listener();
    at.send(`${ask}first `);
    const finish = at.request(0).notifyFinish();
    at.request(0).setHeader("Upgrade", "x");
    assert.isTrue(at.request(0).upgrade(listener));
    assert.isUndefined(successResultOf(finish));
    at.send("second");
    assert.equal(listener.heard, "first second");
    listener.transport.write("hello");
    at.pump.flush();
    const head = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    assert.equal(at.client.received, `${head}hello`);
    assert.equal(at.request(0).code, 101);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0, "its deadlines are its own");
  });

  it("can be asked for at once, or later; also byte by byte", async () => {
    for (const isLate of [false, true]) {
      const listener = new Listener();
      const at = visit(
        (request) => {
          if (isLate) at.reactor.callLater(1, () => request.upgrade(listener));
          else request.upgrade(listener);
          return NOT_DONE_YET;
        },
        { chunkBytes: 1 },
      );
      at.send(`${ask}some bytes`);
      at.advance(2);
      await at.settle();
      assert.equal(listener.heard, "some bytes");
    }
  });

  it("opens a tunnel for CONNECT, with 200 and nothing about framing", () => {
    const at = held();
    const listener = new Listener();
    at.send(lines("CONNECT b:443 HTTP/1.1", "Host: b:443", ""));
    assert.equal(at.request(0).authority, "b:443");
    assert.isTrue(at.request(0).upgrade(listener, 200));
    at.send("bytes");
    assert.equal(listener.heard, "bytes");
    assert.equal(at.client.received, "HTTP/1.1 200 OK\r\n\r\n");
  });

  it("is refused for HTTP/1.0 and behind a body: then nothing has happened", () => {
    for (const bad of [
      lines("GET / HTTP/1.0", "Connection: upgrade", "Upgrade: x", ""),
      post("/", "hello", "Connection: upgrade", "Upgrade: x"),
      chunked("/", "Connection: upgrade", "Upgrade: x"),
    ]) {
      const at = held();
      at.send(bad);
      assert.isFalse(at.request(0).upgrade(new Listener()));
      at.request(0).finishWith("no");
      at.pump.flush();
      assert.match(heard(at, "GET")[0] ?? "", /200 no$/u);
    }
  });

  it("is refused when the answer has begun", () => {
    const at = held();
    at.send(ask);
    at.request(0).write("some");
    assert.throws(() => at.request(0).upgrade(new Listener()), AnswerStateError);
  });

  it("tells the successor of the end, and nobody else", () => {
    const at = held();
    const listener = new Listener();
    at.send(ask);
    const finish = at.request(0).notifyFinish();
    at.request(0).upgrade(listener);
    at.client.transport.abortConnection();
    at.pump.flush();
    assert.isDefined(listener.ended);
    assert.isUndefined(successResultOf(finish));
    assert.isFalse(at.request(0).disconnected);
  });

  it("leaves a successor paused that pauses at once", () => {
    class Paused extends Listener {
      override connectionMade(): void {
        this.transport.pauseProducing();
      }
    }
    const at = held();
    const listener = new Paused();
    at.send(ask);
    at.request(0).upgrade(listener);
    at.send("later");
    assert.equal(listener.heard, "");
    listener.transport.resumeProducing();
    at.pump.flush();
    assert.equal(listener.heard, "later");
  });

  it("gives nothing to a successor that closes at once", () => {
    class Closed extends Listener {
      override connectionMade(): void {
        this.transport.loseConnection();
      }
    }
    const at = held();
    const listener = new Closed();
    at.send(`${ask}more`);
    at.request(0).upgrade(listener);
    at.pump.flush();
    assert.equal(listener.heard, "");
    assert.isDefined(listener.ended);
  });

  it("ends the connection of a successor that throws, at once or at its first bytes", () => {
    class Bad extends Listener {
      override connectionMade(): void {
        throw new Error("cannot begin");
      }
    }
    class Deaf extends Listener {
      override dataReceived(): void {
        throw new Error("cannot listen");
      }
    }
    for (const listener of [new Bad(), new Deaf()]) {
      const at = visit((request) => {
        request.upgrade(listener);
        return NOT_DONE_YET;
      });
      const logs = capturedLogs(() => at.send(`${ask}more`));
      assert.isFalse(at.pump.server.connected);
      assert.instanceOf(listener.ended?.value, ConnectionAborted);
      assert.lengthOf(logs, 1);
      assert.lengthOf(at.reactor.getDelayedCalls(), 0);
    }
  });

  it("lets a successor have the producers and the pace of the transport", () => {
    const at = held();
    const listener = new Listener();
    at.send(ask);
    at.request(0).upgrade(listener);
    const told: string[] = [];
    listener.transport.registerProducer(
      {
        pauseProducing: () => told.push("pause"),
        resumeProducing: () => told.push("resume"),
        stopProducing: () => told.push("stop"),
      },
      true,
    );
    at.client.transport.pauseProducing();
    listener.transport.write(Buffer.alloc(300_000));
    at.pump.flush();
    at.client.transport.resumeProducing();
    at.pump.flush();
    at.client.transport.abortConnection();
    at.pump.flush();
    assert.deepEqual(told, ["pause", "resume", "stop"]);
  });
});
