/**
 * Threads of a simulated host: when tasks are over, and what crosses.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import type { Deferred } from "../../../defer/deferred.ts";
import { CancelledError } from "../../../defer/errors.ts";
import { Failure } from "../../../defer/failure.ts";
import {
  type IThreadPool,
  ThreadArgumentError,
  ThreadPoolStoppedError,
  ThreadResultError,
  ThreadTaskClosureError,
  ThreadTaskNotFoundError,
} from "../../../internet/interfaces-threads.ts";
import { deferToThread } from "../../../internet/threads.ts";
import { captureLogs } from "../../../logger/capture.ts";
import type { SimulatedHost } from "../host.ts";
import { Simulator, type SimulatorOptions } from "../simulator.ts";

const add = (a: number, b: number): number => a + b;

const TASKS = new URL("../../../../test/fixtures/simulated-tasks.ts", import.meta.url);

/** A module that no other test has loaded. */
let modules = 0;
function moduleOf(source: string): string {
  modules += 1;
  return `data:text/javascript,${encodeURIComponent(`${source}\n// ${String(modules)}`)}`;
}

/** A host with a pool. */
class World {
  readonly simulator: Simulator;
  readonly host: SimulatedHost;

  constructor(options: SimulatorOptions = {}) {
    this.simulator = new Simulator(options);
    this.host = this.simulator.addHost("host");
  }

  get pool(): IThreadPool {
    return this.host.reactor.getThreadPool();
  }

  /** What it fires with: its result, or what it failed with. */
  async outcome(deferred: Deferred<unknown>): Promise<unknown> {
    const outcomes: unknown[] = [];
    void deferred.addBoth((result) => {
      outcomes.push(result instanceof Failure ? result.value : result);
    });
    const end = await this.simulator.work(() => outcomes.length > 0, { until: 1000 });
    return end === "done" ? outcomes[0] : end;
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

describe("threads of a simulated reactor", () => {
  it("run a task later, and give its result", async () => {
    const world = new World();
    const sum = deferToThread(world.host.reactor, add, 2, 3);
    assert.isFalse(sum.called);
    assert.equal(await world.outcome(sum), 5);
    assert.closeTo(world.simulator.now, 0.0301, 0.0001);
    assert.equal(await world.outcome(deferToThread(world.host.reactor, add, 3, 4)), 7);
    assert.closeTo(world.simulator.now, 0.0302, 0.0001);
    const later = async (a: number): Promise<number> => Promise.resolve(a * 2);
    assert.equal(await world.outcome(world.pool.run(later, [4])), 8);
    const row = world.pool.runMultiple([
      [add, 1, 1],
      [add, 2, 2],
    ]);
    assert.deepEqual(await world.outcome(row), [2, 4]);
  });

  it("run functions of modules, while time stands still for their loading", async () => {
    for (const drain of ["ticks", "immediate"] as const) {
      const world = new World({ drain });
      const module = moduleOf("let calls = 0; export default () => calls += 1; export const a = 1");
      const ticks: number[] = [];
      const tick = (): void => {
        ticks.push(world.simulator.now);
        world.host.reactor.callLater(0.01, tick);
      };
      tick();
      assert.equal(await world.outcome(world.pool.run({ module }, [])), 1);
      assert.isBelow(world.simulator.now, 0.04);
      assert.equal(ticks.length, 4);
      assert.equal(await world.outcome(world.pool.run({ module }, [])), 2);
      const nope = await world.outcome(world.pool.run({ module, export: "a" }, []));
      assert.instanceOf(nope, ThreadTaskNotFoundError);
      const gone = await world.outcome(world.pool.run({ module: "file:///no/such.mjs" }, []));
      assert.instanceOf(gone, Error);
      const gzip = { module: "node:zlib", export: "gzipSync" };
      assert.instanceOf(await world.outcome(world.pool.run(gzip, ["text"])), Uint8Array);
    }
  });

  it("are at most so many; others wait, first come first served", async () => {
    const world = new World();
    world.host.threads.configure({ start: 0, work: 1 });
    world.host.reactor.suggestThreadPoolSize(2);
    const over: [number, number][] = [];
    for (let at = 0; at < 5; at += 1) {
      void world.pool.run(add, [at, 0]).addCallback((n) => {
        over.push([n, Math.round(world.simulator.now)]);
      });
    }
    assert.deepInclude(world.pool.statistics(), { queued: 3, running: 2, threads: 2 });
    await world.pass(4);
    assert.deepEqual(over, [
      [0, 1],
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 3],
    ]);
    assert.deepInclude(world.pool.statistics(), { completed: 5, threads: 2 });
    await world.pass(10);
    assert.equal(world.pool.statistics().threads, 0);
  });

  it("copy arguments and results, or hand them over", async () => {
    const world = new World();
    const given = { list: [1] };
    const changed = world.pool.run(
      (one: { list: number[] }) => {
        one.list.push(2);
        return one;
      },
      [given],
    );
    given.list.push(3);
    const got = await world.outcome(changed);
    assert.deepEqual([given, got], [{ list: [1, 3] }, { list: [1, 2] }]);
    const data = new Uint8Array(1000);
    const length = world.pool.run((bytes: Uint8Array) => bytes.length, [data], {
      transfer: [data.buffer],
    });
    assert.equal(data.byteLength, 0);
    assert.equal(await world.outcome(length), 1000);
    const bytes = await world.outcome(world.pool.run({ module: TASKS, export: "bytes" }, []));
    assert.deepEqual(bytes, { made: new Uint8Array([7, 7, 7]) });
  });

  it("say what cannot be copied, found or run", async () => {
    const world = new World();
    const outer = 1;
    assert.throws(() => void world.pool.run(() => outer, []), ThreadTaskClosureError);
    const f = (): void => {};
    const argument = await world.outcome(world.pool.run(add, [1, Object(f)]));
    assert.instanceOf(argument, ThreadArgumentError);
    assert.equal(argument.argument, 1);
    const result = await world.outcome(world.pool.run(() => () => 1, []));
    assert.instanceOf(result, ThreadResultError);
    assert.equal(world.pool.statistics().running, 0);
  });

  it("fail with a copy of what a task threw", async () => {
    const world = new World();
    const thrown = await world.outcome(
      world.pool.run(() => {
        throw Object.assign(new RangeError("odd"), {
          code: "ERR_ODD",
          cause: new TypeError("why"),
        });
      }, []),
    );
    assert.instanceOf(thrown, RangeError);
    assert.deepInclude(Object.fromEntries(Object.entries(thrown)), { code: "ERR_ODD" });
    assert.instanceOf(thrown.cause, TypeError);
    using logs = captureLogs();
    world.host.reactor.callInThread(() => {
      throw new Error("boom");
    });
    await world.pass(1);
    assert.equal(logs.flush()[0]?.log_format, "Unhandled error in a thread");
  });

  it("are none: a task cannot call back", async () => {
    const world = new World();
    const error = await world.outcome(world.pool.run({ module: TASKS, export: "callBack" }, []));
    assert.instanceOf(error, Error);
    assert.deepInclude(Object.fromEntries(Object.entries(error)), { code: "ERR_NOT_IN_THREAD" });
  });

  it("do not run what was cancelled in time, and go on with the next", async () => {
    const world = new World();
    world.host.threads.configure({ start: 0, work: 1 });
    world.host.reactor.suggestThreadPoolSize(1);
    const never = async (): Promise<void> => new Promise(() => {});
    const hanging = world.pool.run(never, []);
    const queued = world.pool.run(add, [1, 1]);
    await world.pass(5);
    assert.isFalse(queued.called);
    hanging.cancel();
    assert.instanceOf(await world.outcome(hanging), CancelledError);
    assert.equal(await world.outcome(queued), 2);
    assert.deepInclude(world.pool.statistics(), { cancelled: 1, completed: 1 });
  });

  it("end with the reactor, which waits for what runs", async () => {
    const world = new World();
    world.host.threads.configure({ work: 2 });
    const over = world.host.reactor.run();
    const done = world.pool.run(add, [1, 2]);
    const hanging = world.pool.run(async () => new Promise(() => {}), []);
    const ends: unknown[] = [];
    void done.addCallback((sum) => ends.push(sum));
    void hanging.addErrback((failure) => ends.push(failure.type));
    world.host.reactor.stop();
    await world.outcome(over);
    assert.closeTo(world.simulator.now, 10, 0.1);
    assert.deepEqual(ends, [3, ThreadPoolStoppedError.name]);
  });

  it("end with the host, and stand still with it", async () => {
    const world = new World();
    let results = 0;
    const count = (): void => {
      results += 1;
    };
    void world.pool.run(add, [1, 2]).addCallback(count);
    world.host.stall(5);
    await world.pass(4.9);
    assert.equal(results, 0);
    await world.pass(0.2);
    assert.equal(results, 1);
    void world.pool.run(add, [1, 2]).addCallback(count);
    world.host.kill();
    await world.pass(5);
    assert.equal(results, 1);
  });

  it("are the same in every run of a seed", async () => {
    const run = async (seed: number, drain: "ticks" | "immediate"): Promise<string> => {
      const world = new World({ seed, drain });
      world.host.threads.configure({ start: [0.01, 0.1], work: [0.001, 1] });
      const module = moduleOf("export default (n) => n + 1");
      let last: Deferred<unknown> | undefined;
      for (let at = 0; at < 30; at += 1) last = world.pool.run({ module }, [at]);
      if (last !== undefined) await world.outcome(last);
      return world.simulator.trace.hash;
    };
    assert.equal(await run(1, "ticks"), await run(1, "immediate"));
    assert.notEqual(await run(1, "ticks"), await run(2, "ticks"));
  });
});
