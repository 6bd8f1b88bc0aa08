import { assert, describe, it } from "vitest";
import type { Failure } from "../defer/failure.ts";
import { IPv4Address, UNIXAddress } from "../internet/addresses.ts";
import {
  ConnectionAborted,
  ConnectionDone,
  ConnectionLost,
  ConnectionTimedOut,
} from "../internet/errors.ts";
import { providesTCP } from "../internet/interfaces-transport.ts";
import { Protocol } from "../internet/protocol.ts";
import { captureLogs } from "../logger/capture.ts";
import { failureResultOf, successResultOf } from "./results.ts";
import { StringTransport } from "./string-transport.ts";

class Recorder extends Protocol {
  readonly log: string[] = [];
  reason: Failure | undefined;

  override connectionMade(): void {
    this.log.push("made");
  }
  override dataReceived(data: Buffer): void {
    this.log.push(data.toString());
  }
  override connectionLost(reason: Failure): void {
    this.reason = reason;
    this.log.push(`lost ${reason.type}`);
  }
}

class HalfCloser extends Recorder {
  readConnectionLost(): void {
    this.log.push("peer ended");
  }
  writeConnectionLost(): void {
    this.log.push("we ended");
  }
}

function connected<P extends Recorder>(protocol: P): { protocol: P; transport: StringTransport } {
  const transport = new StringTransport();
  transport.connect(protocol);
  return { protocol, transport };
}

function pushProducer(log: string[]): {
  pauseProducing(): void;
  resumeProducing(): void;
  stopProducing(): void;
} {
  return {
    pauseProducing: () => log.push("pause"),
    resumeProducing: () => log.push("resume"),
    stopProducing: () => log.push("stop"),
  };
}

describe("connect() and deliver()", () => {
  it("makes the connection, once, and hands over what is given", () => {
    const { protocol, transport } = connected(new Recorder());
    transport.deliver("text");
    transport.deliver(Buffer.from("bytes"));
    transport.deliver(new Uint8Array([0x41]));
    assert.deepEqual(protocol.log, ["made", "text", "bytes", "A"]);
    assert.equal(protocol.transport, transport);
    assert.equal(transport.protocol, protocol);
    assert.isTrue(transport.connected);
    assert.isTrue(transport.reading);
  });

  it("gives the receiver bytes of its own", () => {
    const received: Buffer[] = [];
    class Keeper extends Recorder {
      override dataReceived(data: Buffer): void {
        received.push(data);
      }
    }
    const { transport } = connected(new Keeper());
    const bytes = Buffer.from("abc");
    transport.deliver(bytes);
    bytes.fill(0);
    assert.equal(String(received[0]), "abc");
  });

  it("refuses to deliver to nobody: not connected, paused, closing, closed", () => {
    const refused = (transport: StringTransport): void =>
      assert.throws(() => transport.deliver("x"), "the transport is not being read");
    refused(new StringTransport());
    const { protocol, transport } = connected(new Recorder());
    transport.pauseProducing();
    refused(transport);
    transport.resumeProducing();
    transport.deliver("y");
    transport.loseConnection();
    refused(transport);
    assert.deepEqual(protocol.log, ["made", "y"]);
    assert.equal(transport.end, "closed");
    refused(transport);
  });

  it("knows a protocol that pauses in connectionMade", () => {
    class Shy extends Recorder {
      override connectionMade(): void {
        this.transport.pauseProducing();
      }
    }
    assert.isFalse(connected(new Shy()).transport.reading);
  });
});

describe("value() and clear()", () => {
  it("keep what is written, in order, as bytes", () => {
    const { protocol, transport } = connected(new Recorder());
    protocol.transport.write("é");
    protocol.transport.write(new Uint8Array([1, 2]));
    protocol.transport.writeSequence(["a", Buffer.from("b")]);
    assert.deepEqual([...transport.value()], [0xc3, 0xa9, 1, 2, 0x61, 0x62]);
    assert.deepEqual([...transport.value()], [0xc3, 0xa9, 1, 2, 0x61, 0x62]);
    transport.clear();
    assert.equal(transport.value().length, 0);
    protocol.transport.write("more");
    assert.equal(transport.value().toString(), "more");
  });

  it("write() refuses what is neither bytes nor text, and takes nothing at all", () => {
    const { transport } = connected(new Recorder());
    for (const value of [7, undefined, ["a"], new ArrayBuffer(2)]) {
      const write: unknown = Reflect.get(transport, "write");
      assert(typeof write === "function");
      assert.throws(() => Reflect.apply(write, transport, [value]), TypeError);
    }
    transport.write("");
    transport.write(new Uint8Array());
    assert.equal(transport.value().length, 0);
    assert.equal(transport.droppedBytes, 0);
  });

  it("clear() forgets what was written before it in this turn as well", () => {
    const { transport } = connected(new Recorder());
    transport.write("greeting");
    transport.clear();
    assert.equal(transport.value().length, 0);
  });
});

describe("the end", () => {
  it("loseConnection() flushes, then closes in good order, in a later turn", () => {
    const { protocol, transport } = connected(new Recorder());
    transport.write("bye");
    transport.loseConnection();
    assert.deepEqual(protocol.log, ["made"]);
    assert.isTrue(transport.disconnecting);
    transport.write("too late");
    assert.equal(transport.end, "closed");
    assert.equal(transport.value().toString(), "bye");
    assert.equal(transport.droppedBytes, 8);
    assert.deepEqual(protocol.log, ["made", "lost ConnectionDone"]);
    assert.deepEqual([transport.connected, transport.disconnected], [false, true]);
  });

  it("abortConnection() drops what is queued, and tells in a later turn", () => {
    const { protocol, transport } = connected(new Recorder());
    transport.write("never sent");
    transport.abortConnection();
    transport.abortConnection();
    assert.deepEqual(protocol.log, ["made"]);
    assert.equal(transport.end, "aborted");
    assert.equal(transport.value().length, 0);
    assert.equal(transport.droppedBytes, 10);
    assert.isDefined(protocol.reason?.check(ConnectionAborted));
    assert.deepEqual(protocol.log, ["made", "lost ConnectionAborted"]);
  });

  it("deliverEnd() closes the connection of a protocol that does not live on", () => {
    const { protocol, transport } = connected(new Recorder());
    transport.deliverEnd();
    assert.isDefined(protocol.reason?.check(ConnectionDone));
    assert.equal(transport.end, "closed");
  });

  it("deliverEnd() leaves a half-closeable protocol its half", () => {
    const { protocol, transport } = connected(new HalfCloser());
    transport.deliverEnd();
    assert.deepEqual(protocol.log, ["made", "peer ended"]);
    protocol.transport.write("still here");
    assert.equal(transport.value().toString(), "still here");
    assert.equal(transport.end, "open");
    transport.loseConnection();
    assert.equal(transport.end, "closed");
    assert.deepEqual(protocol.log, ["made", "peer ended", "lost ConnectionDone"]);
  });

  it("loseWriteConnection() ends our half alone; both halves end the connection", () => {
    const { protocol, transport } = connected(new HalfCloser());
    transport.write("last words");
    transport.loseWriteConnection();
    transport.write("dropped");
    assert.equal(transport.end, "half-closed");
    assert.equal(transport.value().toString(), "last words");
    assert.equal(transport.droppedBytes, 7);
    transport.deliver("heard");
    assert.deepEqual(protocol.log, ["made", "we ended", "heard"]);
    transport.deliverEnd();
    assert.equal(transport.end, "closed");
    assert.deepEqual(protocol.log.slice(3), ["peer ended", "lost ConnectionDone"]);
  });

  it("deliverReset() breaks the connection", () => {
    const { protocol, transport } = connected(new Recorder());
    transport.write("flushed first");
    transport.deliverReset();
    assert.deepEqual(protocol.log, ["made", "lost ConnectionLost"]);
    assert.isDefined(protocol.reason?.check(ConnectionLost));
    assert.isTrue(transport.disconnected);
  });

  it("an exception in dataReceived is logged and ends this connection with it", () => {
    using logs = captureLogs();
    const error = new RangeError("in dataReceived");
    class Guilty extends Recorder {
      override dataReceived(): void {
        throw error;
      }
    }
    const { protocol, transport } = connected(new Guilty());
    transport.deliver("x");
    assert.equal(protocol.reason?.value, error);
    assert.equal(transport.end, "aborted");
    const events = logs.flush((event) => event.log_failure?.value === error);
    assert.equal(events.length, 1);
    assert.include(String(events[0]?.["prefix"]), "Guilty");
  });

  it("is told once, whatever comes together", () => {
    const { protocol, transport } = connected(new Recorder());
    transport.loseConnection();
    transport.abortConnection();
    transport.deliverReset();
    transport.deliverEnd();
    assert.equal(protocol.log.filter((entry) => entry.startsWith("lost")).length, 1);
  });
});

describe("stalled", () => {
  it("keeps a push producer waiting until the peer takes bytes again", () => {
    const { transport } = connected(new Recorder());
    const log: string[] = [];
    transport.stalled = true;
    transport.registerProducer(pushProducer(log), true);
    transport.write(Buffer.alloc(65_536));
    assert.deepEqual(log, []);
    transport.write("x");
    transport.write("y");
    transport.reactor.flush();
    assert.deepEqual(log, ["pause"]);
    transport.stalled = false;
    assert.deepEqual(log, ["pause", "resume"]);
    assert.equal(transport.value().length, 65_538);
  });

  it("drained() waits, and fails with the connection's reason", () => {
    const { transport } = connected(new Recorder());
    successResultOf(transport.drained());
    transport.stalled = true;
    transport.write("x");
    const first = transport.drained();
    transport.reactor.flush();
    assert.isFalse(first.called);
    transport.stalled = false;
    successResultOf(first);
    transport.stalled = true;
    transport.write("y");
    const second = transport.drained();
    transport.abortConnection();
    transport.reactor.flush();
    failureResultOf(second, ConnectionAborted);
    failureResultOf(transport.drained(), ConnectionAborted);
  });

  it("a close that never gets rid of its bytes ends with ConnectionTimedOut", () => {
    const { protocol, transport } = connected(new Recorder());
    transport.stalled = true;
    transport.write("x");
    transport.loseConnection();
    transport.reactor.advance(29.9);
    assert.equal(protocol.reason, undefined);
    transport.reactor.advance(0.2);
    assert.isDefined(protocol.reason?.check(ConnectionTimedOut));
    transport.stalled = false; // Nobody is left to be told.
    assert.deepEqual(protocol.log, ["made", "lost ConnectionTimedOut"]);
  });
});

describe("producers", () => {
  it("a pull producer is asked at once, then once per empty buffer", () => {
    const { transport } = connected(new Recorder());
    const pieces = ["a", "b", "c"];
    let asked = 0;
    transport.registerProducer(
      {
        resumeProducing() {
          asked += 1;
          const piece = pieces.shift();
          if (piece === undefined) transport.unregisterProducer();
          else transport.write(piece);
        },
        stopProducing: () => assert.fail("stopped"),
      },
      false,
    );
    assert.equal(asked, 1);
    assert.equal(transport.value().toString(), "abc");
    assert.equal(asked, 4);
  });

  it("loseConnection() waits for a producer to unregister, and stops it at an abort", () => {
    const { protocol, transport } = connected(new Recorder());
    transport.registerProducer(pushProducer([]), true);
    transport.loseConnection();
    transport.write("still wanted");
    assert.equal(transport.end, "open");
    transport.unregisterProducer();
    assert.equal(transport.end, "closed");
    assert.equal(transport.value().toString(), "still wanted");
    assert.deepEqual(protocol.log, ["made", "lost ConnectionDone"]);

    const log: string[] = [];
    const aborted = connected(new Recorder()).transport;
    aborted.registerProducer(pushProducer(log), true);
    aborted.abortConnection();
    aborted.reactor.flush();
    assert.deepEqual(log, ["stop"]);
    aborted.registerProducer(pushProducer(log), true);
    assert.deepEqual(log, ["stop", "stop"]);
  });
});

describe("for people and options", () => {
  it("has addresses, its own or yours", () => {
    const transport = new StringTransport();
    assert.isTrue(transport.getPeer().equals(new IPv4Address("TCP", "198.51.100.1", 12_345)));
    assert.isTrue(transport.getHost().equals(new IPv4Address("TCP", "192.0.2.1", 54_321)));
    const [host, peer] = [new UNIXAddress("/run/x"), new UNIXAddress("")];
    const other = new StringTransport({ host, peer });
    assert.deepEqual([other.getHost(), other.getPeer()], [host, peer]);
  });

  it("has TCP's switches", () => {
    const transport = new StringTransport();
    assert.isTrue(providesTCP(transport));
    assert.isTrue(transport.getTcpNoDelay());
    transport.setTcpNoDelay(false);
    transport.setTcpKeepAlive(true);
    assert.deepEqual([transport.getTcpNoDelay(), transport.getTcpKeepAlive()], [false, true]);
  });

  it("toString() says where to and how it is", () => {
    const { transport } = connected(new Recorder());
    transport.write("abc");
    assert.equal(String(transport), "StringTransport(198.51.100.1:12345, open, 3 bytes queued)");
    transport.loseConnection();
    assert.include(String(transport), "closing");
    transport.reactor.flush();
    assert.include(String(transport), "closed, 0 bytes queued");
  });
});
