/**
 * A connection to a process is a stream transport like any other: the suite, over connections of
 * which the client's end is a process that hands on what it is told.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, describe, it } from "vitest";
import type { Failure } from "../../src/defer/failure.ts";
import { ConnectionDone } from "../../src/internet/errors.ts";
import { ClientFactory } from "../../src/internet/factory.ts";
import type { IClientFactory, IConnector } from "../../src/internet/interfaces-factory.ts";
import type { ConnectTCPOptions } from "../../src/internet/interfaces-reactor.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import type { MemoryChild } from "../../src/reactors/memory/memory-process.ts";
import { MemoryReactor } from "../../src/reactors/memory/memory-reactor.ts";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import type { ReactorHarness, TestRunner } from "../../src/testing/contracts/harness.ts";

const STEP = 0.001;
/** Seconds, of virtual time: what lies further away is set aside. */
const HORIZON = 10;
/** Turns without anything to do that promises get to bring something. */
const IDLE_TURNS_MAX = 10;

/** The process's end of a connection to a port; what it receives is the output of the process. */
class Relay extends Protocol {
  readonly #child: MemoryChild;
  readonly #input = new Input(this);
  readonly #output = new Protocol();

  constructor(child: MemoryChild) {
    super();
    this.#child = child;
    child.onSignal = (signal) => {
      if (signal === "SIGKILL") this.transport.abortConnection();
    };
  }

  override connectionMade(): void {
    this.#child.attach(1, this.#output);
    this.#child.attach(0, this.#input);
    this.#output.transport.registerProducer(this.transport, true);
    this.transport.registerProducer(this.#input.transport, true);
  }

  override dataReceived(data: Buffer): void {
    this.#output.transport.write(data);
  }

  inputEnded(): void {
    this.transport.unregisterProducer();
    this.transport.loseWriteConnection();
  }

  readConnectionLost(): void {
    this.#output.transport.unregisterProducer();
    this.#child.closeFD(1);
  }

  writeConnectionLost(): void {}

  override connectionLost(reason: Failure): void {
    this.#output.transport.unregisterProducer();
    if (reason.is(ConnectionDone)) this.#child.exit(0);
    else this.#child.die("SIGPIPE");
  }
}

class Input extends Protocol {
  readonly #relay: Relay;

  constructor(relay: Relay) {
    super();
    this.#relay = relay;
  }

  override dataReceived(data: Buffer): void {
    this.#relay.transport.write(data);
  }

  override connectionLost(): void {
    this.#relay.inputEnded();
  }
}

class RelayingReactor extends MemoryReactor {
  override connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options: ConnectTCPOptions = {},
  ): IConnector {
    const { closeTimeout, maxBufferedBytes } = options;
    const connector = this.connectProcess("relay", factory, {
      ...(closeTimeout !== undefined && { closeTimeout }),
      ...(maxBufferedBytes !== undefined && { maxBufferedBytes }),
    });
    const child = this.processes.spawned.at(-1)?.child;
    assert(child !== undefined);
    const relaying = ClientFactory.forProtocol(Protocol);
    relaying.buildProtocol = () => new Relay(child);
    super.connectTCP(host, port, relaying);
    return connector;
  }
}

class Harness implements ReactorHarness {
  readonly reactor = new RelayingReactor();

  async settle(until: () => boolean): Promise<void> {
    for (let idle = 0; !until(); ) {
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

  async dispose(): Promise<void> {
    let disposed = false;
    const disposal = this.reactor[Symbol.asyncDispose]().then(() => {
      disposed = true;
    });
    await this.settle(() => disposed);
    await disposal;
  }
}

/** What is about connections, and not about how they come about. */
const TOPICS = new Set([
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
]);

/** A process has no address of TCP, and a peer's reset is how the process ended. */
const OTHERWISE = new Set([
  "addresses are known after the end",
  "drained() fails with the reason when the connection ends first",
  "abortConnection() with 10 MB waiting drops them",
  "abortConnection() while reading is paused",
]);

const seen = new Set<string>();

const runner: TestRunner = {
  describe: (name, body) => {
    if (name.startsWith("Connections") || TOPICS.has(name))
      describe(name, () => {
        body();
      });
  },
  it: (title, body) => {
    if (OTHERWISE.has(title)) seen.add(title);
    else it(title, body);
  },
};

describeReactor("Connections to processes", () => new Harness(), runner);

it("no contract is left out that there is not", () => {
  assert.deepEqual([...seen].sort(), [...OTHERWISE].sort());
});
