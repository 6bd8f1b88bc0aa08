import { assert, describe, it } from "vitest";
import { Deferred } from "../../defer/deferred.ts";
import { ClientFactory, Factory } from "../../internet/factory.ts";
import { Protocol } from "../../internet/protocol.ts";
import { NestedSimulationError } from "./nested-simulation-error.ts";
import { type Scenario, simulate } from "./simulate.ts";
import type { Simulation } from "./simulation.ts";
import { formatToken } from "./token.ts";

class Echo extends Protocol {
  override dataReceived(data: Buffer): void {
    this.transport.write(data);
  }
}

/** A client says something, and waits for its echo. */
async function echo(sim: Simulation): Promise<void> {
  let heard = "";
  class Client extends Protocol {
    override connectionMade(): void {
      this.transport.write("hello, is there anybody?");
    }

    override dataReceived(data: Buffer): void {
      heard += data.toString();
    }
  }
  sim.net.default({ latency: [0.001, 0.1], segmentation: 0.5, coalescing: 0.3, loss: 0.1 });
  sim.host("server", (reactor) => {
    reactor.listenTCP(7, Factory.forProtocol(Echo));
  });
  sim.host("client", (reactor) => {
    reactor.connectTCP("server", 7, ClientFactory.forProtocol(Client));
  });
  await sim.eventually("an echo", () => heard === "hello, is there anybody?");
}

async function failureOf(scenario: Scenario): Promise<string> {
  const { failure } = await simulate(scenario);
  return `${failure?.kind ?? "none"}: ${failure?.message ?? ""}`;
}

describe("simulate()", () => {
  it("is the same for the same seed, whichever way promises are run", async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const one = await simulate(echo, { seed });
      assert.isUndefined(one.failure);
      assert.equal((await simulate(echo, { seed })).hash, one.hash);
      assert.equal((await simulate(echo, { seed, drain: "immediate" })).hash, one.hash);
    }
  });

  it("is another for another seed", async () => {
    const hashes = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) hashes.add((await simulate(echo, { seed })).hash);
    assert.equal(hashes.size, 20);
  });

  it("tells what was chosen, and that plan is the same run", async () => {
    const one = await simulate(echo, { seed: 3, recorded: true });
    const { plan, hash } = one;
    assert.isTrue((plan?.size ?? 0) > 0);
    assert.equal((await simulate(echo, { seed: 3, plan })).hash, hash);
    const again = await simulate(echo, { seed: 3, plan: new Map() });
    assert.isTrue(again.ok);
    assert.isBelow(again.time, one.time);
  });

  it("runs again what a token says", async () => {
    const { plan } = await simulate(echo, { seed: 4, recorded: true });
    const { token, hash } = await simulate(echo, { seed: 4, plan });
    assert.equal((await simulate(echo, { token })).hash, hash);
  });

  it("tells a token that says where a plan ended, and whose choices followed it", async () => {
    const { plan } = await simulate(echo, { seed: 4, recorded: true });
    const until = { seed: 4, plan, planUntil: 0.05 };
    const hashes = new Set<string>();
    for (const run of [
      { seed: 4, plan },
      until,
      { ...until, seedAfterPlan: 9 },
      { seed: 4, seedAfterPlan: 9 },
    ]) {
      const { token, hash } = await simulate(echo, run);
      const again = await simulate(echo, { token });
      assert.equal(again.hash, hash, token);
      assert.equal(again.token, token);
      hashes.add(hash);
    }
    // The second one is the first: after the plan come the same choices, but from their beginning.
    assert.equal(hashes.size, 4);
    const { token } = await simulate(echo, { token: "sim1:4", plan: new Map() });
    assert.equal(token, formatToken({ seed: 4, plan: new Map() }));
  });

  it("fails with what the scenario throws", async () => {
    const scenario: Scenario = () => Promise.reject(new RangeError("too far"));
    assert.equal(await failureOf(scenario), "error: too far");
  });

  it("fails with what a program throws", async () => {
    const scenario: Scenario = async (sim) => {
      sim.host("one", () => {
        throw new Error("no such program");
      });
      await sim.sleep(1);
    };
    assert.equal(await failureOf(scenario), "error: no such program");
  });

  it("fails when an error is logged that nobody expected", async () => {
    const scenario: Scenario = async (sim) => {
      sim.host("one", (reactor) => {
        reactor.callLater(1, () => {
          throw new TypeError("in a timer");
        });
      });
      await sim.sleep(2);
    };
    assert.match(await failureOf(scenario), /^logged: Unhandled error in a delayed call/u);
    assert.equal(
      await failureOf((sim) => {
        sim.expectLogged(TypeError);
        return scenario(sim);
      }),
      "none: ",
    );
  });

  it("fails when a Deferred's failure is left unhandled", async () => {
    const scenario: Scenario = () => {
      new Deferred<void>().errback(new Error("unseen"));
    };
    assert.equal(
      await failureOf(scenario),
      "unhandled: A failure was left unhandled: Error: unseen",
    );
  });

  it("fails when a rejection is left unhandled", async () => {
    const scenario: Scenario = async (sim) => {
      void Promise.reject(new Error("unseen"));
      await sim.sleep(1);
    };
    assert.equal(
      await failureOf(scenario),
      "unhandled: A failure was left unhandled: Error: unseen",
    );
  });

  it("fails when nothing is left to happen", async () => {
    const scenario: Scenario = () => new Promise(() => {});
    assert.match(await failureOf(scenario), /^deadlock: The scenario waits for a promise/u);
  });

  it("fails when it takes too long", async () => {
    const busy: Scenario = async (sim) => {
      const again = (): void => {
        one.reactor.callLater(1, again);
      };
      const one = sim.host("one", again);
      await new Promise(() => {});
    };
    const late = await simulate(busy, { time: 60 });
    assert.equal(late.failure?.kind, "limit");
    assert.equal(late.time, 60);
    assert.equal((await simulate(busy, { events: 100 })).events, 100);
  });

  for (const drain of ["ticks", "immediate"] as const) {
    it(`refuses to be called inside a simulation, by whomever (${drain})`, async () => {
      const inside: unknown[] = [];
      const begin = (): void => {
        try {
          void simulate(echo, { drain });
        } catch (error) {
          inside.push(error);
        }
      };
      const scenario: Scenario = async (sim) => {
        sim.host("one", async () => {
          await Promise.resolve();
          begin();
        });
        await sim.sleep(1);
        // With a turn for every event it may as well be somebody else who calls it then.
        if (drain === "ticks") begin();
      };
      for (const globals of ["virtual", "off"] as const) {
        const { failure } = await simulate(scenario, { drain, globals });
        assert.isUndefined(failure);
        const [host, itself = host] = inside.splice(0);
        assert.instanceOf(host, NestedSimulationError);
        assert.instanceOf(itself, NestedSimulationError);
        assert.match(String(host), /inside a simulation, in the code of one:/u);
      }
      assert.isTrue((await simulate(echo)).ok);
    });

    it(`is not refused where another one is at work (${drain})`, async () => {
      const again = async (): Promise<boolean> => {
        const { ok } = await simulate(echo, { drain });
        return ok && (await simulate(echo, { drain })).ok;
      };
      assert.deepEqual(await Promise.all([again(), again(), again()]), [true, true, true]);
    });
  }

  // Loops of promises: in test/interop/sim.test.ts, in a process of their own.
  it("interrupts a loop without an end when its patience is over, and says where", async () => {
    const loop = (): void => {
      for (;;);
    };
    const scenario: Scenario = async (sim) => {
      sim.host("two", (reactor) => void reactor.callLater(1, loop));
      await sim.sleep(2);
    };
    const { failure, time } = await simulate(scenario, { seed: 5, patience: 0.1 });
    assert.equal(failure?.kind, "limit");
    assert.match(failure?.message ?? "", /not over after 0\.1 s of real time/u);
    assert.equal(failure?.host, "two");
    assert.equal(time, 1);
    assert.isTrue((await simulate(echo)).ok);
  });

  it("runs come one after the other, however they were begun", async () => {
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, seed) => simulate(echo, { seed })),
    );
    for (const { seed, hash } of results) {
      assert.equal((await simulate(echo, { seed })).hash, hash);
    }
  });
});

describe("properties", () => {
  it("always: fails as soon as it does not hold", async () => {
    const { failure, time } = await simulate(async (sim) => {
      sim.always("it is early", () => sim.now < 5);
      for (;;) await sim.sleep(1);
    });
    assert.equal(failure?.kind, "always");
    assert.equal(time, 5);
  });

  it("always: says in whose event, and is one bug wherever that was", async () => {
    const breaking = async (sim: Simulation, name: string | undefined): Promise<void> => {
      let broken = false;
      sim.always("nothing is broken", () => !broken);
      const hosts = sim.hosts(2, "host", (reactor) => void reactor.callLater(1, () => undefined));
      await sim.sleep(2);
      const host = hosts.find((one) => one.name === name);
      if (host === undefined) broken = true;
      else {
        await sim.run(host, async () => {
          await Promise.resolve();
          broken = true;
        });
      }
      await sim.sleep(1);
    };
    const signatures = new Set<string>();
    for (const drain of ["ticks", "immediate"] as const) {
      for (const name of ["host1", "host2", undefined]) {
        const { failure } = await simulate((sim) => breaking(sim, name), { drain });
        assert.equal(failure?.kind, "always");
        assert.equal(failure?.host, name);
        signatures.add(failure?.signature ?? "");
      }
    }
    assert.equal(signatures.size, 1);
  });

  it("eventually: fails when its time is up", async () => {
    const { failure, time } = await simulate(async (sim) => {
      await sim.eventually("never", () => false, { within: 7 });
    });
    assert.equal(failure?.message, "never: not within 7 s");
    assert.equal(time, 7);
  });

  it("eventually: is asked once more when its time is up", async () => {
    const { failure } = await simulate(async (sim) => {
      await sim.eventually("late", () => sim.now >= 7, { within: 7 });
    });
    assert.isUndefined(failure);
  });

  it("always: is asked after what an eventually has set going", async () => {
    let broken = false;
    const { failure } = await simulate(async (sim) => {
      sim.always("nothing is broken", () => !broken);
      setTimeout(() => {}, 4000);
      await sim.eventually("some time", () => sim.now > 3);
      broken = true;
    });
    assert.equal(failure?.property, "nothing is broken");
  });

  it("sometimes: what it throws is a failure", async () => {
    const { failure } = await simulate((sim) => {
      sim.sometimes("never", () => {
        throw new RangeError("no idea");
      });
    });
    assert.equal(failure?.message, "no idea");
  });

  it("unreachable: fails", async () => {
    const { failure } = await simulate((sim) => {
      sim.unreachable("this line");
    });
    assert.equal(failure?.property, "this line");
  });

  it("sometimes: is counted", async () => {
    const { marks } = await simulate((sim) => {
      sim.sometimes("yes", () => true);
      sim.sometimes("no", () => false);
      sim.reached("here");
      sim.reached("here");
    });
    assert.sameDeepMembers(
      [...marks],
      [
        ["here", 2],
        ["no", 0],
        ["yes", 1],
      ],
    );
  });
});

describe("hosts", () => {
  it("a killed one's peer is told; one without power is not missed", async () => {
    const lost: string[] = [];
    class Client extends Protocol {
      override connectionLost(): void {
        lost.push(this.transport.getPeer().toString());
      }
    }
    const { failure } = await simulate(async (sim) => {
      const servers = sim.hosts(2, "server", (reactor) => {
        reactor.listenTCP(7, Factory.forProtocol(Echo));
      });
      const client = sim.host("client", (reactor) => {
        for (const { ipv4 } of servers) {
          reactor.connectTCP(ipv4, 7, ClientFactory.forProtocol(Client));
        }
      });
      await sim.eventually("connected", () => client.descriptors.size === 2);
      await sim.sleep(1);
      servers[0]?.kill();
      servers[1]?.powerOff();
      await sim.sleep(3000);
      assert.equal(client.descriptors.size, 1);
    });
    assert.isUndefined(failure);
    assert.deepEqual(lost, ["10.0.0.1:7"]);
  });

  it("do not stand still because the program before did", async () => {
    const times: number[] = [];
    await simulate(async (sim) => {
      const host = sim.host("one", (reactor) => {
        reactor.callLater(0.5, () => times.push(sim.now));
      });
      await sim.sleep(1);
      host.stall(100);
      host.kill();
      host.start();
      await sim.sleep(10);
      host.kill();
      host.start();
      host.stall(5);
      await sim.sleep(10);
    });
    assert.deepEqual(times, [0.5, 1.5, 16.5]);
  });

  it("that stand still run nothing of the scenario's either, and stop later", async () => {
    const times: number[] = [];
    const { failure } = await simulate(async (sim) => {
      const host = sim.host("one", () => undefined);
      host.stall(5);
      const ran = sim.run(host, () => times.push(sim.now));
      await sim.sleep(1);
      host.stall(9);
      await ran;
      host.stall(2);
      await sim.stop(host);
      times.push(sim.now);
    });
    assert.isUndefined(failure);
    assert.deepEqual(times, [10, 12]);
  });

  it("start again with a reactor of their own", async () => {
    const reactors = new Set<unknown>();
    const { failure } = await simulate(async (sim) => {
      const host = sim.host("one", (reactor) => {
        reactors.add(reactor);
        reactor.callLater(5, () => sim.unreachable("a timer of a program that was killed"));
      });
      await sim.sleep(1);
      host.kill();
      host.start(() => undefined);
      await sim.sleep(10);
    });
    assert.isUndefined(failure);
    assert.equal(reactors.size, 1);
  });
});
