import { assert, describe, expectTypeOf, it } from "vitest";
import { capturedLogs } from "../logger/capture.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { fail, succeed } from "./combinators.ts";
import { Deferred } from "./deferred.ts";
import { DeferredList, type DeferredListOptions, type Outcome } from "./deferred-list.ts";
import type { Winner } from "./deferred-list.ts";
import { CancelledError } from "./errors.ts";
import type { Failure } from "./failure.ts";
import { FirstError } from "./group-errors.ts";
import { inlineCallbacks } from "./inline-callbacks.ts";
import { openLedger } from "./unhandled.ts";
import { wait } from "./wait.ts";

/** `[true, value]` or `[false, name of the error]`, for comparing. */
function shown(outcomes: readonly Outcome<unknown>[]): unknown[] {
  return outcomes.map((one) => (one.success ? [true, one.value] : [false, one.failure.type]));
}

/** Deferreds, and how often each was cancelled. */
function cancellable(count: number): { ds: readonly Deferred<number>[]; cancelled: number[] } {
  const cancelled = Array.from({ length: count }, () => 0);
  const ds = cancelled.map(
    (_, index) =>
      new Deferred<number>(() => {
        cancelled[index] = (cancelled[index] ?? 0) + 1;
      }),
  );
  return { ds, cancelled };
}

describe("DeferredList", () => {
  it("fires with the outcomes, in the order of the members", () => {
    const [a, b, c] = [new Deferred<number>(), new Deferred<string>(), new Deferred<void>()];
    const list = new DeferredList([a, b, c], { consumeErrors: true });
    c.callback();
    a.callback(1);
    assertNoResult(list);
    assert.isFalse(list.called);
    b.errback(new RangeError("no"));
    const outcomes = successResultOf(list);
    assert.deepEqual(shown(outcomes), [
      [true, 1],
      [false, "RangeError"],
      [true, undefined],
    ]);
    if (outcomes[0].success) expectTypeOf(outcomes[0].value).toEqualTypeOf<number>();
    else expectTypeOf(outcomes[0].failure).toEqualTypeOf<Failure>();
  });

  it("of nothing fires at once with [], with fireOnOneCallback never", () => {
    assert.deepEqual(successResultOf(new DeferredList([])), []);
    assert.deepEqual(successResultOf(new DeferredList([], { fireOnOneErrback: true })), []);
    assertNoResult(new DeferredList([], { fireOnOneCallback: true }));
  });

  it("takes promises and plain values", async () => {
    using ledger = openLedger();
    const refused = Promise.reject(new RangeError("no"));
    const outcomes = await new DeferredList([Promise.resolve("a"), 2, refused]);
    assert.deepEqual(shown(outcomes), [
      [true, "a"],
      [true, 2],
      [false, "RangeError"],
    ]);
    assert.lengthOf(ledger.flush(), 1);
  });

  it("takes members that have fired, and one member twice", () => {
    const d = succeed(1);
    assert.deepEqual(shown(successResultOf(new DeferredList([d, d]))), [
      [true, 1],
      [true, 1],
    ]);
  });

  it("leaves the members their results", () => {
    using ledger = openLedger();
    const [a, b] = [succeed(1), fail(new RangeError())];
    assert.lengthOf(successResultOf(new DeferredList([a, b])), 2);
    assert.equal(a.result, 1);
    assert.lengthOf(ledger.failures(), 1);
    failureResultOf(b, RangeError);
    assert.deepEqual(ledger.failures(), []);
  });

  it("consumeErrors counts the members' failures as handled", () => {
    using ledger = openLedger();
    const failed = fail(new RangeError());
    const list = new DeferredList([failed, fail(new TypeError())], { consumeErrors: true });
    assert.lengthOf(successResultOf(list), 2);
    assert.deepEqual(ledger.failures(), []);
    assert.isUndefined(failed.result);
  });

  it("fireOnOneCallback fires with the first value and its index", () => {
    const [a, b] = [new Deferred<number>(), new Deferred<string>()];
    const list = new DeferredList([a, b], { fireOnOneCallback: true });
    b.callback("first");
    assert.deepEqual(successResultOf(list), { index: 1, value: "first" });
    a.callback(1);
    assert.equal(a.result, 1);
  });

  it("fireOnOneCallback fires with all outcomes when all fail", () => {
    const members = [fail(new RangeError()), fail(new TypeError())];
    const list = new DeferredList(members, { fireOnOneCallback: true, consumeErrors: true });
    const outcomes = successResultOf(list);
    assert(Array.isArray(outcomes));
    assert.deepEqual(shown(outcomes), [
      [false, "RangeError"],
      [false, "TypeError"],
    ]);
  });

  it("fireOnOneErrback fails with a FirstError that names the member", () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const list = new DeferredList([a, b], { fireOnOneErrback: true, consumeErrors: true });
    b.errback(new RangeError("no"));
    const { value } = failureResultOf(list, FirstError);
    assert(value instanceof FirstError);
    assert.equal(value.index, 1);
    assert.equal(value.subFailure.type, "RangeError");
    assert.equal(value.cause, value.subFailure.value);
    assert.equal(value.message, "Deferred 1 failed: RangeError: no");
    assert.equal(value.code, "ERR_FIRST_ERROR");
    a.errback(new TypeError("late"));
    assert.isUndefined(a.result);
  });

  it("fires inside the call that fires the last member", () => {
    const d = new Deferred<number>();
    const seen: string[] = [];
    void new DeferredList([d]).addCallback(() => seen.push("list"));
    void d.addCallback(() => seen.push("member"));
    d.callback(1);
    seen.push("after");
    assert.deepEqual(seen, ["list", "member", "after"]);
  });

  it("has the types of its members, as its options say", () => {
    using ledger = openLedger();
    const members = [succeed(1), Promise.resolve("s")] as const;
    expectTypeOf<Awaited<DeferredList<typeof members>>>().toEqualTypeOf<
      [Outcome<number>, Outcome<string>]
    >();
    const first = new DeferredList(members, { fireOnOneCallback: true });
    expectTypeOf<Awaited<typeof first>>().toEqualTypeOf<
      | { readonly index: 0; readonly value: number }
      | { readonly index: 1; readonly value: string }
      | [Outcome<number>, Outcome<string>]
    >();
    const never = new DeferredList(members, { fireOnOneCallback: false, consumeErrors: true });
    expectTypeOf<Awaited<typeof never>>().toEqualTypeOf<[Outcome<number>, Outcome<string>]>();
    const options: DeferredListOptions = {};
    const unknown = new DeferredList(members, options);
    expectTypeOf<Awaited<typeof unknown>>().toEqualTypeOf<
      Winner<typeof members> | [Outcome<number>, Outcome<string>]
    >();
    const many = new DeferredList([1, 2].map(succeed));
    expectTypeOf<Awaited<typeof many>>().toEqualTypeOf<Outcome<number>[]>();
    assert.deepEqual(ledger.failures(), []);
  });
});

describe("DeferredList: cancel()", () => {
  it("cancels every member, and fires with what they came to", () => {
    const { ds, cancelled } = cancellable(3);
    const list = new DeferredList(ds, { consumeErrors: true });
    ds[1]?.callback(7);
    list.cancel();
    assert.deepEqual(cancelled, [1, 0, 1]);
    assert.deepEqual(shown(successResultOf(list)), [
      [false, "CancelledError"],
      [true, 7],
      [false, "CancelledError"],
    ]);
  });

  it("does nothing once it has fired", () => {
    const { ds, cancelled } = cancellable(2);
    const list = new DeferredList(ds, { fireOnOneCallback: true });
    ds[0]?.callback(1);
    list.cancel();
    assert.deepEqual(cancelled, [0, 0]);
    assert.deepEqual(successResultOf(list), { index: 0, value: 1 });
  });

  it("waits for members that need longer; a second cancel reaches them again", () => {
    using ledger = openLedger();
    const closed = new Deferred<string>();
    const slow = inlineCallbacks(function* () {
      try {
        return yield* wait(new Deferred<string>());
      } catch {
        return yield* wait(closed);
      }
    });
    const list = new DeferredList([slow(), slow()]);
    list.cancel();
    assertNoResult(list);
    assert.deepEqual(ledger.failures(), []);
    closed.callback("closed");
    assert.deepEqual(shown(successResultOf(list)), [
      [true, "closed"],
      [true, "closed"],
    ]);
    const again = new DeferredList([slow(), new Deferred<string>()], { consumeErrors: true });
    again.cancel();
    again.cancel();
    assert.lengthOf(successResultOf(again), 2);
  });

  it("reaches the list through a Deferred that waits for it", () => {
    const { ds, cancelled } = cancellable(2);
    const outer = succeed(0).addCallback(() => new DeferredList(ds, { consumeErrors: true }));
    outer.cancel();
    assert.deepEqual(cancelled, [1, 1]);
    assert.lengthOf(successResultOf(outer), 2);
  });

  it("asks the others when one canceller throws", () => {
    const { ds, cancelled } = cancellable(1);
    const bad = new Deferred<number>(() => {
      throw new RangeError("cannot");
    });
    const list = new DeferredList([bad, ...ds], { consumeErrors: true });
    const logged = capturedLogs(() => list.cancel());
    assert.deepEqual(
      logged.map(({ log_level }) => log_level),
      ["critical"],
    );
    assert.deepEqual(cancelled, [1]);
    assertNoResult(list);
    bad.callback(1);
    assert.deepEqual(shown(successResultOf(list)), [
      [true, 1],
      [false, "CancelledError"],
    ]);
  });

  it("with fireOnOneErrback ends in CancelledError, and what came first is the cause", () => {
    const { ds, cancelled } = cancellable(2);
    const list = new DeferredList(ds, { fireOnOneErrback: true, consumeErrors: true });
    list.cancel();
    assert.deepEqual(cancelled, [1, 1]);
    const { value } = failureResultOf(list, CancelledError);
    assert.instanceOf(value.cause, FirstError);
  });
});
