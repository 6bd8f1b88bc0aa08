/**
 * Threads that are real: tasks in them, and how they end.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { fileURLToPath } from "node:url";
import { assert, beforeAll, describe, it } from "vitest";
import { CancelledError } from "../../src/defer/errors.ts";
import {
  ThreadArgumentError,
  ThreadLostError,
  ThreadResultError,
  ThreadTaskClosureError,
  ThreadTaskNotFoundError,
} from "../../src/internet/interfaces-threads.ts";
import { callMultipleInThread, deferToThread } from "../../src/internet/threads.ts";
import { captureLogs } from "../../src/logger/capture.ts";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { ReactorThreads } from "../../src/reactors/node/threads/reactor-threads.ts";
import {
  expectBuilt,
  failureOf,
  Gate,
  poolFor,
  shown,
  whereAmI,
  WORK,
  work,
} from "./fixtures/threads/real-pool.ts";

beforeAll(expectBuilt);

describe("a task", () => {
  it("is a function of a module, by name or by default", async (context) => {
    const pool = poolFor(context);
    assert.equal(await pool.run(work("add"), [2, 3]), 5);
    assert.equal(await pool.run({ module: WORK.href }, ["you"]), "hello you");
    assert.equal(await pool.run({ module: fileURLToPath(WORK) }, ["me"]), "hello me");
  });

  it("is a function of Node itself", async (context) => {
    const pool = poolFor(context);
    const gzip = { module: "node:zlib", export: "gzipSync" };
    assert.instanceOf(await pool.run(gzip, ["text"]), Uint8Array);
  });

  it("is a self-contained function, async or not", async (context) => {
    const pool = poolFor(context);
    assert.equal(await pool.run((a: number, b: number) => a + b, [2, 3]), 5);
    const later = async (a: number): Promise<number> => Promise.resolve(a * 2);
    assert.equal(await pool.run(later, [4]), 8);
  });

  it("runs in another thread, whose module keeps what it holds", async (context) => {
    const pool = poolFor(context, { max: 1 });
    const first = await pool.run(whereAmI, []);
    const second = await pool.run(whereAmI, []);
    assert.deepInclude(first, { calls: 1, isInThread: true });
    assert.deepEqual(second, { ...first, calls: 2 });
  });

  it("comes by deferToThread(), too, and one of a thousand", async (context) => {
    const reactor = new NodeReactor();
    context.onTestFinished(() => reactor[Symbol.asyncDispose]());
    const threads = new ReactorThreads(reactor);
    threads.suggestThreadPoolSize(2);
    const all = Array.from({ length: 1000 }, (_, n) => deferToThread(threads, work("add"), n, 1));
    for (const [n, each] of all.entries()) assert.equal(await each, n + 1);
    const { threads: count, ...statistics } = threads.getThreadPool().statistics();
    assert.deepInclude(statistics, { completed: 1000, failed: 0, queued: 0, running: 0 });
    assert.isAtMost(count, 2);
    assert.isAbove(statistics.waits.longest, 0);
    assert.isAtLeast(statistics.waits.longest, statistics.waits.mean);
  });

  it("shares no thread with another one that runs", async (context) => {
    const pool = poolFor(context, { max: 3 });
    const gate = new Gate(pool);
    const all = [1, 2, 3].map(() => pool.run(work("waitAt"), [gate.flags]));
    await gate.arrived(3);
    assert.deepInclude(pool.statistics(), { running: 3, threads: 3 });
    gate.open();
    const ids = await Promise.all(all);
    assert.lengthOf(new Set(ids), 3);
  });

  it("can be one of a row, in order, in one thread", async (context) => {
    const pool = poolFor(context, { max: 2 });
    const [first, second, sum] = await pool.runMultiple([
      [whereAmI],
      [whereAmI],
      [(a: number, b: number) => a + b, 2, 3],
    ]);
    assert.deepEqual(second, { ...Object(first), calls: 2 });
    assert.equal(sum, 5);
  });

  it("that fails ends its row", async (context) => {
    const pool = poolFor(context, { max: 1 });
    const row = pool.runMultiple([[whereAmI], [work("failOddly")], [whereAmI]]);
    assert.equal((await failureOf(row)).check("ERR_ODD"), "ERR_ODD");
    assert.deepInclude(await pool.run(whereAmI, []), { calls: 2 });
  });

  it("hands buffers over, both ways, when told so", async (context) => {
    const pool = poolFor(context);
    const data = new Uint8Array(1000);
    assert.equal(await pool.run(work("lengthOf"), [data], { transfer: [data.buffer] }), 1000);
    assert.equal(data.byteLength, 0);
    for (const isMoved of [true, false]) {
      assert.deepEqual(await pool.run(work("bytes"), [3, isMoved]), new Uint8Array([7, 7, 7]));
    }
  });

  it("does not keep names from being resolved", async (context) => {
    const pool = poolFor(context, { max: 10 });
    const gate = new Gate(pool);
    const all = Array.from({ length: 20 }, () => pool.run(work("waitAt"), [gate.flags]));
    await gate.arrived(10);
    const { address } = await lookup("localhost");
    assert.isNotEmpty(address);
    gate.open();
    await Promise.all(all);
  });
});

describe("a failure", () => {
  it("has message, name, code, cause, properties, and the stack of the thread", async (context) => {
    const { value } = await failureOf(poolFor(context).run(work("failOddly"), []));
    assert.instanceOf(value, RangeError);
    assert.equal(value.name, "OddError");
    assert.deepInclude(shown(value), { message: "very odd", code: "ERR_ODD", detail: { at: 3 } });
    assert.match(value.stack ?? "", /failOddly .*work\.mjs:\d+/u);
    assert.instanceOf(value.cause, TypeError);
    assert.equal(value.cause.message, "the cause");
  });

  it("is that of the import, when a module is not there", async (context) => {
    const pool = poolFor(context);
    const gone = await failureOf(pool.run({ module: new URL("gone.mjs", WORK) }, []));
    assert.equal(gone.check("ERR_MODULE_NOT_FOUND"), "ERR_MODULE_NOT_FOUND");
    const nameless = await failureOf(pool.run(work("nope"), []));
    assert.isTrue(nameless.is(ThreadTaskNotFoundError));
  });

  it("names a variable that was left behind, also when that shows late", async (context) => {
    const pool = poolFor(context);
    const outer = 1;
    assert.throws(() => void pool.run(() => outer, []), ThreadTaskClosureError, "it uses outer,");
    // A name that is declared somewhere in the function, but not there.
    const late = (xs: number[]): unknown => {
      if (xs.length > 1) {
        const hidden = xs;
        return hidden;
      }
      // oxlint-disable-next-line eslint/no-eval -- as a parser sees no variable in it.
      return (0, eval)("hidden");
    };
    const { value } = await failureOf(pool.run(late, [[1]]));
    assert.instanceOf(value, ThreadTaskClosureError);
    assert.equal(value.variable, "hidden");
  });

  it("names the argument that cannot be copied, and leaves the thread alone", async (context) => {
    const pool = poolFor(context, { max: 1 });
    await pool.run(whereAmI, []);
    const { value } = await failureOf(pool.run(work("add"), [1, { f: () => 1 }]));
    assert.instanceOf(value, ThreadArgumentError);
    assert.equal(value.argument, 1);
    assert.deepInclude(await pool.run(whereAmI, []), { calls: 2 });
  });

  it("says that a result cannot be copied", async (context) => {
    const pool = poolFor(context, { max: 1 });
    for (const isDeep of [false, true]) {
      const { value } = await failureOf(pool.run(work("uncopyable"), [isDeep]));
      assert.instanceOf(value, ThreadResultError);
      assert.match(value.message, /what uncopyable of file:.* returned/u);
    }
    assert.equal(await pool.run(work("add"), [1, 1]), 2);
  });

  it("of callInThread() and callMultipleInThread() is logged", async (context) => {
    const reactor = new NodeReactor();
    context.onTestFinished(() => reactor[Symbol.asyncDispose]());
    const threads = new ReactorThreads(reactor);
    threads.suggestThreadPoolSize(1);
    using logs = captureLogs();
    threads.callInThread(work("failOddly"));
    callMultipleInThread(threads, [[work("failOddly")], [work("add"), 1, 2]]);
    assert.equal(await deferToThread(threads, work("add"), 2, 3), 5);
    const formats = logs.flush().map(({ log_format }) => log_format);
    assert.deepEqual(formats, ["Unhandled error in a thread", "Unhandled error in a thread"]);
  });
});

describe("a thread that ends", () => {
  const ENDS: readonly (readonly [how: string, name: string, args: unknown[], why: RegExp])[] = [
    ["by process.exit()", "exit", [3], /while it ran exit of file:.*code: 3/u],
    ["by an error in a timer", "failInTimer", [], /failInTimer .*: in a timer/u],
    ["by a rejection that nobody handles", "rejectLoosely", [], /rejectLoosely .*: loose/u],
  ];
  for (const [how, name, args, why] of ENDS) {
    it(`${how} fails its task alone`, async (context) => {
      const pool = poolFor(context, { max: 2 });
      const gate = new Gate(pool);
      const other = pool.run(work("waitAt"), [gate.flags]);
      await gate.arrived(1);
      const lost = pool.run(work(name), args);
      const queued = [1, 2, 3].map((n) => pool.run(work("add"), [n, 1]));
      const { value } = await failureOf(lost);
      assert.instanceOf(value, ThreadLostError);
      assert.match(value.message, why);
      assert.deepEqual(await Promise.all(queued), [2, 3, 4]);
      gate.open();
      assert.isNumber(await other);
    });
  }

  it("tells the whole error that it ended with", async (context) => {
    const { value } = await failureOf(poolFor(context).run(work("failInTimer"), []));
    assert.instanceOf(value.cause, RangeError);
    assert.deepInclude(shown(value.cause), {
      name: "OddError",
      code: "ERR_ODD",
      detail: { at: 3 },
    });
    assert.match(value.cause.stack ?? "", /work\.mjs/u);
  });

  it("for want of memory takes nobody along", async (context) => {
    const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
    const pool = poolFor(context, { max: 1, resourceLimits });
    const { value } = await failureOf(pool.run(work("eatMemory"), []));
    assert.instanceOf(value, ThreadLostError);
    assert.nestedPropertyVal(value, "cause.code", "ERR_WORKER_OUT_OF_MEMORY");
    assert.equal(await pool.run(work("add"), [1, 1]), 2);
  });
});

describe("cancelling", () => {
  it("takes a task off the queue, and nobody else", async (context) => {
    const pool = poolFor(context, { max: 1 });
    const gate = new Gate(pool);
    const first = pool.run(work("waitAt"), [gate.flags]);
    const second = pool.run(whereAmI, []);
    const third = pool.run(whereAmI, []);
    second.cancel();
    assert.isTrue((await failureOf(second)).is(CancelledError));
    gate.open();
    await first;
    assert.deepInclude(await third, { calls: 1 });
  });

  it("ends a task that never would, with its thread; who waits gets another", async (context) => {
    const pool = poolFor(context, { max: 1 });
    const controller = new AbortController();
    const before = await pool.run(whereAmI, []);
    const spinning = pool.run(work("spin"), [], { signal: controller.signal });
    const next = pool.run(whereAmI, []);
    controller.abort();
    assert.isTrue((await failureOf(spinning)).is(CancelledError));
    const after = await next;
    assert.deepInclude(after, { calls: 1 });
    assert.notEqual(after.threadId, before.threadId);
    assert.deepInclude(pool.statistics(), { cancelled: 1, completed: 2, threads: 1 });
  });
});
