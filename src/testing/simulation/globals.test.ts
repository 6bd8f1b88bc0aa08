import child_process from "node:child_process";
import crypto, { randomUUID } from "node:crypto";
import dgram from "node:dgram";
import dns from "node:dns";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import worker_threads from "node:worker_threads";
import zlib from "node:zlib";
import { assert, describe, it } from "vitest";
import { EscapeError } from "./escape-error.ts";
import { type Scenario, simulate } from "./simulate.ts";
import type { Simulation } from "./simulation.ts";

/** Ways to ask the platform instead of the reactor: each is one line of somebody's program. */
const ESCAPES: Readonly<Record<string, () => unknown>> = {
  "Date.now()": () => Date.now(),
  "new Date()": () => new Date(),
  "Date()": () => Date(),
  "performance.now()": () => performance.now(),
  "process.hrtime()": () => process.hrtime(),
  "process.hrtime.bigint()": () => process.hrtime.bigint(),
  "process.uptime()": () => process.uptime(),
  "setTimeout()": () => setTimeout(() => {}, 1),
  "setInterval()": () => setInterval(() => {}, 1),
  "setImmediate()": () => setImmediate(() => {}),
  "timers/promises": () => sleep(1),
  "AbortSignal.timeout()": () => AbortSignal.timeout(1),
  "Math.random()": () => Math.random(),
  "crypto.randomBytes()": () => crypto.randomBytes(1),
  "crypto.randomUUID()": () => randomUUID(),
  "crypto.randomInt()": () => crypto.randomInt(10),
  "crypto.getRandomValues()": () => globalThis.crypto.getRandomValues(new Uint8Array(1)),
  "crypto.randomFillSync()": () => crypto.randomFillSync(Buffer.alloc(1)),
  "fetch()": () => fetch("http://127.0.0.1:1/"),
  "net.connect()": () => net.connect(1, "127.0.0.1"),
  "net.createServer().listen()": () => net.createServer().listen(0),
  "http.get()": () => http.get("http://127.0.0.1:1/"),
  "dgram.createSocket()": () => dgram.createSocket("udp4"),
  "dns.lookup()": () => dns.lookup("localhost", () => {}),
  "dns.promises.lookup()": () => dns.promises.lookup("localhost"),
  "fs.readFile()": () => fs.readFile("/etc/hosts", () => {}),
  "fs.readFileSync()": () => fs.readFileSync("/etc/hosts"),
  "fs.promises.readFile()": () => fs.promises.readFile("/etc/hosts"),
  "zlib.gzip()": () => zlib.gzip("x", () => {}),
  "zlib.createGzip()": () => zlib.createGzip().end("x"),
  "crypto.scrypt()": () => crypto.scrypt("x", "y", 8, () => {}),
  "crypto.subtle.digest()": () => globalThis.crypto.subtle.digest("SHA-256", Buffer.alloc(1)),
  "fs.watch()": () => fs.watch(".").close(),
  "child_process.spawn()": () => child_process.spawn("true"),
  "new Worker()": () => new worker_threads.Worker("", { eval: true }),
};

function programThat(escape: () => unknown): Scenario {
  return async (sim) => {
    sim.host("one", () => {
      escape();
    });
    await sim.sleep(1);
  };
}

describe("strict globals", () => {
  for (const [name, escape] of Object.entries(ESCAPES)) {
    it(`catch ${name}`, async () => {
      const { failure } = await simulate(programThat(escape), { globals: "strict" });
      assert.equal(failure?.kind, "escape");
      assert.equal(failure?.host, "one");
      assert.match(failure?.message ?? "", /^Cannot call .* in a simulation: use /u);
      const stack = failure?.cause instanceof EscapeError ? failure.cause.stack : "";
      assert.include(stack, "globals.test.ts", "the stack says who");
    });
  }

  it("catch it even where the error is swallowed", async () => {
    const swallow = (): void => {
      try {
        Date.now();
      } catch {
        // As programs do.
      }
    };
    const { failure } = await simulate(programThat(swallow), { globals: "strict" });
    assert.equal(failure?.kind, "escape");
  });

  it("leave alone what is deterministic", async () => {
    const harmless = (): void => {
      new Date(0).toISOString();
      queueMicrotask(() => {});
      process.nextTick(() => {});
      Math.max(1, 2);
    };
    const { failure } = await simulate(programThat(harmless), { globals: "strict" });
    assert.isUndefined(failure);
  });
});

/** A program that asks the platform for everything it may. */
async function asking(sim: Simulation): Promise<void> {
  const said: unknown[] = [];
  sim.host("one", async () => {
    said.push(Date.now(), new Date().toISOString(), performance.now(), process.uptime());
    said.push(Math.random(), crypto.randomBytes(4).toString("hex"), randomUUID());
    await sleep(1500);
    said.push(Date.now(), process.hrtime.bigint(), crypto.randomInt(1000));
    const interval = setInterval(() => {
      said.push("tick");
      if (said.length > 15) clearInterval(interval);
    }, 100);
    const never = setTimeout(() => said.push("never"), 10);
    clearTimeout(never);
  });
  await sim.sleep(10);
  for (const one of said) sim.reached(String(one));
}

describe("virtual globals", () => {
  it("give the time and the chance of the host", async () => {
    const one = await simulate(asking, { seed: 1 });
    assert.isUndefined(one.failure);
    assert.equal((await simulate(asking, { seed: 1 })).hash, one.hash);
    assert.notEqual((await simulate(asking, { seed: 2 })).hash, one.hash);
    const said = [...one.marks.keys()];
    assert.includeMembers(said, [
      "1000000000000",
      "2001-09-09T01:46:40.000Z",
      "0",
      "1000000001500",
    ]);
    assert.equal(one.marks.get("tick"), 6);
    assert.isFalse(one.marks.has("never"));
  });

  it("follow a clock that is wrong", async () => {
    let told = 0;
    await simulate(async (sim) => {
      const host = sim.host("one");
      host.skew = 3600;
      await sim.run(host, () => {
        told = Date.now();
      });
    });
    assert.equal(told, 1_000_003_600_000);
  });

  it("end with the program that asked for them, even in the midst of something", async () => {
    const fired: string[] = [];
    let idle: NodeJS.Timeout | undefined;
    const { failure } = await simulate(async (sim) => {
      const host = sim.host("one", async () => {
        const life = `life ${String(host.starts)}`;
        if (idle === undefined) idle = setTimeout(() => fired.push(`${life}: idle`), 3000);
        else idle.refresh(); // Of the one before.
        setTimeout(() => fired.push(`${life}: timeout`), 5000);
        setInterval(() => fired.push(`${life}: interval`), 4000);
        if (host.starts > 1) return;
        await sleep(1000);
        host.kill();
        host.start();
        host.kill();
        host.start();
        await Promise.resolve();
        setTimeout(() => fired.push(`${life}: timeout after its end`), 1);
        void sleep(1).then(() => fired.push(`${life}: sleep after its end`));
      });
      await sim.sleep(7);
    });
    assert.isUndefined(failure);
    assert.deepEqual(fired, ["life 3: interval", "life 3: timeout"]);
  });

  it("take no chance from the next program when one has ended", async () => {
    const told: number[] = [];
    for (const isGreedy of [false, true]) {
      await simulate(async (sim) => {
        const host = sim.host("one", () => {
          if (host.starts > 1) told.push(Math.random());
          else
            setTimeout(() => {
              host.kill();
              host.start();
              if (isGreedy) Math.random();
            }, 1);
        });
        await sim.sleep(1);
      });
    }
    assert.equal(told[0], told[1]);
    assert.lengthOf(told, 2);
  });

  it("do not let a connection out", async () => {
    const { failure } = await simulate(programThat(() => net.connect(1)));
    assert.equal(failure?.kind, "escape");
  });

  it("end with the simulation", async () => {
    const before = Date.now();
    await simulate(asking);
    assert.isAtLeast(Date.now(), before);
    assert.isBelow(Date.now() - before, 60_000);
    assert.equal(typeof new Date().getTime(), "number");
    assert.isTrue(new Date() instanceof Date);
    await sleep(1);
  });
});

describe("globals that are off", () => {
  it("are the platform's", async () => {
    let told = 0;
    await simulate(
      programThat(() => {
        told = Date.now();
      }),
      { globals: "off" },
    );
    assert.isAbove(told, 1_700_000_000_000);
  });
});

describe("virtual globals, in their corners", () => {
  /** What a program on a host says. */
  async function said(program: (say: (what: unknown) => void) => unknown): Promise<string[]> {
    const all: string[] = [];
    const { failure } = await simulate(async (sim) => {
      sim.host("one", () => program((what) => all.push(`${String(what)} at ${String(sim.now)}`)));
      await sim.sleep(10);
    });
    assert.isUndefined(failure);
    return all;
  }

  it("wait a millisecond where Node does", async () => {
    const all = await said((say) => {
      for (const delay of [2 ** 31, Number.POSITIVE_INFINITY, Number.NaN, -1, 0]) {
        setTimeout(() => say(delay), delay);
      }
    });
    assert.deepEqual(
      all,
      ["2147483648", "Infinity", "NaN", "-1", "0"].map((one) => `${one} at 0.001`),
    );
  });

  it("refuse to call what is no function", async () => {
    const all = await said((say) => {
      for (const f of [setTimeout, setInterval, setImmediate]) {
        assert.throws(() => Reflect.apply(f, undefined, ["text", 1]), TypeError);
      }
      say("refused");
    });
    assert.deepEqual(all, ["refused at 0"]);
  });

  it("let go of a sleep whose signal says so", async () => {
    const all = await said(async (say) => {
      const controller = new AbortController();
      const { signal } = controller;
      setTimeout(() => controller.abort(), 100);
      await sleep(5000, undefined, { signal }).catch((error: Error) => say(error.name));
      await sleep(5000, undefined, { signal }).catch((error: Error) => say(error.name));
    });
    assert.deepEqual(all, ["AbortError at 0.1", "AbortError at 0.1"]);
  });

  it("fill what they are told to, and no more", async () => {
    const bytes = Buffer.alloc(8);
    const words = new Uint16Array(4);
    await said((say) => {
      crypto.randomFillSync(bytes, 2, 4);
      crypto.randomFill(words, 1, (error) => say(error));
      crypto.randomInt(10, (_, number) => say(number < 10));
    });
    assert.equal(bytes.readUInt16LE(0) + bytes.readUInt16LE(6), 0);
    assert.notEqual(bytes.readUInt32LE(2), 0);
    assert.equal(words[0], 0);
    assert.notDeepEqual([...words], [0, 0, 0, 0]);
  });

  it("agree with each other about the time of day", async () => {
    const all = await said(async (say) => {
      await sleep(1500);
      say(performance.timeOrigin + performance.now() - Date.now());
      say(new Date(0).constructor === Date);
    });
    assert.deepEqual(all, ["0 at 1.5", "true at 1.5"]);
  });
});
