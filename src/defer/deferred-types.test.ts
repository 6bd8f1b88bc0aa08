import { assert, expectTypeOf, it } from "vitest";
import { fail, maybeDeferred, succeed } from "./combinators.ts";
import { Deferred, type Eventual } from "./deferred.ts";
import { Failure } from "./failure.ts";

// Goal: what people write without a type argument has the type they mean.
// Method: `expectTypeOf` on real calls, so that each line is run as well as compiled.

it("addCallback() takes the type of what comes: value, promise, Deferred, void", async () => {
  const make = (): Deferred<number> => succeed(1);
  expectTypeOf(make().addCallback((n) => String(n))).toEqualTypeOf<Deferred<string>>();
  expectTypeOf(make().addCallback(async (n) => n > 0)).toEqualTypeOf<Deferred<boolean>>();
  expectTypeOf(make().addCallback(() => succeed("s"))).toEqualTypeOf<Deferred<string>>();
  expectTypeOf(make().addCallback(() => {})).toEqualTypeOf<Deferred<void>>();
  expectTypeOf(make().addCallback(() => new Deferred<void>())).toEqualTypeOf<Deferred<void>>();
  expectTypeOf(make().addCallback((n) => (n > 0 ? n : Promise.resolve(2)))).toEqualTypeOf<
    Deferred<number>
  >();
});

it("addCallback() leaves out a Failure that may be returned instead of the value", () => {
  const d = succeed(1).addCallback((n) => (n > 0 ? "fine" : new Failure(new Error("negative"))));
  expectTypeOf(d).toEqualTypeOf<Deferred<"fine">>();
  const never = succeed(1).addCallback((): never => {
    throw new RangeError("always");
  });
  expectTypeOf(never).toEqualTypeOf<Deferred<never>>();
  never.addErrback(() => {}).cancel();
});

it("the callback's argument is the result so far", () => {
  void succeed("text")
    .addCallback((text) => {
      expectTypeOf(text).toEqualTypeOf<string>();
      return text.length;
    })
    .addCallback((length) => {
      expectTypeOf(length).toEqualTypeOf<number>();
    })
    .addCallback((nothing) => {
      expectTypeOf(nothing).toEqualTypeOf<void>();
    });
});

it("addErrback() gets a Failure and gives either type", () => {
  const d = succeed(1).addErrback((failure) => {
    expectTypeOf(failure).toEqualTypeOf<Failure>();
    return "instead";
  });
  expectTypeOf(d).toEqualTypeOf<Deferred<number | string>>();
  expectTypeOf(succeed(1).addErrback(() => 0)).toEqualTypeOf<Deferred<number>>();
  expectTypeOf(succeed(1).addErrback(async () => "s")).toEqualTypeOf<Deferred<number | string>>();
  const passing = succeed(1).addErrback((failure): never => failure.raiseException());
  expectTypeOf(passing).toEqualTypeOf<Deferred<number>>();
});

it("addBoth() and addCallbacks() join what both sides give", () => {
  const both = succeed(1).addBoth((result) => {
    expectTypeOf(result).toEqualTypeOf<number | Failure>();
    return result instanceof Failure ? 0 : result;
  });
  expectTypeOf(both).toEqualTypeOf<Deferred<number>>();
  expectTypeOf(succeed(1).addBoth((result) => result)).toEqualTypeOf<Deferred<number>>();
  const callbacks = succeed(1).addCallbacks(
    (n) => n > 0,
    () => "failed",
  );
  expectTypeOf(callbacks).toEqualTypeOf<Deferred<boolean | string>>();
});

it("a Deferred of nothing fires without an argument", () => {
  const d = new Deferred<void>();
  d.callback();
  expectTypeOf<Parameters<Deferred<number>["callback"]>>().toEqualTypeOf<[number | Failure]>();
  expectTypeOf<Parameters<Deferred<number>["errback"]>>().toEqualTypeOf<[unknown]>();
  assert.isTrue(d.called);
});

it("await and then() give the value's type", async () => {
  expectTypeOf(await succeed(1)).toEqualTypeOf<number>();
  expectTypeOf<Awaited<Deferred<string>>>().toEqualTypeOf<string>();
  expectTypeOf<Awaited<Deferred<void>>>().toEqualTypeOf<void>();
  expectTypeOf(succeed(1).then()).toEqualTypeOf<Promise<number>>();
  expectTypeOf(succeed(1).then((n) => String(n))).toEqualTypeOf<Promise<string>>();
  expectTypeOf(
    succeed(1).then(null, (error) => {
      expectTypeOf(error).toEqualTypeOf<Error>();
      return "s";
    }),
  ).toEqualTypeOf<Promise<number | string>>();
  expectTypeOf(succeed(1).toPromise()).toEqualTypeOf<Promise<number>>();
  expectTypeOf(await Promise.all([succeed(1), succeed("s")])).toEqualTypeOf<[number, string]>();
});

it("a Deferred is a PromiseLike, and an Eventual with its value and its promise", () => {
  expectTypeOf<Deferred<number>>().toExtend<PromiseLike<number>>();
  expectTypeOf<number | Deferred<number> | Promise<number>>().toExtend<Eventual<number>>();
  expectTypeOf<Promise<string>>().not.toExtend<Eventual<number>>();
  expectTypeOf<Deferred<string>>().not.toExtend<Eventual<number>>();
});

it("maybeDeferred(), succeed() and fail() have the type of what they are given", () => {
  expectTypeOf(maybeDeferred(() => 1)).toEqualTypeOf<Deferred<number>>();
  expectTypeOf(maybeDeferred(async () => 1)).toEqualTypeOf<Deferred<number>>();
  expectTypeOf(maybeDeferred(() => succeed("s"))).toEqualTypeOf<Deferred<string>>();
  const repeat = (text: string, count: number): string => text.repeat(count);
  expectTypeOf(maybeDeferred(repeat, "ab", 2)).toEqualTypeOf<Deferred<string>>();
  expectTypeOf(succeed(1)).toEqualTypeOf<Deferred<number>>();
  expectTypeOf(fail).returns.toEqualTypeOf<Deferred<unknown>>();
  const failed = fail<string>(new Error("x"));
  expectTypeOf(failed).toEqualTypeOf<Deferred<string>>();
  void failed.addErrback(() => {});
});

it("addTimeout(), fromPromise(), fromAbortable() and chainDeferred() keep the type", () => {
  const clock = { callLater: () => ({ active: false, cancel: (): void => {} }) };
  expectTypeOf(succeed(1).addTimeout(1, clock)).toEqualTypeOf<Deferred<number>>();
  expectTypeOf(Deferred.fromPromise(Promise.resolve(1))).toEqualTypeOf<Deferred<number>>();
  expectTypeOf(Deferred.fromAbortable(async (signal) => signal.aborted)).toEqualTypeOf<
    Deferred<boolean>
  >();
  expectTypeOf(succeed(1).chainDeferred(new Deferred<number>())).toEqualTypeOf<Deferred<void>>();
  expectTypeOf<Parameters<Deferred<number>["chainDeferred"]>>().toEqualTypeOf<[Deferred<number>]>();
});

it("Failure.is() narrows its value, check() and trap() give back what matched", () => {
  class Coded extends Error {
    readonly extra = 1;
  }
  const failure = Failure.of(new Coded("x"));
  expectTypeOf(failure.value).toEqualTypeOf<Error>();
  if (failure.is(Coded)) expectTypeOf(failure.value).toEqualTypeOf<Coded>();
  expectTypeOf(failure.check(Coded)).toEqualTypeOf<typeof Coded | undefined>();
  expectTypeOf(failure.check("ERR_X", "ERR_Y")).toEqualTypeOf<"ERR_X" | "ERR_Y" | undefined>();
  expectTypeOf(failure.trap(Coded)).toEqualTypeOf<typeof Coded>();
  expectTypeOf(new Failure(new Coded("x"))).toEqualTypeOf<Failure<Coded>>();
});
