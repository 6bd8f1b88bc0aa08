/**
 * Protocols of bytes over a WebSocket: what their bytes become, and how they end. That the contract
 * of transports is kept is tried in test/conformance.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { readAnswer } from "../../../test/fixtures/web/in-memory-site.ts";
import {
  frame,
  goodbye,
  handshake,
  type Scene,
  socket,
  type SocketOptions,
} from "../../../test/fixtures/web/websocket-scene.ts";
import type { Failure } from "../../defer/failure.ts";
import { ConnectionDone, ConnectionLost } from "../../internet/errors.ts";
import { Factory } from "../../internet/factory.ts";
import { Protocol } from "../../internet/protocol.ts";
import { capturedLogs } from "../../logger/capture.ts";
import { Clock } from "../../testing/clock.ts";
import { connect } from "../../testing/connect.ts";
import { Site } from "../server/site.ts";
import { overWebSocket, type OverWebSocketOptions } from "./over-websocket.ts";
import { WebSocketClosed } from "./websocket-closed.ts";
import { WebSocketResource } from "./websocket-resource.ts";

/** Keeps what comes. */
class Keeper extends Protocol {
  readonly chunks: string[] = [];
  reason: Failure | undefined;

  override dataReceived(data: Buffer): void {
    this.chunks.push(data.toString());
  }

  override connectionLost(reason: Failure): void {
    this.reason = reason;
  }
}

/** A WebSocket with this protocol on the server's end. */
function over<P extends Protocol>(
  protocol: P,
  options: OverWebSocketOptions = {},
  more: SocketOptions = {},
): Scene & { readonly protocol: P } {
  const factory = new (class extends Factory {
    override buildProtocol(): P {
      return protocol;
    }
  })();
  return { ...socket({ build: overWebSocket(factory, options), ...more }), protocol };
}

describe("overWebSocket()", () => {
  it("delivers messages of both kinds as bytes, and no empty ones", () => {
    const { protocol, send } = over(new Keeper());
    send(Buffer.concat([frame("text", "größer"), frame("binary"), frame("text")]));
    send(Buffer.concat([frame("binary", "b", { fin: false }), frame("continuation", "c")]));
    assert.deepEqual(protocol.chunks, ["größer", "bc"]);
  });

  it("sends what is written in one turn as one message, 128 KiB at most", () => {
    const { protocol, heard, pump } = over(new Keeper());
    protocol.transport.write("hello ");
    protocol.transport.write("world");
    pump.flush();
    protocol.transport.write(Buffer.alloc(300_000));
    pump.flush();
    assert.deepEqual(heard(), [
      "binary hello world",
      "binary (131072)",
      "binary (131072)",
      "binary (37856)",
      "open",
    ]);
  });

  it("sends text where that is wanted, and no half characters", () => {
    const { protocol, heard, pump } = over(new Keeper(), { as: "text" });
    const bytes = Buffer.from("a🧵ö");
    for (const byte of bytes) {
      protocol.transport.write(Uint8Array.of(byte));
      pump.flush();
    }
    protocol.transport.write(bytes);
    pump.flush();
    assert.deepEqual(heard(), ["text a", "text 🧵", "text ö", "text a🧵ö", "open"]);
  });

  it("holds on to no bytes of the writer once drained() has fired", () => {
    const { protocol, heard, pump, client } = over(new Keeper());
    client.transport.pauseProducing();
    const bytes = Buffer.alloc(5000, "a");
    let fired = false;
    protocol.transport.write(bytes);
    void protocol.transport.drained().addCallback(() => {
      fired = true;
      bytes.fill("b");
    });
    pump.flush();
    assert.isTrue(fired);
    client.transport.resumeProducing();
    pump.flush();
    assert.deepEqual(heard(), ["binary (5000)", "open"]);
    assert.include(client.received, "aaaa");
    assert.notInclude(client.received, "bbbb");
  });

  it("makes the writer wait for a client that does not read", () => {
    const { protocol, pump, client, heard } = over(new Keeper());
    client.transport.pauseProducing();
    protocol.transport.write(Buffer.alloc(500_000));
    let drained = false;
    void protocol.transport.drained().addCallback(() => {
      drained = true;
    });
    pump.flush();
    assert.isAbove(protocol.transport.bufferedBytes, 100_000);
    assert.isFalse(drained);
    client.transport.resumeProducing();
    pump.flush();
    assert.isTrue(drained);
    assert.equal(heard().at(-1), "open");
  });

  it("tells the protocol who is there", () => {
    const { protocol, client } = over(new Keeper());
    assert.equal(protocol.transport.getPeer().toString(), client.transport.getHost().toString());
    assert.equal(protocol.transport.getHost().toString(), client.transport.getPeer().toString());
  });

  it("refuses with 503 where the factory has no protocol", () => {
    const factory = new (class extends Factory {
      override buildProtocol(): undefined {
        return undefined;
      }
    })();
    const { client } = socket({ build: overWebSocket(factory) });
    assert.equal(readAnswer(client.received).code, 503);
  });

  it("builds no protocol where there is no reactor for transports", () => {
    const factory = new (class extends Factory {
      override buildProtocol(): Protocol {
        return assert.fail("nobody can connect it");
      }
    })();
    const resource = new WebSocketResource(overWebSocket(factory));
    const client = new Keeper();
    const pump = connect(client, new Site(resource, { reactor: new Clock() }).buildProtocol());
    client.transport.write(handshake());
    const logs = capturedLogs(() => pump.flush());
    assert.equal(logs[0]?.log_failure?.value.name, "UnsupportedError");
    assert.include(client.chunks.join(""), " 500 ");
  });
});

describe("overWebSocket(): the end", () => {
  it("a goodbye of any code is ConnectionDone, with the code in its cause", () => {
    for (const code of [1000, 1001, 4000]) {
      const { protocol, send, reactor } = over(new Keeper());
      send(goodbye(code, "why"));
      const done = protocol.reason?.value;
      assert(done instanceof ConnectionDone);
      assert(done.cause instanceof WebSocketClosed);
      assert.deepEqual([done.cause.closeCode, done.cause.reason], [code, "why"]);
      assert.isEmpty(reactor.getDelayedCalls());
    }
  });

  it("an end without a goodbye is ConnectionLost; so is what is no WebSocket", () => {
    for (const sent of ["", "nonsense"]) {
      const { protocol, send, client, pump } = over(new Keeper());
      send(sent);
      client.transport.loseConnection();
      pump.flush();
      assert(protocol.reason?.is(ConnectionLost));
    }
  });

  it("loseConnection() sends what was written, and goodbye; loseWriteConnection() as well", () => {
    for (const how of ["loseConnection", "loseWriteConnection"] as const) {
      const { protocol, send, heard, pump, reactor } = over(new Keeper());
      protocol.transport.write("last words");
      protocol.transport[how]();
      pump.flush();
      assert.deepEqual(heard(), ["binary last words", "close 1000", "open"]);
      send(Buffer.concat([frame("text", "late"), goodbye(1000)]));
      assert.deepEqual(heard(), ["binary last words", "close 1000", "closed"]);
      assert.isTrue(protocol.reason?.is(ConnectionDone));
      assert.isEmpty(protocol.chunks);
      assert.isEmpty(reactor.getDelayedCalls());
    }
  });

  it("a client that does not say goodbye does not hold the connection", () => {
    const { protocol, reactor, client, advance } = over(new Keeper(), {}, { closeTimeout: 5 });
    protocol.transport.loseConnection();
    advance(5.1);
    assert.isDefined(client.ended);
    assert.isTrue(protocol.reason?.is(ConnectionDone));
    assert.isEmpty(reactor.getDelayedCalls());
  });

  it("a protocol that throws is dropped, and the client sees a reset", () => {
    class Broken extends Keeper {
      override dataReceived(): void {
        throw new RangeError("too much");
      }
    }
    const { protocol, send, heard, reactor } = over(new Broken());
    const logs = capturedLogs(() => send(frame("text", "x")));
    assert.lengthOf(logs, 1);
    assert.equal(protocol.reason?.type, "RangeError");
    assert.deepEqual(heard(), ["reset"]);
    assert.isEmpty(reactor.getDelayedCalls());
  });

  it("when the server drains: goodbye with 1001, or what the protocol does about it", () => {
    class Finishing extends Keeper {
      drain(): void {
        this.transport.write("221 bye");
        this.transport.loseConnection();
      }
    }
    const ends: readonly [Keeper, string[]][] = [
      [new Keeper(), []],
      [new Finishing(), ["binary 221 bye"]],
    ];
    for (const [protocol, words] of ends) {
      const { pump, heard, send } = over(protocol);
      const channel = pump.server.protocol;
      assert(channel !== undefined && "drain" in channel && typeof channel.drain === "function");
      Reflect.apply(channel.drain, channel, []);
      pump.flush();
      assert.deepEqual(heard(), [...words, "close 1001", "open"]);
      send(goodbye(1001));
      assert.isTrue(protocol.reason?.is(ConnectionDone));
    }
  });

  it("when the reactor stops: ConnectionLost, and nothing is left behind", async () => {
    const { protocol, reactor, pump } = over(new Keeper());
    const disposed = reactor[Symbol.asyncDispose]();
    pump.flush();
    await disposed;
    assert.equal(protocol.reason?.type, "ConnectionLost");
    assert.isEmpty(reactor.getDelayedCalls());
  });
});
