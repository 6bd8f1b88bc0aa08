import { assert, describe, it } from "vitest";
import { type BatchPart, runBatch, type SeedBatch } from "./seed-batch.ts";
import type { Scenario } from "./simulate.ts";

const BATCH: SeedBatch = { from: 10, to: 30, failures: 9, check: 0, options: {} };

const scenario: Scenario = async (sim) => {
  await sim.sleep(1);
  sim.reached("a second");
  if (sim.seed % 10 === 7) throw new RangeError("sevens");
  if (sim.seed === 18) sim.unreachable("eighteen");
};

async function run(batch: Partial<SeedBatch>, stopAt = 100) {
  const begun: number[] = [];
  const { parts } = await runBatch(
    scenario,
    { ...BATCH, ...batch },
    {
      begins: (seed) => begun.push(seed),
      isStopped: () => begun.at(-1) === stopAt,
    },
  );
  return { begun, parts };
}

function brief({ from, to, seeds, marks, failed }: BatchPart) {
  return [from, to, seeds, marks.get("a second"), failed?.failure?.property];
}

describe("runBatch()", () => {
  it("cuts what it tells at the first failure of each kind", async () => {
    const { parts } = await run({});
    assert.deepEqual(parts.map(brief), [
      [10, 18, 8, 8, "RangeError"],
      [18, 19, 1, 1, "eighteen"],
      [19, 30, 11, 11, undefined],
    ]);
  });

  it("ends when there are enough", async () => {
    const { parts, begun } = await run({ failures: 2 });
    assert.equal(begun.at(-1), 18);
    assert.deepEqual(
      parts.map(({ to }) => to),
      [18, 19],
    );
  });

  it("ends before the next seed when it is told to", async () => {
    const { parts } = await run({}, 12);
    assert.deepEqual(parts.map(brief), [[10, 13, 3, 3, undefined]]);
  });

  it("tells of the stack of what was thrown, as plain data", async () => {
    const [part] = (await run({})).parts;
    assert.match(part?.failed?.failure?.stack ?? "", /sevens\n +at .*seed-batch\.test\.ts/u);
    assert.deepEqual(structuredClone(part), part);
  });

  it("compares runs, of as many seeds as it is told to", async () => {
    let runs = 0;
    const forgetful: Scenario = async (sim) => {
      runs += 1;
      await sim.sleep(runs);
      sim.reached("the end");
    };
    const watch = { begins: () => undefined, isStopped: () => false };
    const { parts } = await runBatch(forgetful, { ...BATCH, check: 1 }, watch);
    assert.deepEqual(
      parts.map(({ divergence }) => divergence?.seed),
      [10],
    );
  });
});
