import { assert, describe, expectTypeOf, it } from "vitest";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Clock } from "../../testing/clock.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import { deferLater, sleep } from "./defer-later.ts";

describe("deferLater()", () => {
  it("calls after the delay, with the arguments, and fires with the result", () => {
    const clock = new Clock();
    const d = deferLater(clock, 2, (a: number, b: string) => `${String(a)}${b}`, 1, "x");
    expectTypeOf(d).toEqualTypeOf<Deferred<string>>();
    clock.advance(1);
    assertNoResult(d);
    clock.advance(1);
    assert.equal(successResultOf(d), "1x");
  });

  it("fails with what the function throws", () => {
    const clock = new Clock();
    const d = deferLater(clock, 1, () => {
      throw new RangeError("no");
    });
    clock.advance(1);
    failureResultOf(d, RangeError);
  });

  it("refuses a negative delay", () => {
    assert.throws(() => void deferLater(new Clock(), -1, () => 1), RangeError);
  });

  it("cancelled before, does not call", () => {
    const clock = new Clock();
    const d = deferLater(clock, 1, () => assert.fail("called"));
    d.cancel();
    failureResultOf(d, CancelledError);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("cancelled later, cancels the Deferred that the function returned", () => {
    const clock = new Clock();
    let cancelled = 0;
    const d = deferLater(
      clock,
      1,
      () =>
        new Deferred<void>(() => {
          cancelled += 1;
        }),
    );
    clock.advance(1);
    d.cancel();
    assert.equal(cancelled, 1);
    failureResultOf(d, CancelledError);
  });
});

describe("sleep()", () => {
  it("fires after its time", () => {
    const clock = new Clock();
    const d = sleep(clock, 1);
    assertNoResult(d);
    clock.advance(1);
    assert.isUndefined(successResultOf(d));
  });

  it("is cut short by a signal, which says why, and lets the signal go", () => {
    const clock = new Clock();
    const controller = new AbortController();
    const slept = sleep(clock, 1, { signal: controller.signal });
    clock.advance(1);
    successResultOf(slept);
    const d = sleep(clock, 1, { signal: controller.signal });
    controller.abort(new Error("enough"));
    const failure = failureResultOf(d, CancelledError);
    assert.strictEqual(failure.value.cause, controller.signal.reason);
    assert.deepEqual(clock.getDelayedCalls(), []);
    failureResultOf(sleep(clock, 1, { signal: controller.signal }), CancelledError);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });
});
