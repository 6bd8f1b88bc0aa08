import { assert, describe, it } from "vitest";
import { listEscapes } from "./escapes.ts";
import { simulation } from "./module.ts";

const scenario = simulation("asks", async (sim) => {
  const ask = (): number => Date.now();
  ask();
  ask();
  await sim.sleep(1);
  if (sim.seed === 3) Math.random();
});

describe("listEscapes()", () => {
  it("lists each place once, with its first seed and how often", async () => {
    const begun: number[] = [];
    const begins = (seed: number): void => void begun.push(seed);
    const found = await listEscapes(scenario, { seeds: [2, 3, 4], options: {}, begins });
    assert.deepEqual(begun, [2, 3, 4]);
    assert.deepEqual(
      found.map(({ message, seed, count }) => [message, seed, count]),
      [
        ["Cannot call Date.now() in a simulation: use reactor.wallClock()", 2, 6],
        ["Cannot call Math.random() in a simulation: use reactor.random()", 3, 1],
      ],
    );
  });
});
