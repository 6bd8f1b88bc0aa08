/**
 * The factory of {@link HostnameEndpoint}, and giving up at any moment.
 */
import { assert, describe, it } from "vitest";
import type { Failure } from "../../defer/failure.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { failureResultOf, successResultOf } from "../../testing/results.ts";
import { captureLogs } from "../../logger/capture.ts";
import {
  ConnectingCancelledError,
  ConnectionDone,
  NoProtocol,
  UnknownHostError,
} from "../errors.ts";
import { Factory } from "../factory.ts";
import type { IHostnameResolver } from "../interfaces-resolver.ts";
import { HostResolution } from "../names/host-resolution.ts";
import { Protocol } from "../protocol.ts";
import { AllAttemptsFailedError } from "./all-attempts-failed-error.ts";
import { HostnameEndpoint } from "./hostname-endpoint.ts";

/** Counts its uses, and builds as told. */
class CountingFactory extends Factory {
  override noisy = false;
  readonly diary: string[] = [];
  readonly #build: () => Protocol | undefined;

  constructor(build: () => Protocol | undefined = () => new Protocol()) {
    super();
    this.#build = build;
  }

  override startFactory(): void {
    this.diary.push("start");
  }

  override stopFactory(): void {
    this.diary.push("stop");
  }

  override buildProtocol(): Protocol | undefined {
    this.diary.push("build");
    return this.#build();
  }
}

/** Never answers; counts what was cancelled. */
class SilentResolver implements IHostnameResolver {
  cancelled = 0;

  resolveHostName(
    receiver: Parameters<IHostnameResolver["resolveHostName"]>[0],
    name: string,
  ): HostResolution {
    const resolution = new HostResolution(name, receiver, () => {
      this.cancelled += 1;
    });
    resolution.begin();
    return resolution;
  }
}

/** A reactor with a server on port 80, and a name with these addresses. */
function world(...addresses: readonly string[]): MemoryReactor {
  const reactor = new MemoryReactor();
  if (addresses.length > 0) reactor.names.set("example.com", ...addresses);
  const factory = Factory.forProtocol(Protocol);
  factory.noisy = false;
  reactor.listenTCP(80, factory);
  reactor.flush();
  return reactor;
}

/** How many connections the server has. */
function accepted(reactor: MemoryReactor): number {
  return reactor.tcpServers[0]?.listeningPort.connections.size ?? 0;
}

function endpointTo(reactor: MemoryReactor, host = "example.com"): HostnameEndpoint {
  return new HostnameEndpoint(reactor, host, 80);
}

describe("HostnameEndpoint: the factory", () => {
  it("that makes no protocol ends it: NoProtocol, and nobody else is asked", () => {
    const reactor = world("2001:db8::1", "192.0.2.1", "192.0.2.2");
    reactor.network.routes.set("2001:db8::1", { outcome: "drop" });
    const factory = new CountingFactory(() => undefined);
    const connecting = endpointTo(reactor).connect(factory);
    reactor.advance(60);
    failureResultOf(connecting, NoProtocol);
    assert.deepEqual(factory.diary, ["start", "build", "stop"]);
    assert.equal(reactor.tcpClients.length, 2);
    assert.equal(accepted(reactor), 0);
  });

  it("that throws from buildProtocol ends it with that", () => {
    const reactor = world("192.0.2.1", "192.0.2.2");
    const boom = new Error("boom");
    const factory = new CountingFactory(() => {
      throw boom;
    });
    const connecting = endpointTo(reactor).connect(factory);
    reactor.advance(60);
    assert.strictEqual(failureResultOf(connecting).value, boom);
    assert.deepEqual(factory.diary, ["start", "build", "stop"]);
    assert.equal(accepted(reactor), 0);
  });

  it("whose protocol throws from connectionMade ends it with that", () => {
    using logs = captureLogs();
    const reactor = world("192.0.2.1", "192.0.2.2");
    const boom = new Error("boom");
    class Throwing extends Protocol {
      override connectionMade(): void {
        throw boom;
      }
    }
    const factory = new CountingFactory(() => new Throwing());
    const connecting = endpointTo(reactor).connect(factory);
    reactor.advance(60);
    assert.strictEqual(failureResultOf(connecting).value, boom);
    assert.deepEqual(factory.diary, ["start", "build", "stop"]);
    assert.equal(reactor.tcpClients.length, 1);
    assert.equal(logs.flush((event) => event.log_failure?.value === boom).length, 1);
  });

  it("that cannot start fails it, and nothing is begun", () => {
    const reactor = world("192.0.2.1");
    const boom = new Error("boom");
    const factory = new CountingFactory();
    factory.startFactory = () => {
      throw boom;
    };
    const connecting = endpointTo(reactor).connect(factory);
    assert.strictEqual(failureResultOf(connecting).value, boom);
    reactor.advance(60);
    assert.isEmpty(reactor.tcpClients);
  });

  it("that throws when it is stopped is logged", () => {
    using logs = captureLogs();
    const reactor = world();
    const boom = new Error("boom");
    const factory = new CountingFactory();
    factory.stopFactory = () => {
      throw boom;
    };
    const connecting = endpointTo(reactor).connect(factory);
    reactor.flush();
    failureResultOf(connecting, UnknownHostError);
    assert.equal(logs.flush((event) => event.log_failure?.value === boom).length, 1);
  });

  it("is not asked by a connection that comes too late", () => {
    const reactor = world("192.0.2.1", "192.0.2.2");
    reactor.network.routes.set("192.0.2.1", { outcome: "drop" });
    const factory = new CountingFactory();
    const connecting = endpointTo(reactor).connect(factory);
    reactor.advance(1);
    const winner = successResultOf(connecting);
    const [loser] = reactor.tcpClients;
    // What a reactor does that had the connection in hand when it was given up.
    assert.isUndefined(loser?.factory.buildProtocol(loser.connector.getDestination()));
    assert.deepEqual(factory.diary, ["start", "build"]);
    assert.isFalse(winner.transport.disconnecting);
  });
});

describe("HostnameEndpoint: giving up", () => {
  it("cancels the resolution", () => {
    const reactor = world();
    const resolver = new SilentResolver();
    reactor.installNameResolver(resolver);
    const factory = new CountingFactory();
    const connecting = endpointTo(reactor).connect(factory);
    connecting.cancel();
    const { value } = failureResultOf(connecting, ConnectingCancelledError);
    assert.equal(value.message, "Cannot connect to example.com:80: the attempt was cancelled");
    assert.deepEqual([resolver.cancelled, factory.diary], [1, ["start", "stop"]]);
    assert.isEmpty(reactor.getDelayedCalls());
  });

  it("does not stumble over a resolver that cannot be cancelled", () => {
    using logs = captureLogs();
    const reactor = world();
    const boom = new Error("not implemented");
    reactor.installNameResolver({
      resolveHostName: (_receiver, name) => ({
        name,
        cancel: () => {
          throw boom;
        },
      }),
    });
    const connecting = endpointTo(reactor).connect(new CountingFactory());
    connecting.cancel();
    failureResultOf(connecting, ConnectingCancelledError);
    assert.equal(logs.flush((event) => event.log_failure?.value === boom).length, 1);
  });

  it("cancels all attempts, and begins no other", () => {
    const reactor = world("2001:db8::1", "192.0.2.1", "192.0.2.2");
    for (const host of ["2001:db8::1", "192.0.2.1"]) {
      reactor.network.routes.set(host, { outcome: "drop" });
    }
    const factory = new CountingFactory();
    const connecting = endpointTo(reactor).connect(factory);
    reactor.advance(0.3);
    connecting.cancel();
    failureResultOf(connecting, ConnectingCancelledError);
    reactor.advance(60);
    assert.deepEqual(
      reactor.tcpClients.map(({ connector }) => connector.state),
      ["disconnected", "disconnected"],
    );
    assert.deepEqual(factory.diary, ["start", "stop"]);
    assert.isEmpty(reactor.getDelayedCalls());
  });

  for (const where of ["buildProtocol", "connectionMade"] as const) {
    it(`from inside ${where} closes what has come about`, () => {
      const reactor = world("192.0.2.1");
      const reasons: Failure[] = [];
      class Watching extends Protocol {
        override connectionMade(): void {
          if (where === "connectionMade") connecting.cancel();
        }

        override connectionLost(reason: Failure): void {
          reasons.push(reason);
        }
      }
      const factory = new CountingFactory(() => {
        if (where === "buildProtocol") connecting.cancel();
        return new Watching();
      });
      const connecting = endpointTo(reactor).connect(factory);
      reactor.advance(60);
      failureResultOf(connecting, ConnectingCancelledError);
      assert.deepEqual(factory.diary, ["start", "build", "stop"]);
      assert.equal(accepted(reactor), 0);
      assert.equal(reasons.length, where === "connectionMade" ? 1 : 0);
      for (const reason of reasons) assert.isDefined(reason.check(ConnectionDone));
    });
  }

  it("follows a signal, whose reason is the cause; later it is let go", () => {
    const reactor = world("192.0.2.1");
    const controller = new AbortController();
    const { signal } = controller;
    const connecting = endpointTo(reactor).connect(new CountingFactory(), { signal });
    const connected = endpointTo(world("192.0.2.1"), "192.0.2.1");
    controller.abort(new Error("enough"));
    const { value } = failureResultOf(connecting, ConnectingCancelledError);
    assert.propertyVal(value.cause, "message", "enough");

    const factory = new CountingFactory();
    failureResultOf(connected.connect(factory, { signal }), ConnectingCancelledError);
    assert.isEmpty(factory.diary);

    const other = new AbortController();
    const late = endpointTo(reactor).connect(new CountingFactory(), { signal: other.signal });
    reactor.flush();
    other.abort();
    assert.isFalse(successResultOf(late).transport.disconnecting);
  });

  it("is what happens when the reactor stops, while resolving and while connecting", async () => {
    const reactor = world("192.0.2.1");
    reactor.network.routes.set("192.0.2.1", { outcome: "drop" });
    const factory = new CountingFactory();
    const connecting = endpointTo(reactor).connect(factory);
    reactor.flush();
    const resolving = endpointTo(reactor, "localhost").connect(factory);
    const disposed = reactor[Symbol.asyncDispose]();
    reactor.flush();
    await disposed;
    failureResultOf(connecting, AllAttemptsFailedError);
    failureResultOf(resolving, AllAttemptsFailedError);
    assert.deepEqual(factory.diary, ["start", "stop"]);
  });
});
