/**
 * Pull producers behind a consumer that pauses.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Clock } from "../../testing/clock.ts";
import { PullLoop } from "./pull-loop.ts";

/** A loop, and how often its producer was asked. */
function loop(ask: () => void = () => {}): {
  clock: Clock;
  told: string[];
  errors: unknown[];
  it: PullLoop;
} {
  const clock = new Clock();
  const told: string[] = [];
  const errors: unknown[] = [];
  const producer = {
    resumeProducing: () => {
      told.push("ask");
      ask();
    },
    stopProducing: () => told.push("stop"),
  };
  return { clock, told, errors, it: new PullLoop(clock, producer, (error) => errors.push(error)) };
}

describe("PullLoop", () => {
  it("asks in a later pass when it is resumed, and again when something was written", () => {
    const { clock, told, it } = loop();
    it.resumeProducing();
    assert.deepEqual(told, []);
    clock.advance(0);
    clock.advance(0);
    assert.deepEqual(told, ["ask"]);
    it.wrote();
    it.wrote();
    clock.advance(0);
    clock.advance(0);
    assert.deepEqual(told, ["ask", "ask"]);
  });

  it("does not ask while it is paused, and not twice for one answer", () => {
    const { clock, told, it } = loop();
    it.resumeProducing();
    it.pauseProducing();
    clock.advance(0);
    assert.deepEqual(told, []);
    it.resumeProducing();
    clock.advance(0);
    it.pauseProducing();
    it.resumeProducing();
    clock.advance(0);
    assert.deepEqual(told, ["ask"], "it has not written yet");
    it.pauseProducing();
    it.wrote();
    clock.advance(0);
    assert.deepEqual(told, ["ask"]);
    it.resumeProducing();
    clock.advance(0);
    assert.deepEqual(told, ["ask", "ask"]);
  });

  it("asks no more after stop(), and does not tell", () => {
    const { clock, told, it } = loop();
    it.resumeProducing();
    it.stop();
    it.resumeProducing();
    it.stopProducing();
    clock.advance(0);
    assert.deepEqual(told, []);
    assert.lengthOf(clock.getDelayedCalls(), 0);
  });

  it("stopProducing() tells once", () => {
    const { clock, told, it } = loop();
    it.resumeProducing();
    it.stopProducing();
    it.stopProducing();
    it.wrote();
    clock.advance(0);
    assert.deepEqual(told, ["stop"]);
  });

  it("tells of a producer that throws, and asks it no more", () => {
    const error = new Error("cannot produce");
    const { clock, told, errors, it } = loop(() => {
      throw error;
    });
    it.resumeProducing();
    clock.advance(0);
    it.wrote();
    clock.advance(0);
    assert.deepEqual(told, ["ask"]);
    assert.deepEqual(errors, [error]);
  });
});
