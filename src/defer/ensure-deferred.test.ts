import { assert, describe, expectTypeOf, it } from "vitest";
import { failureResultOf, successResultOf } from "../testing/results.ts";
import { ensureDeferred, execute, succeed } from "./combinators.ts";
import { Deferred } from "./deferred.ts";
import { CancelledError } from "./errors.ts";
import { Failure } from "./failure.ts";
import { wait } from "./wait.ts";

describe("execute()", () => {
  it("gives the value, at once", () => {
    const d = execute((a: number, b: number) => a + b, 1, 2);
    expectTypeOf(d).toEqualTypeOf<Deferred<number>>();
    assert.equal(d.result, 3);
  });

  it("fails with what is thrown, or with the Failure that is returned", () => {
    const thrown = execute((): number => {
      throw new RangeError("thrown");
    });
    expectTypeOf(thrown).toEqualTypeOf<Deferred<number>>();
    failureResultOf(thrown, RangeError);
    const failure = new Failure(new RangeError("returned"));
    assert.equal(failureResultOf(execute(() => failure)), failure);
  });

  it("refuses a function that gives a Deferred: that is maybeDeferred()'s", () => {
    assert.throws(() => {
      void execute(() => succeed(1));
    }, TypeError);
  });
});

describe("ensureDeferred()", () => {
  it("returns a Deferred as it is", () => {
    const d = new Deferred<number>();
    expectTypeOf(ensureDeferred(d)).toEqualTypeOf<Deferred<number>>();
    assert.equal(ensureDeferred(d), d);
  });

  it("follows a promise; cancelled, it lets go of it", async () => {
    const d = ensureDeferred(Promise.resolve("text"));
    expectTypeOf(d).toEqualTypeOf<Deferred<string>>();
    assert.equal(await d, "text");
    const never = ensureDeferred(new Promise<number>(() => {}));
    never.cancel();
    failureResultOf(never, CancelledError);
  });

  it("runs a generator, at once", () => {
    const inner = new Deferred<number>();
    const d = ensureDeferred(
      (function* () {
        return 2 * (yield* wait(inner));
      })(),
    );
    expectTypeOf(d).toEqualTypeOf<Deferred<number>>();
    inner.callback(21);
    assert.equal(successResultOf(d), 42);
  });

  it("starts an async function, at once", async () => {
    const steps: string[] = [];
    const d = ensureDeferred(async (signal) => {
      steps.push("started");
      await Promise.resolve();
      return signal.aborted;
    });
    expectTypeOf(d).toEqualTypeOf<Deferred<boolean>>();
    assert.deepEqual(steps, ["started"]);
    assert.equal(await d, false);
  });

  it("an async function sees a cancel as the abort of its signal", () => {
    const reasons: unknown[] = [];
    const d = ensureDeferred(async (signal) => {
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      await new Promise(() => {});
    });
    d.cancel();
    failureResultOf(d, CancelledError);
    assert.lengthOf(reasons, 1);
    assert.instanceOf(reasons[0], CancelledError);
  });

  it("what an async function throws is the failure", async () => {
    const d = ensureDeferred(async () => {
      throw new RangeError("no");
    });
    expectTypeOf(d).toEqualTypeOf<Deferred<never>>();
    assert.equal(await d.addErrback((failure) => failure.type), "RangeError");
  });

  it("refuses anything else", () => {
    const given: unknown = 5;
    assert.throws(() => {
      void Reflect.apply(ensureDeferred, undefined, [given]);
    }, "Cannot make a Deferred of 5: expected a Deferred, a promise,");
    for (const other of [null, undefined, {}, "text"]) {
      assert.throws(() => {
        void Reflect.apply(ensureDeferred, undefined, [other]);
      }, TypeError);
    }
  });
});
