/**
 * What is TCP's alone on the Node reactor: names, families, our own end, and what the system says.
 *
 * @module
 */
import { assert, describe, it, type TestContext } from "vitest";
import { Deferred } from "../../src/defer/deferred.ts";
import { Failure } from "../../src/defer/failure.ts";
import { CannotListenError, ConnectError } from "../../src/internet/errors.ts";
import { ClientFactory, Factory } from "../../src/internet/factory.ts";
import type { ConnectTCPOptions, ListenTCPOptions } from "../../src/internet/interfaces-reactor.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { portNumber } from "../../src/testing/contracts/network.ts";
import { closedPort } from "./fixtures/lines/socket-peer.ts";

/** A reactor that ends with the test. */
function reactorOf(context: TestContext): NodeReactor {
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  return reactor;
}

/** Tells how its one attempt goes: the protocol, or why there is none. */
class Telling extends ClientFactory {
  override noisy = false;
  readonly outcome = new Deferred<{ readonly result: Protocol | Failure }>();

  override buildProtocol(): Protocol {
    const protocol = new Protocol();
    protocol.connectionMade = () => this.outcome.callback({ result: protocol });
    return protocol;
  }

  override clientConnectionFailed(_connector: unknown, reason: Failure): void {
    this.outcome.callback({ result: reason });
  }
}

/** Connect, and give up the attempt in the end if it goes on for too long. */
async function attempt(
  reactor: NodeReactor,
  host: string,
  port: number,
  options: ConnectTCPOptions = {},
): Promise<Protocol | Failure> {
  const factory = new Telling();
  reactor.connectTCP(host, port, factory, options);
  return (await factory.outcome).result;
}

/** Why the attempt failed. */
async function failureOf(attempted: Promise<Protocol | Failure>): Promise<ConnectError> {
  const outcome = await attempted;
  assert(outcome instanceof Failure, "expected a failure");
  assert(outcome.value instanceof ConnectError, `found ${outcome.toString()}`);
  return outcome.value;
}

async function listenOn(reactor: NodeReactor, options: ListenTCPOptions): Promise<number> {
  const factory = Factory.forProtocol(Protocol);
  factory.noisy = false;
  return portNumber(await reactor.listenTCP(0, factory, options).listening);
}

describe("where to", () => {
  it("an address of the other family than asked for is no host", async (context) => {
    const reactor = reactorOf(context);
    const error = await failureOf(attempt(reactor, "127.0.0.1", 9, { family: 6 }));
    assert.equal(error.code, "ERR_CONNECT_UNKNOWN_HOST");
    assert.match(error.message, /^Cannot connect to 127\.0\.0\.1:9: not an IPv6 address$/u);
    const other = await failureOf(attempt(reactor, "::1", 9, { family: 4 }));
    assert.equal(other.code, "ERR_CONNECT_UNKNOWN_HOST");
  });

  it("names that do not resolve are typed, and say why", async (context) => {
    const reactor = reactorOf(context);
    for (const name of [
      "no-such-host.invalid",
      "two words",
      `${"x".repeat(300)}.invalid`,
      "127.0.0.1\0.invalid",
    ]) {
      const error = await failureOf(attempt(reactor, name, 9));
      assert.include(["ERR_CONNECT_UNKNOWN_HOST", "ERR_CONNECT_DNS_LOOKUP"], error.code);
      assert.instanceOf(error.cause, Error);
      assert.include(error.message, name);
    }
  });

  it("an attempt given up while its name is looked up ends once", async (context) => {
    const reactor = reactorOf(context);
    const factory = new Telling();
    reactor.connectTCP("no-such-host.invalid", 9, factory).stopConnecting();
    const { result } = await factory.outcome;
    assert(result instanceof Failure);
    assert.equal(result.check("ERR_CONNECT_USER"), "ERR_CONNECT_USER");
    await failureOf(attempt(reactor, "no-such-host.invalid", 9));
  });

  it("nobody there is refused, port 0 as well", async (context) => {
    const reactor = reactorOf(context);
    const error = await failureOf(attempt(reactor, "127.0.0.1", await closedPort()));
    assert.equal(error.code, "ERR_CONNECT_REFUSED");
    assert.instanceOf(error.cause, Error);
    await failureOf(attempt(reactor, "127.0.0.1", 0));
  });

  it("port numbers that there are not are refused at once", (context) => {
    const reactor = reactorOf(context);
    for (const port of [-1, 65_536, 1.5, Number.NaN]) {
      assert.throws(() => reactor.connectTCP("127.0.0.1", port, new Telling()), RangeError);
    }
  });
});

describe("bindAddress", () => {
  it("is our own end, with a port if it has one", async (context) => {
    const reactor = reactorOf(context);
    const port = await listenOn(reactor, { interface: "127.0.0.1" });
    const made = await attempt(reactor, "127.0.0.1", port, { bindAddress: "127.0.0.2" });
    assert(made instanceof Protocol);
    assert.match(made.transport.getHost().toString(), /^127\.0\.0\.2:/u);
    const own = await closedPort();
    const bindAddress = { host: "127.0.0.1", port: own };
    const other = await attempt(reactor, "127.0.0.1", port, { bindAddress });
    assert(other instanceof Protocol);
    assert.equal(other.transport.getHost().toString(), `127.0.0.1:${String(own)}`);
  });

  it("that is none, not ours, of the other family or taken fails the attempt", async (context) => {
    const reactor = reactorOf(context);
    const port = await listenOn(reactor, { interface: "127.0.0.1" });
    const taken = { host: "127.0.0.1", port };
    for (const bindAddress of ["nonsense", "192.0.2.77", "::1", taken]) {
      const error = await failureOf(attempt(reactor, "127.0.0.1", port, { bindAddress }));
      assert.equal(error.code, "ERR_CONNECT_BIND", JSON.stringify(bindAddress));
    }
  });

  it("with a port that there is not is refused at once", (context) => {
    const reactor = reactorOf(context);
    const bindAddress = { host: "127.0.0.1", port: 65_536 };
    assert.throws(
      () => reactor.connectTCP("127.0.0.1", 9, new Telling(), { bindAddress }),
      RangeError,
    );
  });
});

describe("interface", () => {
  it(":: takes both families, nothing takes IPv4", async (context) => {
    const reactor = reactorOf(context);
    const both = await listenOn(reactor, { interface: "::" });
    assert.instanceOf(await attempt(reactor, "127.0.0.1", both), Protocol);
    assert.instanceOf(await attempt(reactor, "::1", both), Protocol);
    const four = await listenOn(reactor, {});
    assert.instanceOf(await attempt(reactor, "127.0.0.1", four), Protocol);
    const error = await failureOf(attempt(reactor, "::1", four));
    assert.equal(error.code, "ERR_CONNECT_REFUSED");
  });

  it("that is not ours, or no address, is CannotListenError", async (context) => {
    const reactor = reactorOf(context);
    for (const one of ["192.0.2.77", "no-such-host.invalid"]) {
      const port = reactor.listenTCP(0, new Factory(), { interface: one });
      const failure = await port.listening.addCallbacks(
        () => undefined,
        (reason) => ({ error: reason.value }),
      );
      assert.instanceOf(failure?.error, CannotListenError);
      assert.include(failure.error.message, one);
    }
  });

  it("an address tells its family", async (context) => {
    const reactor = reactorOf(context);
    const port = await listenOn(reactor, { interface: "::1" });
    const made = await attempt(reactor, "::1", port);
    assert(made instanceof Protocol);
    assert.equal(made.transport.getPeer().kind, "IPv6");
    assert.equal(made.transport.getPeer().toString(), `[::1]:${String(port)}`);
  });
});
