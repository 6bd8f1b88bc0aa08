import { assert, describe, expectTypeOf, it } from "vitest";
import { Clock } from "../testing/clock.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { fail, succeed } from "./combinators.ts";
import { Deferred } from "./deferred.ts";
import { CancelledError, TimeoutError } from "./errors.ts";
import { FailureGroup } from "./group-errors.ts";
import { inlineCallbacks } from "./inline-callbacks.ts";
import { race } from "./race.ts";
import { openLedger } from "./unhandled.ts";
import { wait } from "./wait.ts";

describe("race()", () => {
  it("fires with the index and the value of the first, at once", () => {
    const [a, b] = [new Deferred<number>(), new Deferred<string>()];
    const first = race([a, b]);
    assertNoResult(first);
    b.callback("s");
    const winner = successResultOf(first);
    assert.deepEqual(winner, { index: 1, value: "s" });
    expectTypeOf(winner).toEqualTypeOf<
      { readonly index: 0; readonly value: number } | { readonly index: 1; readonly value: string }
    >();
    if (winner.index === 0) expectTypeOf(winner.value).toEqualTypeOf<number>();
    else expectTypeOf(winner.value).toEqualTypeOf<string>();
  });

  it("of any number has one type", () => {
    const first = race([1, 2].map(succeed));
    expectTypeOf(first).toEqualTypeOf<
      Deferred<{ readonly index: number; readonly value: number }>
    >();
    assert.deepEqual(successResultOf(first), { index: 0, value: 1 });
  });

  it("takes promises and plain values", async () => {
    assert.deepEqual(await race([new Deferred(), Promise.resolve("p")]), { index: 1, value: "p" });
    assert.deepEqual(successResultOf(race([new Promise(() => {}), 7])), { index: 1, value: 7 });
  });

  it("cancels the losers before it fires, and not the winner", () => {
    using ledger = openLedger();
    const steps: string[] = [];
    const ds = ["a", "b", "c"].map((name) => new Deferred<number>(() => void steps.push(name)));
    const first = race(ds).addCallback((winner) => {
      steps.push("fired");
      return winner;
    });
    ds[1]?.callback(1);
    assert.deepEqual(steps, ["a", "c", "fired"]);
    assert.deepEqual(successResultOf(first), { index: 1, value: 1 });
    assert.deepEqual(ledger.failures(), []);
  });

  it("does not wait for losers that need longer; what they end with is dropped", () => {
    using ledger = openLedger();
    const closing = new Deferred<void>();
    const loser = inlineCallbacks(function* () {
      try {
        yield* wait(new Deferred());
      } finally {
        yield* wait(closing);
      }
    })();
    const winner = new Deferred<number>();
    const first = race([loser, winner]);
    winner.callback(1);
    assert.deepEqual(successResultOf(first), { index: 1, value: 1 });
    closing.errback(new RangeError("while closing"));
    assert.isTrue(loser.called);
    assert.deepEqual(ledger.failures(), []);
  });

  it("a loser that answers its cancel with a value comes too late", () => {
    const a = new Deferred<number>((d) => d.callback(1));
    const b = new Deferred<number>();
    const first = race([a, b]);
    b.callback(2);
    assert.deepEqual(successResultOf(first), { index: 1, value: 2 });
    assert.equal(a.result, 1);
  });

  it("goes on while one member is left", () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const first = race([a, b]);
    a.errback(new RangeError());
    assertNoResult(first);
    b.callback(2);
    assert.deepEqual(successResultOf(first), { index: 1, value: 2 });
  });

  it("fails with all failures, in the order of the members, when all have failed", () => {
    using ledger = openLedger();
    const [a, b, c] = [new Deferred<number>(), fail(new TypeError("b")), new Deferred<number>()];
    const first = race([a, b, c]);
    c.errback(new RangeError("c"));
    assertNoResult(first);
    a.errback(new SyntaxError("a"));
    const { value } = failureResultOf(first, FailureGroup);
    assert(value instanceof FailureGroup);
    assert.deepEqual(
      value.failures.map(({ type }) => type),
      ["SyntaxError", "TypeError", "RangeError"],
    );
    assert.equal(value.message, "All of 3 failed: SyntaxError: a; TypeError: b; RangeError: c");
    assert.equal(value.errors[0]?.message, "a");
    assert.deepEqual(ledger.failures(), []);
  });

  it("of nothing fails at once", () => {
    const { value } = failureResultOf(race([]), FailureGroup);
    assert.equal(value.message, "Cannot race: expected at least one Deferred, got none");
    assert(value instanceof FailureGroup);
    assert.deepEqual(value.failures, []);
  });
});

describe("race(): cancel()", () => {
  it("cancels every member, and ends in CancelledError; the group is the cause", () => {
    using ledger = openLedger();
    const cancelled: string[] = [];
    const ds = ["a", "b"].map((name) => new Deferred<number>(() => void cancelled.push(name)));
    const first = race(ds);
    first.cancel();
    assert.deepEqual(cancelled, ["a", "b"]);
    const { value } = failureResultOf(first, CancelledError);
    assert.instanceOf(value.cause, FailureGroup);
    assert.deepEqual(ledger.failures(), []);
  });

  it("a member that answers with a value wins all the same", () => {
    const stubborn = new Deferred<number>((d) => d.callback(1));
    const first = race([new Deferred<number>(), stubborn]);
    first.cancel();
    assert.deepEqual(successResultOf(first), { index: 1, value: 1 });
  });

  it("with addTimeout() it ends in TimeoutError", () => {
    const clock = new Clock();
    const first = race([new Deferred(), new Deferred()]).addTimeout(1, clock);
    clock.advance(1);
    failureResultOf(first, TimeoutError);
  });
});

describe("FailureGroup", () => {
  it("tells the first few of many", () => {
    const members = Array.from({ length: 10 }, (_, index) => fail(new Error(String(index))));
    const { value } = failureResultOf(race(members), FailureGroup);
    assert.equal(
      value.message,
      "All of 10 failed: Error: 0; Error: 1; Error: 2; Error: 3; and 6 more",
    );
  });
});
