import { assert, describe, it } from "vitest";
import { AlreadyCalled, AlreadyCancelled } from "../internet/errors.ts";
import { captureLogs } from "../logger/capture.ts";
import { Clock } from "./clock.ts";

describe("advance()", () => {
  it("moves time at once and runs what is due, in order; all see the new time", () => {
    const clock = new Clock();
    const log: unknown[] = [];
    clock.callLater(2, () => log.push(["two", clock.seconds()]));
    clock.callLater(1, () => log.push(["one", clock.seconds()]));
    clock.callLater(5, () => log.push("not due"));
    clock.callLater(1, () => log.push(["tie", clock.seconds()]));
    clock.advance(3);
    assert.deepEqual(log, [
      ["one", 3],
      ["tie", 3],
      ["two", 3],
    ]);
    assert.equal(clock.seconds(), 3);
  });

  it("passes the arguments on", () => {
    const clock = new Clock();
    const log: unknown[] = [];
    clock.callLater(1, (a: number, b: string) => log.push(a, b), 7, "x");
    clock.advance(1);
    assert.deepEqual(log, [7, "x"]);
  });

  it("leaves calls made on the way to the next advance, even those that are due (trace 11)", () => {
    const clock = new Clock();
    const log: string[] = [];
    clock.callLater(1, () => {
      clock.callLater(0, () => log.push("made"));
    });
    clock.advance(5);
    assert.deepEqual(log, []);
    assert.equal(clock.getDelayedCalls().length, 1);
    clock.advance(0);
    assert.deepEqual(log, ["made"]);
  });

  it("does not starve the test that waits for a call that calls itself again", () => {
    const clock = new Clock();
    let runs = 0;
    function again(): void {
      runs += 1;
      clock.callLater(0, again);
    }
    clock.callLater(0, again);
    clock.advance(10);
    clock.advance(10);
    assert.equal(runs, 2);
  });

  it("logs what a call throws; the others still run, and nothing escapes (trace 12)", () => {
    using logs = captureLogs();
    const clock = new Clock();
    const log: string[] = [];
    const error = new RangeError("in a call");
    function guilty(): never {
      throw error;
    }
    clock.callLater(1, guilty);
    clock.callLater(1, () => log.push("next"));
    clock.advance(1);
    assert.deepEqual(log, ["next"]);
    const [event, ...more] = logs.flush();
    assert.deepEqual(more, []);
    assert.equal(event?.log_level, "critical");
    assert.equal(event?.log_failure?.value, error);
    assert.include(String(event?.["call"]), "guilty");
  });

  it("inside a call runs what is due by then", () => {
    const clock = new Clock();
    const log: string[] = [];
    clock.callLater(1, () => {
      clock.advance(1);
      log.push("outer");
    });
    clock.callLater(2, () => log.push("inner"));
    clock.advance(1);
    assert.deepEqual(log, ["inner", "outer"]);
    assert.equal(clock.seconds(), 2);
  });

  it("refuses to go backwards, and stands still", () => {
    const clock = new Clock();
    clock.advance(1);
    for (const seconds of [-1, Number.NaN]) {
      assert.throws(() => clock.advance(seconds), RangeError, "Cannot advance");
    }
    assert.equal(clock.seconds(), 1);
  });
});

it("pump() advances by each step", () => {
  const clock = new Clock();
  const log: number[] = [];
  function tick(): void {
    log.push(clock.seconds());
    clock.callLater(1, tick);
  }
  clock.callLater(1, tick);
  clock.pump([0.5, 0.5, 1, 3, 1]);
  assert.deepEqual(log, [1, 2, 5, 6]);
});

it("getDelayedCalls() has those that wait, and no other", () => {
  const clock = new Clock();
  const [a, b, c] = [1, 2, 3].map((delay) => clock.callLater(delay, () => {}));
  clock.advance(1);
  b?.cancel();
  const waiting = clock.getDelayedCalls();
  assert.equal(waiting.length, 1);
  assert.equal(waiting[0], c);
  assert.throws(() => a?.cancel(), AlreadyCalled);
  assert.throws(() => b?.cancel(), AlreadyCancelled);
});

it("callLater() refuses delays that are none", () => {
  const clock = new Clock();
  for (const delay of [-0.1, Number.NaN]) {
    assert.throws(() => clock.callLater(delay, () => {}), RangeError);
  }
  assert.deepEqual(clock.getDelayedCalls(), []);
});
