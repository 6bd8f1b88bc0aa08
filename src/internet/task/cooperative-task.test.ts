import { AsyncLocalStorage } from "node:async_hooks";
import { assert, describe, it } from "vitest";
import { trackContext } from "../../defer/context.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { openLedger } from "../../defer/unhandled.ts";
import { captureLogs } from "../../logger/capture.ts";
import { Clock } from "../../testing/clock.ts";
import { failureResultOf, successResultOf } from "../../testing/results.ts";
import { Cooperator } from "./cooperator.ts";
import { NotPaused, TaskDone, TaskStopped } from "./errors.ts";

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

describe("CooperativeTask", () => {
  it("pause() and resume() count", () => {
    const { clock, cooperator, work, slices } = scene();
    const task = cooperator.cooperate(work("a", 2));
    task.pause();
    task.pause();
    task.resume();
    assert.deepEqual(clock.getDelayedCalls(), []);
    assert.equal(slices(1), "");
    task.resume();
    assert.equal(slices(3), "a1 a2");
    assert.throws(() => task.resume(), NotPaused);
    assert.throws(() => task.pause(), TaskDone);
    assert.throws(() => task.stop(), TaskDone);
  });

  it("resume() waits behind the others", () => {
    const { cooperator, work, slices } = scene();
    const task = cooperator.cooperate(work("a", 1));
    cooperator.cooperate(work("b", 1));
    task.pause();
    task.resume();
    assert.equal(slices(2), "b1 a1");
  });

  it("can be paused while it waits for a Deferred, and only that is undone", () => {
    const { cooperator, seen, slices } = scene();
    const wait = new Deferred<void>();
    const task = cooperator.cooperate(
      (function* () {
        yield wait;
        seen.push("on");
      })(),
    );
    slices(1);
    assert.throws(() => task.resume(), NotPaused);
    task.pause();
    wait.callback();
    assert.equal(slices(2), "");
    task.resume();
    assert.equal(slices(2), "on");
  });

  it("stop() fails those who wait, runs finally blocks, and cancels a Deferred", () => {
    const { cooperator, seen, slices } = scene();
    const wait = new Deferred<void>(() => seen.push("cancelled"));
    const task = cooperator.cooperate(
      (function* () {
        try {
          yield wait;
        } finally {
          seen.push("finally");
        }
      })(),
    );
    const before = task.whenDone();
    slices(1);
    task.stop();
    assert.deepEqual(seen, ["cancelled", "finally"]);
    failureResultOf(before, TaskStopped);
    failureResultOf(task.whenDone(), TaskStopped);
    assert.throws(() => task.stop(), TaskStopped, "Cannot stop a task");
  });

  it("can stop itself, and pause itself, in a step", () => {
    const { cooperator, seen, slices } = scene(100);
    const stop = function* (): Generator<void> {
      try {
        yield stopping.stop();
        assert.fail("went on");
      } finally {
        seen.push("finally");
      }
    };
    const pause = function* (): Generator<void> {
      yield pausing.pause();
      seen.push("on");
    };
    const stopping = cooperator.cooperate(stop());
    const pausing = cooperator.cooperate(pause());
    assert.equal(slices(2), "finally");
    failureResultOf(stopping.whenDone(), TaskStopped);
    pausing.resume();
    assert.equal(slices(1), "on");
  });

  it("that stops itself and throws, has the error reported", () => {
    using ledger = openLedger();
    const { cooperator, slices } = scene();
    const task = cooperator.cooperate({
      next: () => {
        task.stop();
        throw new RangeError("no");
      },
    });
    slices(1);
    failureResultOf(task.whenDone(), TaskStopped);
    assert.deepEqual(
      ledger.flush().map(({ type }) => type),
      ["RangeError"],
    );
  });

  it("logs what goes wrong while it cleans up, now or later", async () => {
    using logs = captureLogs();
    const { cooperator, slices } = scene(100);
    const now = cooperator.cooperate({
      next: (): IteratorResult<undefined, void> => ({ done: false, value: undefined }),
      return: () => {
        throw new RangeError("no");
      },
    });
    const wait = new Deferred<void>(() => assert.fail("not this way"));
    const later = cooperator.cooperate({
      next: (): Promise<IteratorResult<unknown, void>> =>
        Promise.resolve({ done: false, value: wait }),
      return: () => Promise.reject(new RangeError("no")),
    });
    slices(1);
    await settle();
    for (const task of [now, later]) {
      task.stop();
      failureResultOf(task.whenDone(), TaskStopped);
    }
    await settle();
    const types = logs.flush().map((event) => event.log_failure?.value.name);
    assert.deepEqual(types, ["RangeError", "AssertionError", "RangeError"]);
  });

  it("stopped while its async iterator is busy, closes that", async () => {
    const { cooperator, seen, slices } = scene(100);
    let finish = (): void => {};
    const task = cooperator.cooperate(
      (async function* () {
        try {
          yield await new Promise<void>((resolve) => (finish = resolve));
          assert.fail("went on");
        } finally {
          seen.push("finally");
        }
      })(),
    );
    slices(1);
    task.stop();
    failureResultOf(task.whenDone(), TaskStopped);
    finish();
    await settle();
    assert.deepEqual(seen, ["finally"]);
  });

  it("whenDone() gives each who asks a Deferred, whose cancel ends only that", () => {
    const { cooperator, work, slices } = scene(100);
    const task = cooperator.cooperate(work("a", 1));
    const [one, two, three] = [task.whenDone(), task.whenDone(), task.whenDone()];
    one.cancel();
    failureResultOf(one, CancelledError);
    void two.addCallback(() => three.cancel());
    assert.equal(slices(2), "a1");
    successResultOf(two);
    failureResultOf(three, CancelledError);
    assert.equal(successResultOf(task.whenDone()), "a");
  });

  it("[Symbol.asyncDispose]() stops it, unless it is over", async () => {
    const { cooperator, work, slices } = scene(100);
    const task = cooperator.cooperate(work("a", 1));
    await task[Symbol.asyncDispose]();
    await task[Symbol.asyncDispose]();
    failureResultOf(task.whenDone(), TaskStopped);
    assert.equal(slices(1), "");
  });

  it("takes its steps in the context it was made in, when contexts are tracked", () => {
    const { cooperator, seen, slices } = scene(100);
    const user = new AsyncLocalStorage<string>();
    const wait = new Deferred<void>();
    const tell = function* (): Generator {
      seen.push(String(user.getStore()));
      yield wait;
      seen.push(String(user.getStore()));
    };
    trackContext();
    try {
      for (const name of ["ada", "bob"]) user.run(name, () => cooperator.cooperate(tell()));
      assert.equal(slices(1), "ada bob");
      user.run("eve", () => wait.callback());
      assert.equal(slices(1), "ada bob");
    } finally {
      trackContext(false);
    }
  });
});
