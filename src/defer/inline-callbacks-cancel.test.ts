import { assert, describe, it } from "vitest";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { succeed } from "./combinators.ts";
import { Deferred } from "./deferred.ts";
import { CancelledError } from "./errors.ts";
import { inlineCallbacks } from "./inline-callbacks.ts";
import { openLedger } from "./unhandled.ts";
import { wait } from "./wait.ts";

describe("inlineCallbacks(): cancel()", () => {
  it("cancels what is waited for, and ends in CancelledError", () => {
    using ledger = openLedger();
    let cancelled = 0;
    const inner = new Deferred<number>(() => {
      cancelled += 1;
    });
    const d = inlineCallbacks(function* () {
      yield* wait(inner);
    })();
    d.cancel();
    assert.equal(cancelled, 1);
    failureResultOf(d, CancelledError);
    assert.deepEqual(ledger.failures(), []);
  });

  it("the body may catch the CancelledError and return", () => {
    const d = inlineCallbacks(function* () {
      try {
        return yield* wait(new Deferred<string>());
      } catch (error) {
        assert.instanceOf(error, CancelledError);
        return "caught";
      }
    })();
    d.cancel();
    assert.equal(successResultOf(d), "caught");
  });

  it("the body may catch it and go on: the Deferred fires when it ends", () => {
    using ledger = openLedger();
    const closing = new Deferred<string>();
    const seen: unknown[] = [];
    const d = inlineCallbacks(function* () {
      try {
        yield* wait(new Deferred<void>());
      } catch {
        return yield* wait(closing);
      }
      return "not reached";
    })().addCallback((text) => {
      seen.push(text);
      return text;
    });
    d.cancel();
    assert.isTrue(d.called);
    assertNoResult(d);
    assert.include(d.explain(), "waits for another Deferred");
    closing.callback("closed");
    assert.deepEqual(seen, ["closed"]);
    assert.equal(successResultOf(d), "closed");
    assert.deepEqual(ledger.failures(), []);
  });

  it("can be cancelled again, as often as the body goes on", () => {
    let caught = 0;
    const d = inlineCallbacks(function* () {
      while (caught < 3) {
        try {
          yield* wait(new Deferred<void>());
        } catch {
          caught += 1;
        }
      }
      return caught;
    })();
    for (let times = 1; times <= 3; times += 1) {
      assertNoResult(d);
      d.cancel();
      assert.equal(caught, times);
    }
    assert.equal(successResultOf(d), 3);
    d.cancel();
  });

  it("runs `finally` blocks, which may wait", () => {
    const steps: string[] = [];
    const flushed = new Deferred<void>();
    const d = inlineCallbacks(function* () {
      try {
        yield* wait(new Deferred<void>());
      } finally {
        steps.push("flushing");
        yield* wait(flushed);
        steps.push("flushed");
      }
    })();
    d.cancel();
    assert.deepEqual(steps, ["flushing"]);
    assertNoResult(d);
    flushed.callback();
    assert.deepEqual(steps, ["flushing", "flushed"]);
    failureResultOf(d, CancelledError);
  });

  it("reaches what a canceller gives: a value lets the body go on", () => {
    const d = inlineCallbacks(function* () {
      return 1 + (yield* wait(new Deferred<number>((inner) => inner.callback(41))));
    })();
    d.cancel();
    assert.equal(successResultOf(d), 42);
  });

  it("reaches through bodies that wait for bodies", () => {
    const steps: string[] = [];
    const nested = (depth: number): Deferred<void> =>
      inlineCallbacks(function* () {
        try {
          if (depth === 0) yield* wait(new Deferred<void>(() => void steps.push("canceller")));
          else yield* wait(nested(depth - 1));
        } finally {
          steps.push(String(depth));
        }
      })();
    const d = nested(3);
    d.cancel();
    assert.deepEqual(steps, ["canceller", "0", "1", "2", "3"]);
    failureResultOf(d, CancelledError);
  });

  it("reaches a Deferred or promise that the body returned", () => {
    const inner = new Deferred<number>();
    const d = inlineCallbacks(function* () {
      yield 1;
      return inner;
    })();
    d.cancel();
    failureResultOf(d, CancelledError);
    const promised = inlineCallbacks(function* () {
      yield 1;
      return new Promise<number>(() => {});
    })();
    promised.cancel();
    failureResultOf(promised, CancelledError);
  });

  it("a Deferred that somebody else has fired keeps that result", () => {
    const inner = new Deferred<number>();
    const d = inlineCallbacks(function* () {
      return yield* wait(inner);
    })();
    d.callback(7);
    inner.callback(1);
    assert.equal(successResultOf(d), 7);
    assert.equal(inner.result, 1);
  });

  it("by the body itself goes to what it waits for next", () => {
    const start = new Deferred<void>();
    const d: Deferred<void> = inlineCallbacks(function* () {
      yield* wait(start);
      d.cancel();
      yield* wait(succeed("has fired: nothing to cancel"));
      yield* wait(new Deferred<void>());
    })();
    start.callback();
    failureResultOf(d, CancelledError);
  });

  it("by the body itself counts once", () => {
    const [start, next] = [new Deferred<void>(), new Deferred<string>()];
    const d: Deferred<string> = inlineCallbacks(function* () {
      yield* wait(start);
      d.cancel();
      try {
        return yield* wait(new Deferred<string>());
      } catch {
        return yield* wait(next);
      }
    })();
    start.callback();
    assertNoResult(d);
    next.callback("went on");
    assert.equal(successResultOf(d), "went on");
  });

  it("what a canceller throws comes out of cancel(), and the body still waits", () => {
    const inner = new Deferred<number>(() => {
      throw new RangeError("cannot");
    });
    const d = inlineCallbacks(function* () {
      return yield* wait(inner);
    })();
    assert.throws(() => d.cancel(), RangeError);
    assertNoResult(d);
    inner.callback(1);
    assert.equal(successResultOf(d), 1);
  });

  it("does nothing once the body has ended", () => {
    const d = inlineCallbacks(function* () {
      return yield* wait(1);
    })();
    d.cancel();
    assert.equal(successResultOf(d), 1);
  });
});
