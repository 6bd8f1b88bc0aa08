/**
 * Names in a simulated world: what they stand for, when hosts learn of it, how they fail.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Failure } from "../../../defer/failure.ts";
import { DNSLookupError, UnknownHostError } from "../../../internet/errors.ts";
import { Factory, ClientFactory } from "../../../internet/factory.ts";
import { Protocol } from "../../../internet/protocol.ts";
import { resolveAll } from "../../../internet/names/resolve-all.ts";
import type { SimulatedHost } from "../host.ts";
import { Simulator, type SimulatorOptions } from "../simulator.ts";
import { SimulatedResolver } from "./simulated-resolver.ts";

/** A world with two hosts. */
class World {
  readonly simulator: Simulator;
  readonly client: SimulatedHost;
  readonly server: SimulatedHost;

  constructor(options: SimulatorOptions = {}) {
    this.simulator = new Simulator(options);
    this.client = this.simulator.addHost("client");
    this.server = this.simulator.addHost("server");
  }

  get names(): Simulator["names"] {
    return this.simulator.names;
  }

  /** What a host is told now: addresses, or the code of what the system says, and the class. */
  async resolve(name: string, host: SimulatedHost = this.client): Promise<readonly string[]> {
    const told: (readonly string[])[] = [];
    void resolveAll(host.reactor.nameResolver, name).addBoth((result) => {
      told.push(result instanceof Failure ? wordsOf(result) : result.map((one) => one.host));
    });
    const end = await this.simulator.work(() => told.length > 0, { until: 1000 });
    return told[0] ?? [end];
  }

  async pass(seconds: number): Promise<void> {
    let passed = false;
    this.simulator.after(seconds, {
      happen: () => {
        passed = true;
      },
    });
    await this.simulator.work(() => passed);
  }
}

function wordsOf({ value }: Failure): readonly string[] {
  const { cause } = value;
  const code = cause instanceof Error && "code" in cause ? [String(cause.code)] : [];
  return [value.constructor.name, ...code];
}

const UNKNOWN = [UnknownHostError.name, "ENOTFOUND"];
const BOTH = ["10.0.0.8", "10.0.0.9"];
const AGAIN = [DNSLookupError.name, "EAI_AGAIN"];

describe("SimulatedNames", () => {
  it("lets the names of hosts stand for their addresses, whatever their case", async () => {
    const world = new World();
    assert.deepEqual(await world.resolve("server"), ["10.0.0.2", "fd00::2"]);
    assert.deepEqual(await world.resolve("SERVER."), ["10.0.0.2", "fd00::2"]);
    assert.closeTo(world.simulator.now, 0.002, 0.0001);
    assert.deepEqual(await world.resolve("nobody"), UNKNOWN);
  });

  it("connects hosts by name", async () => {
    const world = new World();
    const made: string[] = [];
    class Greeted extends Protocol {
      override connectionMade(): void {
        made.push(this.transport.getPeer().toString());
      }
    }
    world.server.reactor.listenTCP(80, Factory.forProtocol(Protocol));
    world.client.reactor.connectTCP("server", 80, ClientFactory.forProtocol(Greeted));
    assert.equal(await world.simulator.work(() => made.length > 0, { until: 1 }), "done");
    assert.match(made[0] ?? "", /10\.0\.0\.2:80/u);
  });

  it("tells what was set, in that order, and nothing of what was deleted", async () => {
    const world = new World();
    world.names.set("db", "10.0.0.9", "fd00::9", "10.0.0.8");
    assert.deepEqual(await world.resolve("db"), ["10.0.0.9", "fd00::9", "10.0.0.8"]);
    world.names.set("db", "10.0.0.7");
    assert.deepEqual(await world.resolve("db"), ["10.0.0.7"]);
    world.names.set("db");
    assert.deepEqual(await world.resolve("db"), UNKNOWN);
    world.names.delete("db");
    assert.deepEqual(await world.resolve("db"), UNKNOWN);
    assert.throws(() => world.names.set("db", "10.0.0"), TypeError);
  });

  it("keeps localhost on the host, at once, whatever becomes of names", async () => {
    const world = new World();
    world.names.configure({ latency: 100 });
    world.names.fail("localhost", "SERVFAIL");
    assert.deepEqual(await world.resolve("localhost"), ["::1", "127.0.0.1"]);
    assert.isBelow(world.simulator.now, 0.001);
  });

  it("fails with NXDOMAIN and SERVFAIL until that is healed, or its time is over", async () => {
    const world = new World();
    const missing = world.names.fail("server", "NXDOMAIN");
    assert.deepEqual(await world.resolve("server"), UNKNOWN);
    {
      using broken = world.names.fail("SERVER", "SERVFAIL");
      assert.isDefined(broken);
      assert.deepEqual(await world.resolve("server"), AGAIN);
    }
    assert.deepEqual(await world.resolve("server"), UNKNOWN);
    missing.heal();
    missing.heal();
    assert.equal((await world.resolve("server")).length, 2);
    world.names.fail("server", "SERVFAIL", { for: 5 });
    await world.pass(4.9);
    assert.deepEqual(await world.resolve("server"), AGAIN);
    await world.pass(0.2);
    assert.equal((await world.resolve("server")).length, 2);
    assert.throws(() => world.names.fail("server", "timeout", { for: -1 }), RangeError);
  });

  it("times out as glibc does: two tries of five seconds", async () => {
    const world = new World();
    world.names.fail("server", "timeout", { for: 30 });
    assert.deepEqual(await world.resolve("server"), AGAIN);
    assert.closeTo(world.simulator.now, 10, 0.01);
    await world.pass(18);
    assert.equal((await world.resolve("server")).length, 2);
    assert.closeTo(world.simulator.now, 33, 0.01);
  });

  it("tells of changes late, each host at its own time, and never the old again", async () => {
    const world = new World({ seed: 5 });
    world.names.configure({ stale: 10 });
    world.names.set("db", "10.0.0.8");
    world.names.set("db", "10.0.0.9");
    const seen = new Map<string, string[]>([
      ["client", []],
      ["server", []],
    ]);
    for (let at = 0; at < 22; at += 1) {
      for (const host of [world.client, world.server]) {
        const [address] = await world.resolve("db", host);
        const all = seen.get(host.name);
        if (address !== undefined && address !== all?.at(-1)) all?.push(address);
      }
      await world.pass(0.5);
    }
    assert.deepEqual([...seen.values()], [BOTH, BOTH]);
    assert.deepEqual(await world.resolve("db"), ["10.0.0.9"]);
  });

  it("tells of changes at once where no choice says otherwise", async () => {
    const world = new World({ plan: new Map() });
    world.names.configure({ stale: 10, latency: [0.001, 2], rotated: true });
    world.names.set("server", "10.0.0.9", "10.0.0.8");
    assert.deepEqual(await world.resolve("server"), ["10.0.0.9", "10.0.0.8"]);
    assert.isBelow(world.simulator.now, 0.002);
  });

  it("lets addresses of a family take turns", async () => {
    const world = new World();
    world.names.configure({ rotated: true });
    world.names.set("db", "10.0.0.8", "fd00::8", "10.0.0.9", "fd00::9");
    const seen = new Set<string>();
    for (let at = 0; at < 20; at += 1) seen.add((await world.resolve("db")).join(" "));
    assert.deepEqual([...seen].sort(), [
      "10.0.0.8 fd00::8 10.0.0.9 fd00::9",
      "10.0.0.9 fd00::9 10.0.0.8 fd00::8",
    ]);
  });
});

describe("SimulatedResolver", () => {
  it("gives up at its deadline", async () => {
    const world = new World();
    world.client.reactor.installNameResolver(
      new SimulatedResolver(world.client.reactor, { timeout: 2 }),
    );
    world.names.fail("server", "timeout");
    assert.deepEqual(await world.resolve("server"), [DNSLookupError.name]);
    assert.closeTo(world.simulator.now, 2, 0.001);
  });

  it("asks for two names at once: those that hang keep others waiting", async () => {
    const world = new World();
    for (const name of ["a", "b"]) {
      world.names.fail(name, "timeout");
      void resolveAll(world.client.reactor.nameResolver, name).addErrback(() => undefined);
    }
    assert.equal((await world.resolve("server")).length, 2);
    assert.closeTo(world.simulator.now, 10, 0.01);
  });

  it("tells nothing to a program that was killed, later to one that stands still", async () => {
    const world = new World();
    const told: string[] = [];
    const ask = (host: SimulatedHost): void => {
      void host.reactor.resolve("server").addBoth(() => told.push(host.name));
    };
    ask(world.client);
    ask(world.server);
    world.client.stall(3);
    world.server.kill();
    await world.pass(2.9);
    assert.deepEqual(told, []);
    await world.pass(0.2);
    assert.deepEqual(told, ["client"]);
  });

  it("is the same in every run of a seed", async () => {
    const run = async (seed: number, drain: "ticks" | "immediate"): Promise<string> => {
      const world = new World({ seed, drain });
      world.names.configure({ latency: [0.001, 0.5], stale: 2, rotated: true });
      world.names.set("server", "10.0.0.8", "10.0.0.9");
      for (let at = 0; at < 10; at += 1) await world.resolve("server");
      return world.simulator.trace.hash;
    };
    assert.equal(await run(1, "ticks"), await run(1, "immediate"));
    assert.notEqual(await run(1, "ticks"), await run(2, "ticks"));
  });
});
