import { assert, describe, it } from "vitest";
import { fail, succeed } from "./combinators.ts";
import { Deferred } from "./deferred.ts";
import { AlreadyCalledError, NonErrorThrown } from "./errors.ts";
import { Failure } from "./failure.ts";

const MANY = 100_000;

class Boom extends Error {
  override readonly name: string = "Boom";
}

/** Ends a chain whose failure is expected: hands it over, and counts as its handler. */
function failureOf(deferred: Deferred<unknown>): Failure {
  const seen: Failure[] = [];
  void deferred.addErrback((failure) => {
    seen.push(failure);
  });
  const [failure] = seen;
  assert(failure !== undefined, "expected a failure");
  return failure;
}

describe("the chain", () => {
  it("callback() runs the chain before it returns (trace 1)", () => {
    const log: unknown[] = [];
    const d = new Deferred<number>();
    void d.addCallback((x) => x + 1).addCallback((x) => log.push(x));
    assert.deepEqual(log, []);
    d.callback(1);
    assert.deepEqual(log, [2]);
  });

  it("addCallback() on a fired Deferred runs before it returns (trace 2)", () => {
    const log: unknown[] = [];
    void succeed("x").addCallback((x) => log.push(x));
    assert.deepEqual(log, ["x"]);
  });

  it("a callback added by a running callback comes after those there already (trace 3)", () => {
    const log: string[] = [];
    const d = new Deferred<void>();
    void d.addCallback(() => {
      log.push("A");
      void d.addCallback(() => log.push("C"));
      log.push("end of A");
    });
    void d.addCallback(() => log.push("B"));
    d.callback();
    assert.deepEqual(log, ["A", "end of A", "B", "C"]);
  });

  it("a callback added by the last callback runs as well", () => {
    const log: number[] = [];
    const d = new Deferred<number>();
    function again(n: number): number {
      log.push(n);
      if (n < 5) void d.addCallback(again);
      return n + 1;
    }
    void d.addCallback(again);
    d.callback(0);
    assert.deepEqual(log, [0, 1, 2, 3, 4, 5]);
  });

  it("throwing or returning a Failure goes to the error side, a value comes back", () => {
    const log: unknown[] = [];
    const d = new Deferred<number>();
    void d
      .addCallback((): number => {
        throw new Boom("thrown");
      })
      .addCallback(() => log.push("not called"))
      .addErrback((failure) => {
        log.push(failure.getErrorMessage());
        return "value";
      })
      .addErrback(() => log.push("not called either"))
      .addCallback((value) => {
        log.push(value);
        return new Failure(new Boom("returned"));
      })
      .addErrback((failure) => log.push(failure.getErrorMessage()));
    d.callback(1);
    assert.deepEqual(log, ["thrown", "value", "returned"]);
  });

  it("what an errback throws is for the next errback", () => {
    const d = fail(new Boom("first")).addErrback((): never => {
      throw new Boom("second");
    });
    assert.equal(failureOf(d).getErrorMessage(), "second");
  });

  it("an errback that throws the failure's own error passes it on", () => {
    const error = new Boom("same");
    const d = fail(error).addErrback((failure) => {
      failure.raiseException();
    });
    assert.equal(failureOf(d).value, error);
  });

  it("addCallbacks() keeps what the callback throws from its sibling", () => {
    const log: string[] = [];
    const d = new Deferred<number>();
    void d
      .addCallbacks(
        () => {
          throw new Boom();
        },
        () => log.push("sibling"),
      )
      .addErrback(() => log.push("next"));
    d.callback(1);
    assert.deepEqual(log, ["next"]);
  });

  it("addCallbacks() calls the errback for a failure", () => {
    const log: unknown[] = [];
    void fail(new Boom("x")).addCallbacks(
      () => log.push("callback"),
      (failure) => log.push(failure.getErrorMessage()),
    );
    assert.deepEqual(log, ["x"]);
  });

  it("addBoth() sees values and failures", () => {
    const log: unknown[] = [];
    void succeed(1).addBoth((result) => log.push(result));
    void fail(new Boom("x")).addBoth((result) => log.push(String(result)));
    assert.deepEqual(log, [1, "[Failure Boom: x]"]);
  });

  it("each method gives back the same Deferred", () => {
    const d = new Deferred<number>();
    const pass = (value: unknown): unknown => value;
    const same: unknown[] = [
      d.addCallback(pass),
      d.addErrback(pass),
      d.addBoth(pass),
      d.addCallbacks(pass, pass),
      d.chainDeferred(new Deferred()),
    ];
    assert.isTrue(same.every((one) => one === d));
  });

  it("no callback is called twice, whatever comes later", () => {
    let calls = 0;
    const d = new Deferred<number>();
    void d.addCallback((n) => {
      calls += 1;
      return n;
    });
    d.callback(1);
    void d.addCallback((n) => n);
    d.pause();
    d.unpause();
    d.cancel();
    assert.equal(calls, 1);
  });

  it("100,000 callbacks on one Deferred run in order", () => {
    const d = new Deferred<number>();
    let chain = d;
    for (let n = 0; n < MANY; n += 1) chain = chain.addCallback((at) => (at === n ? at + 1 : -1));
    d.callback(0);
    assert.equal(d.result, MANY);
  });
});

describe("firing", () => {
  it("callback() with a Failure starts the error side", () => {
    const d = new Deferred<number>();
    const failure = new Failure(new Boom());
    d.callback(failure);
    assert.equal(failureOf(d), failure);
  });

  it("errback() takes an Error, a Failure or anything", () => {
    const error = new Boom();
    const failure = new Failure(error);
    const reasons = [error, failure, "text", undefined, null, 0];
    const failures = reasons.map((reason) => failureOf(fail(reason)));
    assert.equal(failures[0]?.value, error);
    assert.equal(failures[1], failure);
    for (const [at, one] of failures.entries()) {
      if (at < 2) continue;
      assert.instanceOf(one.value, NonErrorThrown);
      assert.equal(one.value instanceof NonErrorThrown && one.value.thrown, reasons[at]);
    }
  });

  it("firing twice is refused in all four ways, and changes nothing", () => {
    for (const first of ["callback", "errback"] as const) {
      for (const second of ["callback", "errback"] as const) {
        const d = new Deferred<unknown>();
        const reasons = [new Failure(new Boom("first")), new Failure(new Boom("second"))] as const;
        d[first](reasons[0]);
        assert.throws(() => d[second](reasons[1]), AlreadyCalledError, "Cannot fire a Deferred");
        assert.equal(failureOf(d), reasons[0]);
      }
    }
  });

  it("firing again is refused while it is paused, waits, or runs", () => {
    const paused = new Deferred<number>();
    paused.pause();
    paused.callback(1);
    assert.throws(() => paused.callback(2), AlreadyCalledError);

    const waiting = succeed(1).addCallback(() => new Deferred<number>());
    assert.throws(() => waiting.callback(2), AlreadyCalledError);

    const running = new Deferred<number>();
    void running.addCallback(() => running.callback(2));
    running.callback(1);
    failureOf(running).trap(AlreadyCalledError);
  });

  it("callback() refuses a Deferred and a promise, and stays unfired", () => {
    // oxlint-disable-next-line unicorn/no-thenable -- what is to be refused.
    const refused = [new Deferred(), succeed(1), Promise.resolve(1), { then: (): void => {} }];
    for (const value of refused) {
      const d = new Deferred<unknown>();
      assert.throws(() => d.callback(value), TypeError, "Cannot fire a Deferred with");
      assert.isFalse(d.called);
      d.callback("still possible");
      assert.equal(d.result, "still possible");
    }
  });

  it("callback() takes what merely looks like a promise", () => {
    // oxlint-disable-next-line unicorn/no-thenable -- not one, that is the point.
    const values = [{ then: 1 }, {}, [], null, undefined, 0, "", Number.NaN];
    for (const value of values) {
      const d = new Deferred<unknown>();
      d.callback(value);
      assert.deepEqual(d.result, value);
    }
  });
});

describe("pause and unpause", () => {
  it("pause() holds the chain, and counts", () => {
    const log: number[] = [];
    const d = new Deferred<number>();
    d.pause();
    d.pause();
    void d.addCallback((n) => log.push(n));
    d.callback(1);
    assert.isTrue(d.called);
    d.unpause();
    assert.deepEqual([log, d.paused], [[], 1]);
    d.unpause();
    assert.deepEqual([log, d.paused], [[1], 0]);
  });

  it("unpause() of an unfired Deferred runs nothing", () => {
    const log: number[] = [];
    const d = new Deferred<number>();
    void d.addCallback((n) => log.push(n));
    d.pause();
    d.unpause();
    assert.deepEqual(log, []);
    d.callback(1);
    assert.deepEqual(log, [1]);
  });

  it("unpause() without pause() is refused", () => {
    const d = new Deferred<number>();
    assert.throws(() => d.unpause(), RangeError, "not paused");
    assert.equal(d.paused, 0);
    d.pause();
    assert.equal(d.paused, 1);
  });

  it("pause() inside a callback holds those after it", () => {
    const log: string[] = [];
    const d = new Deferred<void>();
    void d
      .addCallback(() => {
        log.push("A");
        d.pause();
      })
      .addCallback(() => log.push("B"));
    d.callback();
    assert.deepEqual(log, ["A"]);
    d.unpause();
    assert.deepEqual(log, ["A", "B"]);
  });

  it("pause() and unpause() inside a callback do not start the chain a second time", () => {
    const log: string[] = [];
    const d = new Deferred<void>();
    void d
      .addCallback(() => {
        d.pause();
        d.unpause();
        log.push("A");
      })
      .addCallback(() => log.push("B"));
    d.callback();
    assert.deepEqual(log, ["A", "B"]);
  });

  it("a paused Deferred that waits needs both: its unpause and the other's result", () => {
    for (const order of ["unpause first", "result first"] as const) {
      const log: number[] = [];
      const inner = new Deferred<number>();
      const outer = succeed(0).addCallback(() => inner);
      void outer.addCallback((n) => log.push(n));
      outer.pause();
      assert.equal(outer.paused, 2);
      if (order === "unpause first") outer.unpause();
      inner.callback(7);
      if (order === "result first") {
        assert.deepEqual(log, []);
        outer.unpause();
      }
      assert.deepEqual([log, outer.paused], [[7], 0], order);
    }
  });

  it("a paused inner keeps its outer waiting, fired or not", () => {
    const inner = succeed(1);
    inner.pause();
    const outer = succeed(0).addCallback(() => inner);
    assert.equal(outer.result, inner);
    inner.unpause();
    assert.equal(outer.result, 1);
    assert.equal(inner.result, undefined);
  });
});

describe("a callback that returns a Deferred", () => {
  it("is waited for, and its result is moved (trace 4)", () => {
    const log: unknown[] = [];
    const inner = new Deferred<number>();
    const outer = new Deferred<void>();
    void outer.addCallback(() => inner).addCallback((n) => log.push("outer", n));
    outer.callback();
    void inner.addCallback((n) => log.push("inner", n));
    assert.deepEqual(log, []);
    inner.callback(7);
    assert.deepEqual(log, ["outer", 7, "inner", undefined]);
  });

  it("gives its result at once when it has one", () => {
    const inner = succeed(7);
    const outer = succeed(0).addCallback(() => inner);
    assert.deepEqual([outer.result, outer.paused, inner.result], [7, 0, undefined]);
  });

  it("gives its failure, which is the outer's from there on", () => {
    for (const fired of [true, false]) {
      const inner = new Deferred<number>();
      if (fired) inner.errback(new Boom("inner"));
      const outer = succeed(0).addCallback(() => inner);
      if (!fired) inner.errback(new Boom("inner"));
      assert.equal(failureOf(outer).getErrorMessage(), "inner");
      assert.equal(inner.result, undefined);
    }
  });

  it("runs the inner's callbacks that stand already first", () => {
    const inner = new Deferred<number>();
    void inner.addCallback((n) => n * 2);
    const outer = succeed(0).addCallback(() => inner);
    inner.callback(21);
    assert.equal(outer.result, 42);
  });

  it("works for errbacks", () => {
    const inner = new Deferred<string>();
    const outer = fail(new Boom()).addErrback(() => inner);
    inner.callback("recovered");
    assert.equal(outer.result, "recovered");
  });

  it("the same inner for two outers: the first gets the result, the second undefined", () => {
    const inner = new Deferred<number>();
    const outers = [1, 2].map((n) => succeed(n).addCallback(() => inner));
    inner.callback(7);
    assert.deepEqual(
      outers.map((outer) => outer.result),
      [7, undefined],
    );
  });

  it("its own Deferred is an error, not a wait for ever", () => {
    const d = new Deferred<unknown>();
    void d.addCallback(() => d);
    d.callback(1);
    assert.instanceOf(failureOf(d).value, TypeError);
    assert.equal(d.paused, 0);
  });

  it("a Deferred whose turn it is may be returned by the callback of another", () => {
    const running = new Deferred<number>();
    const other = new Deferred<number>();
    void other.addCallback(() => running);
    void running.addCallback((n) => {
      other.callback(0);
      return n + 1;
    });
    running.callback(7);
    assert.deepEqual([other.result, running.result], [7, 8]);
  });

  it("100,000 fired Deferreds inside each other resolve (trace 5)", () => {
    let d = succeed(0);
    for (let n = 0; n < MANY; n += 1) {
      const inner = d;
      d = succeed(n).addCallback(() => inner);
    }
    assert.equal(d.result, 0);
  });

  it("100,000 unfired Deferreds in a row resolve, or fail, from the innermost", () => {
    for (const fails of [false, true]) {
      const innermost = new Deferred<number>();
      let d = innermost;
      for (let n = 0; n < MANY; n += 1) {
        const inner = d;
        d = succeed(n).addCallback(() => inner);
      }
      if (fails) innermost.errback(new Boom("deep"));
      else innermost.callback(7);
      if (fails) assert.equal(failureOf(d).getErrorMessage(), "deep");
      else assert.equal(d.result, 7);
    }
  });

  it("100,000 Deferreds in a row, each with callbacks of its own, run them all", () => {
    const innermost = new Deferred<number>();
    let d = innermost;
    for (let n = 0; n < MANY; n += 1) {
      const inner = d;
      d = succeed(n)
        .addCallback(() => inner)
        .addCallback((sum) => sum + 1);
    }
    innermost.callback(0);
    assert.equal(d.result, MANY);
  });

  it("100,000 returned one after the other by one chain resolve", () => {
    const inners = Array.from({ length: 1000 }, () => new Deferred<number>());
    const d = succeed(0);
    for (const inner of inners) {
      for (let n = 0; n < 99; n += 1) void d.addCallback((sum) => succeed(sum + 1));
      void d.addCallback((sum) => inner.addCallback((more) => sum + more));
    }
    for (const inner of inners) inner.callback(1);
    assert.equal(d.result, MANY);
  });
});

describe("chainDeferred()", () => {
  it("gives value or failure to the other and goes on with undefined", () => {
    const other = new Deferred<number>();
    const d = new Deferred<number>();
    const chained = d.chainDeferred(other);
    d.callback(1);
    assert.deepEqual([other.result, chained.result], [1, undefined]);

    const failing = new Deferred<number>();
    const bad = fail<number>(new Boom("x"));
    void bad.chainDeferred(failing);
    assert.equal(failureOf(failing).getErrorMessage(), "x");
    assert.equal(bad.result, undefined);
  });

  it("fails when the other has fired", () => {
    const d = new Deferred<number>();
    void d.chainDeferred(succeed(1));
    d.callback(2);
    failureOf(d).trap(AlreadyCalledError);
  });

  it("does not carry a cancel back", () => {
    const other = new Deferred<number>();
    const d = new Deferred<number>();
    void d.chainDeferred(other);
    other.cancel();
    assert.isFalse(d.called);
    failureOf(other);
    d.callback(1); // Eaten by the cancelled one, which did not know of its source.
    assert.equal(d.result, undefined);
  });
});
