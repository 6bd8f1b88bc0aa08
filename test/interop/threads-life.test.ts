/**
 * The life of pools of real threads: with a reactor, in a process, from its start to its end.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { assert, beforeAll, describe, it } from "vitest";
import { Deferred } from "../../src/defer/deferred.ts";
import { ThreadPoolStoppedError } from "../../src/internet/interfaces-threads.ts";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { prepareThreads } from "../../src/reactors/node/threads/prepare-threads.ts";
import { NodeThreadPool } from "../../src/reactors/node/threads/thread-pool.ts";
import { start } from "./fixtures/lines/running.ts";
import { expectBuilt, failureOf, Gate, poolFor, WORK, work } from "./fixtures/threads/real-pool.ts";

const IDLE = fileURLToPath(new URL("fixtures/threads/idle.mjs", import.meta.url));
const SERVE = fileURLToPath(new URL("fixtures/threads/serve.mjs", import.meta.url));

beforeAll(expectBuilt);

describe("life", () => {
  it("ends with the reactor, and begins anew when that runs again", async () => {
    const reactor = new NodeReactor();
    const pool = new NodeThreadPool(reactor, { max: 2 });
    for (let life = 0; life < 2; life += 1) {
      const over = reactor.run({ installSignalHandlers: false });
      const gate = new Gate(pool);
      const [one, two, three] = [1, 2, 3].map(() => pool.run(work("waitAt"), [gate.flags]));
      await gate.arrived(2);
      reactor.stop();
      const queued = await failureOf(three ?? new Deferred());
      assert.isTrue(queued.is(ThreadPoolStoppedError));
      const late = await failureOf(pool.run(work("add"), [1, 1]));
      assert.isTrue(late.is(ThreadPoolStoppedError));
      gate.open();
      assert.isNumber(await one);
      assert.isNumber(await two);
      await over;
      assert.equal(pool.statistics().threads, 0);
    }
  });

  it("does not keep the process alive when idle", async (context) => {
    const running = start(context, process.execPath, ["--no-warnings", IDLE]);
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
    const lines = running.stdout.split("\n").toSorted();
    assert.deepEqual(lines, ["", "2", "got b", "said in a thread"]);
    assert.equal(running.stderr, "");
  });

  it("ends by its deadline when the process is asked to stop", async (context) => {
    const running = start(context, process.execPath, [SERVE, "0.05"]);
    await running.out(/^spinning$/mu);
    running.signal("SIGTERM");
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
    assert.equal(running.stdout, "spinning\nstopping\nERR_THREAD_POOL_STOPPED\nover\n");
  });

  it("ends at once when the process is asked twice", async (context) => {
    const running = start(context, process.execPath, [SERVE, "600"]);
    await running.out(/^spinning$/mu);
    running.signal("SIGTERM");
    await running.out(/^stopping$/mu);
    running.signal("SIGTERM");
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
    assert.match(running.stdout, /ERR_THREAD_POOL_STOPPED\nover\n$/u);
  });

  it("goes on in threads that turn, when a task is over", async (context) => {
    const pool = poolFor(context, { idle: "turn" });
    const told = new Deferred<unknown>();
    pool.expose({ progress: (what: unknown) => told.callback(what) });
    assert.equal(await pool.run(work("tellLater"), [0.01]), "over");
    assert.equal(await told, "later");
  });

  it("of each thread begins with what was asked for", async (context) => {
    context.onTestFinished(prepareThreads({ module: WORK, export: "prepare" }));
    const isPrepared = (): unknown => Reflect.get(globalThis, "isPrepared");
    assert.isTrue(await poolFor(context).run(isPrepared, []));
  });
});
