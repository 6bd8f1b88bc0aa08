import { assert, describe, it } from "vitest";
import { AssertionError } from "../../core/assert.ts";
import { Deferred } from "../../defer/deferred.ts";
import { getDebugging, setDebugging } from "../../defer/debugging.ts";
import { openLedger } from "../../defer/unhandled.ts";
import { captureLogs } from "../../logger/capture.ts";
import { Logger } from "../../logger/logger.ts";
import { catchLoggedErrors, flushLoggedErrors } from "./logged-errors.ts";

const log = new Logger({ namespace: "sennit.test.kit" });

function messages(failures: ReturnType<typeof flushLoggedErrors>): readonly string[] {
  return failures.map(({ value }) => `${value.name}: ${value.message}`);
}

function failed(error: Error): void {
  new Deferred().errback(error);
}

describe("catchLoggedErrors()", () => {
  it("ends well when nothing, or nothing bad, was logged", () => {
    using errors = catchLoggedErrors();
    log.info("all is well");
    log.warn("nearly");
    assert.deepEqual(errors.events, []);
  });

  it("fails at its end, naming what was logged and where it was thrown", () => {
    const fail = (): void => {
      using errors = catchLoggedErrors();
      log.error("no {what}", { what: "tea" });
      log.failure("it broke", new RangeError("too far"));
      assert.equal(errors.events.length, 2);
    };
    assert.throws(fail, AssertionError, /found 2 things:[^]*\[sennit\.test\.kit\] no tea\n/u);
    assert.throws(fail, /it broke: RangeError: too far\n {6}at .*logged-errors\.test\.ts/u);
  });

  it("fails at its end for a failure that nobody handled, and names its Deferred's maker", () => {
    const before = getDebugging();
    setDebugging(true);
    const fail = (): void => {
      using _ = catchLoggedErrors();
      failed(new RangeError("unheard"));
    };
    try {
      assert.throws(fail, /an unhandled failure of a Deferred: RangeError: unheard\n/u);
      assert.throws(fail, /its Deferred was made here:\n {6}at failed /u);
    } finally {
      setDebugging(before);
    }
  });

  it("leaves no error for those around it, and leaves alone what was there before", () => {
    using outer = catchLoggedErrors();
    log.failure("before", new TypeError("outer"));
    assert.throws(() => {
      using _ = catchLoggedErrors();
      log.failure("inside", new TypeError("inner"));
    }, /found 1 thing:[^]*inner/u);
    assert.deepEqual(messages(outer.flush()), ["TypeError: outer"]);
  });

  it("ends once, and catches nothing afterwards", () => {
    const errors = catchLoggedErrors();
    errors[Symbol.dispose]();
    {
      using logs = captureLogs();
      using ledger = openLedger();
      log.error("later");
      failed(new Error("later"));
      assert.equal(logs.events.length, 1);
      assert.equal(ledger.flush().length, 1);
    }
    assert.deepEqual(errors.events, []);
    errors[Symbol.dispose]();
  });
});

describe("flushLoggedErrors()", () => {
  it("takes those of the classes, subclasses included, logged or unhandled, and no others", () => {
    using _ = catchLoggedErrors();
    class Narrow extends RangeError {}
    log.failure("one", new RangeError("one"));
    log.failure("two", new TypeError("two"));
    log.failure("three", new Narrow("three"));
    log.error("text");
    failed(new RangeError("four"));
    failed(new SyntaxError("five"));
    const ranges = messages(flushLoggedErrors(RangeError));
    assert.deepEqual(ranges, ["RangeError: one", "RangeError: three", "RangeError: four"]);
    assert.deepEqual(messages(flushLoggedErrors(SyntaxError)), ["SyntaxError: five"]);
    assert.deepEqual(messages(flushLoggedErrors()), ["TypeError: two", "Error: text"]);
    assert.deepEqual(flushLoggedErrors(), []);
  });

  it("reaches the scopes around the innermost one", () => {
    using outer = catchLoggedErrors();
    log.failure("before", new RangeError("outer"));
    {
      using _ = catchLoggedErrors();
      log.failure("inside", new RangeError("inner"));
      const all = messages(flushLoggedErrors(RangeError));
      assert.deepEqual(all, ["RangeError: outer", "RangeError: inner"]);
    }
    assert.deepEqual(outer.events, []);
  });

  it("says that there is no scope", () => {
    assert.throws(() => flushLoggedErrors(), "Cannot flush logged errors");
  });

  it("of one scope takes what came since it began", () => {
    using _ = catchLoggedErrors();
    log.failure("before", new RangeError("outer"));
    using inner = catchLoggedErrors();
    log.failure("inside", new RangeError("inner"));
    assert.deepEqual(messages(inner.flush()), ["RangeError: inner"]);
    assert.deepEqual(messages(flushLoggedErrors()), ["RangeError: outer"]);
  });
});
