/**
 * When a process with a Node reactor ends, and how.
 *
 * @module
 */
import { createServer } from "node:net";
import { assert, describe, it, type TestContext } from "vitest";
import { type Running, start } from "./fixtures/lines/running.ts";
import { fixture } from "./fixtures/node/plain-echo.ts";

function live(context: TestContext, life: string, ...args: readonly string[]): Running {
  return start(context, process.execPath, [fixture("life.mjs"), life, ...args]);
}

const FINE = { code: 0, signal: null };

describe("a process ends by itself", () => {
  const LIVES: readonly (readonly [life: string, output: string])[] = [
    ["nothing was asked", ""],
    ["a timer was cancelled", ""],
    ["timers were cancelled", ""],
    ["disposed of with timers", "over\n"],
    ["stopped with timers", "running\nover: undefined\n"],
    ["stopped with connections", "running\nover: undefined\n"],
    ["stopped while a client connects again and again", "running\nover: undefined\n"],
    ["timers of many days", "they wait\n"],
  ];
  for (const [life, output] of LIVES) {
    it(`when ${life}`, async (context) => {
      const process = live(context, life);
      assert.deepEqual(await process.exit(), FINE);
      assert.equal(process.stdout, output);
      assert.equal(process.stderr, "");
    });
  }
});

describe("signals", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`${signal} stops in good order, and stopSignal says so`, async (context) => {
      const process = live(context, "running");
      await process.out(/running/u);
      process.signal(signal);
      assert.deepEqual(await process.exit(), FINE);
      assert.equal(process.stdout, `running\nover: ${signal}\n`);
    });
  }

  it("a shutdown that takes its time is waited for", async (context) => {
    const process = live(context, "slow to stop");
    await process.out(/running/u);
    process.signal("SIGTERM");
    assert.deepEqual(await process.exit(), FINE);
    assert.equal(process.stdout, "running\ngoodbye\nover: SIGTERM\n");
  });

  it("a second SIGINT ends a shutdown that hangs, at once", async (context) => {
    const process = live(context, "never to stop");
    await process.out(/running/u);
    process.signal("SIGINT");
    await process.out(/stopping/u);
    process.signal("SIGINT");
    assert.deepEqual(await process.exit(), FINE);
    assert.equal(process.stdout, "running\nstopping\nover: SIGINT\n");
    assert.match(process.stderr, /^warn: Received SIGINT while stopping/u);
  });

  it("without handlers a signal is the system's", async (context) => {
    const process = live(context, "without signal handlers");
    await process.out(/running/u);
    process.signal("SIGTERM");
    assert.deepEqual(await process.exit(), { code: null, signal: "SIGTERM" });
  });

  it("handlers of one's own are called each time, removed ones are not", async (context) => {
    const process = live(context, "with a handler");
    await process.out(/running/u);
    // The handler is removed in the pass after the start.
    process.signal("SIGUSR2");
    await process.out(/got SIGUSR2/u);
    process.signal("SIGUSR2");
    await process.out(/got SIGUSR2[^]*got SIGUSR2/u);
    process.signal("SIGTERM");
    assert.deepEqual(await process.exit(), FINE);
    assert.match(process.stdout, /over: SIGTERM\n$/u);
  });
});

describe("a port that is taken", () => {
  async function taken(context: TestContext): Promise<number> {
    const server = createServer();
    context.onTestFinished(() => {
      server.close();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    assert(address !== null && typeof address === "object");
    return address.port;
  }

  it("ends the process when nobody looks, and says why", async (context) => {
    const port = await taken(context);
    const process = live(context, "a port that is taken", String(port));
    const { code } = await process.exit();
    assert.notEqual(code, 0);
    assert.include(process.stderr, "CannotListenError");
    assert.include(process.stderr, `Cannot listen on 127.0.0.1:${String(port)}`);
    assert.include(process.stderr, "EADDRINUSE");
  });

  it("is a failure like any other when somebody looks", async (context) => {
    const port = await taken(context);
    const process = live(context, "a port that is taken, observed", String(port));
    assert.deepEqual(await process.exit(), FINE);
    assert.equal(process.stdout, "saw ERR_CANNOT_LISTEN\n");
    assert.equal(process.stderr, "");
  });
});
