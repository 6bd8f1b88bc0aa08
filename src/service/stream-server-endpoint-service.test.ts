/**
 * The listening service: binding, draining, and what it does when told to stop early.
 *
 * @module
 */
import { assert, it } from "vitest";
import {
  describeOnAll as describe,
  makeReactor,
  type TestReactor,
} from "../../test/fixtures/networks.ts";
import { Deferred } from "../defer/deferred.ts";
import { CancelledError } from "../defer/errors.ts";
import type { Failure } from "../defer/failure.ts";
import { CannotListenError, ConnectionAborted, ConnectionDone } from "../internet/errors.ts";
import { TCP4ServerEndpoint } from "../internet/endpoints/tcp-server.ts";
import { ClientFactory, Factory } from "../internet/factory.ts";
import type {
  IListeningPort,
  IProtocolFactory,
  IStreamServerEndpoint,
} from "../internet/interfaces-factory.ts";
import { Protocol } from "../internet/protocol.ts";
import { captureLogs } from "../logger/capture.ts";
import { formatEvent } from "../logger/format.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { MultiService } from "./multi-service.ts";
import { StreamServerEndpointService } from "./stream-server-endpoint-service.ts";

/** Remembers how its connection ended. */
class Remembering extends Protocol {
  reason: Failure | undefined;
  override connectionLost(reason: Failure): void {
    this.reason = reason;
  }
}

/** Says goodbye when drained, and closes when told to. */
class Drainable extends Remembering {
  drained = 0;
  drain(): void {
    this.drained += 1;
    this.transport.write("goodbye\r\n");
  }
}

class Client extends Protocol {
  received = "";
  override dataReceived(data: Buffer): void {
    this.received += data.toString();
  }
}

/** A service on port 7 of a network in memory, running, with a client for each of `protocols`. */
function serving(protocols: readonly Remembering[], options = {}) {
  const reactor = makeReactor();
  const next = protocols.values();
  const factory = Factory.building(() => next.next().value);
  const endpoint = new TCP4ServerEndpoint(reactor, 7);
  const service = new StreamServerEndpointService(endpoint, factory, {
    clock: reactor,
    ...options,
  });
  const started = service.startService();
  assertNoResult(started);
  reactor.flush();
  successResultOf(started);
  const clients = protocols.map(() => {
    const client = new Client();
    reactor.connectTCP(
      "127.0.0.1",
      7,
      ClientFactory.building(() => client),
    );
    reactor.flush();
    return client;
  });
  return { reactor, service, factory, clients };
}

/** Does anybody listen on port 7? */
function isTaken(reactor: TestReactor): boolean {
  const port = reactor.listenTCP(7, Factory.forProtocol(Protocol));
  const taken = port.listening.addCallbacks(
    () => false,
    () => true,
  );
  reactor.flush();
  void port.stopListening();
  reactor.flush();
  return successResultOf(taken);
}

describe("StreamServerEndpointService.startService()", () => {
  it("fires when the port is bound", () => {
    const { service } = serving([]);
    assert.isTrue(service.running);
    assert.strictEqual(String(service.port?.getHost()), "0.0.0.0:7");
  });

  it("fails when the port is taken, and may be tried again", () => {
    const { reactor, service, factory } = serving([]);
    const other = new StreamServerEndpointService(service.endpoint, factory, { clock: reactor });
    const failed = other.startService();
    reactor.flush();
    failureResultOf(failed, CannotListenError);
    assert.isFalse(other.running);
    const stopped = service.stopService();
    reactor.flush();
    successResultOf(stopped);
    const again = other.startService();
    reactor.flush();
    successResultOf(again);
  });

  it("fails when listen() throws", () => {
    const endpoint: IStreamServerEndpoint = {
      listen: () => {
        throw new RangeError("no such port");
      },
    };
    const service = new StreamServerEndpointService(endpoint, new Factory(), {
      drainTimeout: Infinity,
    });
    failureResultOf(service.startService(), RangeError);
  });

  it("is refused while it runs", () => {
    const { service } = serving([]);
    assert.throws(() => void service.startService(), "it is listening already");
  });

  it("wants a clock, and takes its parents'", () => {
    const reactor = makeReactor();
    const endpoint = new TCP4ServerEndpoint(reactor, 7);
    const service = new StreamServerEndpointService(endpoint, Factory.forProtocol(Protocol));
    assert.throws(() => void service.startService(), "expected a clock for its drainTimeout");
    void service.setServiceParent(new MultiService({ clock: reactor }));
    const started = service.startService();
    reactor.flush();
    successResultOf(started);
  });
});

describe("StreamServerEndpointService.stopService()", () => {
  it("closes the port at once, and the connections with what was written", () => {
    const [a, b] = [new Remembering(), new Remembering()];
    const { reactor, service, clients } = serving([a, b]);
    a.transport.write("last words");
    const stopped = service.stopService();
    assert.isFalse(service.running);
    reactor.flush();
    successResultOf(stopped);
    assert.strictEqual(clients[0]?.received, "last words");
    for (const one of [a, b]) assert.strictEqual(one.reason?.check(ConnectionDone), ConnectionDone);
    assert.isFalse(isTaken(reactor));
    assert.deepEqual(reactor.getDelayedCalls(), []);
    assert.isUndefined(service.port);
  });

  it("drains a protocol that can finish by itself", () => {
    const protocol = new Drainable();
    const { reactor, service, clients } = serving([protocol]);
    const stopped = service.stopService();
    reactor.flush();
    assertNoResult(stopped);
    assert.isFalse(isTaken(reactor), "the port is closed already");
    assert.strictEqual(clients[0]?.received, "goodbye\r\n");
    protocol.transport.loseConnection();
    reactor.flush();
    successResultOf(stopped);
    assert.strictEqual(protocol.drained, 1);
  });

  it("aborts what is left after drainTimeout", () => {
    using logs = captureLogs();
    const protocol = new Drainable();
    const { reactor, service } = serving([protocol], { drainTimeout: 2 });
    const stopped = service.stopService();
    reactor.advance(1.9);
    assertNoResult(stopped);
    reactor.advance(0.1);
    successResultOf(stopped);
    assert.strictEqual(protocol.reason?.check(ConnectionAborted), ConnectionAborted);
    const texts = logs.flush((one) => one.log_level === "warn").map((one) => formatEvent(one));
    assert.deepEqual(texts, ["0.0.0.0:7: 1 connection did not finish in time: aborted"]);
  });

  it("aborts what is left when it is cancelled", () => {
    const protocol = new Drainable();
    const { reactor, service } = serving([protocol], { drainTimeout: Infinity });
    const stopped = service.stopService();
    reactor.flush();
    stopped.cancel();
    failureResultOf(stopped, CancelledError);
    reactor.flush();
    assert.strictEqual(protocol.reason?.check(ConnectionAborted), ConnectionAborted);
  });

  it("closes a connection whose drain() throws", () => {
    using logs = captureLogs();
    class Broken extends Remembering {
      drain(): void {
        throw new RangeError("no words");
      }
    }
    const protocol = new Broken();
    const { reactor, service } = serving([protocol]);
    const stopped = service.stopService();
    reactor.flush();
    successResultOf(stopped);
    assert.strictEqual(protocol.reason?.check(ConnectionDone), ConnectionDone);
    assert.strictEqual(logs.flush((one) => one.log_level === "critical").length, 1);
  });

  it("cancels a bind that is under way", () => {
    const reactor = makeReactor();
    const endpoint = new TCP4ServerEndpoint(reactor, 7);
    const service = new StreamServerEndpointService(endpoint, Factory.forProtocol(Protocol), {
      clock: reactor,
    });
    const started = service.startService();
    const stopped = service.stopService();
    failureResultOf(started, CancelledError);
    successResultOf(stopped);
    reactor.flush();
    assert.isFalse(isTaken(reactor));
  });

  it("closes a port that was bound though it was cancelled", () => {
    const reactor = makeReactor();
    const inner = new TCP4ServerEndpoint(reactor, 7);
    /** An endpoint whose chain takes a cancel for nothing. */
    const deaf: IStreamServerEndpoint = {
      listen: (factory: IProtocolFactory) => {
        const port = inner.listen(factory);
        reactor.flush();
        const bound = successResultOf(port);
        return new Deferred<IListeningPort>((d) => d.callback(bound));
      },
    };
    const service = new StreamServerEndpointService(deaf, Factory.forProtocol(Protocol), {
      clock: reactor,
    });
    const started = service.startService();
    assert.isTrue(isTaken(reactor));
    const stopped = service.stopService();
    failureResultOf(started, CancelledError);
    reactor.flush();
    successResultOf(stopped);
    assert.isFalse(isTaken(reactor));
  });

  it("fires for everybody who asks, and is fine with nothing to do", () => {
    const { reactor, service } = serving([new Remembering()]);
    const asked = [service.stopService(), service.stopService()];
    reactor.flush();
    for (const one of asked) successResultOf(one);
    successResultOf(service.stopService());
  });

  it("can be started again", () => {
    const { reactor, service } = serving([]);
    void service.stopService();
    reactor.flush();
    const again = service.startService();
    reactor.flush();
    successResultOf(again);
    assert.isTrue(service.running);
  });
});

it("StreamServerEndpointService checks its options", () => {
  const endpoint = new TCP4ServerEndpoint(makeReactor(), 7);
  assert.throws(
    () => new StreamServerEndpointService(endpoint, new Factory(), { drainTimeout: -1 }),
    RangeError,
  );
});
