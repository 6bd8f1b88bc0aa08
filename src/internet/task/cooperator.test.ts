import { assert, describe, expectTypeOf, it } from "vitest";
import { succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { openLedger } from "../../defer/unhandled.ts";
import { Clock } from "../../testing/clock.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import type { CooperativeTask } from "./cooperative-task.ts";
import { coiterate, cooperate, Cooperator } from "./cooperator.ts";
import { SchedulerStopped, TaskFailed } from "./errors.ts";

/** A cooperator whose slices end after `steps`, and a list of what was done. */
function scene(steps = 1) {
  const clock = new Clock();
  const cooperator = new Cooperator({ clock, sliceSteps: steps });
  const seen: string[] = [];
  /** Takes `count` steps, noting each. */
  function* work(name: string, count: number): Generator<undefined, string> {
    for (let step = 1; step <= count; step += 1) {
      seen.push(`${name}${String(step)}`);
      yield;
    }
    return name;
  }
  const slices = (count: number): string => {
    for (let slice = 0; slice < count; slice += 1) clock.advance(0);
    return seen.splice(0).join(" ");
  };
  return { clock, cooperator, seen, work, slices };
}

/** Let promises have their turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe("Cooperator", () => {
  it("takes a step of each in turn, and begins in a later pass", () => {
    const { cooperator, seen, work, slices } = scene(100);
    cooperator.cooperate(work("a", 3));
    cooperator.cooperate(work("b", 1));
    cooperator.cooperate(work("c", 2));
    assert.deepEqual(seen, []);
    assert.equal(slices(1), "a1 b1 c1 a2 c2 a3");
  });

  it("goes on with whose turn it is in the next slice", () => {
    const { clock, cooperator, work, slices } = scene(2);
    const tasks = ["a", "b", "c"].map((name) => cooperator.cooperate(work(name, 2)));
    assert.equal(slices(1), "a1 b1");
    assert.equal(slices(1), "c1 a2");
    cooperator.cooperate(work("d", 1));
    assert.equal(slices(1), "b2 c2");
    assert.equal(slices(3), "d1");
    assert.deepEqual(
      tasks.map((task) => successResultOf(task.whenDone())),
      ["a", "b", "c"],
    );
    assert.deepEqual(clock.getDelayedCalls(), [], "nothing to do: nothing is timed");
  });

  it("ends a slice after 10 ms, unless told otherwise", () => {
    for (const [options, steps] of [
      [{}, 6],
      [{ slice: 0.004 }, 3],
      [{ slice: 0 }, 1],
    ] as const) {
      const clock = new Clock();
      const cooperator = new Cooperator({ clock, ...options });
      let taken = 0;
      const slow = function* (): Generator<void> {
        for (;;) {
          taken += 1;
          clock.advance(1 / 512); // Each step takes about 2 ms.
          yield;
        }
      };
      cooperator.cooperate(slow());
      clock.advance(1);
      assert.equal(taken, steps);
      cooperator.stop();
    }
  });

  it("ends a slice after 10,000 steps where time stands still", () => {
    const clock = new Clock();
    const cooperator = new Cooperator({ clock });
    let taken = 0;
    const endless = function* (): Generator<void> {
      for (;;) yield void (taken += 1);
    };
    cooperator.cooperate(endless());
    clock.advance(1);
    assert.equal(taken, 10_000);
    cooperator.stop();
  });

  it("takes another judge of slices, and another scheduler", () => {
    const { clock, work } = scene();
    let run = (): void => {};
    let cancelled = 0;
    const cooperator = new Cooperator({
      clock,
      terminationPredicateFactory: () => () => false,
      scheduler: (f) => {
        run = f;
        return { cancel: () => (cancelled += 1) };
      },
    });
    const done = cooperator.coiterate(work("a", 50));
    run();
    assert.equal(successResultOf(done), "a");
    cooperator.cooperate(work("b", 1)).stop();
    assert.equal(cancelled, 1);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("refuses slices of nothing, and work that is none", () => {
    const clock = new Clock();
    assert.throws(() => new Cooperator({ clock, slice: -1 }), RangeError, "slice of at least 0");
    assert.throws(() => new Cooperator({ clock, sliceSteps: 0 }), RangeError, "sliceSteps");
    // @ts-expect-error -- for those who write JavaScript.
    assert.throws(() => new Cooperator({ clock }).cooperate({}), TypeError, "an iterator");
  });

  it("does nothing before start(), when told so", () => {
    const { clock, work, seen } = scene();
    const cooperator = new Cooperator({ clock, started: false });
    assert.isFalse(cooperator.running);
    cooperator.cooperate(work("a", 1));
    clock.advance(0);
    assert.deepEqual(seen, []);
    cooperator.start();
    cooperator.start();
    assert.isTrue(cooperator.running);
    clock.advance(0);
    assert.deepEqual(seen, ["a1"]);
  });

  it("stop() ends every task, the paused ones too, and those to come, until start()", () => {
    const { clock, cooperator, work, slices } = scene(100);
    const paused = cooperator.cooperate(work("a", 1));
    paused.pause();
    const waiting = cooperator.cooperate([new Deferred<void>()]);
    const running = cooperator.cooperate(work("b", 1));
    cooperator.stop();
    cooperator.stop();
    assert.isFalse(cooperator.running);
    const late = cooperator.cooperate(work("c", 1));
    for (const task of [paused, waiting, running, late]) {
      failureResultOf(task.whenDone(), SchedulerStopped);
      assert.throws(() => task.pause(), SchedulerStopped);
      assert.throws(() => task.stop(), SchedulerStopped);
    }
    assert.deepEqual(clock.getDelayedCalls(), []);
    cooperator.start();
    paused.resume();
    cooperator.cooperate(work("d", 1));
    assert.equal(slices(1), "d1");
  });

  it("stop() from a step, or by [Symbol.asyncDispose](), is the same", async () => {
    const { cooperator, work, slices } = scene(100);
    const task = cooperator.cooperate(
      (function* () {
        yield cooperator.stop();
        assert.fail("went on");
      })(),
    );
    const other = cooperator.cooperate(work("a", 1));
    assert.equal(slices(2), "");
    failureResultOf(task.whenDone(), SchedulerStopped);
    failureResultOf(other.whenDone(), SchedulerStopped);
    await scene().cooperator[Symbol.asyncDispose]();
  });

  it("start() in a callback of stop() leaves new tasks alone", () => {
    const { cooperator, work, slices } = scene(100);
    void cooperator
      .cooperate(work("a", 1))
      .whenDone()
      .addErrback(() => {
        cooperator.start();
        cooperator.cooperate(work("b", 1));
      });
    cooperator.stop();
    assert.equal(slices(1), "b1");
  });
});

describe("Cooperator.cooperate()", () => {
  it("takes iterators and iterables, asynchronous ones too", async () => {
    const { clock, cooperator, seen, work } = scene(100);
    const iterator = {
      next: (): IteratorResult<undefined, number> => ({ done: true, value: 7 }),
    };
    const asynchronous = async function* (): AsyncGenerator<void, string> {
      seen.push("async 1");
      yield succeed(undefined);
      seen.push("async 2");
      return await Promise.resolve("end");
    };
    const tasks = [
      cooperator.cooperate(iterator),
      cooperator.cooperate([1, 2]),
      cooperator.cooperate(work("a", 1)),
      cooperator.cooperate(asynchronous()),
    ] as const;
    expectTypeOf(tasks[0]).toEqualTypeOf<CooperativeTask<number>>();
    expectTypeOf(tasks[3]).toEqualTypeOf<CooperativeTask<string>>();
    for (let slice = 0; slice < 5; slice += 1) {
      clock.advance(0);
      await settle();
    }
    const results = tasks.map((task) => successResultOf<unknown>(task.whenDone()));
    assert.deepEqual(results, [7, undefined, "a", "end"]);
    assert.deepEqual(seen, ["a1", "async 1", "async 2"]);
  });

  it("holds a task back while a Deferred or promise that it gave has not fired", async () => {
    const { cooperator, seen, work, slices } = scene(100);
    const first = new Deferred<string>();
    let second = (): void => {};
    const task = cooperator.cooperate(
      (function* () {
        yield first;
        seen.push("first");
        yield new Promise<void>((resolve) => (second = resolve));
        seen.push("second");
        yield succeed(1);
        seen.push("third");
      })(),
    );
    cooperator.cooperate(work("a", 2));
    assert.equal(slices(1), "a1 a2");
    first.callback("kept");
    assert.equal(successResultOf(first), "kept");
    assert.equal(slices(1), "first");
    assert.equal(slices(1), "");
    second();
    await settle();
    assert.equal(slices(1), "second third");
    successResultOf(task.whenDone());
  });

  it("waits for what the iterator returns", async () => {
    const { cooperator, slices } = scene();
    const later = new Deferred<number>();
    const promising = function* (value: Deferred<number> | Promise<number>) {
      yield;
      return value;
    };
    const one = cooperator.cooperate(promising(later)).whenDone();
    expectTypeOf(one).toEqualTypeOf<Deferred<number>>();
    const two = cooperator.coiterate(promising(Promise.resolve(2)));
    slices(5);
    assertNoResult(one);
    later.callback(1);
    await settle();
    assert.equal(successResultOf(one), 1);
    assert.equal(successResultOf(two), 2);
  });

  it("fails a task with what its iterator throws", () => {
    const { cooperator, work, slices } = scene(100);
    const bad = cooperator.cooperate(
      (function* () {
        yield;
        throw new RangeError("no");
      })(),
    );
    const done = bad.whenDone();
    cooperator.cooperate(work("a", 2));
    assert.equal(slices(1), "a1 a2");
    failureResultOf(done, RangeError);
    failureResultOf(bad.whenDone(), RangeError);
    assert.throws(() => bad.stop(), TaskFailed, "has failed");
    assert.throws(() => bad.pause(), TaskFailed, "has failed");
  });

  it("fails a task with the failure of a Deferred that it gave, and lets it clean up", () => {
    const { cooperator, seen, slices } = scene(100);
    const wait = new Deferred<void>();
    const task = cooperator.cooperate(
      (function* () {
        try {
          yield wait;
        } finally {
          seen.push("clean");
        }
      })(),
    );
    slices(1);
    wait.errback(new RangeError("no"));
    assert.deepEqual(seen, ["clean"]);
    failureResultOf(task.whenDone(), RangeError);
  });

  it("fails a task with what its async iterator rejects with", async () => {
    const { cooperator, slices } = scene(100);
    const task = cooperator.cooperate(
      // oxlint-disable-next-line require-yield -- it does not come to that.
      (async function* () {
        throw await Promise.resolve(new RangeError("no"));
      })(),
    );
    slices(1);
    await settle();
    failureResultOf(task.whenDone(), RangeError);
  });

  it("reports a failure that nobody asks for", () => {
    using ledger = openLedger();
    const { cooperator, slices } = scene();
    const bad = {
      next: () => {
        throw new RangeError("no");
      },
    };
    const task = cooperator.cooperate(bad);
    slices(1);
    assert.equal(ledger.failures().length, 1);
    failureResultOf(task.whenDone(), RangeError);
    assert.equal(ledger.flush().length, 0);
    const stopped = cooperator.cooperate(bad);
    stopped.stop();
    assert.equal(ledger.flush().length, 0, "to be stopped is no failure to report");
  });
});

describe("coiterate()", () => {
  it("cancelled, stops the task", () => {
    const { cooperator, seen, slices } = scene();
    const done = cooperator.coiterate(
      (function* () {
        try {
          for (;;) yield;
        } finally {
          seen.push("finally");
        }
      })(),
    );
    slices(3);
    done.cancel();
    failureResultOf(done, CancelledError);
    assert.deepEqual(seen, ["finally"]);
  });

  it("and cooperate() share one cooperator for each reactor", () => {
    const { clock, work, seen } = scene();
    const other = new Clock();
    const task = cooperate(clock, work("a", 2));
    const done = coiterate(clock, work("b", 2));
    const elsewhere = coiterate(other, work("c", 1));
    clock.advance(0);
    assert.deepEqual(seen, ["a1", "b1", "a2", "b2"]);
    assert.equal(successResultOf(task.whenDone()), "a");
    assert.equal(successResultOf(done), "b");
    assertNoResult(elsewhere);
    assert.equal(clock.getDelayedCalls().length, 0);
    assert.equal(other.getDelayedCalls().length, 1);
  });
});
