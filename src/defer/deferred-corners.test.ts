import { setFlagsFromString } from "node:v8";
import { runInNewContext, runInThisContext } from "node:vm";
import { assert, expectTypeOf, it } from "vitest";
import { captureLogs } from "../logger/capture.ts";
import { failureResultOf, successResultOf } from "../testing/results.ts";
import { fail, succeed } from "./combinators.ts";
import { trackContext } from "./context.ts";
import { setDebugging } from "./debugging.ts";
import { Deferred } from "./deferred.ts";
import { Failure } from "./failure.ts";
import { Ledger, openLedger, reportUnhandledFailures } from "./unhandled.ts";

/** A thenable whose `then` does what it is told, as other libraries' do. */
class Thenable<T> implements PromiseLike<T> {
  readonly #then: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void;

  constructor(then: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void) {
    this.#then = then;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- to be one is the point.
  then<U = T, V = never>(
    onFulfilled?: ((value: T) => U | PromiseLike<U>) | null,
    onRejected?: ((reason: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V> {
    this.#then(
      (value) => {
        void onFulfilled?.(value);
      },
      (reason) => {
        void onRejected?.(reason);
      },
    );
    return new Promise(() => {});
  }
}

it("the garbage collector tells of a failure that a callback or a canceller made", async () => {
  setFlagsFromString("--expose_gc");
  const collect: unknown = runInNewContext("gc");
  assert(typeof collect === "function");
  const message = "made inside a Deferred that nobody keeps";
  const forgotten: readonly (() => void)[] = [
    () => {
      const d = new Deferred<number>();
      void d.addCallback(() => {
        throw new RangeError(message);
      });
      d.callback(1);
    },
    () => new Deferred<number>((d) => d.errback(new RangeError(message))).cancel(),
  ];
  for (const forget of forgotten) {
    using logs = captureLogs();
    const reports = (): number =>
      logs.events.filter((event) => event.log_failure?.value.message === message).length;
    forget();
    for (let round = 0; round < 50 && reports() === 0; round += 1) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(reports(), 1);
  }
});

it("check() and trap() take several classes, and classes with codes", () => {
  class WithCode extends Error {
    constructor(_code: number) {
      super("x");
    }
  }
  class WithName extends Error {
    readonly extra = 1;
    constructor(_name: string, _more: boolean) {
      super("x");
    }
  }
  const failure = Failure.of(new WithName("x", true));
  expectTypeOf(failure.trap(WithCode, WithName)).toEqualTypeOf<typeof WithCode | typeof WithName>();
  expectTypeOf(failure.check(WithCode, "ERR_X")).toEqualTypeOf<
    typeof WithCode | "ERR_X" | undefined
  >();
  expectTypeOf(failure.check(RangeError, TypeError)).toEqualTypeOf<
    RangeErrorConstructor | TypeErrorConstructor | undefined
  >();
});

it("an errback that returns its Failure adds nothing to the result's type", () => {
  expectTypeOf(succeed(1).addErrback((failure) => failure)).toEqualTypeOf<Deferred<number>>();
  const both = succeed(1).addCallbacks(
    (n) => String(n),
    (failure) => failure,
  );
  expectTypeOf(both).toEqualTypeOf<Deferred<string>>();
  const sorted = succeed(1).addErrback((failure) => (failure.check(RangeError) ? "s" : failure));
  expectTypeOf<Awaited<typeof sorted>>().toEqualTypeOf<number | "s">();
});

it("cancel() ends for two Deferreds that wait for each other in a circle", () => {
  const one = new Deferred<unknown>();
  const other = new Deferred<unknown>();
  void one.addCallback(() => other);
  void other.addCallback(() => one);
  one.callback(1);
  other.callback(2);
  assert.throws(() => one.cancel(), RangeError, "in a circle");
  assert.equal(one.result, other);
});

it("a canceller that throws at an abort rejects the promise, and harms nobody else", async () => {
  const uncaught: unknown[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error));
  try {
    for (const when of ["before", "during"] as const) {
      const controller = new AbortController();
      const error = new RangeError(`canceller, aborted ${when}`);
      const d = new Deferred<number>(() => {
        throw error;
      });
      if (when === "before") controller.abort();
      const promise = d.toPromise({ signal: controller.signal });
      if (when === "during") controller.abort();
      const outcome = promise.then(
        () => "value",
        (reason: unknown) => reason,
      );
      const turn = new Promise((resolve) => setImmediate(() => resolve("still waiting")));
      assert.equal(await Promise.race([outcome, turn]), error);
    }
    assert.deepEqual(uncaught, []);
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  }
});

it("reportUnhandledFailures() leaves the books of an open ledger alone", () => {
  using logs = captureLogs();
  using ledger = openLedger();
  void fail(new RangeError("the test's own"));
  reportUnhandledFailures();
  assert.equal(ledger.failures().length, 1);
  assert.deepEqual(
    logs.events.filter((event) => event.log_failure?.value.message === "the test's own"),
    [],
  );
  ledger.flush();
});

it("chainDeferred() through 100,000 Deferreds needs no stack", () => {
  const all = Array.from({ length: 100_000 }, () => new Deferred<number>());
  for (const [at, d] of all.entries()) {
    const next = all[at + 1];
    if (next !== undefined) void d.chainDeferred(next);
  }
  all[0]?.callback(7);
  assert.equal(all.at(-1)?.result, 7);
  assert.isFalse(all.some((d) => d.result instanceof Failure));
});

it("a thenable may resolve with another thenable, or with a Deferred", async () => {
  for (const value of [Promise.resolve(7), succeed(7)]) {
    const thenable = new Thenable<unknown>((resolve) => resolve(value));
    const d = succeed(0).addCallback((): unknown => thenable);
    const turn = new Promise((resolve) => setImmediate(() => resolve("still waiting")));
    assert.equal(await Promise.race([d, turn]), 7);
  }
});

it("what then() throws after it has answered is ignored (Promises/A+ 2.3.3.3.4.1)", () => {
  const make = (): Thenable<number> =>
    new Thenable((resolve) => {
      resolve(7);
      throw new RangeError("too late");
    });
  assert.equal(successResultOf(succeed(0).addCallback(make)), 7);
  assert.equal(successResultOf(Deferred.fromPromise(make())), 7);
  assert.equal(successResultOf(Deferred.fromAbortable(make)), 7);
});

it("Deferred.fromPromise() of a thenable whose then() throws is a failure, no exception", () => {
  const broken = new Thenable<number>(() => {
    throw new RangeError("in then()");
  });
  failureResultOf(Deferred.fromPromise(broken), RangeError);
});

it("explain() inside a callback names the steps to come, not those that have run", () => {
  const d = new Deferred<void>();
  let said = "";
  function first(): void {}
  function second(): void {
    said = d.explain();
  }
  function third(): void {}
  void d.addCallback(first).addCallback(second).addCallback(third);
  d.callback();
  assert.include(said, "Chain: callback third.");
});

it("explain() names functions while contexts are tracked, too", () => {
  trackContext();
  try {
    const d = new Deferred<unknown>();
    function either(value: unknown): unknown {
      return value;
    }
    void d.addBoth(either);
    assert.include(d.explain(), "both either");
  } finally {
    trackContext(false);
  }
});

it("the stack of a Deferred keeps the frames of files and functions called like it", () => {
  const connect: unknown = runInThisContext("(function connect(make) { return make(); })", {
    filename: "/app/useDeferred.ts",
  });
  assert(typeof connect === "function");
  setDebugging(true);
  try {
    const d: unknown = connect(() => new Deferred());
    assert(d instanceof Deferred);
    assert.include(d.explain(), "connect");
  } finally {
    setDebugging(false);
  }
});

it("debugging lives with an Error.prepareStackTrace that gives no text", () => {
  const before = Reflect.get(Error, "prepareStackTrace");
  Error.prepareStackTrace = (_error, frames) => frames;
  setDebugging(true);
  try {
    assert.isString(new Deferred().explain());
  } finally {
    setDebugging(false);
    Reflect.set(Error, "prepareStackTrace", before);
  }
});

it("50,000 steps that wait one after the other cost no more than their number", () => {
  const d = succeed(0);
  const inners: Deferred<number>[] = [];
  for (let n = 0; n < 50_000; n += 1) {
    void d.addCallback(() => {
      const inner = new Deferred<number>();
      inners.push(inner);
      return inner;
    });
  }
  const started = process.cpuUsage().user;
  for (const inner of inners) inner.callback(1); // Grows while it is walked.
  assert.equal(inners.length, 50_000);
  assert.isBelow(process.cpuUsage().user - started, 1_500_000, "microseconds");
});

it("a ledger that could not ask for its turn asks again", () => {
  const ledger = new Ledger({ collected: false });
  const { queueMicrotask: original } = globalThis;
  let asked = 0;
  globalThis.queueMicrotask = (f) => {
    asked += 1;
    if (asked === 1) throw new RangeError("Maximum call stack size exceeded");
    original(f);
  };
  try {
    const failure = Failure.of(new Error("x"));
    assert.throws(() => ledger.enter({}, failure, undefined), RangeError);
    ledger.enter({}, failure, undefined);
    assert.equal(asked, 2);
  } finally {
    globalThis.queueMicrotask = original;
  }
});

it("getTraceback() lists the errors of an AggregateError apart from its cause", () => {
  const errors = Array.from({ length: 20 }, (_, n) => new Error(`part ${String(n)}`));
  const text = new Failure(
    new AggregateError(errors, "all", { cause: new Error("root") }),
  ).getTraceback();
  assert.include(text, "caused by: Error: root");
  assert.notMatch(text, /caused by: +Error: part/u);
});

it("getTraceback() shows a cause that leads back once", () => {
  const one = new Error("one");
  one.cause = new Error("other", { cause: one });
  const shown = new Failure(one).getTraceback().match(/^(caused by: )?Error: one$/gmu);
  assert.equal(shown?.length, 1);
});

it("what cannot even be looked at fails the chain, and no step is run twice", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const log: string[] = [];
  const d = new Deferred<void>();
  void d
    .addCallback(() => {
      log.push("first");
    })
    .addCallback(() => {
      throw proxy;
    })
    .addErrback(() => {
      log.push("errback");
    });
  d.callback();
  assert.deepEqual(log, ["first", "errback"]);
});
