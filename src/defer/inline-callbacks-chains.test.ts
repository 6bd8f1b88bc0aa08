import { assert, describe, it } from "vitest";
import { failureResultOf, successResultOf } from "../testing/results.ts";
import { Deferred } from "./deferred.ts";
import { inlineCallbacks } from "./inline-callbacks.ts";
import { wait } from "./wait.ts";

describe("inlineCallbacks(): bodies that wait for bodies", () => {
  const plusOne = inlineCallbacks(function* (before: Deferred<number>) {
    return 1 + (yield* wait(before));
  });

  it("need no stack: 100,000 in a row", () => {
    const first = new Deferred<number>();
    let last = first;
    for (let step = 0; step < 100_000; step += 1) last = plusOne(last);
    first.callback(0);
    assert.equal(successResultOf(last), 100_000);
  });

  it("need no stack on the way of a failure", () => {
    const first = new Deferred<number>();
    let last = first;
    for (let step = 0; step < 20_000; step += 1) last = plusOne(last);
    first.errback(new RangeError("first"));
    assert.equal(failureResultOf(last).getErrorMessage(), "first");
  });

  it("go on in the order in which they came, all of them inside the call that fires", () => {
    const first = new Deferred<number>();
    const seen: string[] = [];
    const note = inlineCallbacks(function* (name: string, before: Deferred<number>) {
      const n = yield* wait(before);
      seen.push(name);
      return n;
    });
    const shared = note("first", first);
    const others = ["a", "b"].map((name) => note(name, shared));
    void note("c", shared);
    for (const other of others) void note("behind", other);
    first.callback(0);
    assert.deepEqual(seen, ["first", "a", "b", "c", "behind", "behind"]);
  });

  it("a body that fires another Deferred finds that all who waited for it have gone on", () => {
    const [start, other] = [new Deferred<number>(), new Deferred<number>()];
    const last = plusOne(plusOne(plusOne(other)));
    const firer = inlineCallbacks(function* () {
      yield* wait(start);
      other.callback(0);
      return successResultOf(last);
    })();
    start.callback(0);
    assert.equal(successResultOf(firer), 3);
  });

  it("so does a callback of a body's Deferred", () => {
    const [start, other] = [new Deferred<number>(), new Deferred<number>()];
    const last = plusOne(plusOne(other));
    const shared = plusOne(start);
    const before = plusOne(shared);
    const firer = shared.addCallback((n) => {
      other.callback(n);
      return successResultOf(last);
    });
    start.callback(0);
    assert.equal(successResultOf(firer), 3);
    assert.equal(successResultOf(before), 2);
  });

  it("one that waits for a Deferred in whose callbacks it was started goes on as well", () => {
    const start = new Deferred<number>();
    const shared = plusOne(start);
    let inside: Deferred<number> | undefined;
    void shared.addCallback((n) => {
      inside = plusOne(shared);
      return n * 10;
    });
    start.callback(0);
    assert(inside !== undefined);
    assert.equal(successResultOf(inside), 11);
  });
});
