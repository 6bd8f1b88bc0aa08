import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, assert, describe, expectTypeOf, it } from "vitest";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { fail, succeed } from "./combinators.ts";
import { trackContext } from "./context.ts";
import { Deferred } from "./deferred.ts";
import { Failure } from "./failure.ts";
import { inlineCallbacks } from "./inline-callbacks.ts";
import { openLedger } from "./unhandled.ts";
import { wait } from "./wait.ts";

describe("inlineCallbacks()", () => {
  it("runs at once, as far as it can, and goes on inside the call that fires", () => {
    const inner = new Deferred<number>();
    const seen: unknown[] = [];
    const d = inlineCallbacks(function* (start: number) {
      seen.push("started");
      const n = start + (yield* wait(inner));
      seen.push(n);
      return String(n);
    })(1);
    expectTypeOf(d).toEqualTypeOf<Deferred<string>>();
    assert.deepEqual(seen, ["started"]);
    assertNoResult(d);
    inner.callback(41);
    assert.deepEqual(seen, ["started", 42]);
    assert.equal(successResultOf(d), "42");
  });

  it("yield* wait() has the type of what is waited for", async () => {
    const d = inlineCallbacks(function* () {
      const a = yield* wait(succeed(1));
      expectTypeOf(a).toEqualTypeOf<number>();
      const b = yield* wait(Promise.resolve("s"));
      expectTypeOf(b).toEqualTypeOf<string>();
      const c = yield* wait(true);
      expectTypeOf(c).toEqualTypeOf<boolean>();
      const e: unknown = yield succeed(2);
      return [a, b, c, e];
    });
    expectTypeOf(d).toEqualTypeOf<(this: unknown) => Deferred<unknown[]>>();
    assert.deepEqual(await d(), [1, "s", true, 2]);
  });

  it("gives back what is nothing to wait for", () => {
    const d = inlineCallbacks(function* () {
      const thing = { next: 1 };
      const values: unknown[] = [yield 1, yield undefined, yield null, yield "s"];
      assert.equal(yield thing, thing);
      return values;
    });
    assert.deepEqual(successResultOf(d()), [1, undefined, null, "s"]);
  });

  it("throws an error where the body waits, and goes on if it is caught", () => {
    using ledger = openLedger();
    const d = inlineCallbacks(function* () {
      try {
        yield* wait(fail(new RangeError("no")));
      } catch (error) {
        assert.instanceOf(error, RangeError);
      }
      return yield* wait(succeed("went on"));
    });
    assert.equal(successResultOf(d()), "went on");
    assert.deepEqual(ledger.failures(), []);
  });

  it("fails with what the body throws, does not catch, or returns as a Failure", () => {
    using ledger = openLedger();
    const uncaught = inlineCallbacks(function* () {
      yield* wait(fail(new RangeError("uncaught")));
    });
    failureResultOf(uncaught(), RangeError);
    const thrown = inlineCallbacks(function* () {
      yield 1;
      throw new SyntaxError("thrown");
    });
    failureResultOf(thrown(), SyntaxError);
    const failure = new Failure(new TypeError("returned"));
    const returned = inlineCallbacks(function* () {
      yield 1;
      return failure;
    });
    assert.equal(failureResultOf(returned()), failure);
    assert.deepEqual(ledger.failures(), []);
  });

  it("a yielded Failure is thrown", () => {
    const d = inlineCallbacks(function* () {
      yield new Failure(new RangeError());
    });
    failureResultOf(d(), RangeError);
  });

  it("waits for a promise that the body returns, or a Deferred", async () => {
    const inner = new Deferred<number>();
    const d = inlineCallbacks(function* () {
      yield 1;
      return inner;
    })();
    expectTypeOf(d).toEqualTypeOf<Deferred<number>>();
    assertNoResult(d);
    inner.callback(3);
    assert.equal(successResultOf(d), 3);
    const promised = inlineCallbacks(function* () {
      yield 1;
      return Promise.resolve("p");
    });
    expectTypeOf(promised()).toEqualTypeOf<Deferred<string>>();
    assert.equal(await promised(), "p");
  });

  it("an error while a parameter's default is made is a failure", () => {
    const boom = (): number => {
      throw new RangeError("boom");
    };
    const d = inlineCallbacks(function* (n: number = boom()) {
      return yield* wait(n);
    });
    failureResultOf(d(), RangeError);
  });

  it("keeps `this`, for methods", () => {
    class Counter {
      readonly step = 2;
      readonly add = inlineCallbacks(function* (this: Counter, n: number) {
        return this.step + (yield* wait(succeed(n)));
      });
    }
    assert.equal(successResultOf(new Counter().add(1)), 3);
  });

  it("bodies nest: yield* of a generator function, and of inlineCallbacks through wait()", () => {
    function* twice(n: number): Generator<unknown, number, unknown> {
      return 2 * (yield* wait(succeed(n)));
    }
    const inner = inlineCallbacks(function* (n: number) {
      return 1 + (yield* twice(n));
    });
    const d = inlineCallbacks(function* () {
      return (yield* wait(inner(1))) + (yield* twice(10));
    });
    assert.equal(successResultOf(d()), 23);
  });

  it("leaves the value to others who wait for the same Deferred", () => {
    const shared = new Deferred<number>();
    const plusOne = inlineCallbacks(function* () {
      return 1 + (yield* wait(shared));
    });
    const [a, b] = [plusOne(), plusOne()];
    shared.callback(1);
    assert.deepEqual([a, b, plusOne()].map(successResultOf), [2, 2, 2]);
  });

  it("waits, in a callback of a Deferred, for that Deferred until its chain is so far", () => {
    const d = new Deferred<number>();
    const body = inlineCallbacks(function* () {
      return yield* wait(d);
    });
    let inside: Deferred<number> | undefined;
    void d.addCallback((n) => {
      inside = body();
      return n + 1;
    });
    d.callback(1);
    assert(inside !== undefined);
    assert.equal(successResultOf(inside), 2);
  });

  it("a `then` that throws is an error of what was yielded", () => {
    const hostile = {
      // oxlint-disable-next-line unicorn/no-thenable -- it is what is tried.
      get then(): unknown {
        throw new RangeError("hostile");
      },
    };
    const d = inlineCallbacks(function* () {
      yield hostile;
    });
    failureResultOf(d(), RangeError);
  });

  it("needs no stack for 100,000 steps that have fired", () => {
    const steps = 100_000;
    const d = inlineCallbacks(function* () {
      let sum = 0;
      for (let step = 0; step < steps; step += 1) sum += yield* wait(succeed(1));
      for (let step = 0; step < steps; step += 1) yield step;
      return sum;
    });
    assert.equal(successResultOf(d()), steps);
  });

  it("needs no stack for 100,000 failures, nor for 100,000 steps that are fired one by one", () => {
    const steps = 100_000;
    const failing = inlineCallbacks(function* () {
      let caught = 0;
      const failure = new Failure(new RangeError());
      for (let step = 0; step < steps; step += 1) {
        try {
          yield* wait(fail(failure));
        } catch {
          caught += 1;
        }
      }
      return caught;
    });
    assert.equal(successResultOf(failing()), steps);

    let next = new Deferred<number>();
    const waiting = inlineCallbacks(function* () {
      let sum = 0;
      for (let step = 0; step < steps; step += 1) {
        next = new Deferred();
        sum += yield* wait(next);
      }
      return sum;
    })();
    for (let step = 0; step < steps; step += 1) next.callback(1);
    assert.equal(successResultOf(waiting), steps);
  });
});

describe("inlineCallbacks() and AsyncLocalStorage", () => {
  const user = new AsyncLocalStorage<string>();
  afterEach(() => trackContext(false));

  it("each step sees the context of the call", () => {
    trackContext();
    const seen: unknown[] = [];
    const [one, two] = [new Deferred<void>(), new Deferred<void>()];
    const body = inlineCallbacks(function* () {
      seen.push(user.getStore());
      yield* wait(one);
      seen.push(user.getStore());
      try {
        yield* wait(two);
      } catch {
        seen.push(user.getStore());
      }
    });
    const d = user.run("caller", () => body());
    user.run("firer", () => one.callback());
    two.errback(new RangeError());
    successResultOf(d);
    assert.deepEqual(seen, ["caller", "caller", "caller"]);
  });

  it("who fires has its own context back", () => {
    trackContext();
    const inner = new Deferred<void>();
    const body = inlineCallbacks(function* () {
      yield* wait(inner);
    });
    void user.run("caller", () => body());
    user.run("firer", () => {
      inner.callback();
      assert.equal(user.getStore(), "firer");
    });
  });
});
