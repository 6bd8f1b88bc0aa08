/**
 * What real threads ask the main thread for, by `callFromThread` and `blockingCallFromThread`.
 *
 * @module
 */
import { assert, beforeAll, describe, it } from "vitest";
import { Deferred } from "../../src/defer/deferred.ts";
import { CancelledError } from "../../src/defer/errors.ts";
import {
  NotExposedError,
  ThreadResultError,
  ThreadTaskNotFoundError,
} from "../../src/internet/interfaces-threads.ts";
import { captureLogs } from "../../src/logger/capture.ts";
import {
  blockingCallFromThread,
  isInThread,
  reactor as reactorInside,
} from "../../src/reactors/node/threads/inside.ts";
import { Watch } from "./fixtures/lines/watch.ts";
import { expectBuilt, failureOf, poolFor, work } from "./fixtures/threads/real-pool.ts";

beforeAll(expectBuilt);

describe("a call from a thread", () => {
  it("has its answer, from functions, promises and Deferreds", async (context) => {
    const pool = poolFor(context);
    const later = new Deferred<string>();
    pool.expose({
      double: (n: number) => n * 2,
      promise: async (n: number) => Promise.resolve(n * 3),
      deferred: () => later,
      nothing: () => {},
    });
    assert.equal(await pool.run(work("ask"), ["double", 21]), 42);
    assert.equal(await pool.run(work("ask"), ["promise", 2]), 6);
    assert.isUndefined(await pool.run(work("ask"), ["nothing"]));
    const waiting = pool.run(work("ask"), ["deferred"]);
    setImmediate(() => later.callback("at last"));
    assert.equal(await waiting, "at last");
  });

  it("may be to a function of a module, which the main thread imports", async (context) => {
    const pool = poolFor(context);
    const basename = { module: "node:path", export: "basename" };
    assert.equal(await pool.run(work("ask"), [basename, "/a/b"]), "b");
    const gone = { module: "node:path", export: "nope" };
    const failure = await failureOf(pool.run(work("ask"), [gone]));
    assert.isTrue(failure.is(ThreadTaskNotFoundError));
  });

  it("throws in the thread what failed in the main one", async (context) => {
    const pool = poolFor(context);
    const failing = new Deferred<never>();
    pool.expose({
      fail: () => {
        throw Object.assign(new RangeError("not here"), { code: "ERR_HERE" });
      },
      failing: () => failing,
    });
    const caught = await pool.run(work("askAndCatch"), ["fail"]);
    assert.deepInclude(caught, { name: "RangeError", code: "ERR_HERE", message: "not here" });
    assert.match(
      Object(caught).stack,
      /threads-calls\.test\.ts[^]*in a call from a thread:[^]*askAndCatch .*work\.mjs/u,
    );
    setImmediate(() => failing.errback(new CancelledError()));
    const { value } = await failureOf(pool.run(work("ask"), ["failing"]));
    assert.instanceOf(value, CancelledError);
  });

  it("fails for names that are not exposed, and what cannot be copied", async (context) => {
    const pool = poolFor(context);
    pool.expose({ known: () => () => 1, gone: () => 1 });
    pool.withdraw("gone");
    const unknown = await failureOf(pool.run(work("ask"), ["gone"]));
    assert.isTrue(unknown.is(NotExposedError));
    assert.match(unknown.getErrorMessage(), /"gone" .* exposes known/u);
    const uncopied = await failureOf(pool.run(work("ask"), ["known"]));
    assert.isTrue(uncopied.is(ThreadResultError));
  });

  it("comes in order, and before the task's own result", async (context) => {
    const pool = poolFor(context);
    const seen: unknown[] = [];
    pool.expose({ progress: (n: unknown) => seen.push(n), double: (n: number) => n * 2 });
    for (let round = 0; round < 20; round += 1) {
      seen.length = 0;
      assert.equal(await pool.run(work("tellAndReturn"), [5]), 5);
      assert.deepEqual(seen, [0, 1, 2, 3, 4]);
    }
    seen.length = 0;
    assert.equal(await pool.run(work("askOften"), [50]), 2450);
    assert.deepEqual(seen, [...Array(50).keys(), "done"]);
  });

  it("that nobody waits for has its failure logged", async (context) => {
    const pool = poolFor(context);
    pool.expose({ progress: () => Promise.reject(new RangeError("no")) });
    pool.expose({ heard: () => {} });
    using logs = captureLogs();
    assert.equal(await pool.run(work("tellAndReturn"), [1]), 1);
    await pool.run(work("ask"), ["heard"]);
    assert.equal(logs.events[0]?.log_format, "Unhandled error in a call from a thread: {callee}");
  });

  it("is not waited for any more when its task is cancelled", async (context) => {
    const pool = poolFor(context, { max: 1 });
    const asked = new Deferred<void>();
    let isCancelled = false;
    const watch = new Watch("the cancel", () => "");
    const never = new Deferred<string>(() => {
      isCancelled = true;
      watch.changed();
    });
    pool.expose({
      never: () => {
        asked.callback();
        return never;
      },
    });
    const task = pool.run(work("ask"), ["never"]);
    await asked;
    task.cancel();
    assert.isTrue((await failureOf(task)).is(CancelledError));
    await watch.until("it", () => (isCancelled ? true : null));
  });

  it("cannot be made where there is no thread", () => {
    assert.isFalse(isInThread());
    const refused = /not a thread of a pool/u;
    assert.throws(() => blockingCallFromThread(reactorInside, "double", 1), refused);
    assert.throws(() => reactorInside.callFromThread("double", 1), refused);
  });
});
