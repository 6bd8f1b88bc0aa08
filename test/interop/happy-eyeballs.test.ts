/**
 * Connecting by name where some of the addresses never answer, on real sockets: RFC 8305.
 *
 * In a network namespace addresses are black holes because nobody has them; without one, a listener
 * on loopback is, whose queue is full.
 *
 * @module
 */
import { assert, describe, it, type TestContext } from "vitest";
import { AllAttemptsFailedError } from "../../src/internet/endpoints/all-attempts-failed-error.ts";
import { HostnameEndpoint } from "../../src/internet/endpoints/hostname-endpoint.ts";
import { TimeoutError } from "../../src/internet/errors.ts";
import { Factory } from "../../src/internet/factory.ts";
import { StaticResolver } from "../../src/internet/names/static-resolver.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { SilentPort } from "../conformance/silent-port.ts";
import { type Running, start } from "./fixtures/lines/running.ts";
import { namespace } from "./fixtures/names/namespace.ts";
import { fixture } from "./fixtures/node/plain-echo.ts";
import { peer } from "./peers.ts";

const ip = peer("ip", "iproute2");

/** Seconds: one attempt's delay, and what a busy machine may add to it. */
const DELAY = 0.25;
const IN_TIME = 0.3;
/** A machine that does something else at the wrong moment gets further chances. */
const TRIES = 4;

/** What the fixture prints. */
interface Told {
  readonly what: string;
  readonly seconds?: number;
  readonly built?: number;
  readonly accepted?: number;
  readonly peer?: string;
  readonly code?: string;
  readonly phase?: string;
  readonly attempts?: readonly (readonly [string, string])[];
  readonly file?: number;
  readonly name?: number;
  readonly address?: string;
}

function isTold(value: unknown): value is Told {
  return typeof value === "object" && value !== null && "what" in value;
}

/** All lines of one run, by what they are about. */
async function linesOf(running: Running): Promise<ReadonlyMap<string, Told>> {
  const { code } = await running.exit();
  assert.equal(code, 0, running.stderr);
  const lines = running.stdout.trim().split("\n");
  const told = lines.map((line): unknown => JSON.parse(line)).filter(isTold);
  return new Map(told.map((one) => [one.what, one]));
}

/** The name server of the namespace is a black hole too. */
const FILES = {
  hosts: "127.0.0.1 localhost\n2001:db8:1::99 half-dead.example\n198.51.100.1 half-dead.example\n",
  "resolv.conf": "nameserver 198.51.100.99\noptions timeout:1 attempts:1\n",
};

describe("HostnameEndpoint in a network with black holes", () => {
  /** What stood on one line, of the run in which it took the least time. */
  async function best(context: TestContext): Promise<(what: string) => Told> {
    const inside = namespace(context, ip.path(context), FILES);
    const [command, ...args] = [...inside, process.execPath, fixture("../names/eyeballs.mjs")];
    const fastest = new Map<string, Told>();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const lines = await linesOf(start(context, command, args));
      for (const [what, told] of lines) {
        const before = fastest.get(what);
        if ((told.seconds ?? 0) <= (before?.seconds ?? Infinity)) fastest.set(what, told);
      }
      if ([...fastest.values()].every(isInTime)) break;
    }
    return (what) => fastest.get(what) ?? assert.fail(`nothing was told of ${what}`);
  }

  it("connects within 300 ms of the first good address's turn", async (context) => {
    const of = await best(context);
    for (const [what, host, turn] of GOOD) {
      const { peer: reached, seconds = 0, built, accepted } = of(what);
      assert.equal(reached, host, what);
      assert.isAtLeast(seconds, turn - 0.001, what);
      assert.isBelow(seconds, turn + IN_TIME - DELAY, what);
      assert.deepEqual([built, accepted], [1, 1], what);
    }
    const black = of("nothing but black holes");
    assert.deepInclude(black, { code: "ERR_CONNECT_TIMEOUT", phase: "connect", built: 0 });
    assert.deepEqual(black.attempts, [
      ["2001:db8:1::99", "ERR_CONNECT_TIMEOUT"],
      ["198.51.100.99", "ERR_CONNECT_TIMEOUT"],
    ]);
    const refused = of("nothing but refusals");
    assert.equal(refused.code, "ERR_CONNECT_ALL_ATTEMPTS_FAILED");
    assert.deepEqual(refused.attempts, [
      ["2001:db8:1::1", "ERR_CONNECT_REFUSED"],
      ["198.51.100.1", "ERR_CONNECT_REFUSED"],
    ]);
    const unknown = of("not-known.example");
    assert.deepInclude(unknown, { code: "ERR_CONNECT_TIMEOUT", phase: "resolve", attempts: [] });
    // Of twenty names that hang for a second two were asked, and keep their two threads.
    const { file = 9, name = 9, address } = of("names that hang");
    assert.isBelow(file, 0.5);
    assert.isBelow(name, 2);
    assert.equal(address, "198.51.100.1");
  }, 60_000);
});

/** What is tried, where it leads, and when that address has its turn. */
const GOOD: readonly (readonly [what: string, host: string, turn: number])[] = [
  ["IPv6 is a black hole", "198.51.100.1", DELAY],
  ["IPv4 is a black hole", "2001:db8:1::1", DELAY],
  ["three black holes", "198.51.100.1", 3 * DELAY],
  ["IPv6 is refused", "198.51.100.1", 0],
  ["no route", "198.51.100.1", 0],
  ["refused, and black", "198.51.100.1", DELAY],
  ["half-dead.example", "198.51.100.1", DELAY],
];

function isInTime({ what, seconds = 0 }: Told): boolean {
  const good = GOOD.find(([name]) => name === what);
  return good === undefined || seconds < good[2] + IN_TIME - DELAY;
}

describe("HostnameEndpoint on loopback, beside a listener whose queue is full", () => {
  const HOLE = "127.0.0.2";
  const GOOD_HOST = "127.0.0.1";

  async function blackHole(context: TestContext): Promise<number> {
    const silent = await SilentPort.open(HOLE);
    context.onTestFinished(() => silent.close());
    return silent.place;
  }

  function quiet(): Factory {
    const factory = Factory.forProtocol(Protocol);
    factory.noisy = false;
    return factory;
  }

  function reactorOf(context: TestContext): NodeReactor {
    const reactor = new NodeReactor();
    context.onTestFinished(() => reactor[Symbol.asyncDispose]());
    const table = { "hole.example": HOLE, "both.example": [HOLE, GOOD_HOST] };
    reactor.installNameResolver(new StaticResolver(reactor, table));
    return reactor;
  }

  it("connects within 300 ms, to the one that answers", async (context) => {
    const reactor = reactorOf(context);
    const number = await blackHole(context);
    const port = await reactor.listenTCP(number, quiet(), { interface: GOOD_HOST }).listening;
    const endpoint = new HostnameEndpoint(reactor, "both.example", number);
    const times: number[] = [];
    do {
      const began = reactor.seconds();
      const protocol = await endpoint.connect(quiet());
      times.push(reactor.seconds() - began);
      assert.equal(protocol.transport.getPeer().toString(), `${GOOD_HOST}:${String(number)}`);
      protocol.transport.abortConnection();
    } while (Math.min(...times) >= IN_TIME && times.length < TRIES);
    assert.isAtLeast(Math.min(...times), DELAY - 0.001);
    assert.isBelow(Math.min(...times), IN_TIME);
    await port.stopListening();
  });

  it("gives up after its timeout, and says on what", async (context) => {
    const reactor = reactorOf(context);
    const options = { timeout: 0.1 };
    const number = await blackHole(context);
    const endpoint = new HostnameEndpoint(reactor, "hole.example", number, options);
    const error: unknown = await endpoint.connect(quiet()).then(
      () => assert.fail("it connected"),
      (reason: Error) => reason,
    );
    assert(error instanceof TimeoutError);
    assert(error.cause instanceof AllAttemptsFailedError);
    assert.include(error.cause.message, `${HOLE}:${String(number)}: no answer within 0.1`);
  });
});
