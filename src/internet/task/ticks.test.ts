import { assert, describe, it } from "vitest";
import { CancelledError } from "../../defer/errors.ts";
import { Clock } from "../../testing/clock.ts";
import { ticks } from "./ticks.ts";

/** Let promises have their turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

/** Advance in steps, and let the loop's body run after each. */
async function pump(clock: Clock, ...steps: number[]): Promise<void> {
  for (const seconds of steps) {
    clock.advance(seconds);
    await settle();
  }
}

describe("ticks()", () => {
  it("gives a round for each tick, until the loop is left", async () => {
    const clock = new Clock();
    const seen: [seconds: number, count: number][] = [];
    const loop = (async () => {
      for await (const count of ticks(clock, 1)) {
        seen.push([clock.seconds(), count]);
        if (seen.length === 3) break;
      }
    })();
    await pump(clock, 0, 1, 1, 1);
    await loop;
    assert.deepEqual(seen, [
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("does not hurry a slow body: the next round is at a tick, and counts the missed", async () => {
    const clock = new Clock();
    const seen: [seconds: number, count: number][] = [];
    let finish = (): void => {};
    const loop = (async () => {
      for await (const count of ticks(clock, 1, { now: false })) {
        seen.push([clock.seconds(), count]);
        if (seen.length === 1) await new Promise<void>((resolve) => (finish = resolve));
        if (seen.length === 2) break;
      }
    })();
    await pump(clock, 1, 2.5);
    assert.deepEqual(clock.getDelayedCalls(), [], "nobody asks: nothing is timed");
    finish();
    await pump(clock, 0, 0.5);
    await loop;
    assert.deepEqual(seen, [
      [1, 1],
      [4, 3],
    ]);
  });

  it("starts nothing before the first round, and counts from there", async () => {
    const clock = new Clock();
    const iterator = ticks(clock, 1, { now: false });
    clock.advance(10);
    assert.deepEqual(clock.getDelayedCalls(), []);
    const first = iterator.next();
    clock.advance(1);
    assert.deepEqual(await first, { done: false, value: 1 });
  });

  it("refuses a bad interval at once", () => {
    assert.throws(() => ticks(new Clock(), -1), RangeError);
  });

  it("serves many who ask at a time in their order, a tick each", async () => {
    const clock = new Clock();
    const iterator = ticks(clock, 1);
    const rounds = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    await pump(clock, 1, 1);
    assert.deepEqual(
      (await rounds).map(({ value }) => value),
      [1, 1, 1],
    );
  });

  it("return() and disposal end it, for those who wait too", async () => {
    for (const end of ["return", "dispose"] as const) {
      const clock = new Clock();
      const iterator = ticks(clock, 1, { now: false });
      const waiting = iterator.next();
      if (end === "return") await iterator.return?.();
      else await iterator[Symbol.asyncDispose]();
      assert.isTrue((await waiting).done);
      assert.isTrue((await iterator.next()).done);
      assert.deepEqual(clock.getDelayedCalls(), []);
    }
  });

  it("return() before the first round starts nothing", async () => {
    const clock = new Clock();
    const iterator = ticks(clock, 1);
    await iterator.return?.();
    assert.isTrue((await iterator.next()).done);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("a signal ends it with a CancelledError, whoever asks when", async () => {
    for (const when of ["waiting", "busy", "beforehand"] as const) {
      const clock = new Clock();
      const controller = new AbortController();
      const iterator = ticks(clock, 1, { now: when === "busy", signal: controller.signal });
      if (when === "beforehand") controller.abort();
      const first = iterator.next();
      if (when === "busy") await first;
      controller.abort();
      const error: unknown = await (when === "busy" ? iterator.next() : first).catch(
        (reason: unknown) => reason,
      );
      assert.instanceOf(error, CancelledError);
      assert.strictEqual(error.cause, controller.signal.reason);
      assert.isTrue((await iterator.next()).done);
      assert.deepEqual(clock.getDelayedCalls(), []);
    }
  });
});
