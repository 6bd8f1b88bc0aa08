/**
 * One deadline at a time, with one timer.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { Clock } from "../../testing/clock.ts";
import { DeadlineWatch } from "./deadline-watch.ts";

/** A watch, and when what has expired. */
function watch(): { clock: Clock; seen: string[]; it: DeadlineWatch<string> } {
  const clock = new Clock();
  const seen: string[] = [];
  const it = new DeadlineWatch<string>(clock, (phase) => {
    seen.push(`${phase} ${String(clock.seconds())}`);
  });
  return { clock, seen, it };
}

describe("DeadlineWatch", () => {
  it("calls when a deadline has come, once", () => {
    const { clock, seen, it } = watch();
    it.set("a", 5);
    clock.advance(4);
    assert.equal(it.phase, "a");
    clock.advance(1);
    assert.deepEqual(seen, ["a 5"]);
    assert.isUndefined(it.phase);
    clock.advance(100);
    assert.lengthOf(seen, 1);
    assert.lengthOf(clock.getDelayedCalls(), 0);
  });

  it("moves a deadline later without a new timer, and earlier with the same one", () => {
    const { clock, seen, it } = watch();
    it.set("a", 5);
    const [timer] = clock.getDelayedCalls();
    clock.advance(4);
    it.set("b", 5);
    assert.strictEqual(clock.getDelayedCalls()[0], timer);
    clock.advance(4);
    assert.deepEqual(seen, []);
    clock.advance(1);
    assert.deepEqual(seen, ["b 9"]);
    it.set("c", 100);
    it.set("d", 1);
    assert.lengthOf(clock.getDelayedCalls(), 1);
    clock.advance(1);
    assert.deepEqual(seen, ["b 9", "d 10"]);
  });

  it("clear() waits for nothing; 0 seconds are for ever", () => {
    const { clock, seen, it } = watch();
    it.set("a", 5);
    it.clear();
    assert.isUndefined(it.phase);
    it.set("b", 5);
    it.set("c", 0);
    assert.isUndefined(it.phase);
    clock.advance(100);
    assert.deepEqual(seen, []);
    assert.lengthOf(clock.getDelayedCalls(), 0);
  });

  it("stop() leaves no timer", () => {
    const { clock, it } = watch();
    it.set("a", 5);
    it.stop();
    it.stop();
    assert.lengthOf(clock.getDelayedCalls(), 0);
  });

  it("can be set from what it calls", () => {
    const clock = new Clock();
    let count = 0;
    const again: DeadlineWatch<string> = new DeadlineWatch(clock, (phase) => {
      count += 1;
      again.set(phase, 2);
    });
    again.set("a", 2);
    clock.pump([2, 2, 2]);
    assert.equal(count, 3);
  });

  it("expires what was set last, at its time, whatever came before", () => {
    const step = fc.oneof(
      fc.record({ set: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ advance: fc.integer({ min: 0, max: 6 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { clock, seen, it } = watch();
        const expected: string[] = [];
        let due = 0;
        for (const [at, one] of steps.entries()) {
          if ("set" in one) {
            it.set(String(at), one.set);
            due = one.set === 0 ? 0 : clock.seconds() + one.set;
          } else {
            for (let second = 0; second < one.advance; second += 1) {
              const { phase } = it;
              clock.advance(1);
              if (due === 0 || clock.seconds() < due) continue;
              expected.push(`${phase ?? ""} ${String(due)}`);
              due = 0;
            }
          }
          assert.isAtMost(clock.getDelayedCalls().length, 1);
        }
        assert.deepEqual(seen, expected);
      }),
    );
  });
});
