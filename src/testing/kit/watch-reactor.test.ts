import { assert, describe, it } from "vitest";
import { AssertionError } from "../../core/assert.ts";
import { Deferred } from "../../defer/deferred.ts";
import { ClientFactory, Factory } from "../../internet/factory.ts";
import { ProcessProtocol } from "../../internet/process-protocol.ts";
import { DatagramProtocol } from "../../internet/datagram-protocol.ts";
import { TCP4ServerEndpoint } from "../../internet/endpoints/tcp-server.ts";
import { Protocol } from "../../internet/protocol.ts";
import { Logger } from "../../logger/logger.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { NodeReactor } from "../../reactors/node/node-reactor.ts";
import { Clock } from "../clock.ts";
import { catchLoggedErrors } from "./logged-errors.ts";
import { expectClean, watchReactor } from "./watch-reactor.ts";
import type { WatchedReactor } from "./watched-reactor.ts";

const log = new Logger({ namespace: "sennit.test.kit" });

class Echo extends Protocol {}
class Shell extends ProcessProtocol {}

/** What is said of the reactors when the watch ends. */
function complaint(reactors: WatchedReactor | readonly WatchedReactor[], body: () => void): string {
  try {
    using _ = watchReactor(reactors);
    body();
  } catch (error) {
    assert.instanceOf(error, AssertionError);
    return String(error);
  }
  return "clean";
}

describe("watchReactor() fails a test that leaves", () => {
  it("a delayed call, naming the line and function that made it", () => {
    const reactor = new MemoryReactor();
    function startTicking(): void {
      reactor.callLater(5, function tick() {});
    }
    const text = complaint(reactor, startTicking);
    assert.include(text, "found 1 thing");
    assert.match(text, /a delayed call: DelayedCall\(tick, in 5\.000 s\)\n/u);
    assert.match(text, /\n {6}at startTicking .*watch-reactor\.test\.ts:\d+:\d+/u);
  });

  it("a delayed call of a Clock", () => {
    const clock = new Clock();
    const text = complaint(clock, () => clock.callLater(1, () => {}));
    assert.match(text, /a delayed call: .*\n {6}at .*watch-reactor\.test\.ts/u);
  });

  it("a port, and the endpoint by which it was made", () => {
    const reactor = new MemoryReactor();
    const text = complaint(reactor, () => {
      void new TCP4ServerEndpoint(reactor, 80).listen(Factory.forProtocol(Echo));
      reactor.flush();
    });
    assert.match(text, /a port: MemoryPort\(0\.0\.0\.0:80\)\n {6}at .*tcp-server\.ts/u);
    assert.match(text, /at .*watch-reactor\.test\.ts/u);
  });

  it("a port for datagrams, and a process", () => {
    const reactor = new MemoryReactor();
    const text = complaint(reactor, () => {
      reactor.listenUDP(53, new DatagramProtocol());
      reactor.spawnProcess(new Shell(), "/bin/sh");
      reactor.flush();
    });
    assert.include(text, "a port: MemoryUDPPort");
    assert.include(text, "a process: MemoryProcess");
  });

  it("an attempt to connect: with its time-out, both under the line that began it", () => {
    const reactor = new MemoryReactor();
    const text = complaint(reactor, () => {
      reactor.connectTCP("192.0.2.1", 80, ClientFactory.forProtocol(Echo));
      reactor.flush();
    });
    assert.match(
      text,
      /an attempt to connect: MemoryConnector\(.*connecting\)\n {2}a delayed call/u,
    );
    assert.equal(text.match(/watch-reactor\.test\.ts/gu)?.length, text.match(/ at /gu)?.length);
  });

  it("connections, naming port and connector that they came of, and who made those", () => {
    const reactor = new MemoryReactor();
    const text = complaint(reactor, () => {
      const port = reactor.listenTCP(80, Factory.forProtocol(Echo));
      reactor.connectTCP("127.0.0.1", 80, ClientFactory.forProtocol(Protocol));
      reactor.flush();
      void port.stopListening();
      reactor.flush();
    });
    assert.include(text, "found 2 things");
    assert.match(text, /a connection of Echo: MemoryTransport\(.*\n {6}it came of MemoryPort\(/u);
    assert.match(text, /a connection of Protocol: .*\n {6}it came of MemoryConnector\(/u);
    assert.match(text, /it came of MemoryPort.*\n {6}at .*watch-reactor\.test\.ts/u);
  });

  it("a failure that nobody handled, and an error in the log", () => {
    const text = complaint(new MemoryReactor(), () => {
      new Deferred().errback(new RangeError("unheard"));
      log.error("spilt");
    });
    assert.include(text, "found 2 things");
    assert.match(text, /failure of a Deferred: RangeError: unheard\n {6}at .*watch-reactor/u);
    assert.include(text, "a logged error: [sennit.test.kit] spilt");
  });

  it("anything in any of several reactors", () => {
    const [one, other] = [new MemoryReactor(), new MemoryReactor()];
    const text = complaint([one, other], () => other.callLater(1, () => {}));
    assert.include(text, "a delayed call");
  });
});

describe("watchReactor() passes", () => {
  it("a test that cleans up: cancelled, closed, handled, flushed", () => {
    const reactor = new MemoryReactor();
    using watch = watchReactor(reactor);
    const call = reactor.callLater(5, () => {});
    const port = reactor.listenTCP(80, Factory.forProtocol(Echo));
    const connector = reactor.connectTCP("127.0.0.1", 80, ClientFactory.forProtocol(Echo));
    reactor.flush();
    assert.throws(() => watch.check(), "found 4 things");
    call.cancel();
    connector.disconnect();
    void port.stopListening();
    reactor.flush();
    log.failure("expected", new RangeError("expected"));
    assert.equal(watch.errors.flush(RangeError).length, 1);
  });

  it("what a reactor closes that is disposed of", async () => {
    const reactor = new MemoryReactor();
    using _ = watchReactor(reactor);
    reactor.listenTCP(80, Factory.forProtocol(Echo));
    reactor.flush();
    const disposed = reactor[Symbol.asyncDispose]();
    reactor.flush();
    await disposed;
  });
});

describe("watchReactor()", () => {
  it("says of what is older that nobody watched", () => {
    const reactor = new MemoryReactor();
    reactor.callLater(1, () => {});
    assert.include(
      complaint(reactor, () => {}),
      "made before the watch began",
    );
  });

  it("notes nothing when it is over, and an inner watch does not end an outer one", () => {
    const reactor = new MemoryReactor();
    const text = complaint(reactor, () => {
      complaint(reactor, () => {});
      reactor.callLater(1, () => {});
    });
    assert.match(text, /a delayed call.*\n {6}at /u);
    assert.isUndefined(reactor.setWitness(undefined));
    assert.throws(() => expectClean(reactor), "watchReactor() from the start would tell");
  });

  it("ends before it complains", () => {
    const reactor = new MemoryReactor();
    complaint(reactor, () => {
      reactor.callLater(1, () => {});
      log.error("spilt");
    });
    using errors = catchLoggedErrors();
    assert.deepEqual(errors.events, []);
    assert.isUndefined(reactor.setWitness(undefined));
  });

  it("waits as long as `within` for a reactor whose time moves by itself", async () => {
    await using reactor = new NodeReactor();
    {
      await using _ = watchReactor(reactor, { within: 10 });
      reactor.callLater(0.05, () => {});
    }
    const watch = watchReactor(reactor, { within: 0.05 });
    reactor.callLater(100, () => {});
    const error: unknown = await watch[Symbol.asyncDispose]().catch((reason: unknown) => reason);
    assert.match(String(error), /AssertionError: [^]*a delayed call/u);
  });

  it("refuses to wait where time stands still, and for a time that is none", () => {
    for (const reactor of [new MemoryReactor(), new Clock()]) {
      assert.throws(() => watchReactor(reactor, { within: 1 }), RangeError, "advance");
      assert.isUndefined(reactor.setWitness(undefined));
    }
    assert.throws(() => watchReactor(new NodeReactor(), { within: Number.NaN }), RangeError);
  });
});

describe("expectClean()", () => {
  it("without a watch sees what is open, and failures that nobody handled, once", () => {
    const reactor = new MemoryReactor();
    expectClean(reactor);
    new Deferred().errback(new RangeError("unheard"));
    assert.throws(() => expectClean([reactor]), AssertionError, "RangeError: unheard");
    expectClean(reactor);
    const call = reactor.callLater(1, () => {});
    assert.throws(() => expectClean(reactor), "a delayed call");
    call.cancel();
    expectClean([]);
  });

  it("within a scope of logged errors sees those, once", () => {
    using _ = catchLoggedErrors();
    log.error("spilt");
    assert.throws(() => expectClean(new MemoryReactor()), "spilt");
    expectClean(new MemoryReactor());
  });
});
