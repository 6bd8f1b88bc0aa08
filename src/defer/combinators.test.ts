import { assert, describe, it } from "vitest";
import { failureResultOf } from "../testing/results.ts";
import { fail, maybeDeferred, succeed } from "./combinators.ts";
import { Deferred } from "./deferred.ts";
import { NonErrorThrown } from "./errors.ts";
import { Failure } from "./failure.ts";

describe("succeed() and fail()", () => {
  it("have fired", () => {
    assert.equal(succeed(1).result, 1);
    assert.isTrue(succeed(undefined).called);
    failureResultOf(fail(new RangeError()), RangeError);
    const failure = new Failure(new RangeError());
    assert.equal(failureResultOf(fail(failure)), failure);
  });

  it("succeed() refuses what is not there yet", () => {
    for (const value of [Promise.resolve(1), new Deferred()]) {
      assert.throws(() => {
        void succeed(value);
      }, TypeError);
    }
  });

  it("fail() of something else than an error has it in NonErrorThrown", () => {
    failureResultOf(fail("text"), NonErrorThrown);
  });
});

describe("maybeDeferred()", () => {
  it("gives the value, at once", () => {
    assert.equal(maybeDeferred((a: number, b: number) => a + b, 1, 2).result, 3);
    assert.isTrue(maybeDeferred(() => {}).called);
  });

  it("passes a Deferred through", () => {
    const d = new Deferred<number>();
    assert.equal(
      maybeDeferred(() => d),
      d,
    );
  });

  it("fails with what is thrown, or with the Failure that is returned", () => {
    const thrown = maybeDeferred(() => {
      throw new RangeError("thrown");
    });
    failureResultOf(thrown, RangeError);
    const failure = new Failure(new RangeError("returned"));
    assert.equal(failureResultOf(maybeDeferred(() => failure)), failure);
  });

  it("waits for a promise", async () => {
    assert.equal(await maybeDeferred(async (n: number) => n + 1, 1), 2);
    const failed = maybeDeferred(async () => {
      throw new RangeError("later");
    });
    assert.equal(await failed.addErrback((failure) => failure.getErrorMessage()), "later");
  });

  it("can be cancelled while it waits for a promise", () => {
    const d = maybeDeferred(() => new Promise<number>(() => {}));
    d.cancel();
    failureResultOf(d);
  });
});
