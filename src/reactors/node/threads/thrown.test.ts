/**
 * Errors before and after their way to another thread.
 *
 * @module
 */
import { CancelledError } from "../../../defer/errors.ts";
import { Failure } from "../../../defer/failure.ts";
import { ConnectionDone } from "../../../internet/errors.ts";
import { assert, describe, it } from "vitest";
import { putTogether, takeApart } from "./thrown.ts";

/** There and back, as through a port. */
function crossed(thrown: unknown): unknown {
  return putTogether(structuredClone(takeApart(thrown)));
}

function crossedError(thrown: unknown): Error {
  const error = crossed(thrown);
  assert.instanceOf(error, Error);
  return error;
}

describe("takeApart() and putTogether() keep", () => {
  it("message, stack and class of JavaScript's own errors", () => {
    const errors = [
      new Error("no"),
      new EvalError("no"),
      new RangeError("no"),
      new ReferenceError("no"),
      new SyntaxError("no"),
      new TypeError("no"),
      new URIError("no"),
    ];
    for (const error of errors) {
      const back = crossedError(error);
      assert.equal(back.constructor, error.constructor);
      assert.deepEqual([back.name, back.message, back.stack], [error.name, "no", error.stack]);
    }
  });

  it("name, code and properties of other classes", () => {
    class OddError extends RangeError {
      override readonly name = "OddError";
      readonly code = "ERR_ODD";
      readonly detail = { at: [1, 2] };
      readonly notCopied = (): number => 1;
    }
    const back = crossedError(new OddError("odd"));
    assert.instanceOf(back, RangeError);
    assert.equal(back.name, "OddError");
    assert.deepEqual(
      Object.entries(back),
      Object.entries({ code: "ERR_ODD", detail: { at: [1, 2] } }),
    );
    assert.notProperty(back, "notCopied");
  });

  it("codes that a Failure can be checked with", () => {
    const back = Failure.of(crossed(new ConnectionDone()));
    assert.equal(back.check("ERR_CONNECTION_DONE"), "ERR_CONNECTION_DONE");
    assert.equal(back.type, "ConnectionDone");
  });

  it("the class of errors that are about threads, or cancellation", () => {
    assert.instanceOf(crossed(new CancelledError()), CancelledError);
  });

  it("causes, errors among them or not", () => {
    const error = new Error("outer", { cause: new TypeError("inner", { cause: { why: 1 } }) });
    const { cause } = crossedError(error);
    assert.instanceOf(cause, TypeError);
    assert.deepEqual(cause.cause, { why: 1 });
    assert.notProperty(crossedError(new Error("none")), "cause");
  });

  it("the errors of an AggregateError", () => {
    const back = crossed(new AggregateError([new RangeError("one"), "two"], "both"));
    assert.instanceOf(back, AggregateError);
    assert.instanceOf(back.errors[0], RangeError);
    assert.equal(back.errors[1], "two");
  });

  it("other things that were thrown", () => {
    assert.equal(crossed("text"), "text");
    assert.deepEqual(crossed({ a: 1 }), { a: 1 });
    assert.isUndefined(crossed(undefined));
  });

  it("the error of a Failure", () => {
    assert.instanceOf(crossed(new Failure(new RangeError("deep"))), RangeError);
  });
});

describe("takeApart() comes to an end", () => {
  it("of circular causes", () => {
    const error = new Error("round");
    error.cause = error;
    assert.equal(crossedError(error).message, "round");
  });

  it("of what cannot be copied", () => {
    assert.equal(crossed(Symbol("s")), "Symbol(s)");
    const error: Error = new Error("with", { cause: () => 1 });
    assert.equal(crossedError(error).cause, "() => 1");
  });
});
