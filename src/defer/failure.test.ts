import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { SennitError } from "../core/errors.ts";
import { CancelledError, NonErrorThrown, TimeoutError } from "./errors.ts";
import { Failure } from "./failure.ts";

class Outer extends Error {
  override readonly name: string = "Outer";
}
class Inner extends Outer {
  override readonly name = "Inner";
  readonly code = "ERR_INNER";
}

describe("Failure.of()", () => {
  it("wraps an error, and gives back a Failure as it is", () => {
    const error = new Inner("x");
    const failure = Failure.of(error);
    assert.equal(failure.value, error);
    assert.equal(Failure.of(failure), failure);
  });

  it("wraps anything else in NonErrorThrown, which keeps it", () => {
    for (const thrown of ["text", 7, 0n, undefined, null, Symbol("s"), { some: 1 }, () => 1]) {
      const { value } = Failure.of(thrown);
      assert.instanceOf(value, NonErrorThrown);
      assert.equal(value.thrown, thrown);
      assert.equal(value.cause, thrown);
      assert.match(value.message, /^Something other than an Error was thrown: /u);
    }
  });

  it("survives things that cannot be shown", () => {
    const hostile = {
      toString(): string {
        throw new Error("no");
      },
    };
    for (const thrown of [hostile, Object.create(null)]) {
      assert.include(Failure.of(thrown).getErrorMessage(), "cannot be shown");
    }
  });

  it("takes a DOMException, which aborted signals give, as an error", () => {
    const { reason } = AbortSignal.abort();
    assert.equal(Failure.of(reason).value, reason);
    assert.equal(Failure.of(reason).type, "AbortError");
  });
});

describe("check(), trap() and is()", () => {
  const failure = new Failure(new Inner("x"));

  it("check() gives the first that matches: class, base class, code", () => {
    assert.equal(failure.check(Inner), Inner);
    assert.equal(failure.check(Outer), Outer);
    assert.equal(failure.check(RangeError, Outer, Inner), Outer);
    assert.equal(failure.check("ERR_OTHER", "ERR_INNER"), "ERR_INNER");
  });

  it("check() gives undefined when none does", () => {
    assert.isUndefined(failure.check());
    assert.isUndefined(failure.check(RangeError, TypeError));
    assert.isUndefined(failure.check("ERR_OTHER", "Inner", "x", ""));
    assert.isUndefined(new Failure(new Error("no code")).check("undefined"));
  });

  it("check() knows abstract classes and the codes of the system", () => {
    assert.equal(new Failure(new CancelledError()).check(SennitError), SennitError);
    const system = Object.assign(new Error("read"), { code: "ECONNRESET" });
    assert.equal(new Failure(system).check("ECONNRESET"), "ECONNRESET");
  });

  it("trap() gives what matches, or throws the error itself", () => {
    assert.equal(failure.trap(TypeError, Outer), Outer);
    assert.equal(failure.trap("ERR_INNER"), "ERR_INNER");
    for (const match of [RangeError, "ERR_OTHER"]) {
      let caught: unknown;
      try {
        failure.trap(match);
      } catch (error) {
        caught = error;
      }
      assert.equal(caught, failure.value);
    }
  });

  it("is() says whether it is of one class", () => {
    assert.isTrue(failure.is(Inner));
    assert.isTrue(failure.is(Outer));
    assert.isFalse(failure.is(RangeError));
  });

  it("raiseException() throws the error itself", () => {
    assert.throws(() => failure.raiseException(), Inner, "x");
  });
});

describe("what people read", () => {
  it("message, brief traceback and toString()", () => {
    const failure = new Failure(new Inner("too deep"));
    assert.equal(failure.type, "Inner");
    assert.equal(failure.getErrorMessage(), "too deep");
    assert.equal(failure.getBriefTraceback(), "Inner: too deep");
    assert.equal(String(failure), "[Failure Inner: too deep]");
    assert.equal(inspect(failure), "[Failure Inner: too deep]");
  });

  it("an error without a message is named by its class", () => {
    assert.equal(new Failure(new Inner()).getErrorMessage(), "Inner");
  });

  it("getTraceback() has the stack", () => {
    function guilty(): Error {
      return new Inner("here");
    }
    const text = new Failure(guilty()).getTraceback();
    assert.match(text, /^Error: here|^Inner: here/u);
    assert.include(text, "guilty");
  });

  it("getTraceback() has the stack of each cause, the outermost first", () => {
    const root = new Error("root");
    const middle = new Error("middle", { cause: root });
    const text = new Failure(new TimeoutError("top", "op", 1, { cause: middle })).getTraceback();
    const order = ["TimeoutError: top", "caused by: Error: middle", "caused by: Error: root"];
    const places = order.map((part) => text.indexOf(part));
    assert.isTrue(places.every((place, at) => place > (places[at - 1] ?? -1)));
  });

  it("getTraceback() shows causes that are no errors", () => {
    for (const [cause, shown] of [
      ["text", "text"],
      [null, "null"],
      [0, "0"],
    ] as const) {
      const text = new Failure(new Error("x", { cause })).getTraceback();
      assert.isTrue(text.endsWith(`caused by: ${shown}`), text);
    }
  });

  it("getTraceback() ends when causes run in a circle, or without an end", () => {
    const one = new Error("one");
    const other = new Error("other", { cause: one });
    one.cause = other;
    assert.isBelow(new Failure(one).getTraceback().length, 100_000);

    class Endless extends Error {
      override get cause(): Error {
        return new Endless("again");
      }
    }
    assert.isBelow(new Failure(new Endless("x")).getTraceback().length, 100_000);
  });

  it("getTraceback() names the errors of an AggregateError, and its cause", () => {
    const error = new AggregateError(
      [new Error("first"), new RangeError("second"), "third"],
      "all",
      {
        cause: new Error("root"),
      },
    );
    const text = new Failure(error).getTraceback();
    for (const part of ["all", "Error: first", "RangeError: second", "third", "Error: root"]) {
      assert.include(text, part);
    }
  });

  it("getTraceback() does not show a thousand errors of an AggregateError", () => {
    const errors = Array.from({ length: 1000 }, (_, n) => new Error(`number ${String(n)}`));
    const text = new Failure(new AggregateError(errors)).getTraceback();
    assert.include(text, "number 0");
    assert.notInclude(text, "number 999");
  });

  it("getTraceback() of an error whose stack was taken away has its message", () => {
    const error = new Error("bare");
    delete error.stack;
    assert.include(new Failure(error).getTraceback(), "bare");
  });
});
