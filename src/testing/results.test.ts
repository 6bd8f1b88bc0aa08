import { assert, describe, it } from "vitest";
import { SennitError } from "../core/errors.ts";
import { fail, succeed } from "../defer/combinators.ts";
import { Deferred } from "../defer/deferred.ts";
import { CancelledError, TimeoutError } from "../defer/errors.ts";
import { openLedger } from "../defer/unhandled.ts";
import { assertNoResult, failureResultOf, successResultOf } from "./results.ts";

class Boom extends Error {
  override readonly name: string = "Boom";
}

/** What the assertion throws. */
function complaintOf(assertion: () => unknown): Error {
  try {
    assertion();
  } catch (error) {
    assert(error instanceof Error);
    return error;
  }
  return assert.fail("expected a complaint");
}

/** A Deferred that waits for another one, and one that is paused: neither has a result. */
function withoutResult(): readonly Deferred<number>[] {
  const paused = succeed(1);
  paused.pause();
  return [new Deferred(), succeed(0).addCallback(() => new Deferred<number>()), paused];
}

describe("successResultOf()", () => {
  it("gives the value without a turn of the loop, and takes it out", () => {
    const d = succeed({ some: "value" });
    assert.deepEqual(successResultOf(d), { some: "value" });
    assert.equal(d.result, undefined);
    for (const value of [undefined, null, 0, "", false]) {
      assert.equal(successResultOf(succeed<unknown>(value)), value);
    }
  });

  it("complains of no result, and says what it waits for", () => {
    for (const d of withoutResult()) {
      const { message } = complaintOf(() => successResultOf(d));
      assert.match(message, /^Expected a success, found no result:\nDeferred: /u);
    }
  });

  it("leaves a Deferred without a result as it was", () => {
    const d = new Deferred<number>();
    complaintOf(() => successResultOf(d));
    d.callback(7);
    assert.equal(successResultOf(d), 7);
  });

  it("complains of a failure, which is the cause and counts as handled", () => {
    using ledger = openLedger();
    const error = new Boom("why");
    const complaint = complaintOf(() => successResultOf(fail(error)));
    assert.equal(complaint.message, "Expected a success, found [Failure Boom: why]");
    assert.equal(complaint.cause, error);
    assert.deepEqual(ledger.failures(), []);
  });
});

describe("failureResultOf()", () => {
  it("gives the failure, which counts as handled", () => {
    using ledger = openLedger();
    const error = new Boom("why");
    assert.equal(failureResultOf(fail(error)).value, error);
    assert.equal(failureResultOf(fail(error), Boom).value, error);
    assert.deepEqual(ledger.failures(), []);
  });

  it("takes any of several classes, abstract ones too", () => {
    failureResultOf(fail(new CancelledError()), RangeError, CancelledError);
    failureResultOf(fail(new CancelledError()), SennitError);
  });

  it("complains of another class, which is the cause and counts as handled", () => {
    using ledger = openLedger();
    const error = new Boom("why");
    const complaint = complaintOf(() =>
      failureResultOf(fail(error), RangeError, CancelledError, TimeoutError),
    );
    assert.equal(
      complaint.message,
      "Expected RangeError or CancelledError or TimeoutError, found [Failure Boom: why]",
    );
    assert.equal(complaint.cause, error);
    assert.deepEqual(ledger.failures(), []);
  });

  it("complains of a value and of no result", () => {
    assert.match(complaintOf(() => failureResultOf(succeed(1))).message, /found a success/u);
    for (const d of withoutResult()) {
      assert.match(complaintOf(() => failureResultOf(d)).message, /found no result/u);
    }
  });
});

describe("assertNoResult()", () => {
  it("is content with none, and does not touch the Deferred", () => {
    for (const d of withoutResult()) assertNoResult(d);
    const d = new Deferred<number>();
    assertNoResult(d);
    d.callback(7);
    assert.equal(successResultOf(d), 7);
  });

  it("complains of a value or a failure, which stay for those who come after", () => {
    const d = succeed(7);
    assert.match(complaintOf(() => assertNoResult(d)).message, /^Expected no result yet:\n/u);
    assert.equal(successResultOf(d), 7);
    const failed = fail(new Boom());
    complaintOf(() => assertNoResult(failed));
    failureResultOf(failed, Boom);
  });
});
