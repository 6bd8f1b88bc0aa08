import { assert, it } from "vitest";
import { connectOn } from "../../../test/fixtures/connect-on-network.ts";
import { describeOnAll as describe, makeReactor } from "../../../test/fixtures/networks.ts";
import { ProxiedClient } from "../../../test/fixtures/web/proxy-stage.ts";
import { Tunnel, tunnelSeconds } from "./tunnel.ts";

/** Two who talk through a tunnel. */
function stage(idleTimeout = 600) {
  const reactor = makeReactor();
  const tunnel = new Tunnel(reactor, idleTimeout);
  const [left, right] = [new ProxiedClient(reactor), new ProxiedClient(reactor)];
  connectOn(right, tunnel.server, { reactor });
  right.send("early");
  connectOn(left, tunnel.client, { reactor });
  reactor.flush();
  return { reactor, tunnel, left, right };
}

describe("a tunnel", () => {
  it("carries bytes both ways, also what came before the other end was there", () => {
    const { left, right } = stage();
    left.send("hello");
    right.send(" and late");
    assert.deepEqual([left.take(), right.take()], ["early and late", "hello"]);
  });

  it("goes at the slower one's pace", () => {
    const { reactor, left, right } = stage();
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const) {
      to.take();
      to.transport.pauseProducing();
      for (let at = 0; at < 9; at += 1) from.send(Buffer.alloc(100_000));
      assert.isAbove(from.transport.bufferedBytes, 500_000);
      to.transport.resumeProducing();
      reactor.flush();
      assert.lengthOf(to.received, 900_000);
    }
  });

  it("passes the end of one direction on, and the other direction lives", () => {
    const { reactor, left, right } = stage();
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const) {
      from.send("last words");
      from.transport.loseWriteConnection();
      reactor.flush();
      assert.isTrue(to.halfClosed);
      assert.include(to.received, "last words");
    }
    assert.equal(left.ended?.value.name, "ConnectionDone");
    assert.equal(right.ended?.value.name, "ConnectionDone");
    assert.lengthOf(reactor.getDelayedCalls(), 0);
  });

  it("passes a close on when all is out, and a reset as a reset", () => {
    const closed = stage();
    closed.right.transport.pauseProducing();
    closed.left.send(Buffer.alloc(900_000));
    closed.left.transport.loseConnection();
    closed.reactor.flush();
    closed.right.transport.resumeProducing();
    closed.reactor.flush();
    assert.lengthOf(closed.right.received, 900_000);
    assert.isTrue(closed.right.halfClosed);
    const reset = stage();
    reset.left.transport.abortConnection();
    reset.reactor.flush();
    assert.equal(reset.right.ended?.value.name, "ConnectionLost");
    assert.lengthOf(reset.reactor.getDelayedCalls(), 0);
  });

  it("in which nothing moves is closed, one in which something does is not", () => {
    const { reactor, left, right } = stage(10);
    for (const from of [left, right, left]) {
      reactor.advance(9);
      from.send("x");
    }
    assert.isFalse(left.halfClosed);
    reactor.advance(10);
    assert.isTrue(left.halfClosed);
    assert.isTrue(right.halfClosed);
    const endless = stage(tunnelSeconds(0));
    endless.reactor.advance(1e6);
    assert.isFalse(endless.left.halfClosed);
    assert.throws(() => tunnelSeconds(-1), RangeError);
  });

  it("can be drained", () => {
    const { reactor, tunnel, left, right } = stage();
    tunnel.client.drain();
    reactor.flush();
    assert.isTrue(left.halfClosed);
    assert.isTrue(right.halfClosed);
  });
});
