import { assert, describe, it } from "vitest";
import { failureResultOf } from "../testing/results.ts";
import { fail, succeed } from "./combinators.ts";
import { Deferred } from "./deferred.ts";
import { CancelledError, NonErrorThrown } from "./errors.ts";
import { openLedger } from "./unhandled.ts";

class Boom extends Error {}

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

/** A signal that tells how many listen to it. */
function countedController(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  return { controller, listeners: () => listeners };
}

async function rejectionOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("expected a rejection");
}

describe("a callback that returns a promise", () => {
  it("is waited for: the value", async () => {
    const log: string[] = [];
    const d = succeed(1).addCallback(async (n) => {
      log.push("callback");
      await Promise.resolve();
      return n + 1;
    });
    void d.addCallback((n) => log.push(`then ${String(n)}`));
    assert.deepEqual(log, ["callback"]);
    assert.equal(d.paused, 1);
    await d;
    assert.deepEqual(log, ["callback", "then 2"]);
  });

  it("is waited for: the rejection", async () => {
    const error = new Boom();
    const d = succeed(1).addCallback(() => Promise.reject(error));
    assert.equal(await rejectionOf(d), error);
  });

  it("an async function that throws before its first await fails the chain", async () => {
    const d = succeed(1).addCallback(async () => {
      throw new Boom("early");
    });
    assert.instanceOf(await rejectionOf(d), Boom);
  });

  it("a promise rejected with something else has it in NonErrorThrown", async () => {
    const d = succeed(1).addCallback(() => Promise.reject("text"));
    const error = await rejectionOf(d);
    assert.instanceOf(error, NonErrorThrown);
    assert.equal(error.thrown, "text");
  });

  it("works for errbacks, addBoth and addCallbacks", async () => {
    const results = await Promise.all([
      fail(new Boom()).addErrback(async () => "errback"),
      succeed(1).addBoth(async () => "both"),
      succeed(1).addCallbacks(
        async () => "callbacks",
        () => "",
      ),
    ]);
    assert.deepEqual(results, ["errback", "both", "callbacks"]);
  });

  it("a thenable that answers at once is no wait", () => {
    const value = succeed(0).addCallback(() => new Thenable<number>((resolve) => resolve(7)));
    assert.equal(value.result, 7);
    const reason = new Boom();
    const failed = succeed(0).addCallback(
      () => new Thenable<number>((_, reject) => reject(reason)),
    );
    assert.equal(failureResultOf(failed).value, reason);
  });

  it("a thenable that answers twice counts once", () => {
    const d = succeed(0).addCallback(
      () =>
        new Thenable<number>((resolve, reject) => {
          resolve(1);
          resolve(2);
          reject(new Boom());
        }),
    );
    assert.equal(d.result, 1);
  });

  it("a thenable whose then() throws fails the chain", () => {
    const d = succeed(0).addCallback(
      () =>
        new Thenable<number>(() => {
          throw new Boom("in then()");
        }),
    );
    assert.equal(failureResultOf(d, Boom).getErrorMessage(), "in then()");
  });

  it("a `then` getter that throws fails the chain, and the chain goes on", () => {
    const broken = {
      // oxlint-disable-next-line unicorn/no-thenable -- a broken one, on purpose.
      get then(): unknown {
        throw new Boom("getter");
      },
    };
    const log: string[] = [];
    const d = new Deferred<number>();
    void d
      .addCallback(() => broken)
      .addErrback((failure) => log.push(failure.getErrorMessage()))
      .addCallback(() => log.push("after"));
    d.callback(0);
    assert.deepEqual(log, ["getter", "after"]);
  });

  it("a cancel lets go of the promise; what it comes to later is ignored", async () => {
    for (const ending of ["resolve", "reject"] as const) {
      let settle: (() => void) | undefined;
      const promise = new Promise<number>((resolve, reject) => {
        settle = () => (ending === "resolve" ? resolve(1) : reject(new Boom("late")));
      });
      const d = succeed(0).addCallback(() => promise);
      d.cancel();
      failureResultOf(d, CancelledError);
      settle?.();
      await Promise.resolve();
      await Promise.resolve();
      assert.equal(d.result, undefined);
    }
  });
});

describe("then()", () => {
  it("await gives the value, of a fired and of an unfired Deferred", async () => {
    assert.equal(await succeed(1), 1);
    const d = new Deferred<number>();
    queueMicrotask(() => d.callback(2));
    assert.equal(await d, 2);
  });

  it("await twice gives the value twice, and the chain has it still", async () => {
    const d = succeed({ some: "value" });
    assert.equal(await d, await d);
    assert.deepEqual(d.result, { some: "value" });
    assert.equal(await d.addCallback(() => "other"), "other");
  });

  it("await of a failed Deferred throws its error, twice", async () => {
    using ledger = openLedger();
    const error = new Boom();
    const d = fail(error);
    assert.equal(await rejectionOf(d), error);
    assert.equal(await rejectionOf(d), error);
    assert.deepEqual(ledger.failures(), []);
  });

  it("several who await before it fires get it, in order", async () => {
    const d = new Deferred<number>();
    const log: string[] = [];
    const all = ["a", "b"].map(async (name) => {
      log.push(`${name}${String(await d)}`);
    });
    d.callback(1);
    await Promise.all(all);
    assert.deepEqual(log, ["a1", "b1"]);
  });

  it("with handlers calls them at once when the Deferred has fired", () => {
    const log: unknown[] = [];
    void succeed(1).then((value) => log.push(value));
    void fail(new Boom("x")).then(null, (error) => log.push(error.message));
    assert.deepEqual(log, [1, "x"]);
  });

  it("gives a promise of what the handler returns, throws or promises", async () => {
    assert.equal(await succeed(1).then((n) => n + 1), 2);
    assert.equal(await succeed(1).then(async (n) => n + 2), 3);
    assert.equal(await fail(new Boom()).then(null, () => 4), 4);
    const thrown = succeed(1).then(() => {
      throw new Boom("in the handler");
    });
    assert.instanceOf(await rejectionOf(thrown), Boom);
  });

  it("without handlers passes value and error on", async () => {
    assert.equal(await succeed(1).then(), 1);
    assert.equal(await succeed(1).then(null, null), 1);
    const error = new Boom();
    assert.equal(await rejectionOf(fail(error).then()), error);
    assert.equal(await rejectionOf(fail(error).then((n) => n)), error);
  });

  it("leaves the result to the callbacks after it, whatever a handler does", async () => {
    const d = succeed(1);
    const thrown = rejectionOf(
      d.then(() => {
        throw new Boom();
      }),
    );
    assert.equal(d.result, 1);
    await thrown;
    const failed = fail(new Boom("kept"));
    await failed.then(null, () => "handled there");
    assert.equal(failureResultOf(failed).getErrorMessage(), "kept");
  });

  it("waits with a Deferred that waits", async () => {
    const inner = new Deferred<number>();
    const outer = succeed(0).addCallback(() => inner);
    const promise = outer.then();
    inner.callback(7);
    assert.equal(await promise, 7);
  });

  it("async function and Deferred go through each other 1,000 times", async () => {
    const step = (n: number): Deferred<number> =>
      succeed(n).addCallback(async (left) => (left === 0 ? 0 : 1 + (await step(left - 1))));
    assert.equal(await step(1000), 1000);
  });
});

describe("toPromise()", () => {
  it("gives the value or the error", async () => {
    assert.equal(await succeed(1).toPromise(), 1);
    assert.instanceOf(await rejectionOf(fail(new Boom()).toPromise()), Boom);
  });

  it("a signal aborted before cancels at once, and is not listened to", async () => {
    const { controller, listeners } = countedController();
    controller.abort();
    const d = new Deferred<number>();
    const promise = d.toPromise({ signal: controller.signal });
    assert.isTrue(d.called);
    assert.instanceOf(await rejectionOf(promise), CancelledError);
    assert.isAtMost(listeners(), 0);
  });

  it("a signal aborted before leaves a fired Deferred its value", async () => {
    assert.equal(await succeed(1).toPromise({ signal: AbortSignal.abort() }), 1);
  });

  it("a signal aborted during cancels, and is let go of", async () => {
    const { controller, listeners } = countedController();
    const asked: string[] = [];
    const d = new Deferred<number>(() => asked.push("asked"));
    const promise = d.toPromise({ signal: controller.signal });
    assert.equal(listeners(), 1);
    controller.abort();
    assert.deepEqual(asked, ["asked"]);
    assert.instanceOf(await rejectionOf(promise), CancelledError);
    assert.equal(listeners(), 0);
  });

  it("a signal aborted during reaches the Deferred that is waited for", async () => {
    const controller = new AbortController();
    const inner = new Deferred<string>((one) => one.callback("stopped"));
    const promise = succeed(0)
      .addCallback(() => inner)
      .toPromise({ signal: controller.signal });
    controller.abort();
    assert.equal(await promise, "stopped");
  });

  it("a signal aborted after does nothing, and is let go of by value and error", async () => {
    for (const fails of [false, true]) {
      const { controller, listeners } = countedController();
      const d = new Deferred<number>();
      const promise = d.toPromise({ signal: controller.signal });
      if (fails) d.errback(new Boom());
      else d.callback(1);
      controller.abort();
      if (fails) assert.instanceOf(await rejectionOf(promise), Boom);
      else assert.equal(await promise, 1);
      assert.equal(listeners(), 0);
    }
  });
});

describe("Deferred.fromPromise()", () => {
  it("fires with what the promise comes to", async () => {
    assert.equal(await Deferred.fromPromise(Promise.resolve(1)), 1);
    const error = new Boom();
    assert.equal(await rejectionOf(Deferred.fromPromise(Promise.reject(error))), error);
  });

  it("takes another Deferred", () => {
    const source = new Deferred<number>();
    const d = Deferred.fromPromise(source);
    source.callback(1);
    assert.equal(d.result, 1);
  });

  it("cancel() fails it at once; the promise is ignored, and its rejection no crash", async () => {
    for (const promise of [Promise.resolve(1), Promise.reject(new Boom())]) {
      const d = Deferred.fromPromise(promise);
      d.cancel();
      failureResultOf(d, CancelledError);
      await Promise.resolve();
      await Promise.resolve();
      assert.equal(d.result, undefined);
    }
  });
});

describe("Deferred.fromAbortable()", () => {
  it("fires with the promise's value; the signal stays silent", async () => {
    let seen: AbortSignal | undefined;
    const d = Deferred.fromAbortable(async (signal) => {
      seen = signal;
      return 1;
    });
    assert.equal(await d, 1);
    d.cancel();
    assert.isFalse(seen?.aborted);
  });

  it("cancel() aborts the signal with a CancelledError and fails at once", async () => {
    const reasons: unknown[] = [];
    const d = Deferred.fromAbortable(
      (signal) =>
        new Promise<number>((_, reject) => {
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            reject(signal.reason);
          });
        }),
    );
    d.cancel();
    assert.instanceOf(reasons[0], CancelledError);
    failureResultOf(d, CancelledError);
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(d.result, undefined);
  });

  it("fails with what the function throws at once or later", async () => {
    const thrown = Deferred.fromAbortable((): Promise<number> => {
      throw new Boom("at once");
    });
    assert.equal(failureResultOf(thrown, Boom).getErrorMessage(), "at once");
    const later = Deferred.fromAbortable(async (): Promise<number> => {
      await Promise.resolve();
      throw new Boom("later");
    });
    assert.instanceOf(await rejectionOf(later), Boom);
  });

  it("joins with toPromise(): one signal goes all the way through", async () => {
    const controller = new AbortController();
    let inner: AbortSignal | undefined;
    const promise = Deferred.fromAbortable((signal) => {
      inner = signal;
      return new Promise<number>(() => {});
    }).toPromise({ signal: controller.signal });
    controller.abort();
    assert.isTrue(inner?.aborted);
    assert.instanceOf(await rejectionOf(promise), CancelledError);
  });
});
