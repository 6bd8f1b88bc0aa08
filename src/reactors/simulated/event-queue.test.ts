import { assert, describe, it } from "vitest";
import { RandomStream } from "./choices.ts";
import { EventQueue } from "./event-queue.ts";

describe("EventQueue", () => {
  it("gives events by time, then by tie, then first-in first-out", () => {
    const chance = new RandomStream(1, "queue");
    const queue = new EventQueue();
    const model: { time: number; tie: number; age: number }[] = [];
    const [given, wanted]: [number[], number[]] = [[], []];
    for (let age = 0; age < 5000; age += 1) {
      const [time, tie] = [chance.below(20), chance.below(8)];
      queue.push(time, tie, { happen: () => given.push(age) });
      model.push({ time, tie, age });
      if (chance.below(3) > 0) continue;
      model.sort((a, b) => a.time - b.time || a.tie - b.tie || a.age - b.age);
      assert.equal(queue.nextTime, model[0]?.time);
      queue.pop()?.happen();
      wanted.push(model.shift()?.age ?? -1);
    }
    while (queue.size > 0) queue.pop()?.happen();
    wanted.push(
      ...model
        .toSorted((a, b) => a.time - b.time || a.tie - b.tie || a.age - b.age)
        .map(({ age }) => age),
    );
    assert.deepEqual(given, wanted);
  });

  it("has nothing for ever when it is empty", () => {
    const queue = new EventQueue();
    assert.equal(queue.nextTime, Number.POSITIVE_INFINITY);
    assert.isUndefined(queue.pop());
  });
});
