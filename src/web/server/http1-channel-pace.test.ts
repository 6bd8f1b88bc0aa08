/**
 * The pace of a connection of HTTP/1: a client that does not read, a body that nobody reads, and
 * producers between them. What waits is bounded.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { lines } from "../../../test/fixtures/web/http-transcripts.ts";
import { chunked, endOf, get, heard, held, post } from "../../../test/fixtures/web/http1-scene.ts";
import { sip, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { capturedLogs } from "../../logger/capture.ts";
import { ConnectionTimedOut, ProducerAlreadyRegisteredError } from "../../internet/errors.ts";
import { failureResultOf } from "../../testing/results.ts";
import { NOT_DONE_YET } from "./answer.ts";
import type { Request } from "./request.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** A wire takes 64 KiB, and a transport as much before it says that it is full. */
const IN_FLIGHT = 192 * KIB;

/** Writes down what it is told. */
class Witness {
  readonly told: string[] = [];
  resumeProducing(): void {
    this.told.push("resume");
  }
  pauseProducing(): void {
    this.told.push("pause");
  }
  stopProducing(): void {
    this.told.push("stop");
  }
}

/** Writes a chunk each time it is asked, so many times, and finishes. */
class Counter {
  readonly #request: Request;
  #left: number;
  asked = 0;
  stopped = false;

  constructor(request: Request, chunks: number) {
    this.#request = request;
    this.#left = chunks;
  }

  resumeProducing(): void {
    this.asked += 1;
    this.#left -= 1;
    this.#request.write("x".repeat(KIB));
    if (this.#left > 0) return;
    this.#request.unregisterProducer();
    this.#request.finish();
  }

  stopProducing(): void {
    this.stopped = true;
  }
}

describe("HTTP1Channel: a client that reads nothing", () => {
  it("is not read from: pipelined requests wait with it", () => {
    const at = visit(() => "x".repeat(10 * KIB));
    let seen = 0;
    at.site.processed = () => {
      seen += 1;
    };
    at.client.transport.pauseProducing();
    for (let count = 0; count < 200; count += 1) at.send(get().repeat(50));
    assert.isBelow(seen, 60, "answers up to the mark, and no more");
    assert.isBelow(at.pump.server.bufferedBytes, IN_FLIGHT);
    assert.isFalse(at.pump.server.reading);
    at.client.transport.resumeProducing();
    at.pump.flush();
    assert.equal(seen, 10_000, "and they are answered when it reads");
  });

  it("has its answer's push producer paused, and resumed when it reads", () => {
    const at = held();
    at.send(get());
    const producer = new Witness();
    at.request(0).registerProducer(producer, true);
    at.client.transport.pauseProducing();
    at.request(0).write(Buffer.alloc(100 * KIB));
    at.request(0).write(Buffer.alloc(100 * KIB));
    at.pump.flush();
    assert.deepEqual(producer.told, ["pause"]);
    assert.isTrue(at.request(0).channel.full);
    assert.isFalse(at.pump.server.reading, "nor is the client read from");
    at.client.transport.resumeProducing();
    at.pump.flush();
    assert.deepEqual(producer.told, ["pause", "resume"]);
    assert.isFalse(at.request(0).channel.full);
  });

  it("has a producer paused at once that is registered when the buffer is full already", () => {
    const at = held();
    at.send(get());
    at.client.transport.pauseProducing();
    at.request(0).write(Buffer.alloc(200 * KIB));
    at.pump.flush();
    const producer = new Witness();
    at.request(0).registerProducer(producer, true);
    assert.deepEqual(producer.told, ["pause"]);
  });

  it("makes an async answer wait: little of an endless one is made", async () => {
    let made = 0;
    const at = visit(async function* endless() {
      for (;;) {
        made += 64 * KIB;
        yield Buffer.alloc(64 * KIB);
      }
    });
    at.client.transport.pauseProducing();
    at.send(get());
    await at.settle();
    await at.settle();
    assert.isBelow(made, 2 * IN_FLIGHT);
    assert.isBelow(at.pump.server.bufferedBytes, IN_FLIGHT);
    const before = made;
    sip(at, 512 * KIB);
    await at.settle();
    assert.isAbove(made, before);
    at.client.transport.abortConnection();
    await at.settle();
    const end = made;
    await at.settle();
    assert.equal(made, end, "and nothing is made for nobody");
  });

  it("is gone by the deadline for writing; the first look may see what the wire has taken", () => {
    const at = held({ writeTimeout: 20 });
    at.client.transport.pauseProducing();
    at.send(get());
    at.request(0).write(Buffer.alloc(MIB));
    at.pump.flush();
    at.advance(39);
    assert.equal(at.pump.server.connected, true);
    at.advance(1);
    assert.equal(at.pump.server.connected, false);
    assert.isTrue(at.request(0).disconnected);
    const told = failureResultOf(at.request(0).notifyFinish(), ConnectionTimedOut);
    assert.include(String(told.value), "phase write for 20 seconds");
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });
});

describe("HTTP1Channel: a slow client", () => {
  it("is not given up while it takes something of a long answer", () => {
    const at = held({ writeTimeout: 20, idleTimeout: 5 });
    at.send(get());
    at.client.transport.pauseProducing();
    at.request(0).finishWith(Buffer.alloc(4 * MIB));
    // 128 KiB in 15 seconds: 32 times.
    for (let step = 0; step < 32; step += 1) {
      assert.equal(at.pump.server.connected, true, `step ${String(step)}`);
      sip(at, 128 * KIB);
      at.advance(15);
    }
    at.client.transport.resumeProducing();
    at.pump.flush();
    assert.lengthOf(at.client.received, at.client.received.indexOf("\r\n\r\n") + 4 + 4 * MIB);
    at.advance(5);
    assert.equal(endOf(at), "closed");
  });

  it("is not given up either while more is written than it takes", () => {
    const at = held({ writeTimeout: 20 });
    at.send(get());
    at.client.transport.pauseProducing();
    at.request(0).write(Buffer.alloc(MIB));
    at.pump.flush();
    for (let step = 0; step < 10; step += 1) {
      at.advance(19);
      assert.equal(at.pump.server.connected, true, `step ${String(step)}`);
      sip(at, 128 * KIB);
      at.request(0).write(Buffer.alloc(MIB));
      at.pump.flush();
    }
    at.advance(40);
    assert.equal(at.pump.server.connected, false);
  });

  it("has the deadline for its body again when it has read", () => {
    const at = visit(
      (request) => {
        request.write(Buffer.alloc(300 * KIB));
        void request.content.text().addErrback(() => {});
        return NOT_DONE_YET;
      },
      { bodyTimeout: 10, writeTimeout: 100 },
    );
    at.client.transport.pauseProducing();
    at.send(post("/", "").replace("Length: 0", "Length: 5"));
    at.advance(50);
    at.client.transport.resumeProducing();
    at.pump.flush();
    at.advance(9);
    assert.equal(endOf(at), "open");
    at.advance(1);
    assert.equal(endOf(at), "reset");
  });
});

describe("HTTP1Channel: a body that nobody reads", () => {
  const endless = lines("POST / HTTP/1.1", "Host: a", "Content-Length: 99999999999", "");

  it("is left with the client beyond 64 KiB", () => {
    const at = held();
    at.send(`${endless}${"x".repeat(64 * KIB)}`);
    assert.isFalse(at.pump.server.reading);
    for (let count = 0; count < 100; count += 1) at.send("x".repeat(10 * KIB));
    assert.isFalse(at.pump.server.reading);
    assert.isAbove(at.pump.client.bufferedBytes, 800 * KIB, "it is all with the client");
  });

  it("comes when somebody reads it, at the reader's pace", () => {
    const at = held();
    at.send(endless);
    at.send("x".repeat(500 * KIB));
    let got = 0;
    at.request(0).content.deliver({
      dataReceived: (data) => {
        got += data.length;
        if (got > 200 * KIB) at.request(0).content.pause();
      },
      bodyEnded: () => {},
    });
    at.pump.flush();
    assert.isAbove(got, 200 * KIB);
    assert.isBelow(got, 300 * KIB);
    assert.isFalse(at.pump.server.reading);
    const before = got;
    at.request(0).content.resume();
    at.pump.flush();
    assert.isAbove(got, before);
  });

  it("is not received behind the back of a consumer that is full", () => {
    const at = held();
    at.send(endless);
    at.send("x".repeat(60 * KIB));
    const slow = held();
    slow.send(get());
    slow.client.transport.pauseProducing();
    slow.request(0).write(Buffer.alloc(200 * KIB));
    slow.pump.flush();
    const done = at.request(0).content.pipeTo(slow.request(0));
    for (let count = 0; count < 100; count += 1) {
      at.send("x".repeat(10 * KIB));
      slow.pump.flush();
    }
    assert.isBelow(slow.pump.server.bufferedBytes, 500 * KIB);
    assert.isFalse(at.pump.server.reading);
    assert.isFalse(done.called);
  });

  it("is not received behind the back of a consumer that fills up on what waited", () => {
    const at = held();
    at.send(endless);
    at.send("x".repeat(200 * KIB));
    const slow = held();
    slow.send(get());
    slow.client.transport.pauseProducing();
    slow.request(0).write(Buffer.alloc(50 * KIB));
    slow.pump.flush();
    assert.isFalse(slow.request(0).channel.full);
    void at.request(0).content.pipeTo(slow.request(0));
    for (let count = 0; count < 100; count += 1) {
      at.send("x".repeat(10 * KIB));
      slow.pump.flush();
    }
    assert.isBelow(slow.pump.server.bufferedBytes, 500 * KIB);
  });

  it("is bounded in the number of its pieces, too: tiny chunks weigh more than their bytes", () => {
    const at = held();
    at.send(chunked("/"));
    for (let count = 0; count < 100; count += 1) at.send("1\r\nx\r\n".repeat(2000));
    assert.isFalse(at.pump.server.reading);
    let pieces = 0;
    at.request(0).content.deliver({
      dataReceived: () => {
        pieces += 1;
        at.request(0).content.pause();
      },
      bodyEnded: () => {},
    });
    assert.isAtMost(pieces, 1024);
  });
});

describe("HTTP1Channel: requests that come faster than they are answered", () => {
  it("are not read beyond 16 KiB", () => {
    const at = held();
    at.send(get());
    for (let count = 0; count < 100; count += 1) at.send(get().repeat(300));
    assert.isFalse(at.pump.server.reading);
    assert.lengthOf(at.requests, 1);
    at.request(0).finishWith("");
    at.pump.flush();
    assert.lengthOf(at.requests, 2);
  });
});

describe("HTTP1Channel: producers", () => {
  it("one at a time", () => {
    const at = held();
    at.send(get());
    at.request(0).registerProducer(new Witness(), true);
    assert.throws(
      () => at.request(0).registerProducer(new Witness(), true),
      ProducerAlreadyRegisteredError,
    );
    assert.throws(
      () => at.request(0).registerProducer(new Witness(), false),
      ProducerAlreadyRegisteredError,
    );
    at.request(0).unregisterProducer();
    at.request(0).registerProducer(new Witness(), false);
  });

  it("a pull producer is asked until it has no more", () => {
    const at = held();
    at.send(get());
    const producer = new Counter(at.request(0), 1000);
    at.request(0).registerProducer(producer, false);
    at.pump.flush();
    assert.equal(producer.asked, 1000);
    assert.isFalse(producer.stopped);
    assert.deepEqual(heard(at, "GET"), [`200 ${"x".repeat(1000 * KIB)}`, "open"]);
  });

  it("a pull producer is not asked while the client does not read", () => {
    const at = held();
    at.send(get());
    at.client.transport.pauseProducing();
    const producer = new Counter(at.request(0), 10_000);
    at.request(0).registerProducer(producer, false);
    at.pump.flush();
    assert.isBelow(producer.asked, IN_FLIGHT / KIB);
    const before = producer.asked;
    at.pump.flush();
    assert.equal(producer.asked, before);
    at.client.transport.resumeProducing();
    at.pump.flush();
    assert.equal(producer.asked, 10_000);
  });

  it("a pull producer that comes when the buffer is full is asked when it is empty", () => {
    const at = held();
    at.send(get());
    at.client.transport.pauseProducing();
    at.request(0).write(Buffer.alloc(200 * KIB));
    at.pump.flush();
    const producer = new Counter(at.request(0), 3);
    at.request(0).registerProducer(producer, false);
    at.pump.flush();
    assert.equal(producer.asked, 0);
    at.client.transport.resumeProducing();
    at.pump.flush();
    assert.equal(producer.asked, 3);
  });

  it("a pull producer that writes later is not asked again before that", () => {
    const at = held();
    at.send(get());
    let asked = 0;
    at.request(0).registerProducer(
      {
        resumeProducing: () => {
          asked += 1;
          at.reactor.callLater(1, () => at.request(0).write("x"));
        },
        stopProducing: () => {},
      },
      false,
    );
    at.pump.flush();
    assert.equal(asked, 1);
    at.advance(5);
    assert.equal(asked, 6);
  });

  it("a pull producer is asked for an answer to HEAD as well: it must come to its end", () => {
    const at = held();
    at.send(lines("HEAD / HTTP/1.1", "Host: a", ""));
    const producer = new Counter(at.request(0), 10);
    at.request(0).registerProducer(producer, false);
    at.pump.flush();
    assert.equal(producer.asked, 10);
    assert.deepEqual(heard(at, "HEAD"), ["200", "open"]);
  });

  it("a producer that is still there at the end of the answer is stopped", () => {
    const at = held();
    at.send(get());
    const producer = new Witness();
    at.request(0).registerProducer(producer, true);
    at.request(0).finish();
    assert.deepEqual(producer.told, ["stop"]);
  });

  it("a producer is stopped once when the client goes", () => {
    for (const streaming of [true, false]) {
      const at = held();
      at.send(get());
      const producer = new Witness();
      if (streaming) at.request(0).registerProducer(producer, true);
      else at.request(0).registerProducer(producer, false);
      at.client.transport.abortConnection();
      at.pump.flush();
      assert.deepEqual(
        producer.told.filter((one) => one === "stop"),
        ["stop"],
      );
      at.request(0).unregisterProducer();
    }
  });

  it("a producer that comes after the client has gone is stopped at once", () => {
    const at = held();
    at.send(get());
    at.client.transport.abortConnection();
    at.pump.flush();
    const producer = new Witness();
    at.request(0).registerProducer(producer, true);
    assert.deepEqual(producer.told, ["stop"]);
  });

  it("a producer that throws ends its connection, and no other", () => {
    const broken = {
      pauseProducing: () => {
        throw new Error("cannot pause");
      },
      resumeProducing: () => {
        throw new Error("cannot produce");
      },
      stopProducing: () => {},
    };
    const logs = capturedLogs(() => {
      const at = held();
      at.send(get());
      at.request(0).write("some");
      at.request(0).registerProducer(broken, false);
      at.pump.flush();
      assert.equal(endOf(at), "reset");
      assert.isTrue(at.request(0).disconnected);
      assert.lengthOf(at.reactor.getDelayedCalls(), 0);
      const other = held();
      other.send(get());
      other.client.transport.pauseProducing();
      other.request(0).registerProducer(broken, true);
      other.request(0).write(Buffer.alloc(MIB));
      other.pump.flush();
      assert.isFalse(other.pump.server.connected);
    });
    assert.isAtLeast(logs.filter((event) => event.log_failure !== undefined).length, 2);
  });

  it("a producer that throws when it is stopped keeps nobody from hearing of the end", () => {
    const at = held();
    at.send(post("/", "", "X: y").replace("Length: 0", "Length: 9"));
    const seen: string[] = [];
    void at
      .request(0)
      .notifyFinish()
      .addErrback(() => seen.push("finish"));
    void at
      .request(0)
      .content.text()
      .addErrback(() => seen.push("body"));
    at.request(0).registerProducer(
      {
        pauseProducing: () => {},
        resumeProducing: () => {},
        stopProducing: () => {
          throw new Error("cannot stop");
        },
      },
      true,
    );
    const logs = capturedLogs(() => {
      at.client.transport.abortConnection();
      at.pump.flush();
    });
    assert.sameMembers(seen, ["finish", "body"]);
    assert.lengthOf(logs, 1);
  });
});
