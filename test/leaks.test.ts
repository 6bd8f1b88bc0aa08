import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert, describe, it } from "vitest";
import { CancelledError, Deferred, openLedger, succeed } from "sennit/defer";
import { LoopingCall } from "sennit/internet";
import { Clock } from "sennit/testing";

// Goal: nothing that has had its end is kept. Method: do a thing a million times, collect, and
// compare the heap with what it was after the first few thousand.

const MILLION = 1_000_000;
/**
 * Heap that may be left over: compiled code and the runner's own books, far below a million
 * objects.
 */
const SLACK_BYTES = 2_000_000;

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

async function heapBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return getHeapStatistics().used_heap_size;
}

async function leftOver(once: () => void): Promise<number> {
  for (let warm = 0; warm < 5000; warm += 1) once();
  const before = await heapBytes();
  for (let at = 0; at < MILLION; at += 1) {
    once();
    // The ledger settles in microtasks: let them run, as a program's turns do.
    if (at % 10_000 === 0) await Promise.resolve();
  }
  return (await heapBytes()) - before;
}

describe("a million Deferreds leave nothing behind", () => {
  const cases: Record<string, () => void> = {
    fired: () => {
      const d = new Deferred<number>();
      void d.addCallback((n) => n + 1).addCallback((n) => n * 2);
      d.callback(1);
    },
    "failed and handled": () => {
      const d = new Deferred<number>();
      void d.addErrback(() => 0);
      d.errback(new RangeError("no"));
    },
    "failed, and handled afterwards": () => {
      const d = new Deferred<number>();
      d.errback(new RangeError("no"));
      void d.addErrback(() => 0);
    },
    cancelled: () => {
      const d = new Deferred<number>();
      void d.addErrback((failure) => failure.trap(CancelledError));
      d.cancel();
    },
    chained: () => {
      const inner = new Deferred<number>();
      void succeed(1).addCallback(() => inner);
      inner.callback(2);
    },
  };
  for (const [name, once] of Object.entries(cases)) {
    it(name, async () => {
      using ledger = openLedger();
      assert.isBelow(await leftOver(once), SLACK_BYTES);
      assert.isEmpty(ledger.failures());
    });
  }
});

it("a million delayed calls, made and cancelled or called, leave nothing behind", async () => {
  const clock = new Clock();
  const left = await leftOver(() => {
    clock.callLater(60, () => {}).cancel();
    clock.callLater(0.001, () => {});
    clock.advance(0.001);
  });
  assert.isBelow(left, SLACK_BYTES);
  assert.isEmpty(clock.getDelayedCalls());
});

it("a million ticks of looping calls leave nothing behind", async () => {
  const clock = new Clock();
  let ticks = 0;
  const loop = new LoopingCall(
    () => {
      ticks += 1;
    },
    { clock },
  );
  const ended = loop.start(1);
  const left = await leftOver(() => clock.advance(1));
  loop.stop();
  assert.strictEqual(await ended, loop);
  assert.isAbove(ticks, MILLION);
  assert.isBelow(left, SLACK_BYTES);
  assert.isEmpty(clock.getDelayedCalls());
});
