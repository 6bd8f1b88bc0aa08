import { assert, describe, expectTypeOf, it } from "vitest";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { succeed } from "./combinators.ts";
import type { Deferred } from "./deferred.ts";
import { DeferredQueue, QueueOverflow, QueueUnderflow } from "./deferred-queue.ts";
import { CancelledError } from "./errors.ts";
import { openLedger } from "./unhandled.ts";

describe("DeferredQueue", () => {
  it("gives items out in the order in which they came", () => {
    const queue = new DeferredQueue<number>();
    for (const item of [1, 2, 3]) queue.put(item);
    assert.equal(queue.pending, 3);
    const first = queue.get();
    expectTypeOf(first).toEqualTypeOf<Deferred<number>>();
    assert.deepEqual([first, queue.get(), queue.get()].map(successResultOf), [1, 2, 3]);
    assert.equal(queue.pending, 0);
  });

  it("gives them to those who wait, in order, inside put()", () => {
    const queue = new DeferredQueue<number>();
    const seen: [string, number][] = [];
    for (const name of ["a", "b"]) void queue.get().addCallback((item) => seen.push([name, item]));
    assert.equal(queue.waiting, 2);
    queue.put(1);
    assert.deepEqual(seen, [["a", 1]]);
    queue.put(2);
    assert.deepEqual(seen, [
      ["a", 1],
      ["b", 2],
    ]);
    assert.equal(queue.pending, 0);
  });

  it("holds `undefined` as it holds anything", () => {
    const queue = new DeferredQueue<undefined>();
    queue.put(undefined);
    assert.isUndefined(successResultOf(queue.get()));
    assert.equal(queue.pending, 0);
  });

  it("refuses an item too many", () => {
    const queue = new DeferredQueue<number>(2);
    queue.put(1);
    queue.put(2);
    assert.throws(() => queue.put(3), QueueOverflow, "expected at most 2 to wait");
    assert.equal(successResultOf(queue.get()), 1);
    queue.put(3);
    assert.deepEqual([queue.get(), queue.get()].map(successResultOf), [2, 3]);
  });

  it("of size 0 hands over to those who wait only", () => {
    const queue = new DeferredQueue<number>(0);
    assert.throws(() => queue.put(1), QueueOverflow);
    const waiting = queue.get();
    queue.put(2);
    assert.equal(successResultOf(waiting), 2);
    assert.throws(() => queue.put(3), QueueOverflow);
  });

  it("refuses one too many who wait", () => {
    const queue = new DeferredQueue<number>(Infinity, 1);
    const waiting = queue.get();
    assert.throws(() => void queue.get(), QueueUnderflow, "expected at most 1 to wait");
    waiting.cancel();
    failureResultOf(waiting, CancelledError);
    assertNoResult(queue.get());
    const none = new DeferredQueue<number>(1, 0);
    assert.throws(() => void none.get(), QueueUnderflow);
    none.put(1);
    assert.equal(successResultOf(none.get()), 1);
  });

  it("a cancel leaves the line: the item goes to the next", () => {
    const queue = new DeferredQueue<number>();
    const [a, b, c] = [queue.get(), queue.get(), queue.get()];
    b.cancel();
    failureResultOf(b, CancelledError);
    assert.equal(queue.waiting, 2);
    queue.put(1);
    queue.put(2);
    assert.deepEqual([a, c].map(successResultOf), [1, 2]);
    queue.put(3);
    assert.equal(queue.pending, 1);
  });

  it("refuses what no Deferred can be fired with, and loses nobody who waits", () => {
    const queue = new DeferredQueue<unknown>();
    const waiting = queue.get();
    for (const item of [succeed(1), Promise.resolve(1)]) {
      assert.throws(() => queue.put(item), TypeError);
    }
    assert.equal(queue.waiting, 1);
    queue.put("value");
    assert.equal(successResultOf(waiting), "value");
  });

  it("refuses limits that are none", () => {
    assert.throws(() => new DeferredQueue(-1), RangeError, "a size of 0 or more, got -1");
    assert.throws(() => new DeferredQueue(1, NaN), RangeError, "a backlog of 0 or more, got NaN");
  });

  it("is as quick with many items as with few", () => {
    const queue = new DeferredQueue<number>();
    const count = 200_000;
    for (let item = 0; item < count; item += 1) queue.put(item);
    let sum = 0;
    for (let item = 0; item < count; item += 1) sum += successResultOf(queue.get());
    assert.equal(sum, (count * (count - 1)) / 2);
  });
});

describe("DeferredQueue: for await", () => {
  it("gives the items as they come", async () => {
    const queue = new DeferredQueue<number>();
    queue.put(1);
    const seen: number[] = [];
    const reading = (async (): Promise<void> => {
      for await (const item of queue) {
        expectTypeOf(item).toEqualTypeOf<number>();
        seen.push(item);
        if (item === 3) break;
      }
    })();
    queue.put(2);
    await Promise.resolve();
    queue.put(3);
    queue.put(4);
    await reading;
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(successResultOf(queue.get()), 4);
  });

  it("several loops share the items", async () => {
    const queue = new DeferredQueue<number>();
    const take = async (): Promise<number[]> => {
      const seen: number[] = [];
      for await (const item of queue) {
        seen.push(item);
        if (seen.length === 2) break;
      }
      return seen;
    };
    const loops = [take(), take()];
    for (const item of [1, 2, 3, 4]) queue.put(item);
    const seen = await Promise.all(loops);
    assert.sameMembers(seen.flat(), [1, 2, 3, 4]);
    assert.equal(queue.waiting, 0);
  });

  it("return() takes those who wait in next() out of the line: that is their end", async () => {
    using ledger = openLedger();
    const queue = new DeferredQueue<number>();
    const items = queue[Symbol.asyncIterator]();
    const waiting = [items.next(), items.next()];
    assert.equal(queue.waiting, 2);
    assert.deepEqual(await items.return?.(), { done: true, value: undefined });
    assert.deepEqual(await Promise.all(waiting), [
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    assert.equal(queue.waiting, 0);
    assert.isTrue((await items.next()).done);
    queue.put(1);
    assert.equal(queue.pending, 1);
    assert.deepEqual(ledger.failures(), []);
  });

  it("an item that is on its way when return() is called is not lost", async () => {
    const queue = new DeferredQueue<number>();
    const items = queue[Symbol.asyncIterator]();
    const waiting = items.next();
    queue.put(1);
    await items.return?.();
    assert.deepEqual(await waiting, { done: false, value: 1 });
  });

  it("fails when too many wait", async () => {
    const queue = new DeferredQueue<number>(1, 0);
    const failed: unknown = await queue[Symbol.asyncIterator]()
      .next()
      .catch((error: unknown) => error);
    assert.instanceOf(failed, QueueUnderflow);
  });
});
