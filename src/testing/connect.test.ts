import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { Failure } from "../defer/failure.ts";
import { ConnectionAborted, ConnectionDone, ConnectionLost } from "../internet/errors.ts";
import { Protocol } from "../internet/protocol.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { connect } from "./connect.ts";
import { expectClean } from "./kit/watch-reactor.ts";

class Recorder extends Protocol {
  readonly pieces: string[] = [];
  reason: Failure | undefined;

  get received(): string {
    return this.pieces.join("");
  }
  override dataReceived(data: Buffer): void {
    assert.isAbove(data.length, 0);
    this.pieces.push(data.toString("latin1"));
  }
  override connectionLost(reason: Failure): void {
    assert.isUndefined(this.reason, "told twice");
    this.reason = reason;
  }
}

class Echo extends Recorder {
  override dataReceived(data: Buffer): void {
    super.dataReceived(data);
    this.transport.write(data);
  }
}

class HalfCloser extends Recorder {
  readonly ends: string[] = [];
  readConnectionLost(): void {
    this.ends.push("read");
  }
  writeConnectionLost(): void {
    this.ends.push("write");
  }
}

/** Counts what it is asked, and writes a block whenever it may. */
class Flood {
  readonly log: string[] = [];
  readonly #write: () => void;
  constructor(write: () => void) {
    this.#write = write;
  }
  pauseProducing(): void {
    this.log.push("pause");
  }
  resumeProducing(): void {
    this.log.push("resume");
    this.#write();
  }
  stopProducing(): void {
    this.log.push("stop");
  }
}

describe("connect()", () => {
  it("makes both ends, the server first, and moves nothing yet", () => {
    const log: string[] = [];
    class Greeter extends Recorder {
      override connectionMade(): void {
        log.push(this === client ? "client" : "server");
        this.transport.write("hello");
      }
    }
    const client: Greeter = new Greeter();
    const server = new Greeter();
    const pump = connect(client, server);
    assert.deepEqual(log, ["server", "client"]);
    assert.deepEqual([client.received, server.received], ["", ""]);
    pump.flush();
    assert.deepEqual([client.received, server.received], ["hello", "hello"]);
  });

  it("gives each end the other's address", () => {
    const { client, server } = connect(new Protocol(), new Protocol());
    assert.isTrue(client.getPeer().equals(server.getHost()));
    assert.isTrue(server.getPeer().equals(client.getHost()));
    assert.isFalse(client.getHost().equals(server.getHost()));
  });

  it("lives in the reactor it is given", () => {
    const reactor = new MemoryReactor();
    const pump = connect(new Protocol(), new Protocol(), { reactor });
    assert.equal(pump.reactor, reactor);
    let called = false;
    reactor.callLater(1, () => {
      called = true;
    });
    pump.advance(1);
    assert.isTrue(called);
  });
});

describe("pump(), flush() and advance()", () => {
  it("pump() moves one piece each way and says when there is nothing more", () => {
    const [client, server] = [new Recorder(), new Echo()];
    const pump = connect(client, server, { chunkBytes: 2 });
    client.transport.write("abcd");
    const seen: string[] = [];
    for (let steps = 0; pump.pump(); steps += 1) {
      assert.isBelow(steps, 20);
      seen.push(server.received);
    }
    assert.equal(client.received, "abcd");
    assert.includeMembers(seen, ["ab", "abcd"]);
    assert.isFalse(pump.pump());
  });

  it("flush() moves all there is, time stands still", () => {
    const [client, server] = [new Echo(), new Recorder()];
    const pump = connect(client, server);
    let timer = false;
    pump.reactor.callLater(0.001, () => {
      timer = true;
    });
    server.transport.write("ping");
    pump.flush();
    assert.equal(server.received, "ping");
    assert.deepEqual([timer, pump.reactor.seconds()], [false, 0]);
  });

  it("flush() gives up on two that never come to rest", () => {
    const pump = connect(new Echo(), new Echo());
    pump.client.write("ping");
    assert.throws(() => pump.flush(), "never comes to rest");
  });

  it("advance() delivers what timers write, each at its time", () => {
    const [client, server] = [new Recorder(), new Recorder()];
    const pump = connect(client, server);
    for (const seconds of [1, 2, 3]) {
      pump.reactor.callLater(seconds, () => client.transport.write(String(seconds)));
    }
    pump.advance(2);
    assert.equal(server.received, "12");
    pump.advance(1);
    assert.equal(server.received, "123");
  });

  it("serves what is on its way between a timer and one it makes for at once (trace 11)", () => {
    const log: string[] = [];
    class Logging extends Recorder {
      override dataReceived(): void {
        log.push("data");
      }
    }
    const pump = connect(new Recorder(), new Logging());
    pump.reactor.callLater(1, () => {
      pump.client.write("x");
      pump.reactor.callLater(0, () => log.push("second timer"));
      log.push("first timer");
    });
    pump.advance(1);
    assert.deepEqual(log, ["first timer", "data", "second timer"]);
  });
});

describe("until() and close()", () => {
  it("until() flushes, and moves time as far as it must", () => {
    const [client, server] = [new Recorder(), new Echo()];
    const pump = connect(client, server, { chunkBytes: 1 });
    pump.reactor.callLater(3, () => client.transport.write("abc"));
    pump.reactor.callLater(30, () => assert.fail("too far"));
    pump.until(() => client.received !== "");
    assert.deepEqual([client.received, pump.reactor.seconds()], ["abc", 3]);
    client.transport.write("d");
    pump.until(() => client.received === "abcd", 0);
    assert.equal(pump.reactor.seconds(), 3);
  });

  it("until() gives up at its deadline, and when nothing is left that could happen", () => {
    const pump = connect(new Recorder(), new Recorder());
    assert.throws(() => pump.until(() => pump.reactor.seconds() > 5), "seconds() > 5");
    pump.reactor.callLater(61, () => {});
    assert.throws(() => pump.until(() => pump.reactor.seconds() > 5), "within 60 seconds");
    assert.equal(pump.reactor.seconds(), 0);
    pump.until(() => pump.reactor.seconds() > 5, 61);
  });

  it("close() leaves nothing open, and delivers what was written", () => {
    const [client, server] = [new Recorder(), new Recorder()];
    const pump = connect(client, server);
    client.transport.write("last words");
    pump.close();
    assert.equal(server.received, "last words");
    assert.isDefined(client.reason?.check(ConnectionDone));
    assert.isDefined(server.reason?.check(ConnectionDone));
    expectClean(pump.reactor);
  });
});

describe("bytes", () => {
  it("arrive whole and in order, both ways, in pieces of any size", () => {
    const writes = fc.array(fc.tuple(fc.boolean(), fc.string({ minLength: 1 })), { maxLength: 20 });
    fc.assert(
      fc.property(writes, fc.integer({ min: 1, max: 7 }), (all, chunkBytes) => {
        const [client, server] = [new Recorder(), new Recorder()];
        const pump = connect(client, server, { chunkBytes });
        const sent = { client: "", server: "" };
        for (const [fromClient, text] of all) {
          const bytes = Buffer.from(text);
          (fromClient ? client : server).transport.write(bytes);
          sent[fromClient ? "client" : "server"] += bytes.toString("latin1");
          if (bytes.length % 3 === 0) pump.pump();
        }
        pump.flush();
        assert.equal(server.received, sent.client);
        assert.equal(client.received, sent.server);
        const pieces = [...client.pieces, ...server.pieces];
        assert.isTrue(pieces.every(({ length }) => length <= chunkBytes));
      }),
    );
  });

  it("may be used again by the writer once they are flushed", () => {
    const server = new Recorder();
    const pump = connect(new Recorder(), server);
    const bytes = Buffer.from("abc");
    pump.client.write(bytes);
    pump.reactor.turn();
    bytes.fill(0);
    pump.flush();
    assert.equal(server.received, "abc");
  });

  it("wait in the writer while the reader is paused, beyond one window", () => {
    const server = new Recorder();
    const pump = connect(new Recorder(), server);
    pump.server.pauseProducing();
    const producer = new Flood(() => pump.client.write(Buffer.alloc(10_000)));
    pump.client.registerProducer(producer, true);
    for (let n = 0; n < 1000 && !producer.log.includes("pause"); n += 1) {
      pump.client.write(Buffer.alloc(10_000));
      pump.flush();
    }
    assert.deepEqual(producer.log, ["pause"]);
    assert.isAtMost(pump.client.bufferedBytes, 65_536 + 10_000 + 131_072);
    pump.flush();
    assert.equal(server.received, "");
    const drained = pump.client.drained();
    pump.server.resumeProducing();
    pump.server.pauseProducing();
    pump.flush();
    assert.isFalse(drained.called);
    pump.client.unregisterProducer();
    pump.server.resumeProducing();
    pump.flush();
    assert.isTrue(drained.called);
    assert.equal(server.received.length % 10_000, 0);
    assert.equal(pump.client.bufferedBytes, 0);
  });

  it("a producer and a reader that pauses now and then: all arrives, memory is bounded", () => {
    const server = new Recorder();
    const pump = connect(new Recorder(), server);
    let left = 200;
    const produce = (): void => {
      while (left > 0 && producer.log.at(-1) !== "pause") {
        left -= 1;
        pump.client.write(Buffer.alloc(10_000, left));
      }
      if (left === 0) pump.client.unregisterProducer();
    };
    const producer = new Flood(produce);
    pump.client.registerProducer(producer, true);
    produce();
    for (let turns = 0; turns < 300; turns += 1) {
      if (turns % 3 === 0) pump.server.pauseProducing();
      else pump.server.resumeProducing();
      pump.pump();
      assert.isAtMost(pump.client.bufferedBytes, 65_536 + 10_000 + 131_072);
    }
    pump.server.resumeProducing();
    pump.flush();
    assert.equal(server.received.length, 2_000_000);
  });
});

describe("the end", () => {
  it("loseConnection() delivers all before it, and both are told once", () => {
    const [client, server] = [new Recorder(), new Recorder()];
    const pump = connect(client, server, { chunkBytes: 3 });
    client.transport.write("all of it");
    client.transport.loseConnection();
    assert.equal(client.reason, undefined);
    pump.flush();
    assert.equal(server.received, "all of it");
    assert.isDefined(client.reason?.check(ConnectionDone));
    assert.isDefined(server.reason?.check(ConnectionDone));
    assert.isFalse(pump.pump());
  });

  it("a reader that has paused learns of the end when it reads again", () => {
    const server = new Recorder();
    const pump = connect(new Recorder(), server);
    pump.server.pauseProducing();
    pump.client.write("x");
    pump.client.loseConnection();
    pump.flush();
    assert.equal(server.reason, undefined);
    pump.server.resumeProducing();
    pump.flush();
    assert.equal(server.received, "x");
    assert.isDefined(server.reason?.check(ConnectionDone));
  });

  it("loseWriteConnection() ends one way; the other goes on", () => {
    const [client, server] = [new HalfCloser(), new HalfCloser()];
    const pump = connect(client, server);
    client.transport.write("question");
    pump.client.loseWriteConnection();
    pump.flush();
    assert.deepEqual([client.ends, server.ends], [["write"], ["read"]]);
    server.transport.write("answer");
    pump.flush();
    assert.equal(client.received, "answer");
    assert.equal(client.reason, undefined);
    pump.server.loseWriteConnection();
    pump.flush();
    assert.deepEqual(
      [client.ends, server.ends],
      [
        ["write", "read"],
        ["read", "write"],
      ],
    );
    assert.isDefined(client.reason?.check(ConnectionDone));
    assert.isDefined(server.reason?.check(ConnectionDone));
  });

  it("a peer that does not live on answers the end of one half with its own", () => {
    const [client, server] = [new HalfCloser(), new Echo()];
    const pump = connect(client, server);
    client.transport.write("question");
    pump.client.loseWriteConnection();
    pump.flush();
    assert.equal(client.received, "question");
    assert.isDefined(server.reason?.check(ConnectionDone));
    assert.isDefined(client.reason?.check(ConnectionDone));
  });

  it("abortConnection() resets: what was on its way is lost, even to a paused reader", () => {
    const [client, server] = [new Recorder(), new Recorder()];
    const pump = connect(client, server);
    pump.server.pauseProducing();
    client.transport.write("lost");
    pump.pump();
    pump.client.abortConnection();
    assert.equal(client.reason, undefined);
    pump.flush();
    assert.equal(server.received, "");
    assert.isDefined(client.reason?.check(ConnectionAborted));
    assert.isDefined(server.reason?.check(ConnectionLost));
    assert.isUndefined(server.reason?.check(ConnectionAborted));
  });

  it("writes and closes after the end are nothing", () => {
    const [client, server] = [new Recorder(), new Recorder()];
    const pump = connect(client, server);
    pump.client.abortConnection();
    pump.flush();
    for (const transport of [pump.client, pump.server]) {
      transport.write("late");
      transport.loseConnection();
      transport.abortConnection();
      transport.loseWriteConnection();
      transport.resumeProducing();
      assert.equal(transport.droppedBytes, 4);
    }
    pump.flush();
    assert.deepEqual([client.pieces, server.pieces], [[], []]);
  });
});
