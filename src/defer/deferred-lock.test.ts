import { assert, describe, expectTypeOf, it } from "vitest";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { Deferred } from "./deferred.ts";
import { DeferredLock } from "./deferred-lock.ts";
import { DeferredSemaphore } from "./deferred-semaphore.ts";
import { CancelledError } from "./errors.ts";
import { NotAcquiredError } from "./hold.ts";
import { openLedger } from "./unhandled.ts";

/** A semaphore of one token is a lock, so that most of what a lock promises holds for both. */
const KINDS = [
  ["DeferredLock", () => new DeferredLock()],
  ["DeferredSemaphore(1)", () => new DeferredSemaphore(1)],
] as const;

describe.each(KINDS)("%s", (_name, make) => {
  it("is there at once for the first", () => {
    const lock = make();
    const seen: unknown[] = [];
    void lock.acquire().addCallback((given: unknown) => seen.push(given));
    assert.deepEqual(seen, [lock]);
  });

  it("goes to those who wait, in order, inside release()", () => {
    const lock = make();
    const seen: string[] = [];
    for (const name of ["a", "b", "c"]) void lock.acquire().addCallback(() => seen.push(name));
    assert.deepEqual(seen, ["a"]);
    assert.equal(lock.waiting, 2);
    lock.release();
    assert.deepEqual(seen, ["a", "b"]);
    lock.release();
    assert.deepEqual(seen, ["a", "b", "c"]);
    lock.release();
    assert.equal(lock.waiting, 0);
  });

  it("cannot be released by nobody", () => {
    const lock = make();
    assert.throws(() => lock.release(), NotAcquiredError);
    successResultOf<unknown>(lock.acquire());
    lock.release();
    assert.throws(() => lock.release(), NotAcquiredError, "Cannot release what is not held");
    successResultOf<unknown>(lock.acquire());
  });

  it("a cancel leaves the line, wherever one stands in it", () => {
    const lock = make();
    const [first, ...others] = Array.from({ length: 6 }, () => lock.acquire());
    assert(first !== undefined);
    for (const at of [0, 2, 4]) {
      const waiting = others[at];
      assert(waiting !== undefined);
      waiting.cancel();
      failureResultOf(waiting, CancelledError);
    }
    assert.equal(lock.waiting, 2);
    lock.release();
    const fired = others.map(({ called, result }) => called && result !== undefined);
    assert.deepEqual(fired, [false, true, false, false, false]);
  });

  it("a cancel by one who has it does nothing", () => {
    const lock = make();
    const first = lock.acquire();
    const second = lock.acquire();
    first.cancel();
    assertNoResult(second);
    lock.release();
    second.cancel();
    assertNoResult(lock.acquire());
  });

  it("passes over one whom somebody else has fired", () => {
    const lock = make();
    successResultOf<unknown>(lock.acquire());
    const [second, third] = [lock.acquire(), lock.acquire()];
    second.errback(new RangeError());
    failureResultOf(second, RangeError);
    lock.release();
    assert.isTrue(third.called);
  });

  it("needs no stack for 100,000 who release at once", () => {
    const lock = make();
    const steps = 100_000;
    successResultOf<unknown>(lock.acquire());
    let ran = 0;
    let last = new Deferred<number>();
    for (let step = 0; step < steps; step += 1) last = lock.run(() => (ran += 1));
    lock.release();
    assert.equal(ran, steps);
    assert.equal(successResultOf(last), steps);
  });

  it("a release inside a hand-over hands over when that one's callbacks are through", () => {
    const lock = make();
    successResultOf<unknown>(lock.acquire());
    const seen: string[] = [];
    void lock.acquire().addCallback(() => {
      lock.release();
      seen.push("released, and still in my callback");
    });
    void lock.acquire().addCallback(() => seen.push("next"));
    lock.release();
    assert.deepEqual(seen, ["released, and still in my callback", "next"]);
    lock.release();
  });

  it("cannot be released twice inside a hand-over either", () => {
    const lock = make();
    successResultOf<unknown>(lock.acquire());
    const twice = lock.acquire().addCallback(() => {
      lock.release();
      lock.release();
    });
    const next = lock.acquire();
    lock.release();
    failureResultOf(twice, NotAcquiredError);
    assert.isTrue(next.called);
  });

  it("one who cancels while the token is on the way to it does not keep it", () => {
    const lock = make();
    successResultOf<unknown>(lock.acquire());
    const second = lock.acquire();
    const third = lock.acquire();
    void second.addCallback(() => {
      lock.release();
      third.cancel();
    });
    lock.release();
    failureResultOf(third, CancelledError);
    assert.isTrue(lock.acquire().called);
  });
});

describe.each(KINDS)("%s: run() and hold()", (_name, make) => {
  it("run() calls the function with the arguments, and releases when it is through", () => {
    const lock = make();
    const working = new Deferred<number>();
    const first = lock.run((a: number, b: number) => working.addCallback((c) => a + b + c), 1, 2);
    expectTypeOf(first).toEqualTypeOf<Deferred<number>>();
    const second = lock.run(() => "second");
    expectTypeOf(second).toEqualTypeOf<Deferred<string>>();
    assertNoResult(second);
    working.callback(39);
    assert.equal(successResultOf(first), 42);
    assert.equal(successResultOf(second), "second");
    assert.isTrue(lock.acquire().called);
  });

  it("run() waits for a promise", async () => {
    const lock = make();
    const steps: string[] = [];
    const first = lock.run(async () => {
      await Promise.resolve();
      steps.push("first");
    });
    const second = lock.run(() => steps.push("second"));
    await second;
    await first;
    assert.deepEqual(steps, ["first", "second"]);
  });

  it("run() releases after an exception and after a failure", () => {
    using ledger = openLedger();
    const lock = make();
    const thrown = lock.run(() => {
      throw new RangeError();
    });
    failureResultOf(thrown, RangeError);
    const failing = new Deferred<void>();
    const failed = lock.run(() => failing);
    failing.errback(new TypeError());
    failureResultOf(failed, TypeError);
    assert.equal(successResultOf(lock.run(() => "free")), "free");
    assert.deepEqual(ledger.failures(), []);
  });

  it("run(), cancelled while it waits, leaves the line: the function is not called", () => {
    const lock = make();
    successResultOf<unknown>(lock.acquire());
    const called: string[] = [];
    const waiting = lock.run(() => called.push("called"));
    waiting.cancel();
    failureResultOf(waiting, CancelledError);
    lock.release();
    assert.deepEqual(called, []);
    assert.isTrue(lock.acquire().called);
  });

  it("run(), cancelled while the function works, cancels that, then releases", () => {
    const lock = make();
    const seen: string[] = [];
    const working = lock.run(() => new Deferred<void>(() => void seen.push("canceller")));
    void lock.acquire().addCallback(() => seen.push("next"));
    working.cancel();
    assert.deepEqual(seen, ["canceller", "next"]);
    failureResultOf(working, CancelledError);
  });

  it("hold() releases at the end of the block, once", async () => {
    const lock = make();
    {
      await using held = await lock.hold();
      assert.isTrue(held.held);
      assertNoResult(lock.acquire());
    }
    lock.release(); // The one that waited in the block.
    {
      using held = await lock.hold();
      held.release();
      held.release();
      assert.isFalse(held.held);
      successResultOf<unknown>(lock.acquire());
    }
    assertNoResult(lock.acquire());
  });

  it("hold() is released when the block ends with an exception", async () => {
    const lock = make();
    const work = async (): Promise<never> => {
      await using held = await lock.hold();
      throw new RangeError(`inside, held: ${String(held.held)}`);
    };
    assert.instanceOf(await work().catch((error: unknown) => error), RangeError);
    assert.isTrue(lock.acquire().called);
  });
});

describe("DeferredLock", () => {
  it("locked tells whether somebody holds it", () => {
    const lock = new DeferredLock();
    assert.isFalse(lock.locked);
    expectTypeOf(lock.acquire()).toEqualTypeOf<Deferred<DeferredLock>>();
    assert.isTrue(lock.locked);
    const waiting = lock.acquire();
    lock.release();
    assert.isTrue(lock.locked);
    assert.equal(successResultOf(waiting), lock);
    lock.release();
    assert.isFalse(lock.locked);
  });
});

describe("DeferredSemaphore", () => {
  it("has so many tokens", () => {
    const semaphore = new DeferredSemaphore(3);
    assert.equal(semaphore.limit, 3);
    expectTypeOf(semaphore.acquire()).toEqualTypeOf<Deferred<DeferredSemaphore>>();
    assert.equal(semaphore.tokens, 2);
    assert.equal(successResultOf(semaphore.acquire()), semaphore);
    successResultOf(semaphore.acquire());
    const fourth = semaphore.acquire();
    assertNoResult(fourth);
    assert.equal(semaphore.tokens, 0);
    semaphore.release();
    assert.equal(successResultOf(fourth), semaphore);
    assert.equal(semaphore.tokens, 0);
    for (let times = 0; times < 3; times += 1) semaphore.release();
    assert.equal(semaphore.tokens, 3);
    assert.throws(() => semaphore.release(), NotAcquiredError);
    assert.equal(semaphore.tokens, 3);
  });

  it("lets so many run at the same time, and no more", () => {
    const semaphore = new DeferredSemaphore(3);
    const working: Deferred<void>[] = [];
    for (let job = 0; job < 10; job += 1) {
      void semaphore.run(() => {
        const work = new Deferred<void>();
        working.push(work);
        return work;
      });
    }
    for (let done = 0; done < 10; done += 1) {
      assert.lengthOf(working, Math.min(10, done + 3));
      working[done]?.callback();
    }
    assert.equal(semaphore.tokens, 3);
  });

  it("a token that nobody waits for is free at once, also inside a hand-over", () => {
    const semaphore = new DeferredSemaphore(2);
    for (let times = 0; times < 2; times += 1) successResultOf(semaphore.acquire());
    const seen: unknown[] = [];
    void semaphore.acquire().addCallback(() => {
      semaphore.release(); // On its way to the last one.
      seen.push(semaphore.tokens);
      semaphore.release();
      seen.push(semaphore.tokens, semaphore.acquire().called);
    });
    void semaphore.acquire().addCallback(() => seen.push("last"));
    semaphore.release();
    assert.deepEqual(seen, [0, 1, true, "last"]);
  });

  it("is made with a whole number of at least one token", () => {
    for (const tokens of [0, -1, 1.5, NaN, Infinity]) {
      assert.throws(() => new DeferredSemaphore(tokens), RangeError, "expected at least 1 token");
    }
  });
});
