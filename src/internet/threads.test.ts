/**
 * The calls that people write, on a pool that only takes notes.
 *
 * @module
 */
import { assert, describe, expectTypeOf, it } from "vitest";
import { succeed } from "../defer/combinators.ts";
import { Deferred } from "../defer/deferred.ts";
import { captureLogs } from "../logger/capture.ts";
import type {
  IReactorThreads,
  IThreadPool,
  ModuleTask,
  ThreadPoolStatistics,
  ThreadTask,
} from "./interfaces-threads.ts";
import { callMultipleInThread, deferToThread, deferToThreadPool } from "./threads.ts";

type Row = readonly (readonly [task: ThreadTask, ...args: unknown[]])[];

/** A pool whose every task has this result. */
class NotingPool implements IThreadPool {
  readonly min = 0;
  readonly max = 1;
  readonly noted: unknown[] = [];
  readonly #result: Deferred<unknown>;

  constructor(result: Deferred<unknown>) {
    this.#result = result;
  }

  run<Args extends unknown[], Result>(
    task: ThreadTask<Args, Result>,
    args: Args,
  ): Deferred<Awaited<Result>>;
  run(task: ThreadTask, args: readonly unknown[]): Deferred<unknown> {
    this.noted.push([task, ...args]);
    return this.#result;
  }

  runMultiple(calls: Row): Deferred<unknown[]>;
  runMultiple(calls: Row): Deferred<unknown> {
    this.noted.push(calls);
    return this.#result;
  }

  expose(): void {}
  withdraw(): void {}
  adjustPoolsize(): void {}
  start(): void {}

  stop(): Deferred<void> {
    return succeed(undefined);
  }

  statistics(): ThreadPoolStatistics {
    throw new Error("Not asked for here");
  }
}

function reactorWith(pool: IThreadPool): IReactorThreads {
  return {
    callInThread: () => {},
    getThreadPool: () => pool,
    suggestThreadPoolSize: () => {},
  };
}

const add = (a: number, b: number): number => a + b;

describe("deferToThread()", () => {
  it("runs the task in the reactor's pool", () => {
    const pool = new NotingPool(succeed(5));
    const d = deferToThread(reactorWith(pool), add, 2, 3);
    assert.equal(d.result, 5);
    assert.deepEqual(pool.noted, [[add, 2, 3]]);
  });

  it("knows the types of functions, async ones too, and of modules that tell", () => {
    const reactor = reactorWith(new NotingPool(new Deferred()));
    expectTypeOf(deferToThread(reactor, add, 2, 3)).toEqualTypeOf<Deferred<number>>();
    const later = async (a: string): Promise<string> => a;
    expectTypeOf(deferToThread(reactor, later, "a")).toEqualTypeOf<Deferred<string>>();
    const typed: ModuleTask<[string, number], Buffer> = { module: "/a.js", export: "f" };
    expectTypeOf(deferToThread(reactor, typed, "a", 1)).toEqualTypeOf<Deferred<Buffer>>();
    const any = { module: new URL("file:///a.js") };
    expectTypeOf(deferToThread(reactor, any, "a", 1)).toEqualTypeOf<Deferred<unknown>>();
    // @ts-expect-error -- one argument is missing.
    void deferToThread(reactor, add, 2);
    // @ts-expect-error -- the second is a number.
    void deferToThread(reactor, typed, "a", "b");
  });
});

it("deferToThreadPool() runs the task in that pool", () => {
  const [own, other] = [new NotingPool(succeed(1)), new NotingPool(succeed(2))];
  assert.equal(deferToThreadPool(reactorWith(own), other, add, 2, 3).result, 2);
  assert.deepEqual(own.noted, []);
});

describe("callMultipleInThread()", () => {
  const row: Row = [
    [add, 1, 2],
    [{ module: "/a.js" }, "x"],
  ];

  it("runs a row", () => {
    const pool = new NotingPool(succeed([]));
    callMultipleInThread(reactorWith(pool), row);
    assert.deepEqual(pool.noted, [row]);
  });

  it("logs what ends the row", () => {
    const failing = new Deferred<unknown>();
    callMultipleInThread(reactorWith(new NotingPool(failing)), row);
    using logs = captureLogs();
    failing.errback(new RangeError("third"));
    const [event] = logs.events;
    assert.equal(event?.log_format, "Unhandled error in a thread");
    assert.instanceOf(event?.log_failure?.value, RangeError);
  });
});
