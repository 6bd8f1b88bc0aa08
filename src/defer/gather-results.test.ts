import { assert, describe, expectTypeOf, it } from "vitest";
import { Clock } from "../testing/clock.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { fail } from "./combinators.ts";
import { Deferred } from "./deferred.ts";
import { CancelledError, TimeoutError } from "./errors.ts";
import { gatherResults } from "./gather-results.ts";
import { FirstError } from "./group-errors.ts";
import { openLedger } from "./unhandled.ts";

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

describe("gatherResults()", () => {
  it("gives the values, in the order of the members, with their types", async () => {
    const [a, b] = [new Deferred<number>(), new Deferred<string>()];
    const both = gatherResults([a, b, true]);
    expectTypeOf(both).toEqualTypeOf<Deferred<[number, string, true]>>();
    b.callback("s");
    assertNoResult(both);
    a.callback(1);
    assert.deepEqual(successResultOf(both), [1, "s", true]);
    const many = gatherResults([1, 2].map((n) => Promise.resolve(n)));
    expectTypeOf(many).toEqualTypeOf<Deferred<number[]>>();
    assert.deepEqual(await many, [1, 2]);
    assert.deepEqual(successResultOf(gatherResults([])), []);
  });

  it("fails with the first error, and leaves the others alone", () => {
    using ledger = openLedger();
    const { ds, cancelled } = cancellable(3);
    const all = gatherResults(ds);
    ds[1]?.errback(new RangeError("no"));
    const { value } = failureResultOf(all, FirstError);
    assert(value instanceof FirstError);
    assert.equal(value.index, 1);
    assert.deepEqual(cancelled, [0, 0, 0]);
    assert.deepEqual(
      ledger.flush().map(({ type }) => type),
      ["RangeError"],
    );
  });

  it("consumeErrors counts the members' failures as handled", () => {
    using ledger = openLedger();
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const all = gatherResults([a, b], { consumeErrors: true });
    a.errback(new RangeError());
    b.errback(new TypeError());
    failureResultOf(all, FirstError);
    assert.deepEqual(ledger.failures(), []);
  });

  it("cancelOnFailure cancels the others before anybody hears of the failure", () => {
    using ledger = openLedger();
    const { ds, cancelled } = cancellable(3);
    const seen: number[][] = [];
    const all = gatherResults(ds, { cancelOnFailure: true }).addBoth((result) => {
      seen.push([...cancelled]);
      return result;
    });
    ds[2]?.errback(new RangeError());
    assert.deepEqual(seen, [[1, 1, 0]]);
    const { value } = failureResultOf(all, FirstError);
    assert(value instanceof FirstError);
    assert.equal(value.index, 2);
    assert.deepEqual(ledger.failures(), []);
  });

  it("cancelOnFailure cancels members that come after one that has failed already", () => {
    const { ds, cancelled } = cancellable(2);
    const all = gatherResults([fail(new RangeError()), ...ds], { cancelOnFailure: true });
    assert.deepEqual(cancelled, [1, 1]);
    failureResultOf(all, FirstError);
  });

  it("cancelOnFailure without consumeErrors reports every failure, cancelled ones too", () => {
    using ledger = openLedger();
    const { ds } = cancellable(2);
    const all = gatherResults(ds, { cancelOnFailure: true, consumeErrors: false });
    ds[0]?.errback(new RangeError());
    failureResultOf(all, FirstError);
    assert.deepEqual(
      ledger
        .flush()
        .map(({ type }) => type)
        .sort(),
      ["CancelledError", "RangeError"],
    );
  });

  it("cancelled, it cancels every member and ends in CancelledError", () => {
    using ledger = openLedger();
    const { ds, cancelled } = cancellable(3);
    const all = gatherResults(ds, { consumeErrors: true });
    all.cancel();
    assert.deepEqual(cancelled, [1, 1, 1]);
    failureResultOf(all, CancelledError);
    assert.deepEqual(ledger.failures(), []);
  });

  it("with addTimeout() it ends in TimeoutError", () => {
    const clock = new Clock();
    const { ds, cancelled } = cancellable(2);
    const all = gatherResults(ds, { consumeErrors: true }).addTimeout(5, clock);
    clock.advance(5);
    assert.deepEqual(cancelled, [1, 1]);
    failureResultOf(all, TimeoutError);
  });
});
