import { assert, describe, it } from "vitest";
import { captureLogs } from "../logger/capture.ts";
import { Clock } from "../testing/clock.ts";
import { failureResultOf } from "../testing/results.ts";
import { fail, succeed } from "./combinators.ts";
import { Deferred } from "./deferred.ts";
import { AlreadyCalledError, CancelledError, TimeoutError } from "./errors.ts";
import { Failure } from "./failure.ts";

const MANY = 100_000;

describe("cancel() of an unfired Deferred", () => {
  it("without a canceller fails it and eats one late answer (trace 6)", () => {
    for (const late of ["callback", "errback"] as const) {
      const d = new Deferred<unknown>();
      d.cancel();
      failureResultOf(d, CancelledError);
      d[late](new Failure(new Error("late")));
      assert.equal(d.result, undefined);
      assert.throws(() => d.callback(2), AlreadyCalledError);
      assert.throws(() => d.errback(new Error("later")), AlreadyCalledError);
    }
  });

  it("with a canceller that does nothing fails it, and eats no late answer", () => {
    const asked: unknown[] = [];
    const d: Deferred<number> = new Deferred<number>((one) => asked.push(one));
    d.cancel();
    assert.deepEqual(asked, [d]);
    failureResultOf(d, CancelledError);
    assert.throws(() => d.callback(1), AlreadyCalledError);
  });

  it("with a canceller that gives a value has that value", () => {
    const d = new Deferred<string>((one) => one.callback("instead"));
    d.cancel();
    assert.equal(d.result, "instead");
  });

  it("with a canceller that gives an error has that error", () => {
    const d = new Deferred<string>((one) => one.errback(new RangeError("why")));
    d.cancel();
    failureResultOf(d, RangeError);
  });

  it("lets out what a canceller throws, and leaves it unfired", () => {
    const d = new Deferred<number>(() => {
      throw new RangeError("canceller");
    });
    assert.throws(() => d.cancel(), RangeError, "canceller");
    assert.isFalse(d.called);
    d.callback(1);
    assert.equal(d.result, 1);
  });

  it("asks the canceller once when the result is there, again when it is not", () => {
    let asked = 0;
    const d = new Deferred<number>(() => {
      asked += 1;
      if (asked < 3) throw new Error("not yet");
    });
    assert.throws(() => d.cancel());
    assert.throws(() => d.cancel());
    d.cancel();
    d.cancel();
    assert.equal(asked, 3);
    failureResultOf(d, CancelledError);
  });

  it("twice does not eat two late answers", () => {
    const d = new Deferred<number>();
    d.cancel();
    d.cancel();
    failureResultOf(d, CancelledError);
    d.callback(1);
    assert.throws(() => d.callback(2), AlreadyCalledError);
  });

  it("while paused fails it; the chain goes on with unpause()", () => {
    const d = new Deferred<number>();
    d.pause();
    const seen: unknown[] = [];
    void d.addErrback((failure) => seen.push(failure.value));
    d.cancel();
    assert.isTrue(d.called);
    assert.deepEqual(seen, []);
    d.unpause();
    assert.instanceOf(seen[0], CancelledError);
  });

  it("an errback may turn the cancel into a value", () => {
    const d = new Deferred<number>();
    const end = d.addErrback((failure) => {
      failure.trap(CancelledError);
      return "nobody wanted it";
    });
    d.cancel();
    assert.equal(end.result, "nobody wanted it");
  });

  it("an answer that came before is not eaten", () => {
    const d = succeed(1);
    d.cancel();
    assert.equal(d.result, 1);
    assert.throws(() => d.callback(2), AlreadyCalledError);
  });
});

describe("cancel() of a fired Deferred", () => {
  it("does nothing when it is through, failed, paused or running", () => {
    const failed = fail(new Error("x"));
    failed.cancel();
    assert.equal(failureResultOf(failed).getErrorMessage(), "x");

    const paused = succeed(1);
    paused.pause();
    paused.cancel();
    paused.unpause();
    assert.equal(paused.result, 1);

    const running = new Deferred<number>();
    void running.addCallback((n) => {
      running.cancel();
      return n + 1;
    });
    running.callback(1);
    assert.equal(running.result, 2);
  });

  it("never asks the canceller of one that has fired", () => {
    const d = new Deferred<number>(() => assert.fail("asked"));
    d.callback(1);
    d.cancel();
    assert.equal(d.result, 1);
  });

  it("is passed to the one it waits for, whose canceller decides (trace 7)", () => {
    const asked: unknown[] = [];
    const inner: Deferred<string> = new Deferred<string>((one) => {
      asked.push(one);
      one.callback("from the canceller");
    });
    const outer = new Deferred<number>(() => assert.fail("the outer has fired"));
    const end = outer.addCallback(() => inner);
    outer.callback(1);
    outer.cancel();
    assert.deepEqual(asked, [inner]);
    assert.equal(end.result, "from the canceller");
  });

  it("is passed on, and the outer gets the CancelledError", () => {
    const inner = new Deferred<number>();
    const outer = succeed(0).addCallback(() => inner);
    outer.cancel();
    failureResultOf(outer, CancelledError);
    inner.callback(1); // The late answer of the inner's source.
    assert.equal(inner.result, undefined);
  });

  it("goes down to the innermost of several", () => {
    const innermost = new Deferred<number>();
    const middle = succeed(0).addCallback(() => innermost);
    const outer = succeed(0).addCallback(() => middle);
    outer.cancel();
    assert.isTrue(innermost.called);
    failureResultOf(outer, CancelledError);
  });

  it("after the inner gave its result asks for the end of the next one", () => {
    const first = new Deferred<number>();
    const second = new Deferred<number>();
    const outer = succeed(0)
      .addCallback(() => first)
      .addCallback(() => second);
    first.callback(1);
    outer.cancel();
    assert.isTrue(second.called);
    failureResultOf(outer, CancelledError);
  });

  it("in an inner that fires from its chain while it is paused does nothing", () => {
    const inner = succeed(1);
    inner.pause();
    const outer = succeed(0).addCallback(() => inner);
    outer.cancel();
    inner.unpause();
    assert.equal(outer.result, 1);
  });

  it("goes through 100,000 that wait for each other, and the end comes back through all", () => {
    const innermost = new Deferred<number>();
    let d = innermost;
    for (let n = 0; n < MANY; n += 1) {
      const inner = d;
      d = succeed(n).addCallback(() => inner);
    }
    d.cancel();
    assert.isTrue(innermost.called);
    failureResultOf(d, CancelledError);
  });
});

describe("addTimeout()", () => {
  it("leaves a Deferred alone that fires in time, and cancels its call", () => {
    const clock = new Clock();
    const d = new Deferred<number>();
    const end = d.addTimeout(1, clock);
    clock.advance(0.5);
    d.callback(7);
    assert.equal(end.result, 7);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("leaves a failure alone that comes in time", () => {
    const clock = new Clock();
    const d = new Deferred<number>();
    const end = d.addTimeout(1, clock);
    d.errback(new RangeError("x"));
    failureResultOf(end, RangeError);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("needs no call for one that has fired", () => {
    const clock = new Clock();
    assert.equal(succeed(7).addTimeout(1, clock).result, 7);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("fails with TimeoutError when its time is up (trace 8)", () => {
    const clock = new Clock();
    const d = new Deferred<number>().addTimeout(1.5, clock);
    clock.advance(1);
    assert.isFalse(d.called);
    clock.advance(0.5);
    const { value } = failureResultOf(d, TimeoutError);
    assert.instanceOf(value, TimeoutError);
    assert.deepInclude(value, { seconds: 1.5, phase: "operation", code: "ERR_TIMEOUT" });
    assert.include(value.message, "1.5 seconds");
    assert.instanceOf(value.cause, CancelledError);
  });

  it("lets the value of a canceller win (trace 8)", () => {
    const clock = new Clock();
    const d = new Deferred<string>((one) => one.callback("kept"));
    const end = d.addTimeout(1, clock);
    clock.advance(1);
    assert.equal(end.result, "kept");
  });

  it("lets the error of a canceller win", () => {
    const clock = new Clock();
    const d = new Deferred<string>((one) => one.errback(new RangeError("mine")));
    const end = d.addTimeout(1, clock);
    clock.advance(1);
    failureResultOf(end, RangeError);
  });

  it("does not turn a cancel of ours into a timeout", () => {
    const clock = new Clock();
    const d = new Deferred<number>().addTimeout(1, clock);
    d.cancel();
    failureResultOf(d, CancelledError);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("asks onTimeoutCancel what to make of it, only when the time was up", () => {
    const clock = new Clock();
    const asked: unknown[] = [];
    const translate = (result: number | Failure, seconds: number): number => {
      asked.push(result instanceof Failure ? result.type : result, seconds);
      return -1;
    };
    const late = new Deferred<number>().addTimeout(2, clock, translate);
    const inTime = new Deferred<number>();
    void inTime.addTimeout(2, clock, translate);
    inTime.callback(1);
    clock.advance(2);
    assert.deepEqual([late.result, inTime.result], [-1, 1]);
    assert.deepEqual(asked, ["CancelledError", 2]);
  });

  it("covers the callbacks added before it, not those after", () => {
    const clock = new Clock();
    const slow = new Deferred<number>();
    const covered = succeed(0)
      .addCallback(() => slow)
      .addTimeout(1, clock);
    const uncoveredSlow = new Deferred<number>();
    const uncovered = succeed(0)
      .addTimeout(1, clock)
      .addCallback(() => uncoveredSlow);
    clock.advance(1);
    failureResultOf(covered, TimeoutError);
    assert.isFalse(uncoveredSlow.called);
    uncoveredSlow.callback(7);
    assert.equal(uncovered.result, 7);
  });

  it("twice: the shorter one decides", () => {
    const clock = new Clock();
    const d = new Deferred<number>().addTimeout(5, clock).addTimeout(1, clock);
    clock.advance(1);
    const failure = failureResultOf(d, TimeoutError);
    assert.include(failure.getErrorMessage(), "1 second");
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("eats the answer that comes after it", () => {
    const clock = new Clock();
    const d = new Deferred<number>();
    const end = d.addTimeout(1, clock);
    clock.advance(1);
    d.callback(1);
    failureResultOf(end, TimeoutError);
  });

  it("of 0 seconds lets a Deferred win that fires in this turn", () => {
    const clock = new Clock();
    const d = new Deferred<number>();
    void d.addTimeout(0, clock);
    d.callback(1);
    clock.advance(0);
    assert.equal(d.result, 1);
  });

  it("refuses a time that is none", () => {
    const clock = new Clock();
    for (const seconds of [-1, Number.NaN]) {
      assert.throws(() => {
        void new Deferred().addTimeout(seconds, clock);
      }, RangeError);
    }
  });

  it("logs what a canceller throws at the time, and the result may still come", () => {
    using logs = captureLogs();
    const clock = new Clock();
    const d = new Deferred<number>(() => {
      throw new RangeError("canceller");
    });
    const end = d.addTimeout(1, clock);
    clock.advance(1);
    assert.equal(logs.flush((event) => event.log_level === "critical").length, 1);
    d.callback(7);
    assert.equal(end.result, 7);
  });
});
