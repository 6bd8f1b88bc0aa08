import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert, describe, it } from "vitest";
import { captureLogs, type LogCapture } from "../logger/capture.ts";
import type { LogEvent } from "../logger/event.ts";
import { fail, maybeDeferred, succeed } from "./combinators.ts";
import { setDebugging } from "./debugging.ts";
import { Deferred } from "./deferred.ts";
import { Failure } from "./failure.ts";
import { openLedger, reportUnhandledFailures } from "./unhandled.ts";

class Boom extends Error {
  override readonly name: string = "Boom";
}

let serial = 0;

/** An error that no other test of the process can have left behind. */
function unique(): Boom {
  serial += 1;
  return new Boom(`unhandled test error ${String(serial)} of ${import.meta.url}`);
}

/** The events about this error; those about others stay. */
function reportsOf(logs: LogCapture, error: Error): readonly LogEvent[] {
  return logs.flush((event) => event.log_failure?.value.message === error.message);
}

describe("openLedger()", () => {
  it("take() closes those that it is asked for, and leaves the others", () => {
    using ledger = openLedger();
    const [first, second] = [unique(), unique()];
    const open = [fail(first), fail(second)];
    const taken = ledger.take(({ value }) => value === second);
    assert.deepEqual(
      taken.map(({ failure, created }) => [failure.value, created]),
      [[second, undefined]],
    );
    assert.deepEqual(
      ledger.flush().map(({ value }) => value),
      [first],
    );
    assert.equal(open.length, 2);
  });

  it("has what stands at the end of a chain, and not what was handled", () => {
    using ledger = openLedger();
    const [first, second, third] = [unique(), unique(), unique()];
    const open = [fail(first), succeed(1).addCallback(() => new Failure(second))];
    void fail(third).addErrback(() => {});
    assert.deepEqual(
      ledger.failures().map((failure) => failure.value),
      [first, second],
    );
    void open[0]?.addErrback(() => {});
    assert.deepEqual(
      ledger.failures().map((failure) => failure.value),
      [second],
    );
    void open[1]?.addErrback(() => {});
    assert.deepEqual(ledger.failures(), []);
  });

  it("has the later failure when an errback fails", () => {
    using ledger = openLedger();
    const later = unique();
    void fail(unique()).addErrback((): never => {
      throw later;
    });
    assert.deepEqual(
      ledger.failures().map((failure) => failure.value),
      [later],
    );
    ledger.flush();
  });

  it("counts a failure that moves to another Deferred once", () => {
    using ledger = openLedger();
    const error = unique();
    const inner = fail(error);
    const outer = succeed(0).addCallback(() => inner);
    assert.equal(ledger.failures().length, 1);
    void outer.addErrback(() => {});
    assert.deepEqual(ledger.failures(), []);
    const unfired = new Deferred<number>();
    const waiting = succeed(0).addCallback(() => unfired);
    unfired.errback(error);
    assert.equal(ledger.failures().length, 1);
    void waiting.addErrback(() => {});
    assert.deepEqual(ledger.failures(), []);
  });

  it("counts a failure given to another by chainDeferred() as the other's", () => {
    using ledger = openLedger();
    const other = new Deferred<number>();
    void fail<number>(unique()).chainDeferred(other);
    assert.equal(ledger.failures().length, 1);
    void other.addErrback(() => {});
    assert.deepEqual(ledger.failures(), []);
  });

  it("leaves out a failure that was awaited, before or after it came", async () => {
    using ledger = openLedger();
    const before = new Deferred<number>();
    const awaited = [
      before.then(null, () => 0),
      fail(unique())
        .toPromise()
        .catch(() => 0),
    ];
    before.errback(unique());
    assert.deepEqual(ledger.failures(), []);
    assert.deepEqual(await Promise.all(awaited), [0, 0]);
    assert.deepEqual(ledger.failures(), []);
  });

  it("has a failure that a callback after the await made", async () => {
    using ledger = openLedger();
    const d = fail(unique());
    await d.then(null, () => {});
    const later = unique();
    void d.addErrback((): never => {
      throw later;
    });
    assert.deepEqual(
      ledger.failures().map((failure) => failure.value),
      [later],
    );
    ledger.flush();
  });

  it("has the CancelledError that nobody took", () => {
    using ledger = openLedger();
    new Deferred<number>().cancel();
    assert.equal(ledger.flush()[0]?.type, "CancelledError");
  });

  it("flush() gives what is open and closes it, for good", () => {
    using ledger = openLedger();
    const error = unique();
    const d = fail(error);
    assert.deepEqual(
      ledger.flush().map((failure) => failure.value),
      [error],
    );
    assert.deepEqual(ledger.flush(), []);
    void d.addErrback((failure) => failure); // The same failure comes to the end again.
    assert.deepEqual(ledger.failures(), []);
  });

  it("within another: each has its own, and the outer one goes on after the inner", () => {
    using outer = openLedger();
    const errors = [unique(), unique(), unique()] as const;
    const first = fail(errors[0]);
    {
      using inner = openLedger();
      void fail(errors[1]);
      void first.addErrback(() => {}); // Struck out where it was entered.
      assert.deepEqual(
        inner.flush().map((failure) => failure.value),
        [errors[1]],
      );
    }
    void fail(errors[2]);
    assert.deepEqual(
      outer.flush().map((failure) => failure.value),
      [errors[2]],
    );
  });

  it("closed twice, or before one opened later, does no harm", () => {
    using outermost = openLedger();
    const first = openLedger();
    const second = openLedger();
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    const error = unique();
    void fail(error);
    assert.equal(second.flush().length, 1);
    second[Symbol.dispose]();
    void fail(error);
    assert.equal(outermost.flush().length, 1);
  });

  it("keeps up with 10,000 failures in one turn", () => {
    using ledger = openLedger();
    const all = Array.from({ length: 10_000 }, () => fail(new Boom("one of many")));
    assert.equal(ledger.failures().length, all.length);
    for (const d of all) void d.addErrback(() => {});
    assert.deepEqual(ledger.failures(), []);
  });

  it("gives nothing to the log", () => {
    using logs = captureLogs();
    {
      using ledger = openLedger();
      void fail(unique());
      assert.equal(ledger.flush().length, 1);
    }
    assert.deepEqual(logs.events, []);
  });
});

describe("reportUnhandledFailures()", () => {
  it("logs a failure as critical, once (trace 10)", () => {
    using logs = captureLogs();
    const error = unique();
    void fail(error);
    assert.isAtLeast(reportUnhandledFailures(), 1);
    const [event, ...more] = reportsOf(logs, error);
    assert.deepEqual(more, []);
    assert.equal(event?.log_level, "critical");
    assert.equal(event?.log_namespace, "sennit.defer");
    assert.include(String(event?.log_format), "Unhandled error in Deferred");
    assert.equal(reportUnhandledFailures(), 0);
    assert.deepEqual(reportsOf(logs, error), []);
  });

  it("says where the Deferred was made, when debugging is on (trace 10)", () => {
    using logs = captureLogs();
    const error = unique();
    function makerOfTheForgotten(): Deferred<number> {
      return new Deferred<number>();
    }
    setDebugging(true);
    try {
      makerOfTheForgotten().errback(error);
    } finally {
      setDebugging(false);
    }
    reportUnhandledFailures();
    assert.include(String(reportsOf(logs, error)[0]?.["where"]), "makerOfTheForgotten");
  });

  it("leaves out what was handled or awaited meanwhile", async () => {
    using logs = captureLogs();
    const handled = unique();
    const d = fail(handled);
    await Promise.resolve();
    void d.addErrback(() => {});
    const awaited = unique();
    await fail(awaited).then(null, () => {});
    reportUnhandledFailures();
    assert.deepEqual(reportsOf(logs, handled), []);
    assert.deepEqual(reportsOf(logs, awaited), []);
  });

  it("leaves out one handled after the report, and reports what comes of it", () => {
    using logs = captureLogs();
    const [first, second] = [unique(), unique()];
    const d = fail(first);
    reportUnhandledFailures();
    void d.addErrback((): never => {
      throw second;
    });
    reportUnhandledFailures();
    assert.equal(reportsOf(logs, first).length, 1);
    assert.equal(reportsOf(logs, second).length, 1);
    void d.addErrback(() => {});
  });
});

describe("the garbage collector", () => {
  setFlagsFromString("--expose_gc");
  const collect: unknown = runInNewContext("gc");

  /** Collect, and let what is told of it come; until `enough` holds, or no more than 50 times. */
  async function collectUntil(enough: () => boolean): Promise<void> {
    assert(typeof collect === "function");
    for (let round = 0; round < 50 && !enough(); round += 1) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /**
   * The reports of the error, once the Deferred is gone for certain and what is told of it has
   * come.
   */
  async function reportsAfterCollection(
    error: Error,
    forget: () => Deferred<unknown>,
  ): Promise<readonly LogEvent[]> {
    using logs = captureLogs();
    let gone = false;
    const watch = new FinalizationRegistry(() => {
      gone = true;
    });
    (() => watch.register(forget(), undefined))();
    await collectUntil(() => gone);
    assert.isTrue(gone, "the Deferred was not collected");
    let rounds = 0;
    await collectUntil(() => (rounds += 1) > 5);
    reportUnhandledFailures(); // Nothing is left to be reported twice.
    return reportsOf(logs, error);
  }

  it("tells once of a Deferred that died with a failure, with where it was made", async () => {
    const error = unique();
    function makerOfTheForgotten(): Deferred<unknown> {
      setDebugging(true);
      const d = new Deferred();
      setDebugging(false);
      d.errback(error);
      return d;
    }
    const reports = await reportsAfterCollection(error, makerOfTheForgotten);
    assert.equal(reports.length, 1);
    assert.include(String(reports[0]?.["where"]), "makerOfTheForgotten");
  });

  it("tells of the one that took the failure over", async () => {
    const error = unique();
    const reports = await reportsAfterCollection(error, () =>
      maybeDeferred(() => fail(error)).addCallback(() => {}),
    );
    assert.equal(reports.length, 1);
  });

  it("has nothing to tell of one that was handled before it died, or reported", async () => {
    const handled = unique();
    const none = await reportsAfterCollection(handled, () => fail(handled).addErrback(() => {}));
    assert.deepEqual(none, []);
    const reported = unique();
    const late = await reportsAfterCollection(reported, () => {
      const d = fail(reported);
      using logs = captureLogs();
      reportUnhandledFailures();
      assert.equal(reportsOf(logs, reported).length, 1);
      return d;
    });
    assert.equal(late.length, 1, "only the report that was asked for");
  });
});
