/**
 * Names, errors and ends of {@link HostnameEndpoint}; the order of attempts is in
 * `_connection-race.test.ts`.
 */
import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import {
  ConnectionRefusedError,
  DNSLookupError,
  TimeoutError,
  UnknownHostError,
} from "../errors.ts";
import { Factory } from "../factory.ts";
import type { IHostnameResolver, ResolveHostNameOptions } from "../interfaces-resolver.ts";
import { HostResolution } from "../names/host-resolution.ts";
import { Protocol } from "../protocol.ts";
import { AllAttemptsFailedError } from "./all-attempts-failed-error.ts";
import { HostnameEndpoint, type HostnameEndpointOptions } from "./hostname-endpoint.ts";

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

/** Never answers; keeps what it is asked, and what was cancelled. */
class SilentResolver implements IHostnameResolver {
  readonly asked: [string, ResolveHostNameOptions | undefined][] = [];
  readonly resolutions: HostResolution[] = [];
  cancelled = 0;

  resolveHostName(
    receiver: Parameters<IHostnameResolver["resolveHostName"]>[0],
    name: string,
    options?: ResolveHostNameOptions,
  ): HostResolution {
    this.asked.push([name, options]);
    const resolution = new HostResolution(name, receiver, () => {
      this.cancelled += 1;
    });
    this.resolutions.push(resolution);
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

function endpointTo(
  reactor: MemoryReactor,
  host = "example.com",
  options: HostnameEndpointOptions = {},
): HostnameEndpoint {
  return new HostnameEndpoint(reactor, host, 80, options);
}

describe("HostnameEndpoint: what it is", () => {
  it("prints itself as the string that makes it", () => {
    const reactor = new MemoryReactor();
    assert.equal(inspect(endpointTo(reactor)), "HostnameEndpoint(host:example.com:80)");
    const options = { timeout: 5, attemptDelay: 1, bindAddress: { host: "::1", port: 9 } };
    assert.equal(
      endpointTo(reactor, "[::1]", options).toString(),
      String.raw`host:\:\:1:80:timeout=5:bindAddress=\:\:1:attemptDelay=1`,
    );
  });

  it("refuses ports and options out of their range at once", () => {
    const reactor = new MemoryReactor();
    for (const port of [-1, 65_536, 0.5]) {
      assert.throws(() => new HostnameEndpoint(reactor, "example.com", port), RangeError);
    }
    const bad: readonly HostnameEndpointOptions[] = [
      { timeout: -1 },
      { timeout: Number.NaN },
      { attemptDelay: 0 },
      { attemptDelay: Number.NaN },
      { maxAttempts: 0 },
      { bindAddress: { host: "127.0.0.1", port: 65_536 } },
    ];
    for (const options of bad) assert.throws(() => endpointTo(reactor, "a", options), RangeError);
  });
});

describe("HostnameEndpoint: the name", () => {
  it("is resolved by the reactor's resolver, in ASCII, with the port", () => {
    const reactor = world();
    const resolver = new SilentResolver();
    reactor.installNameResolver(resolver);
    void endpointTo(reactor, "bücher.example").connect(new CountingFactory());
    void endpointTo(reactor, "Ex_ample.com.").connect(new CountingFactory());
    assert.deepEqual(resolver.asked, [
      ["xn--bcher-kva.example", { portNumber: 80 }],
      ["Ex_ample.com.", { portNumber: 80 }],
    ]);
  });

  for (const host of ["192.0.2.1", "2001:db8::1", "[2001:db8::1]", "fe80::1%eth0"]) {
    it(`is not resolved when it is an address: ${host}`, () => {
      const reactor = world();
      reactor.installNameResolver(new SilentResolver());
      const connecting = endpointTo(reactor, host).connect(new CountingFactory());
      reactor.flush();
      assert.instanceOf(successResultOf(connecting), Protocol);
      assert.deepEqual(
        reactor.tcpClients.map((one) => one.host),
        [host.replaceAll(/[[\]]/gu, "")],
      );
    });
  }

  const bad = [
    "",
    "two words",
    "a\0b",
    "user@example.com",
    "example.com/path",
    "ü/path",
    "ü#x",
    "ü\t.de",
    "ü%41.de",
    "xn--a.ü",
    "[::1]:80",
    "1:2",
    "x".repeat(254),
    "\ud83e.de",
  ];
  for (const host of bad) {
    it(`that is none fails, and nothing is started: ${JSON.stringify(host.slice(0, 20))}`, () => {
      const reactor = world();
      const resolver = new SilentResolver();
      reactor.installNameResolver(resolver);
      const factory = new CountingFactory();
      const failure = failureResultOf(endpointTo(reactor, host).connect(factory), UnknownHostError);
      assert.match(failure.value.message, /^Cannot connect to ".*: it is no host name: /u);
      assert.deepEqual([factory.diary, resolver.asked], [[], []]);
    });
  }

  it("that is not known is UnknownHostError, with what the resolver said", () => {
    const reactor = world();
    const factory = new CountingFactory();
    const connecting = endpointTo(reactor).connect(factory);
    reactor.flush();
    const { value } = failureResultOf(connecting, UnknownHostError);
    assert.equal(
      value.message,
      `Cannot connect to example.com:80: Cannot resolve "example.com": it is not in the table`,
    );
    assert.instanceOf(value.cause, UnknownHostError);
    assert.deepEqual(factory.diary, ["start", "stop"]);
    assert.isEmpty(reactor.getDelayedCalls());
  });

  it("without an address, and without a reason, is DNSLookupError", () => {
    const reactor = world();
    const resolver = new SilentResolver();
    reactor.installNameResolver(resolver);
    const connecting = endpointTo(reactor).connect(new CountingFactory());
    resolver.resolutions[0]?.resolutionComplete();
    const { value } = failureResultOf(connecting, DNSLookupError);
    assert.include(value.message, "the resolver found no address");
  });

  it("whose resolver throws is DNSLookupError, with the cause", () => {
    const reactor = world();
    const boom = new Error("boom");
    reactor.installNameResolver({
      resolveHostName: () => {
        throw boom;
      },
    });
    const factory = new CountingFactory();
    const { value } = failureResultOf(endpointTo(reactor).connect(factory), DNSLookupError);
    assert.equal(value.message, "Cannot connect to example.com:80: boom");
    assert.strictEqual(value.cause, boom);
    assert.deepEqual(factory.diary, ["start", "stop"]);
  });

  it("is asked for addresses of bindAddress's family alone", () => {
    const reactor = world("2001:db8::1", "192.0.2.1", "192.0.2.2");
    const local = { bindAddress: { host: "192.0.2.9" } };
    void endpointTo(reactor, "example.com", local).connect(new CountingFactory());
    reactor.network.routes.set("192.0.2.1", { outcome: "drop" });
    reactor.advance(1);
    const asked = reactor.tcpClients.map(({ host, options }) => [host, options.bindAddress]);
    assert.deepEqual(asked, [
      ["192.0.2.1", local.bindAddress],
      ["192.0.2.2", local.bindAddress],
    ]);
  });
});

describe("HostnameEndpoint: a connection", () => {
  it("has the user's protocol, and the limits that were asked for", () => {
    const reactor = world("192.0.2.1");
    const protocol = new Protocol();
    const options = { timeout: 7, maxBufferedBytes: 10, closeTimeout: 3 };
    const factory = new CountingFactory(() => protocol);
    const connecting = endpointTo(reactor, "example.com", options).connect(factory);
    reactor.flush();
    assert.strictEqual(successResultOf(connecting), protocol);
    assert.deepEqual(reactor.tcpClients[0]?.options, options);
    assert.deepEqual(factory.diary, ["start", "build"]);
    assert.isEmpty(reactor.getDelayedCalls());
    protocol.transport.loseConnection();
    reactor.flush();
    assert.deepEqual(factory.diary, ["start", "build", "stop"]);
  });

  it("leaves no timer behind, whatever waits for its turn", () => {
    const reactor = world("192.0.2.1", "192.0.2.2");
    reactor.network.routes.set("192.0.2.1", { delay: 0.1 });
    const connecting = endpointTo(reactor).connect(new CountingFactory());
    reactor.advance(0.05);
    assert.isNotEmpty(reactor.getDelayedCalls());
    reactor.advance(0.05);
    assert.instanceOf(successResultOf(connecting), Protocol);
    assert.isEmpty(reactor.getDelayedCalls());
  });

  it("names itself as its factory does", () => {
    const reactor = world("192.0.2.1");
    class Named extends CountingFactory {
      override logPrefix(): string {
        return "Named(80)";
      }
    }
    void endpointTo(reactor).connect(new Named());
    reactor.flush();
    const factory: object = reactor.tcpClients[0]?.factory ?? {};
    assert("logPrefix" in factory && typeof factory.logPrefix === "function");
    assert.equal(factory.logPrefix(), "Named(80)");
  });
});

describe("HostnameEndpoint: without a connection", () => {
  it("tells of every attempt, the last one's error as the cause", () => {
    const reactor = world("2001:db8::1", "192.0.2.1");
    reactor.network.routes.set("2001:db8::1", { outcome: "refuse", delay: 0.2 });
    reactor.network.routes.set("192.0.2.1", { outcome: "refuse", delay: 0.1 });
    const factory = new CountingFactory();
    const connecting = endpointTo(reactor).connect(factory);
    reactor.advance(0.299);
    assertNoResult(connecting);
    reactor.advance(0.002);
    const { value } = failureResultOf(connecting, AllAttemptsFailedError);
    assert(value instanceof AllAttemptsFailedError);
    assert.deepEqual(
      value.attempts.map(({ address, error }) => [address.toString(), error.constructor]),
      [
        ["[2001:db8::1]:80", ConnectionRefusedError],
        ["192.0.2.1:80", ConnectionRefusedError],
      ],
    );
    assert.strictEqual(value.cause, value.attempts[1]?.error);
    assert.equal(value.code, "ERR_CONNECT_ALL_ATTEMPTS_FAILED");
    assert.equal(
      value.message,
      "Cannot connect to example.com:80: every attempt failed: " +
        "[2001:db8::1]:80: connection refused; 192.0.2.1:80: connection refused",
    );
    assert.deepEqual(factory.diary, ["start", "stop"]);
    assert.isEmpty(reactor.getDelayedCalls());
  });

  it("is the same error for a name with one address, and the attempt's own for an address", () => {
    const reactor = world("192.0.2.1");
    reactor.network.routes.set("192.0.2.1", { outcome: "refuse" });
    const byName = endpointTo(reactor).connect(new CountingFactory());
    const byAddress = endpointTo(reactor, "192.0.2.1").connect(new CountingFactory());
    reactor.flush();
    failureResultOf(byName, AllAttemptsFailedError);
    failureResultOf(byAddress, ConnectionRefusedError);
  });

  it("names eight attempts in its message, and counts what was not tried", () => {
    const many = Array.from({ length: 70 }, (_, at) => `192.0.2.${String(at)}`);
    const reactor = world(...many);
    for (const host of many) reactor.network.routes.set(host, { outcome: "refuse" });
    const connecting = endpointTo(reactor).connect(new CountingFactory());
    reactor.advance(0);
    const { value } = failureResultOf(connecting, AllAttemptsFailedError);
    assert(value instanceof AllAttemptsFailedError);
    assert.deepEqual([value.attempts.length, value.untried], [64, 6]);
    assert.match(value.message, /192\.0\.2\.7:80: .*; and 56 more; addresses not tried: 6$/u);
  });

  it("is TimeoutError of phase resolve while there is no address", () => {
    const reactor = world();
    const resolver = new SilentResolver();
    reactor.installNameResolver(resolver);
    const factory = new CountingFactory();
    const connecting = endpointTo(reactor, "example.com", { timeout: 5 }).connect(factory);
    reactor.advance(4.99);
    assertNoResult(connecting);
    reactor.advance(0.01);
    const { value } = failureResultOf(connecting, TimeoutError);
    assert(value instanceof TimeoutError);
    assert.deepEqual([value.phase, value.seconds], ["resolve", 5]);
    assert.equal(
      value.message,
      "Cannot connect to example.com:80: the name did not resolve within 5 seconds",
    );
    assert.deepEqual([resolver.cancelled, factory.diary], [1, ["start", "stop"]]);
  });

  it("is TimeoutError of phase connect later, and its cause tells of every attempt", () => {
    const reactor = world("2001:db8::1", "192.0.2.1", "192.0.2.2");
    reactor.network.routes.set("2001:db8::1", { outcome: "drop" });
    reactor.network.routes.set("192.0.2.1", { outcome: "refuse" });
    reactor.network.routes.set("192.0.2.2", { outcome: "drop" });
    const connecting = endpointTo(reactor).connect(new CountingFactory());
    reactor.advance(29.99);
    assertNoResult(connecting);
    reactor.advance(0.01);
    const { value } = failureResultOf(connecting, TimeoutError);
    assert(value instanceof TimeoutError && value.cause instanceof AllAttemptsFailedError);
    assert.deepEqual([value.phase, value.seconds], ["connect", 30]);
    assert.equal(
      value.cause.message,
      "Cannot connect to example.com:80: every attempt failed: " +
        "192.0.2.1:80: connection refused; " +
        "[2001:db8::1]:80: no answer within 30 seconds; " +
        "192.0.2.2:80: no answer within 29.75 seconds",
    );
    assert.deepEqual(
      reactor.tcpClients.map(({ connector }) => connector.state),
      ["disconnected", "disconnected", "disconnected"],
    );
    assert.isEmpty(reactor.getDelayedCalls());
  });
});
