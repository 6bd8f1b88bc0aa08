/**
 * Peers that fall silent, wherever they are in what they say: they are asked, and they are dropped.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import {
  Echo,
  frame,
  goodbye,
  handshake,
  type Scene,
  socket,
} from "../../../test/fixtures/web/websocket-scene.ts";
import { ConnectionTimedOut } from "../../internet/errors.ts";
import { WebSocketResource } from "./websocket-resource.ts";

const KIB = 1024;

/** The phase in which the connection timed out. */
function timedOut({ diary }: Scene): string {
  const error = diary.reason?.value;
  return error instanceof ConnectionTimedOut
    ? `${error.phase} ${String(error.seconds)}`
    : String(error);
}

describe("WebSocketConnection: silence", () => {
  it("is pinged after pingInterval, and dropped pongTimeout later", () => {
    const scene = socket({ pingInterval: 10, pongTimeout: 5 });
    scene.advance(9.9);
    assert.deepEqual(scene.heard(), ["open"]);
    scene.advance(0.2);
    assert.deepEqual(scene.heard(), ["ping", "open"]);
    scene.advance(4.8);
    assert.deepEqual(scene.heard(), ["ping", "open"]);
    scene.advance(0.2);
    assert.deepEqual(scene.heard(), ["ping", "reset"]);
    assert.equal(timedOut(scene), "pong 5");
    assert.isEmpty(scene.reactor.getDelayedCalls());
  });

  it("the defaults are 30 and 20 seconds", () => {
    const scene = socket();
    scene.advance(49.9);
    assert.deepEqual(scene.heard(), ["ping", "open"]);
    scene.advance(0.2);
    assert.equal(timedOut(scene), "pong 20");
  });

  it("any byte ends it: a pong, a message, half a frame", () => {
    for (const sent of [frame("pong"), frame("text", "x"), frame("text", "x").subarray(0, 1)]) {
      const scene = socket({ pingInterval: 10, pongTimeout: 5 });
      scene.advance(12);
      scene.send(sent);
      scene.advance(9.9);
      assert.deepEqual(scene.heard(), ["ping", "open"]);
      scene.advance(0.2);
      assert.deepEqual(scene.heard(), ["ping", "ping", "open"]);
    }
  });

  it("a client that answers lives for ever", () => {
    const scene = socket({ pingInterval: 10, pongTimeout: 5 });
    for (let round = 0; round < 100; round += 1) {
      scene.advance(11);
      scene.send(frame("pong"));
    }
    assert.lengthOf(scene.heard(), 101);
    assert.equal(scene.heard().at(-1), "open");
  });

  it("0 is none", () => {
    const scene = socket({ pingInterval: 0 });
    scene.advance(100_000);
    assert.deepEqual(scene.heard(), ["open"]);
    assert.isEmpty(scene.reactor.getDelayedCalls());
  });

  it("is not the peer's while we do not listen", () => {
    const scene = socket({ pingInterval: 10, pongTimeout: 5 });
    scene.diary.transport.pauseProducing();
    scene.advance(1000);
    assert.deepEqual(scene.heard(), ["open"]);
    scene.diary.transport.sendBytesMessage(Buffer.alloc(100 * KIB));
    scene.advance(1000);
    assert.equal(scene.heard().at(-1), "open", "also after much was sent");
    scene.diary.transport.resumeProducing();
    scene.advance(15.1);
    assert.equal(timedOut(scene), "pong 5");
  });
});

describe("WebSocketConnection: a client that falls silent at any byte", () => {
  const limits = { pingInterval: 30, pongTimeout: 20, closeTimeout: 10 };
  const all = Buffer.concat([
    Buffer.from(handshake()),
    frame("text", "hello"),
    frame("text", "in two", { fin: false }),
    frame("ping", "between"),
    frame("continuation", " parts"),
    frame("binary", Buffer.alloc(200)),
    goodbye(1000, "bye"),
  ]);

  it("is gone by a deadline, and leaves no timer", () => {
    for (let at = 0; at < all.length; at += 1) {
      const { client, send, advance, reactor } = visit(
        new WebSocketResource(() => new Echo(), limits),
      );
      send(all.subarray(0, at));
      assert.isUndefined(client.ended);
      advance(61);
      assert.isDefined(client.ended, `after ${String(at)} bytes`);
      assert.isEmpty(reactor.getDelayedCalls(), `after ${String(at)} bytes`);
    }
  });

  it("so is one that has not been heard after our goodbye", () => {
    for (let at = handshake().length; at < all.length; at += 1) {
      const diary = new Echo();
      const { client, send, advance, reactor } = visit(new WebSocketResource(() => diary, limits));
      send(all.subarray(0, at));
      diary.transport.loseConnection();
      advance(10.1);
      assert.isDefined(client.ended);
      assert.isEmpty(reactor.getDelayedCalls());
    }
  });

  it("so is one that does not even read, at each byte", () => {
    for (let at = 0; at < all.length; at += 7) {
      const { client, send, advance, reactor, pump } = visit(
        new WebSocketResource(() => new Echo(), limits),
      );
      client.transport.pauseProducing();
      send(all.subarray(0, at));
      advance(121);
      assert.isTrue(pump.server.disconnected, `after ${String(at)} bytes`);
      assert.isEmpty(reactor.getDelayedCalls());
    }
  });
});
