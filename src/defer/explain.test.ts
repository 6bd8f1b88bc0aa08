import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { succeed } from "./combinators.ts";
import { getDebugging, setDebugging } from "./debugging.ts";
import { Deferred } from "./deferred.ts";
import { Failure } from "./failure.ts";

/** Run with stacks kept; what was set before is set again. */
function debugged<Result>(f: () => Result): Result {
  const before = getDebugging();
  setDebugging(true);
  try {
    return f();
  } finally {
    setDebugging(before);
  }
}

/** A name to look for in a stack. */
function makerOfDeferreds(): Deferred<number> {
  return new Deferred<number>();
}

function firer(d: Deferred<number>): void {
  d.callback(1);
}

describe("explain()", () => {
  it("says whether it has fired, and what a cancel would do", () => {
    assert.include(new Deferred().explain(), "has not fired; on cancel, it has no canceller");
    assert.include(new Deferred(() => {}).explain(), "its canceller will be asked");
    assert.include(succeed("text").explain(), 'has fired, its result is "text"');
    assert.include(succeed(1).explain(), "nothing more to run");
  });

  it("says that it is paused, how often, and with what", () => {
    const d = succeed(1);
    d.pause();
    assert.include(d.explain(), "is paused 1 time with 1");
    d.pause();
    assert.include(d.explain(), "is paused 2 times with 1");
  });

  it("names the steps to come, in order", () => {
    const d = new Deferred<number>();
    function double(n: number): number {
      return n * 2;
    }
    function recover(): number {
      return 0;
    }
    void d.addCallback(double);
    void d.addErrback(recover);
    void d.addBoth(String);
    void d.addCallbacks(double, recover);
    void d.addCallback((n) => n);
    assert.include(
      d.explain(),
      "callback double, then errback recover, then both String, then callback double or errback " +
        "recover, then callback (anonymous)",
    );
  });

  it("says that it waits, and explains the other", () => {
    const inner = new Deferred<number>(() => {});
    const outer = succeed(0).addCallback(() => inner);
    assert.match(
      outer.explain(),
      /waits for another Deferred[^]*It waits for:\n {2}Deferred: has not fired; on cancel, its/u,
    );
    assert.include(inner.explain(), "give the result to a Deferred that waits for it");
  });

  it("ends for 100,000 that wait for each other, and for two in a circle", () => {
    let d = new Deferred<number>();
    for (let n = 0; n < 100_000; n += 1) {
      const inner = d;
      d = succeed(n).addCallback(() => inner);
    }
    assert.include(d.explain(), "(and more)");

    const one = new Deferred<unknown>();
    const other = new Deferred<unknown>();
    void one.addCallback(() => other);
    void other.addCallback(() => one);
    one.callback(1);
    other.callback(2);
    assert.include(one.explain(), "(and more)");
    assert.equal(one.explain(), one.explain());
  });

  it("says that it is running a callback", () => {
    const d = new Deferred<void>();
    let said = "";
    void d.addCallback(() => {
      said = d.explain();
    });
    d.callback();
    assert.include(said, "is running a callback");
  });

  it("survives results that cannot be shown", () => {
    const hostile = {
      toString(): string {
        throw new Error("no");
      },
    };
    assert.include(succeed(hostile).explain(), "(a value that cannot be shown)");
    assert.include(succeed(Object.create(null)).explain(), "(a value that cannot be shown)");
  });
});

describe("setDebugging()", () => {
  it("is off by default, and says so", () => {
    assert.isFalse(getDebugging());
    assert.isTrue(debugged(getDebugging));
    assert.isFalse(getDebugging());
  });

  it("keeps where a Deferred was made and fired, without the frames of Deferred itself", () => {
    const text = debugged(() => {
      const d = makerOfDeferreds();
      firer(d);
      return d.explain();
    });
    const [, made = "", fired = ""] = /Made:\n([^]*)Fired:\n([^]*)/u.exec(text) ?? [];
    assert.include(made.split("\n")[0], "makerOfDeferreds");
    assert.include(fired.split("\n")[0], "firer");
    assert.notInclude(text, "stackOf");
    assert.notInclude(text, "Deferred.callback");
  });

  it("tells who fired first when somebody fires again", () => {
    debugged(() => {
      const d = makerOfDeferreds();
      firer(d);
      assert.throws(
        () => d.callback(2),
        /Cannot fire a Deferred twice; it was fired here:\n.*firer/u,
      );
    });
  });

  it("keeps nothing while it is off", () => {
    const d = makerOfDeferreds();
    firer(d);
    assert.notInclude(d.explain(), "Made:");
    assert.throws(() => d.callback(2), /^Cannot fire a Deferred twice$/u);
  });

  it("turned on late knows the rest only", () => {
    const d = makerOfDeferreds();
    const text = debugged(() => {
      firer(d);
      return d.explain();
    });
    assert.notInclude(text, "Made:");
  });
});

describe("toString() and util.inspect()", () => {
  it("say what there is", () => {
    const inner = new Deferred<number>();
    const texts = [
      [new Deferred(), "Deferred(not fired)"],
      [succeed(1), "Deferred(1)"],
      [succeed("a\nb"), 'Deferred("a\\nb")'],
      [succeed(undefined), "Deferred(undefined)"],
      [succeed(0).addCallback(() => inner), "Deferred(waiting for another)"],
    ] as const;
    for (const [d, text] of texts) {
      assert.equal(String(d), text);
      assert.equal(inspect(d), text);
    }
  });

  it("show a failure without handling it", () => {
    const failure = new Failure(new RangeError("deep"));
    const d = succeed(0).addCallback(() => failure);
    assert.equal(String(d), "Deferred([Failure RangeError: deep])");
    assert.equal(d.result, failure);
    void d.addErrback(() => {});
  });

  it("cut what is long", () => {
    assert.isAtMost(String(succeed("x".repeat(1000))).length, 100);
  });
});
