/**
 * Random worlds against what must hold in each of them: addresses that arrive whenever, and are
 * reached, refused or dropped whenever.
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { Failure } from "../../defer/failure.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { ConnectError, TimeoutError } from "../errors.ts";
import { Factory } from "../factory.ts";
import type { IClientFactory, IConnector } from "../interfaces-factory.ts";
import type { ConnectTCPOptions } from "../interfaces-reactor.ts";
import type { IHostnameResolver } from "../interfaces-resolver.ts";
import { addressFromLiteral } from "../names/address-literal.ts";
import { HostResolution } from "../names/host-resolution.ts";
import { Protocol } from "../protocol.ts";
import { AllAttemptsFailedError } from "./all-attempts-failed-error.ts";
import { HostnameEndpoint } from "./hostname-endpoint.ts";

/** All times are whole milliseconds. */
interface Host {
  readonly address: string;
  readonly arrives: number;
  readonly outcome: "reach" | "refuse" | "drop";
  readonly answers: number;
}

interface World {
  readonly hosts: readonly Host[];
  /** The resolver is through so long after the last address; never if `undefined`. */
  readonly completes: number | undefined;
  readonly attemptDelay: number;
  readonly timeout: number;
  /** When somebody loses patience. */
  readonly cancelled: number | undefined;
}

interface Attempt {
  readonly host: Host;
  readonly began: number;
  readonly connector: IConnector;
  /** When it failed by itself. */
  readonly failed: number | undefined;
}

/** Those at which something else is likely to happen too. */
const moment = fc.constantFrom(0, 0, 10, 50, 100, 200, 250, 500);

const host = fc.record({
  family: fc.constantFrom(4, 6),
  arrives: fc.oneof(moment, fc.nat(800)),
  outcome: fc.constantFrom("reach", "refuse", "refuse", "drop"),
  answers: fc.oneof(moment, fc.nat(40), fc.nat(1500)),
} as const);

const world: fc.Arbitrary<World> = fc
  .record({
    hosts: fc.array(host, { maxLength: 8 }),
    completes: fc.option(fc.nat(600), { nil: undefined, freq: 8 }),
    attemptDelay: fc.constantFrom(250, 100, 10),
    timeout: fc.constantFrom(30_000, 1000, 200),
    cancelled: fc.option(fc.nat(1500), { nil: undefined, freq: 1 }),
  })
  .map(({ hosts, completes, attemptDelay, timeout, cancelled }) => ({
    completes,
    attemptDelay,
    timeout,
    cancelled: cancelled !== undefined && cancelled % 4 === 0 ? cancelled : undefined,
    hosts: hosts.map(({ family, arrives, outcome, answers }, at) => ({
      address: family === 6 ? `2001:db8::${String(at)}` : `192.0.2.${String(at)}`,
      arrives,
      outcome,
      answers,
    })),
  }));

/** Notes when each attempt begins. */
class TimedReactor extends MemoryReactor {
  readonly began: number[] = [];

  get ms(): number {
    return Math.round(this.seconds() * 1000);
  }

  override connectTCP(
    name: string,
    port: number,
    factory: IClientFactory,
    options?: ConnectTCPOptions,
  ): IConnector {
    this.began.push(this.ms);
    return super.connectTCP(name, port, factory, options);
  }
}

class CountingFactory extends Factory {
  override noisy = false;
  starts = 0;
  builds = 0;
  stops = 0;

  override doStart(): void {
    this.starts += 1;
  }

  override buildProtocol(): Protocol {
    this.builds += 1;
    return new Protocol();
  }

  override doStop(): void {
    this.stops += 1;
  }
}

function resolverOf(reactor: MemoryReactor, { hosts, completes }: World): IHostnameResolver {
  return {
    resolveHostName(receiver, name, options = {}) {
      const resolution = new HostResolution(name, receiver);
      resolution.begin();
      for (const { address, arrives } of hosts) {
        const literal = addressFromLiteral(address, options);
        if (literal === undefined) throw new TypeError(`${address} is no address`);
        // Twice: some resolvers do not mind.
        for (const ms of [arrives, arrives + 7]) {
          reactor.callLater(ms / 1000, () => resolution.addressResolved(literal));
        }
      }
      if (completes !== undefined) {
        const last = Math.max(0, ...hosts.map((one) => one.arrives));
        reactor.callLater((last + completes) / 1000, () => resolution.resolutionComplete());
      }
      return resolution;
    },
  };
}

/** What came of it, and when. */
interface Outcome {
  readonly world: World;
  readonly result: Protocol | Error;
  readonly at: number;
  readonly attempts: readonly Attempt[];
  readonly factory: CountingFactory;
  readonly server: number;
  readonly callsLeft: number;
}

function run(one: World): Outcome {
  const reactor = new TimedReactor();
  const server = new CountingFactory();
  reactor.listenTCP(80, server);
  reactor.flush();
  for (const { address, outcome, answers } of one.hosts) {
    reactor.network.routes.set(address, { outcome, delay: answers / 1000 });
  }
  reactor.installNameResolver(resolverOf(reactor, one));
  const factory = new CountingFactory();
  const { attemptDelay, timeout } = one;
  const options = { attemptDelay: attemptDelay / 1000, timeout: timeout / 1000 };
  const endpoint = new HostnameEndpoint(reactor, "example.com", 80, options);
  const results: [Protocol | Error, number][] = [];
  const connecting = endpoint.connect(factory);
  void connecting.addBoth((result) => {
    results.push([result instanceof Failure ? result.value : result, reactor.ms]);
  });
  if (one.cancelled !== undefined) {
    reactor.callLater(one.cancelled / 1000, () => connecting.cancel());
  }
  reactor.advance(40);
  assert.equal(results.length, 1, "results");
  const [[result, at] = [new Error("none"), 0]] = results;
  return {
    world: one,
    result,
    at,
    attempts: attemptsOf(reactor, one, at),
    factory,
    server: server.builds,
    callsLeft: reactor.getDelayedCalls().length,
  };
}

function attemptsOf(reactor: TimedReactor, one: World, at: number): readonly Attempt[] {
  return reactor.tcpClients.map((client, index) => {
    const found = one.hosts.find(({ address }) => address === client.host);
    const began = reactor.began[index];
    if (found === undefined || began === undefined) throw new TypeError("nobody's attempt");
    const answered = began + found.answers;
    const failed = found.outcome === "refuse" && answered <= at ? answered : undefined;
    return { host: found, began, connector: client.connector, failed };
  });
}

/** Rounding of fractions of seconds. */
const SLACK = 1;
const RESOLUTION_DELAY = 50;

describe("HostnameEndpoint in any world", () => {
  function holds(what: string, claim: (outcome: Outcome) => void): void {
    it(what, () => {
      fc.assert(
        fc.property(world, (one) => claim(run(one))),
        { numRuns: 500 },
      );
    });
  }

  holds("one connection is made and stays, or none", ({ result, attempts, server }) => {
    const states = attempts.map(({ connector }) => connector.state);
    const winners = result instanceof Protocol ? 1 : 0;
    assert.equal(states.filter((state) => state === "connected").length, winners);
    assert.equal(states.filter((state) => state === "connecting").length, 0);
    assert.equal(server, winners, "connections that the server saw");
  });

  holds("the factory is started once, asked only by the winner, stopped once", (outcome) => {
    const { result, factory } = outcome;
    const won = result instanceof Protocol;
    const counts = [factory.starts, factory.builds, factory.stops];
    assert.deepEqual(counts, won ? [1, 1, 0] : [1, 0, 1]);
  });

  holds("no address is tried twice, or before it arrives, or after the end", (outcome) => {
    const addresses = outcome.attempts.map(({ host: { address } }) => address);
    assert.equal(new Set(addresses).size, addresses.length);
    for (const { began, host: one } of outcome.attempts) {
      assert.isAtLeast(began, one.arrives);
      assert.isAtMost(began, outcome.at);
    }
  });

  holds(
    "attempts are apart by the delay, unless one failed meanwhile",
    ({ attempts, world: w }) => {
      for (const [at, { began }] of attempts.entries()) {
        const before = attempts[at - 1];
        if (before === undefined || began - before.began >= w.attemptDelay - SLACK) continue;
        const failures = attempts
          .slice(0, at)
          .filter(
            ({ failed }) => failed !== undefined && failed >= before.began && failed <= began,
          );
        assert.isNotEmpty(failures, `attempt ${String(at)} came too early`);
      }
    },
  );

  holds("what waits is tried as soon as it may be", ({ attempts, world: w }) => {
    for (const [at, before] of attempts.entries()) {
      const next = attempts[at + 1];
      // The next one by order of arrival: it was waiting when the one before began.
      if (next === undefined || next.host.arrives > before.began) continue;
      assert.isAtMost(next.began, before.began + w.attemptDelay + SLACK);
      for (const { failed } of attempts.slice(0, at + 1)) {
        if (failed !== undefined && failed > before.began) {
          assert.isAtMost(next.began, failed + SLACK);
        }
      }
    }
  });

  holds("families take turns where both wait (RFC 8305 §4)", ({ attempts, world: w }) => {
    for (const [at, { host: one, began }] of attempts.entries()) {
      const before = attempts[at - 1]?.host;
      if (before === undefined || isIPv6(before) !== isIPv6(one)) continue;
      const tried = new Set(attempts.slice(0, at + 1).map((other) => other.host));
      const others = w.hosts.filter(
        (other) => other.arrives < began && !tried.has(other) && isIPv6(other) !== isIPv6(before),
      );
      assert.isEmpty(others, `attempt ${String(at)} was the other family's turn`);
    }
  });

  holds("what can be reached is, in time", ({ world: w, result, at }) => {
    const first = Math.min(...w.hosts.map((one) => one.arrives)) + RESOLUTION_DELAY;
    const reachable = w.hosts.filter((one) => one.outcome === "reach");
    const patience = Math.min(w.timeout, w.cancelled ?? Infinity);
    for (const { arrives, answers } of reachable) {
      const waits = (w.hosts.length - 1) * (w.attemptDelay + SLACK);
      const latest = Math.max(first, arrives) + waits + answers + SLACK;
      if (latest < patience) {
        assert.instanceOf(result, Protocol);
        assert.isAtMost(at, latest);
      }
    }
    if (!(result instanceof Protocol)) return;
    const soonest = Math.min(...reachable.map((one) => one.arrives + one.answers));
    assert.isAtLeast(at, soonest - SLACK);
    assert.isAtMost(at, patience);
  });

  holds(
    "the error fits: when, what, and every attempt in it",
    ({ world: w, result, at, attempts }) => {
      if (result instanceof Protocol) return;
      assert(result instanceof ConnectError, String(result));
      if (result instanceof TimeoutError) {
        assert.equal(at, w.timeout);
        assert.equal(result.phase, attempts.length > 0 ? "connect" : "resolve");
        const { cause } = result;
        if (attempts.length === 0) assert.isUndefined(cause);
        else
          assert(
            cause instanceof AllAttemptsFailedError && cause.attempts.length === attempts.length,
          );
      } else if (result instanceof AllAttemptsFailedError) {
        assert.isDefined(w.completes);
        assert.equal(attempts.length, w.hosts.length);
        assert.equal(result.attempts.length, w.hosts.length);
        assert.isTrue(w.hosts.every((one) => one.outcome === "refuse"));
        const last = Math.max(...attempts.map(({ failed = -1 }) => failed));
        const through = Math.max(...w.hosts.map((one) => one.arrives)) + (w.completes ?? 0);
        assert.closeTo(at, Math.max(last, through), SLACK);
      } else if (result.code === "ERR_CONNECT_CANCELLED") assert.equal(at, w.cancelled);
      else assert.deepEqual([result.code, w.hosts], ["ERR_CONNECT_DNS_LOOKUP", []]);
    },
  );

  holds("nothing is left behind", ({ callsLeft }) => {
    assert.equal(callsLeft, 0);
  });
});

function isIPv6({ address }: Host): boolean {
  return address.includes(":");
}
