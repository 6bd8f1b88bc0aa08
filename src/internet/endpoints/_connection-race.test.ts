/**
 * Which address is tried when, and who wins: {@link HostnameEndpoint} in virtual time.
 */
import { assert, describe, it } from "vitest";
import type { Deferred } from "../../defer/deferred.ts";
import type { MemoryRoute } from "../../reactors/memory/memory-network.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import { Factory } from "../factory.ts";
import type { IClientFactory, IConnector } from "../interfaces-factory.ts";
import type { ConnectTCPOptions } from "../interfaces-reactor.ts";
import type { IHostnameResolver } from "../interfaces-resolver.ts";
import { addressFromLiteral } from "../names/address-literal.ts";
import { HostResolution } from "../names/host-resolution.ts";
import { Protocol } from "../protocol.ts";
import { AllAttemptsFailedError } from "./all-attempts-failed-error.ts";
import { HostnameEndpoint, type HostnameEndpointOptions } from "./hostname-endpoint.ts";

const DROP: MemoryRoute = { outcome: "drop" };
const REFUSE: MemoryRoute = { outcome: "refuse" };
const REACH: MemoryRoute = {};

/** Milliseconds after the beginning, and what comes then; `"complete"` is the end. */
type Script = readonly (readonly [ms: number, ...what: readonly string[]])[];

/** Notes when each attempt begins. */
class TimedReactor extends MemoryReactor {
  /** Milliseconds, and where to. */
  readonly attempts: [number, string][] = [];
  /** When it was connected. */
  connectedAt: number | undefined;

  get ms(): number {
    return Math.round(this.seconds() * 1000);
  }

  override connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options?: ConnectTCPOptions,
  ): IConnector {
    this.attempts.push([this.ms, host]);
    return super.connectTCP(host, port, factory, options);
  }
}

/** Tells what the script says, at its times. */
function scriptedResolver(reactor: MemoryReactor, script: Script): IHostnameResolver {
  return {
    resolveHostName(receiver, name, options = {}) {
      const resolution = new HostResolution(name, receiver);
      resolution.begin();
      for (const [ms, ...what] of script) {
        reactor.callLater(ms / 1000, () => {
          for (const one of what) {
            const address = addressFromLiteral(one, options);
            if (address === undefined) resolution.resolutionComplete();
            else resolution.addressResolved(address);
          }
        });
      }
      return resolution;
    },
  };
}

interface Race {
  readonly reactor: TimedReactor;
  readonly connecting: Deferred<Protocol>;
}

/** Begin to connect, where addresses arrive and answer as told. Without a route: drop. */
function race(
  script: Script,
  routes: Readonly<Record<string, MemoryRoute>> = {},
  options: HostnameEndpointOptions = {},
): Race {
  const reactor = new TimedReactor();
  const factory = Factory.forProtocol(Protocol);
  factory.noisy = false;
  reactor.listenTCP(80, factory);
  reactor.flush();
  const named = script.flatMap(([, ...what]) => what);
  for (const host of named) reactor.network.routes.set(host, routes[host] ?? DROP);
  reactor.installNameResolver(scriptedResolver(reactor, script));
  const endpoint = new HostnameEndpoint(reactor, "example.com", 80, options);
  const connecting = endpoint.connect(factory);
  void connecting.addCallback((protocol) => {
    reactor.connectedAt = reactor.ms;
    return protocol;
  });
  return { reactor, connecting };
}

describe("HostnameEndpoint: when addresses arrive (RFC 8305 §3)", () => {
  const cases: readonly [string, Script, readonly [number, string][]][] = [
    [
      "IPv6 is tried at once",
      [
        [10, "::6"],
        [400, "complete"],
      ],
      [[10, "::6"]],
    ],
    [
      "IPv4 alone waits 50 ms for IPv6",
      [
        [10, "1.1.1.4"],
        [400, "complete"],
      ],
      [[60, "1.1.1.4"]],
    ],
    [
      "IPv4 does not wait when the answer is complete",
      [[10, "1.1.1.4", "complete"]],
      [[10, "1.1.1.4"]],
    ],
    [
      "IPv4 does not wait longer than until the answer is complete",
      [
        [10, "1.1.1.4"],
        [30, "complete"],
      ],
      [[30, "1.1.1.4"]],
    ],
    [
      "IPv6 that comes within the 50 ms goes first, at once",
      [
        [10, "1.1.1.4"],
        [40, "::6"],
        [400, "complete"],
      ],
      [
        [40, "::6"],
        [290, "1.1.1.4"],
      ],
    ],
    [
      "IPv6 that comes after the 50 ms has its turn",
      [
        [10, "1.1.1.4", "1.1.1.5"],
        [100, "::6"],
        [400, "complete"],
      ],
      [
        [60, "1.1.1.4"],
        [310, "::6"],
        [560, "1.1.1.5"],
      ],
    ],
    [
      "the order of an answer that comes in one go is the resolver's",
      [[10, "1.1.1.4", "::6", "complete"]],
      [
        [10, "1.1.1.4"],
        [260, "::6"],
      ],
    ],
    [
      "so it is when the answer is not complete yet",
      [
        [10, "1.1.1.4", "::6"],
        [400, "complete"],
      ],
      [
        [10, "1.1.1.4"],
        [260, "::6"],
      ],
    ],
  ];
  for (const [what, script, attempts] of cases) {
    it(what, () => {
      const { reactor } = race(script);
      reactor.advance(20);
      assert.deepEqual(reactor.attempts, attempts);
    });
  }

  it("what comes when all before it have failed is tried at once", () => {
    const { reactor, connecting } = race(
      [
        [10, "::6"],
        [600, "::7"],
        [700, "complete"],
      ],
      {
        "::6": REFUSE,
        "::7": REACH,
      },
    );
    reactor.advance(0.599);
    assertNoResult(connecting);
    reactor.advance(1);
    assert.deepEqual(reactor.attempts, [
      [10, "::6"],
      [600, "::7"],
    ]);
    assert.equal(reactor.connectedAt, 600);
  });

  it("what comes when the delay is over is tried at once, what comes earlier waits for it", () => {
    const { reactor } = race([
      [0, "::6"],
      [100, "::7"],
      [600, "::8"],
      [610, "1.1.1.4"],
    ]);
    reactor.advance(20);
    const attempts = [
      [0, "::6"],
      [250, "::7"],
      [600, "::8"],
      [850, "1.1.1.4"],
    ];
    assert.deepEqual(reactor.attempts, attempts);
  });

  it("what comes at the very moment of another's turn waits for its own", () => {
    const { reactor } = race([
      [0, "::6", "1.1.1.4"],
      [250, "1.1.1.5"],
    ]);
    reactor.advance(20);
    assert.deepEqual(reactor.attempts, [
      [0, "::6"],
      [250, "1.1.1.4"],
      [500, "1.1.1.5"],
    ]);
  });

  it("what comes after a failure, while others go on, is tried at once", () => {
    const { reactor } = race(
      [
        [0, "::6", "::7"],
        [300, "::8"],
      ],
      { "::7": { ...REFUSE, delay: 0.01 } },
    );
    reactor.advance(20);
    assert.deepEqual(reactor.attempts, [
      [0, "::6"],
      [250, "::7"],
      [300, "::8"],
    ]);
  });

  it("all that came fails, then the answer is complete: that is the end", () => {
    const { reactor, connecting } = race(
      [
        [0, "::6"],
        [500, "complete"],
      ],
      { "::6": REFUSE },
    );
    reactor.advance(0.499);
    assertNoResult(connecting);
    reactor.advance(0.001);
    failureResultOf(connecting, AllAttemptsFailedError);
  });

  it("what comes when it is over is not tried", () => {
    const { reactor, connecting } = race(
      [
        [0, "::6"],
        [500, "::7", "complete"],
      ],
      { "::6": REACH },
    );
    reactor.advance(20);
    assert.equal(reactor.connectedAt, 0);
    assert.deepEqual(reactor.attempts, [[0, "::6"]]);
    successResultOf(connecting).transport.abortConnection();
    reactor.advance(0);
  });

  it("an address that comes twice is tried once", () => {
    const { reactor, connecting } = race(
      [
        [0, "::6", "::6"],
        [10, "::6"],
        [20, "::6", "complete"],
      ],
      {
        "::6": REFUSE,
      },
    );
    reactor.advance(20);
    failureResultOf(connecting, AllAttemptsFailedError);
    assert.deepEqual(reactor.attempts, [[0, "::6"]]);
  });

  it("a resolver that tells everything from inside the call is fine", () => {
    const reactor = new TimedReactor();
    for (const host of ["1.1.1.4", "::6"]) reactor.network.routes.set(host, REFUSE);
    reactor.installNameResolver({
      resolveHostName(receiver, name) {
        const resolution = new HostResolution(name, receiver);
        resolution.begin();
        for (const one of ["1.1.1.4", "::6"]) {
          const address = addressFromLiteral(one);
          if (address !== undefined) resolution.addressResolved(address);
        }
        resolution.resolutionComplete();
        return resolution;
      },
    });
    const factory = Factory.forProtocol(Protocol);
    factory.noisy = false;
    const connecting = new HostnameEndpoint(reactor, "example.com", 80).connect(factory);
    reactor.advance(0);
    failureResultOf(connecting, AllAttemptsFailedError);
    assert.deepEqual(reactor.attempts, [
      [0, "1.1.1.4"],
      [0, "::6"],
    ]);
  });
});

describe("HostnameEndpoint: attempts (RFC 8305 §5)", () => {
  const six = ["::6", "::7", "::8", "1.1.1.4", "1.1.1.5", "1.1.1.6"];

  it("a black hole costs 250 ms: within 300 ms of the beginning the good one is there", () => {
    const { reactor, connecting } = race([[0, "::6", "1.1.1.4", "complete"]], {
      "1.1.1.4": { delay: 0.02 },
    });
    reactor.advance(0.3);
    assert.instanceOf(successResultOf(connecting), Protocol);
    assert.equal(reactor.connectedAt, 270);
    assert.deepEqual(
      reactor.tcpClients.map(({ connector }) => connector.state),
      ["disconnected", "connected"],
    );
  });

  it("families take turns, 250 ms apart, while all go on", () => {
    const { reactor } = race([[0, ...six, "complete"]]);
    reactor.advance(20);
    const order = ["::6", "1.1.1.4", "::7", "1.1.1.5", "::8", "1.1.1.6"];
    assert.deepEqual(
      reactor.attempts,
      order.map((host, at) => [250 * at, host]),
    );
    assert.deepEqual(
      reactor.tcpClients.map(({ connector }) => connector.state),
      order.map(() => "connecting"),
    );
  });

  it("attemptDelay is another delay", () => {
    const { reactor } = race([[0, ...six, "complete"]], {}, { attemptDelay: 0.1 });
    reactor.advance(20);
    const times = reactor.attempts.map(([ms]) => ms);
    assert.deepEqual(times, [0, 100, 200, 300, 400, 500]);
  });

  it("a failure is followed by the next at once, and the delay begins anew", () => {
    const { reactor } = race([[0, ...six, "complete"]], {
      "::6": { ...REFUSE, delay: 0.03 },
      "::7": { ...REFUSE, delay: 0.1 },
    });
    reactor.advance(20);
    assert.deepEqual(reactor.attempts, [
      [0, "::6"],
      [30, "1.1.1.4"],
      [280, "::7"],
      [380, "1.1.1.5"],
      [630, "::8"],
      [880, "1.1.1.6"],
    ]);
  });

  it("the failure of an earlier attempt counts as well", () => {
    const { reactor } = race([[0, ...six, "complete"]], { "::6": { ...REFUSE, delay: 0.3 } });
    reactor.advance(0.6);
    assert.deepEqual(reactor.attempts, [
      [0, "::6"],
      [250, "1.1.1.4"],
      [300, "::7"],
      [550, "1.1.1.5"],
    ]);
  });

  it("the earlier of two wins if it answers first, and the later one is closed", () => {
    const { reactor, connecting } = race([[0, "::6", "1.1.1.4", "complete"]], {
      "::6": { delay: 0.4 },
      "1.1.1.4": { delay: 0.2 },
    });
    reactor.advance(20);
    successResultOf(connecting);
    assert.equal(reactor.connectedAt, 400);
    assert.deepEqual(
      reactor.tcpClients.map(({ connector }) => connector.state),
      ["connected", "disconnected"],
    );
    assert.equal(reactor.tcpServers[0]?.listeningPort.connections.size, 1);
  });

  it("of two that answer at the same time one wins, and the server sees no other", () => {
    const { reactor, connecting } = race([[0, "::6", "1.1.1.4", "complete"]], {
      "::6": { delay: 0.5 },
      "1.1.1.4": { delay: 0.25 },
    });
    reactor.advance(20);
    successResultOf(connecting);
    const states = reactor.tcpClients.map(({ connector }) => connector.state);
    assert.deepEqual(states.toSorted(), ["connected", "disconnected"]);
    assert.equal(reactor.tcpServers[0]?.listeningPort.connections.size, 1);
  });

  it("nobody is hurried: a slow first address still wins if the others never answer", () => {
    const { reactor, connecting } = race([[0, ...six, "complete"]], { "::6": { delay: 29 } });
    reactor.advance(29);
    successResultOf(connecting);
    assert.equal(reactor.connectedAt, 29_000);
  });

  it("maxAttempts bounds them", () => {
    const { reactor } = race([[0, ...six, "complete"]], {}, { maxAttempts: 2 });
    reactor.advance(20);
    assert.deepEqual(reactor.attempts, [
      [0, "::6"],
      [250, "1.1.1.4"],
    ]);
  });

  it("the last that may fails: that is the end, whatever else may arrive", () => {
    const routes = { "::6": REFUSE, "::7": REFUSE };
    const { reactor, connecting } = race([[0, "::6", "::7", "::8"]], routes, { maxAttempts: 2 });
    reactor.advance(1);
    const { value } = failureResultOf(connecting, AllAttemptsFailedError);
    assert.propertyVal(value, "untried", 1);
    assert.equal(reactor.attempts.length, 2);
  });
});
