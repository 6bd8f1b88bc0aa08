/**
 * A wrapped transport keeps the contracts: the whole suite, over a reactor whose connections go
 * through a wrapper on both sides, and over one whose servers want a PROXY header first.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, describe, it } from "vitest";
import type { IAddress } from "../../src/internet/addresses.ts";
import { HAProxyWrappingFactory } from "../../src/internet/haproxy/haproxy-wrapping-factory.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
} from "../../src/internet/interfaces-factory.ts";
import type { ConnectTCPOptions, ListenTCPOptions } from "../../src/internet/interfaces-reactor.ts";
import type { IProtocol, IStreamTransport } from "../../src/internet/interfaces-transport.ts";
import { Handover } from "../../src/internet/wrapping/handover.ts";
import { TransportWrapper } from "../../src/internet/wrapping/transport-wrapper.ts";
import { MemoryReactor } from "../../src/reactors/memory/memory-reactor.ts";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import type { ReactorHarness, TestRunner } from "../../src/testing/contracts/harness.ts";

const REFUSING = 1;
const SILENT = 2;
const STEP = 0.001;
/** Seconds, of virtual time: what lies further away is set aside. */
const HORIZON = 10;
/** Turns without anything to do that promises get to bring something. */
const IDLE_TURNS_MAX = 10;

class Harness implements ReactorHarness {
  readonly reactor: MemoryReactor;

  constructor(reactor: MemoryReactor) {
    this.reactor = reactor;
  }

  async settle(until: () => boolean): Promise<void> {
    for (let idle = 0; !until(); ) {
      for (const { port, connector } of this.reactor.tcpClients) {
        if (port === REFUSING) connector.fail();
      }
      idle = this.reactor.turn() ? 0 : idle + 1;
      await nextPass();
      if (idle > IDLE_TURNS_MAX && !until()) {
        assert(this.#advance(), `Waited in vain for ${until.toString()}`);
        idle = 0;
      }
    }
  }

  /** To the next call. @returns Is there one? */
  #advance(): boolean {
    const now = this.reactor.seconds();
    const times = this.reactor.getDelayedCalls().map((call) => call.getTime());
    const next = Math.min(...times.filter((time) => time > now));
    if (next > now + HORIZON) return false;
    this.reactor.advance(Math.max(next - now, STEP));
    return true;
  }

  refusingPort(): Promise<number> {
    return Promise.resolve(REFUSING);
  }

  silentPort(): Promise<number> {
    return Promise.resolve(SILENT);
  }

  async dispose(): Promise<void> {
    let disposed = false;
    const disposal = this.reactor[Symbol.asyncDispose]().then(() => {
      disposed = true;
    });
    await this.settle(() => disposed);
    await disposal;
  }
}

/** Reads nothing, and says `greeting` before everything else. */
class AtOnce extends Handover {
  readonly #inner: IProtocol;
  readonly #greeting: string;

  constructor(reactor: MemoryReactor, inner: IProtocol, greeting: string) {
    super(reactor);
    this.#inner = inner;
    this.#greeting = greeting;
  }

  protected override begun(transport: IStreamTransport): void {
    transport.write(this.#greeting);
    this.handOver(this.#inner, new TransportWrapper(transport, this.#inner, this), Buffer.alloc(0));
  }

  protected override beginningReceived(): void {
    assert.fail("the connection was handed over");
  }

  protected override endedEarly(): void {
    assert.fail("the connection was handed over");
  }
}

/** The same factory, but that its protocols are wrapped. */
function wrapping<F extends IProtocolFactory>(
  reactor: MemoryReactor,
  factory: F,
  greeting = "",
): F {
  const buildProtocol = (address: IAddress): IProtocol | undefined => {
    const inner = factory.buildProtocol(address);
    return inner && new AtOnce(reactor, inner, greeting);
  };
  return new Proxy(factory, {
    get(target, key) {
      if (key === "buildProtocol") return buildProtocol;
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function"
        ? (...args: readonly unknown[]): unknown => Reflect.apply(value, target, args)
        : value;
    },
  });
}

class WrappingReactor extends MemoryReactor {
  override listenTCP(
    port: number,
    factory: IProtocolFactory,
    options?: ListenTCPOptions,
  ): IListeningPort {
    return super.listenTCP(port, wrapping(this, factory), options);
  }

  override connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options?: ConnectTCPOptions,
  ): IConnector {
    return super.connectTCP(host, port, wrapping(this, factory), options);
  }
}

class ProxiedReactor extends MemoryReactor {
  override listenTCP(
    port: number,
    factory: IProtocolFactory,
    options?: ListenTCPOptions,
  ): IListeningPort {
    return super.listenTCP(port, new HAProxyWrappingFactory(this, factory), options);
  }

  override connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options?: ConnectTCPOptions,
  ): IConnector {
    return super.connectTCP(host, port, wrapping(this, factory, "PROXY UNKNOWN\r\n"), options);
  }
}

/** Its client aborts before the header is out: no protocol is ever built. */
const OF_THE_HEADER = ["abortConnection() from inside connectionMade()"];

/** What goes through a wrapper. */
const TOPICS = new Set([
  "ports",
  "the connections of a port",
  "connectors",
  "the life of a connection",
  "writing",
  "reading",
  "closing",
  "half-closing",
  "aborting",
  "failures stay inside",
  "push producers",
  "pull producers",
  "bounds",
  "stop",
]);

/** Defines all contracts of {@link TOPICS} but those, which there must be. */
function without(titles: readonly string[]): TestRunner {
  const missing = new Set([...TOPICS, ...titles]);
  let isOutside = true;
  return {
    describe: (name, body) => {
      if (isOutside) {
        isOutside = false;
        describe(name, () => {
          body();
          it("all that is tried is there, and all that is left out", () => {
            assert.isEmpty([...missing]);
          });
        });
      } else if (missing.delete(name)) {
        describe(name, () => {
          body();
        });
      }
    },
    it: (title, body) => {
      if (!missing.delete(title)) it(title, body);
    },
  };
}

describeReactor("MemoryReactor, wrapped", () => new Harness(new WrappingReactor()), without([]));
describeReactor(
  "MemoryReactor, behind a proxy",
  () => new Harness(new ProxiedReactor()),
  without(OF_THE_HEADER),
);
