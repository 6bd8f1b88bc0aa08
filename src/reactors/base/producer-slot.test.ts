import { assert, it } from "vitest";
import { ProducerAlreadyRegisteredError } from "../../internet/errors.ts";
import { ProducerSlot } from "./producer-slot.ts";

const THRESHOLD = 65_536;

class Recorder {
  readonly calls: string[] = [];
  pauseProducing(): void {
    this.calls.push("pause");
  }
  resumeProducing(): void {
    this.calls.push("resume");
  }
  stopProducing(): void {
    this.calls.push("stop");
  }
}

it("pauseAbove() pauses a push producer once above 65,536 bytes, not at them", () => {
  const slot = new ProducerSlot();
  const producer = new Recorder();
  slot.register(producer, true);
  assert.isFalse(slot.paused);
  slot.pauseAbove(THRESHOLD);
  assert.deepEqual(producer.calls, []);
  slot.pauseAbove(THRESHOLD + 1);
  slot.pauseAbove(THRESHOLD + 2);
  assert.deepEqual(producer.calls, ["pause"]);
  assert.isTrue(slot.paused);
});

it("resume() lets a push producer go on, and it can be paused again", () => {
  const slot = new ProducerSlot();
  const producer = new Recorder();
  slot.register(producer, true);
  slot.pauseAbove(THRESHOLD + 1);
  slot.resume();
  assert.isFalse(slot.paused);
  slot.pauseAbove(THRESHOLD + 1);
  assert.deepEqual(producer.calls, ["pause", "resume", "pause"]);
});

it("a producer that fills the buffer while it is resumed is paused within", () => {
  const slot = new ProducerSlot();
  const calls: string[] = [];
  const producer = {
    pauseProducing: () => calls.push("pause"),
    resumeProducing: () => {
      calls.push("resume");
      slot.pauseAbove(THRESHOLD + 1);
    },
    stopProducing: () => calls.push("stop"),
  };
  slot.register(producer, true);
  slot.pauseAbove(THRESHOLD + 1);
  slot.resume();
  assert.deepEqual(calls, ["pause", "resume", "pause"]);
  assert.isTrue(slot.paused);
});

it("a pull producer is never paused, and always waits to be asked", () => {
  const slot = new ProducerSlot();
  const producer = new Recorder();
  slot.register(producer, false);
  assert.isTrue(slot.paused);
  slot.pauseAbove(THRESHOLD + 1);
  slot.resume();
  slot.resume();
  assert.deepEqual(producer.calls, ["resume", "resume"]);
  assert.isTrue(slot.paused);
});

it("register() refuses a second producer, and keeps the first", () => {
  const slot = new ProducerSlot();
  const [first, second] = [new Recorder(), new Recorder()];
  slot.register(first, true);
  assert.throws(() => slot.register(second, false), ProducerAlreadyRegisteredError);
  slot.stop();
  assert.deepEqual([first.calls, second.calls], [["stop"], []]);
});

it("stop() tells it once and leaves the place free, also for one that comes meanwhile", () => {
  const slot = new ProducerSlot();
  const next = new Recorder();
  const calls: string[] = [];
  slot.register(
    {
      pauseProducing: () => {},
      resumeProducing: () => {},
      stopProducing: () => {
        calls.push("stop");
        slot.register(next, true);
      },
    },
    true,
  );
  slot.stop();
  assert.isTrue(slot.occupied);
  slot.stop();
  slot.stop();
  assert.deepEqual([calls, next.calls], [["stop"], ["stop"]]);
});

it("an empty place has nothing to do", () => {
  const slot = new ProducerSlot();
  const producer = new Recorder();
  slot.register(producer, true);
  slot.clear();
  slot.pauseAbove(THRESHOLD + 1);
  slot.resume();
  slot.stop();
  assert.deepEqual(producer.calls, []);
  assert.isFalse(slot.occupied);
  assert.isFalse(slot.paused);
});

it("heldBack: a push producer that was asked to pause, and never a pull producer", () => {
  const slot = new ProducerSlot();
  assert.isFalse(slot.heldBack);
  slot.register(new Recorder(), true);
  assert.isFalse(slot.heldBack);
  slot.pauseAbove(THRESHOLD + 1);
  assert.isTrue(slot.heldBack);
  slot.resume();
  assert.isFalse(slot.heldBack);
  slot.clear();
  slot.register(new Recorder(), false);
  assert.deepEqual([slot.paused, slot.heldBack], [true, false]);
});
