import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { IPv4Address } from "../addresses.ts";
import { CannotListenError, NotConnectingError } from "../errors.ts";
import type { IConnector, IListeningPort, IProtocolFactory } from "../interfaces-factory.ts";
import type { IReactorTCP, ListenTCPOptions } from "../interfaces-reactor.ts";
import type { ITransport } from "../interfaces-transport.ts";
import { TCP4ServerEndpoint, TCP6ServerEndpoint } from "./tcp-server.ts";

/** A port that binds when the test says so. */
class ScriptedPort implements IListeningPort {
  readonly listening = new Deferred<IListeningPort>();
  readonly connections: ReadonlySet<ITransport> = new Set();
  stopped = 0;

  getHost(): IPv4Address {
    return new IPv4Address("TCP", "127.0.0.1", 8000);
  }

  whenEmpty(): Deferred<void> {
    return succeed(undefined);
  }

  startListening(): void {}

  stopListening(): Deferred<void> {
    this.stopped += 1;
    return succeed(undefined);
  }
}

/** Keeps what it is asked for. */
class ScriptedReactor implements IReactorTCP {
  readonly port = new ScriptedPort();
  readonly asked: [number, IProtocolFactory, ListenTCPOptions | undefined][] = [];
  refusal: Error | undefined;

  listenTCP(port: number, factory: IProtocolFactory, options?: ListenTCPOptions): IListeningPort {
    if (this.refusal !== undefined) throw this.refusal;
    this.asked.push([port, factory, options]);
    return this.port;
  }

  connectTCP(): IConnector {
    throw new NotConnectingError("Cannot connect: this reactor only listens");
  }
}

const factory: IProtocolFactory = {
  doStart: () => undefined,
  doStop: () => undefined,
  buildProtocol: () => undefined,
};

/** Everything that comes out of a Deferred. */
function outcomes(deferred: Deferred<unknown>): unknown[] {
  const seen: unknown[] = [];
  void deferred.addBoth((result) => {
    seen.push(result instanceof Failure ? result.value : result);
  });
  return seen;
}

describe("TCP4ServerEndpoint", () => {
  it("listen() asks the reactor, with every option", () => {
    const reactor = new ScriptedReactor();
    void new TCP4ServerEndpoint(reactor, 8000).listen(factory);
    void new TCP4ServerEndpoint(reactor, 0, {
      backlog: 5,
      interface: "127.0.0.1",
      maxConnections: 3,
    }).listen(factory);
    assert.deepEqual(reactor.asked, [
      [8000, factory, { backlog: 50, interface: "" }],
      [0, factory, { backlog: 5, interface: "127.0.0.1", maxConnections: 3 }],
    ]);
  });

  it("listen() fires with the port when it is bound, not before", () => {
    const reactor = new ScriptedReactor();
    const seen = outcomes(new TCP4ServerEndpoint(reactor, 8000).listen(factory));
    assert.deepEqual(seen, []);
    reactor.port.listening.callback(reactor.port);
    assert.deepEqual(seen, [reactor.port]);
  });

  it("listen() leaves the port in port.listening, for those who look later", () => {
    const reactor = new ScriptedReactor();
    void new TCP4ServerEndpoint(reactor, 8000).listen(factory);
    reactor.port.listening.callback(reactor.port);
    assert.deepEqual(outcomes(reactor.port.listening), [reactor.port]);
  });

  it("listen() fails when the port cannot be bound", () => {
    const reactor = new ScriptedReactor();
    const seen = outcomes(new TCP4ServerEndpoint(reactor, 80).listen(factory));
    const refusal = new CannotListenError("", 80, new Error("permission denied"));
    reactor.port.listening.errback(refusal);
    assert.deepEqual(seen, [refusal]);
    assert.isUndefined(reactor.port.listening.result);
  });

  it("listen() fails with what listenTCP throws", () => {
    const reactor = new ScriptedReactor();
    reactor.refusal = new CannotListenError("", 80, new Error("in use"));
    const seen = outcomes(new TCP4ServerEndpoint(reactor, 80).listen(factory));
    assert.deepEqual(seen, [reactor.refusal]);
  });

  it("cancelling closes the port; what becomes of it then is ignored", () => {
    for (const late of [new Error("closed"), undefined]) {
      const reactor = new ScriptedReactor();
      const { port } = reactor;
      const listening = new TCP4ServerEndpoint(reactor, 8000).listen(factory);
      const seen = outcomes(listening);
      listening.cancel();
      assert.equal(port.stopped, 1);
      assert.instanceOf(seen[0], CancelledError);
      if (late === undefined) port.listening.callback(port);
      else port.listening.errback(late);
      assert.lengthOf(seen, 1);
    }
  });

  it("aborting cancels, and says why", () => {
    const reactor = new ScriptedReactor();
    const controller = new AbortController();
    const { signal } = controller;
    const seen = outcomes(new TCP4ServerEndpoint(reactor, 8000).listen(factory, { signal }));
    const why = new Error("changed our mind");
    controller.abort(why);
    assert.equal(reactor.port.stopped, 1);
    assert.instanceOf(seen[0], CancelledError);
    assert.propertyVal(seen[0], "cause", why);
  });

  it("aborted beforehand, nothing is started", () => {
    const reactor = new ScriptedReactor();
    const signal = AbortSignal.abort();
    const seen = outcomes(new TCP4ServerEndpoint(reactor, 8000).listen(factory, { signal }));
    assert.instanceOf(seen[0], CancelledError);
    assert.isEmpty(reactor.asked);
  });

  it("aborting after it is bound does nothing, even while a callback waits", () => {
    const reactor = new ScriptedReactor();
    const controller = new AbortController();
    const { signal } = controller;
    const next = new Deferred<string>();
    const listening = new TCP4ServerEndpoint(reactor, 8000).listen(factory, { signal });
    const seen = outcomes(listening.addCallback(() => next));
    reactor.port.listening.callback(reactor.port);
    controller.abort();
    assert.equal(reactor.port.stopped, 0);
    next.callback("done");
    assert.deepEqual(seen, ["done"]);
  });

  it("refuses what is no port", () => {
    for (const port of [-1, 65_536, 1.5, Number.NaN]) {
      assert.throws(() => new TCP4ServerEndpoint(new ScriptedReactor(), port), RangeError);
    }
  });

  it("prints itself as its description", () => {
    const reactor = new ScriptedReactor();
    assert.equal(String(new TCP4ServerEndpoint(reactor, 8000)), "tcp:8000");
    const endpoint = new TCP4ServerEndpoint(reactor, 8000, { interface: "::1", backlog: 5 });
    assert.equal(String(endpoint), String.raw`tcp:8000:interface=\:\:1:backlog=5`);
    assert.equal(
      inspect(endpoint),
      String.raw`TCP4ServerEndpoint(tcp:8000:interface=\:\:1:backlog=5)`,
    );
  });
});

describe("TCP6ServerEndpoint", () => {
  it('listens on "::" unless told otherwise', () => {
    const reactor = new ScriptedReactor();
    void new TCP6ServerEndpoint(reactor, 1).listen(factory);
    void new TCP6ServerEndpoint(reactor, 2, { interface: "" }).listen(factory);
    void new TCP6ServerEndpoint(reactor, 3, { interface: "::1", backlog: 1 }).listen(factory);
    assert.deepEqual(
      reactor.asked.map(([, , options]) => options),
      [
        { backlog: 50, interface: "::" },
        { backlog: 50, interface: "::" },
        { backlog: 1, interface: "::1" },
      ],
    );
  });

  it("prints itself as its description", () => {
    const reactor = new ScriptedReactor();
    assert.equal(String(new TCP6ServerEndpoint(reactor, 80)), "tcp6:80");
    const endpoint = new TCP6ServerEndpoint(reactor, 80, { interface: "::1" });
    assert.equal(String(endpoint), String.raw`tcp6:80:interface=\:\:1`);
  });
});
