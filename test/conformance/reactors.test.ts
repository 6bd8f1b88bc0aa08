/**
 * Every kind of reactor keeps the contracts.
 *
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { setImmediate as nextPass } from "node:timers/promises";
import { afterAll, describe, it } from "vitest";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { MemoryReactor } from "../../src/reactors/memory/memory-reactor.ts";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import type { ReactorHarness } from "../../src/testing/contracts/harness.ts";
import { SilentPort } from "./silent-port.ts";

/** Seconds, of real time: far beyond what any contract takes. */
const GUARD = 10;

const silentPorts = new Map<string, Promise<SilentPort>>();

function silentPort(host: string): Promise<SilentPort> {
  const opened = silentPorts.get(host) ?? SilentPort.open(host);
  silentPorts.set(host, opened);
  return opened;
}

afterAll(async () => {
  for (const opened of silentPorts.values()) await (await opened).close();
});

class NodeHarness implements ReactorHarness {
  readonly reactor = new NodeReactor();
  readonly host: string;

  constructor(host: string) {
    this.host = host;
  }

  async settle(until: () => boolean): Promise<void> {
    const deadline = performance.now() + GUARD * 1000;
    while (!until()) {
      if (performance.now() > deadline) {
        throw new Error(`Waited ${String(GUARD)} seconds for ${until.toString()}`);
      }
      await nextPass();
    }
  }

  async refusingPort(): Promise<number> {
    const server = createServer().listen(0, this.host);
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    if (address === null || typeof address === "string") throw new TypeError("no TCP address");
    return address.port;
  }

  async silentPort(): Promise<number> {
    return (await silentPort(this.host)).port;
  }

  async dispose(): Promise<void> {
    await this.reactor[Symbol.asyncDispose]();
  }
}

const { get } = Reflect;

/** Finds nothing where a server's handle tells of connections. */
function getWithoutOnconnection(target: object, key: PropertyKey): unknown {
  return key === "onconnection" ? undefined : get(target, key);
}

/** As on a platform whose handles are not as we know them: sockets have data events. */
class DataEventsHarness extends NodeHarness {
  constructor(host: string) {
    super(host);
    Object.defineProperty(Reflect, "get", { value: getWithoutOnconnection });
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    Object.defineProperty(Reflect, "get", { value: get });
  }
}

const REFUSING = 1;
const SILENT = 2;
/** Seconds: thousands of calls need not be looked for one by one; `advance` keeps them apart. */
const STEP = 0.001;
/** Turns without anything to do that promises get to bring something. */
const IDLE_TURNS_MAX = 10;

class MemoryHarness implements ReactorHarness {
  readonly reactor = new MemoryReactor();

  async settle(until: () => boolean): Promise<void> {
    let idle = 0;
    while (!until()) {
      this.#refuse();
      if (this.reactor.turn()) idle = 0;
      else idle += 1;
      await nextPass();
      if (until()) return;
      if (idle > IDLE_TURNS_MAX) {
        if (!this.#advance()) throw new Error(`Waited in vain for ${until.toString()}`);
        idle = 0;
      }
    }
  }

  /** To the next call. Set-aside ones never come. @returns Is there one? */
  #advance(): boolean {
    const now = this.reactor.seconds();
    const times = this.reactor.getDelayedCalls().map((call) => call.getTime());
    const next = Math.min(...times.filter((time) => time > now));
    if (next > now + GUARD) return false;
    this.reactor.advance(Math.max(next - now, STEP));
    return true;
  }

  #refuse(): void {
    for (const { port, connector } of this.reactor.tcpClients) {
      if (port === REFUSING) connector.fail();
    }
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

const runner = { describe, it };

describeReactor("NodeReactor over IPv4", () => new NodeHarness("127.0.0.1"), runner);
describeReactor("NodeReactor over IPv6", () => new NodeHarness("::1"), runner);
describeReactor("NodeReactor with data events", () => new DataEventsHarness("127.0.0.1"), runner);
describeReactor("MemoryReactor", () => new MemoryHarness(), runner);
