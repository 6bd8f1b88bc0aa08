/**
 * The pool's queue, books and life, with workers that do what the test says, in virtual time.
 *
 * @module
 */
import { CancelledError } from "../../../defer/errors.ts";
import {
  ThreadArgumentError,
  ThreadLostError,
  ThreadPoolStoppedError,
  ThreadTaskClosureError,
} from "../../../internet/interfaces-threads.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../../testing/results.ts";
import { MemoryReactor } from "../../memory/memory-reactor.ts";
import { assert, describe, it } from "vitest";
import { callsOf } from "./messages.ts";
import type { NodeThreadPoolOptions } from "./pool-options.ts";
import { NodeThreadPool } from "./thread-pool.ts";
import { takeApart } from "./thrown.ts";
import type { Runnable, Workers, WorkersOptions } from "./workers.ts";

/** Threads that run nothing by themselves. */
class FakeWorkers implements Workers {
  readonly options: WorkersOptions;
  readonly given: Runnable[] = [];
  isUsable = true;
  isRetired = false;
  isEnded = false;

  constructor(options: WorkersOptions) {
    this.options = options;
  }

  get count(): number {
    return this.isEnded ? 0 : this.given.length;
  }

  run(one: Runnable): void {
    this.given.push(one);
    one.stopper.addEventListener("abort", () => this.#forget(one));
  }

  #forget(one: Runnable): void {
    this.given.splice(this.given.indexOf(one), 1);
  }

  /** The oldest task ends with this value. */
  finish(value: unknown): void {
    this.given.shift()?.done([value]);
  }

  retire(): void {
    this.isRetired = true;
    this.isUsable = false;
  }

  async end(): Promise<void> {
    this.isUsable = false;
    this.isEnded = true;
  }

  /** The first argument of each task that it has. */
  get arguments(): unknown[] {
    return this.given.flatMap(({ work }) => callsOf(work).map(([, args]) => args[0]));
  }
}

/** A pool on a reactor of its own, and the workers it has made. */
class Setup {
  readonly reactor: MemoryReactor = new MemoryReactor();
  readonly made: FakeWorkers[] = [];
  readonly pool: NodeThreadPool;

  constructor(options: NodeThreadPoolOptions) {
    const make = (each: WorkersOptions): FakeWorkers => {
      const workers = new FakeWorkers(each);
      this.made.push(workers);
      return workers;
    };
    this.pool = Reflect.construct(NodeThreadPool, [this.reactor, options, make]);
  }

  /** Those that take new tasks. */
  get workers(): FakeWorkers {
    const last = this.made.at(-1);
    if (last === undefined) throw new Error("Expected workers, as a task was run");
    return last;
  }
}

function setUp(options: NodeThreadPoolOptions = {}): Setup {
  return new Setup(options);
}

const same = (value: unknown): unknown => value;

/** Let what ends threads come to its end: promises alone. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
}

describe("run()", () => {
  it("makes no threads before there is a task", () => {
    const t = setUp({ min: 2 });
    assert.lengthOf(t.made, 0);
    void t.pool.run(same, [1]);
    assert.deepInclude(t.workers.options, { min: 2, max: 10 });
  });

  it("hands over no more than max, and the others in order", () => {
    const t = setUp({ max: 2 });
    for (const each of [1, 2, 3, 4]) void t.pool.run(same, [each]);
    assert.deepEqual(t.workers.arguments, [1, 2]);
    t.workers.finish("one");
    assert.deepEqual(t.workers.arguments, [2, 3]);
    t.workers.finish("two");
    t.workers.finish("three");
    assert.deepEqual(t.workers.arguments, [4]);
  });

  it("gives the next task to the thread before it tells the result", () => {
    const t = setUp({ max: 1 });
    const seen: unknown[] = [];
    void t.pool.run(same, [1]).addCallback(() => seen.push(...t.workers.arguments));
    void t.pool.run(same, [2]);
    t.workers.finish("one");
    assert.deepEqual(seen, [2]);
  });

  it("gives results and failures", () => {
    const t = setUp();
    const [good, bad] = [t.pool.run(same, [1]), t.pool.run(same, [2])];
    t.workers.finish("fine");
    t.workers.given.shift()?.done([undefined, takeApart(new RangeError("deep"))]);
    assert.equal(successResultOf(good), "fine");
    assert.equal(failureResultOf(bad, RangeError).getErrorMessage(), "deep");
  });

  it("fails with ThreadLostError for a thread that ended, and goes on", () => {
    const t = setUp({ max: 1 });
    const lost = t.pool.run(same, [1]);
    void t.pool.run(same, [2]);
    t.workers.given.shift()?.failed(new Error("worker exited with code: 3"));
    const failure = failureResultOf(lost, ThreadLostError);
    assert.match(failure.getErrorMessage(), /while it ran same: worker exited with code: 3/u);
    assert.deepEqual(t.workers.arguments, [2]);
  });

  it("makes other workers when those cannot start a thread", () => {
    const t = setUp();
    const lost = t.pool.run(same, [1]);
    t.workers.isUsable = false;
    t.workers.given.shift()?.failed(new Error("no such module"));
    failureResultOf(lost, ThreadLostError);
    void t.pool.run(same, [2]);
    assert.lengthOf(t.made, 2);
  });

  it("names the argument that cannot be copied", () => {
    const t = setUp();
    const pair = (a: unknown, b: unknown): unknown => a ?? b;
    const refused = t.pool.run(pair, [1, new WeakMap()]);
    const error = Object.assign(new Error("#<WeakMap> could not be cloned"), {
      name: "DataCloneError",
    });
    t.workers.given.shift()?.failed(error);
    const { value } = failureResultOf(refused, ThreadArgumentError);
    assert.propertyVal(value, "argument", 1);
    assert.match(value.message, /argument 2 cannot be copied to another thread: #<WeakMap>/u);
  });

  it("takes a variable that the thread misses for one left behind", () => {
    const t = setUp();
    const failed = t.pool.run(() => Reflect.get(globalThis, "outer"), []);
    const thrown = takeApart(new ReferenceError("outer is not defined"));
    t.workers.given.shift()?.done([undefined, thrown]);
    const { value } = failureResultOf(failed, ThreadTaskClosureError);
    assert.propertyVal(value, "variable", "outer");
    assert.instanceOf(value.cause, ReferenceError);
  });

  it("leaves a ReferenceError alone that is not about the function's own names", () => {
    const t = setUp();
    const failed = t.pool.run(same, [1]);
    t.workers.given.shift()?.done([undefined, takeApart(new ReferenceError("x9 is not defined"))]);
    assert.equal(failureResultOf(failed, ReferenceError).getErrorMessage(), "x9 is not defined");
  });
});

it("runMultiple() hands a row over as one", () => {
  const t = setUp({ max: 1 });
  const row = t.pool.runMultiple([
    [same, 1],
    [(a: number, b: number) => a + b, 2, 3],
  ]);
  assert.deepEqual(t.workers.arguments, [1, 2]);
  assert.lengthOf(t.workers.given, 1);
  t.workers.finish([1, 5]);
  assert.deepEqual(successResultOf(row), [1, 5]);
});

describe("cancelling", () => {
  it("takes a task off the queue", () => {
    const t = setUp({ max: 1 });
    const [, second] = [t.pool.run(same, [1]), t.pool.run(same, [2])];
    void t.pool.run(same, [3]);
    second.cancel();
    failureResultOf(second, CancelledError);
    t.workers.finish("one");
    assert.deepEqual(t.workers.arguments, [3]);
  });

  it("ends a task that runs, and has the next one run", () => {
    const t = setUp({ max: 1 });
    const [first] = [t.pool.run(same, [1]), t.pool.run(same, [2])];
    first.cancel();
    failureResultOf(first, CancelledError);
    assert.deepEqual(t.workers.arguments, [2]);
  });

  it("does not mind what comes of the task after that", () => {
    const t = setUp();
    const first = t.pool.run(same, [1]);
    const [task] = t.workers.given;
    first.cancel();
    failureResultOf(first, CancelledError);
    task?.failed(new Error("The task has been aborted"));
    assert.deepInclude(t.pool.statistics(), { cancelled: 1, failed: 0, running: 0 });
  });

  it("comes by a signal, before or while it runs", () => {
    const t = setUp();
    const controller = new AbortController();
    const { signal } = controller;
    const running = t.pool.run(same, [1], { signal });
    controller.abort();
    failureResultOf(running, CancelledError);
    const late = failureResultOf(t.pool.run(same, [2], { signal }), CancelledError);
    assert.equal(late.value.cause, signal.reason);
    assert.deepEqual(t.workers.arguments, []);
  });
});

describe("statistics()", () => {
  it("counts what waits, runs, and is over", () => {
    const t = setUp({ max: 2 });
    const all = [1, 2, 3, 4, 5].map((each) => t.pool.run(same, [each]));
    assert.deepInclude(t.pool.statistics(), { queued: 3, running: 2, threads: 2 });
    t.workers.finish("one");
    t.workers.given.shift()?.done([undefined, takeApart(new Error("two"))]);
    all[2]?.cancel();
    const { waits, ...counts } = t.pool.statistics();
    assert.deepEqual(counts, {
      queued: 0,
      running: 2,
      completed: 1,
      failed: 1,
      cancelled: 1,
      threads: 2,
    });
    assert.deepEqual(waits, { mean: 0, longest: 0 });
    for (const each of all.slice(1, 3)) failureResultOf(each);
  });

  it("tells how long tasks waited", () => {
    const t = setUp({ max: 1 });
    void t.pool.run(same, [1]);
    void t.pool.run(same, [2]);
    t.reactor.advance(3);
    t.workers.finish("one");
    assert.deepEqual(t.pool.statistics().waits, { mean: 1.5, longest: 3 });
  });

  it("is what the pool says of itself", () => {
    const t = setUp({ max: 1 });
    void t.pool.run(same, [1]);
    void t.pool.run(same, [2]);
    assert.equal(String(t.pool), "NodeThreadPool(open, 1 thread, 1 running, 1 queued)");
  });
});

describe("bounds", () => {
  it("refuses those that make no sense", () => {
    const reactor = new MemoryReactor();
    const bad: readonly NodeThreadPoolOptions[] = [
      { max: 0 },
      { min: 3, max: 2 },
      { max: 1.5 },
      { min: -1 },
      { idleTimeout: -1 },
      { stopTimeout: Number.NaN },
    ];
    for (const options of bad) {
      assert.throws(() => new NodeThreadPool(reactor, options), RangeError);
    }
    assert.deepInclude(new NodeThreadPool(reactor, { min: 12 }), { min: 12, max: 12 });
  });

  it("adjustPoolsize() retires the threads there are, and uses new ones", () => {
    const t = setUp({ max: 1 });
    const first = t.pool.run(same, [1]);
    void t.pool.run(same, [2]);
    t.pool.adjustPoolsize(1, 3);
    assert.lengthOf(t.made, 2);
    assert.isTrue(t.made[0]?.isRetired);
    assert.deepInclude(t.workers.options, { min: 1, max: 3 });
    assert.deepEqual(t.workers.arguments, [2]);
    t.made[0]?.finish("one");
    assert.equal(successResultOf(first), "one");
    assert.throws(() => t.pool.adjustPoolsize(2, 1), RangeError);
  });

  it("adjustPoolsize() to fewer lets those finish that run", () => {
    const t = setUp({ max: 2 });
    for (const each of [1, 2, 3]) void t.pool.run(same, [each]);
    t.pool.adjustPoolsize(0, 1);
    t.made[0]?.finish("one");
    assert.lengthOf(t.made, 1);
    t.made[0]?.finish("two");
    assert.deepEqual(t.workers.arguments, [3]);
  });
});

describe("stop()", () => {
  it("fails what waits, waits for what runs, and ends the threads", async () => {
    const t = setUp({ max: 1 });
    const [first, second] = [t.pool.run(same, [1]), t.pool.run(same, [2])];
    const stopped = t.pool.stop();
    failureResultOf(second, ThreadPoolStoppedError);
    assertNoResult(stopped);
    t.workers.finish("one");
    await settle();
    assert.equal(successResultOf(first), "one");
    successResultOf(stopped);
    assert.isTrue(t.workers.isEnded);
    assert.deepEqual(t.reactor.getDelayedCalls(), []);
  });

  it("gives up what still runs after the timeout", async () => {
    const t = setUp({ stopTimeout: 3 });
    const first = t.pool.run(same, [1]);
    const stopped = t.pool.stop();
    t.reactor.advance(2.9);
    assertNoResult(first);
    t.reactor.advance(0.1);
    const failure = failureResultOf(first, ThreadPoolStoppedError);
    assert.match(failure.getErrorMessage(), /was not over in time/u);
    assert.deepEqual(t.workers.arguments, []);
    await settle();
    successResultOf(stopped);
    assert.deepInclude(t.pool.statistics(), { failed: 1, running: 0, threads: 0 });
  });

  it("can be hurried, not delayed", async () => {
    const t = setUp();
    const first = t.pool.run(same, [1]);
    const both = [t.pool.stop({ timeout: 5 }), t.pool.stop({ timeout: 60 })];
    both.push(t.pool.stop({ timeout: 1 }));
    t.reactor.advance(1);
    failureResultOf(first, ThreadPoolStoppedError);
    await settle();
    for (const each of both) successResultOf(each);
    successResultOf(t.pool.stop());
    assert.throws(() => void t.pool.stop({ timeout: -1 }), RangeError);
  });

  it("waits for ever if told so", () => {
    const t = setUp({ stopTimeout: Infinity });
    void t.pool.run(same, [1]);
    void t.pool.stop();
    assert.deepEqual(t.reactor.getDelayedCalls(), []);
  });

  it("refuses tasks from then until start()", async () => {
    const t = setUp();
    void t.pool.run(same, [1]);
    void t.pool.stop();
    failureResultOf(t.pool.run(same, [2]), ThreadPoolStoppedError);
    assert.throws(() => t.pool.start(), ThreadPoolStoppedError);
    t.workers.finish("one");
    await settle();
    const refused = failureResultOf(t.pool.run(same, [2]), ThreadPoolStoppedError);
    assert.match(refused.getErrorMessage(), /call start\(\) first/u);
    t.pool.start();
    void t.pool.run(same, [3]);
    assert.lengthOf(t.made, 2);
    assert.deepEqual(t.workers.arguments, [3]);
  });

  it("costs nothing where there were no threads", async () => {
    const t = setUp();
    await t.pool.stop();
    assert.lengthOf(t.made, 0);
  });
});

describe("the reactor", () => {
  it("stops the pool, which is ready for the next run", async () => {
    const t = setUp();
    const over = t.reactor.run();
    const first = t.pool.run(same, [1]);
    t.reactor.stop();
    t.reactor.flush();
    failureResultOf(t.pool.run(same, [2]), ThreadPoolStoppedError);
    t.workers.finish("one");
    await settle();
    assert.equal(successResultOf(first), "one");
    successResultOf(over);
    void t.reactor.run();
    void t.pool.run(same, [3]);
    assert.deepEqual(t.workers.arguments, [3]);
  });

  it("still has tasks run before shutdown", async () => {
    const t = setUp();
    const over = t.reactor.run();
    t.reactor.addSystemEventTrigger("before", "shutdown", () => t.pool.run(same, [1]));
    t.reactor.stop();
    t.reactor.flush();
    assert.deepEqual(t.workers.arguments, [1]);
    t.workers.finish("one");
    await settle();
    successResultOf(over);
  });

  it("does not wait for tasks longer than stopTimeout", async () => {
    const t = setUp({ stopTimeout: 2 });
    const over = t.reactor.run();
    const first = t.pool.run(same, [1]);
    t.reactor.stop();
    t.reactor.advance(2);
    failureResultOf(first, ThreadPoolStoppedError);
    await settle();
    successResultOf(over);
  });

  it("ends tasks at once when it crashes", async () => {
    const t = setUp();
    const over = t.reactor.run();
    const first = t.pool.run(same, [1]);
    t.reactor.crash();
    failureResultOf(first, ThreadPoolStoppedError);
    await settle();
    successResultOf(over);
  });

  it("ends tasks at once when it crashes while it stops", async () => {
    const t = setUp();
    const over = t.reactor.run();
    const first = t.pool.run(same, [1]);
    t.reactor.stop();
    t.reactor.flush();
    assertNoResult(first);
    t.reactor.crash();
    failureResultOf(first, ThreadPoolStoppedError);
    await settle();
    successResultOf(over);
  });

  it("stops the pool when it is disposed of without having run", async () => {
    const t = setUp();
    void t.pool.run(same, [1]).addCallback(same);
    t.workers.finish("one");
    await t.reactor[Symbol.asyncDispose]();
    assert.isTrue(t.workers.isEnded);
  });

  it("leaves a pool alone that has stopped by itself", async () => {
    const t = setUp();
    void t.pool.run(same, [1]);
    t.workers.finish("one");
    await t.pool.stop();
    await t.reactor[Symbol.asyncDispose]();
    failureResultOf(t.pool.run(same, [2]), ThreadPoolStoppedError);
  });
});

describe("expose()", () => {
  it("refuses names that are taken, and what is no function", () => {
    const { pool } = setUp();
    pool.expose({ f: () => 1, g: () => 2 });
    assert.throws(
      () => pool.expose({ h: () => 1, f: () => 1 }),
      RangeError,
      "f: the name is taken",
    );
    pool.withdraw("f", "g", "not there");
    pool.expose({ h: () => 1, f: () => 1 });
    const bad: Record<string, () => unknown> = JSON.parse('{ "x": 1 }');
    assert.throws(() => pool.expose(bad), TypeError, "Cannot expose x");
  });
});
