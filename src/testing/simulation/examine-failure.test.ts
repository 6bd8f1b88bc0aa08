import { assert, describe, it } from "vitest";
import { examineFailure } from "./examine-failure.ts";
import { simulation } from "./module.ts";

/** It fails if one of twenty choices is a three, which is made at a third of its time. */
const scenario = simulation("no threes", async (sim) => {
  for (let step = 0; step < 20; step += 1) {
    sim.host(`host${String(step)}`, () => undefined);
    await sim.sleep(1);
    if (sim.pick(4) === 3 && step === 7) sim.reached("a three");
    if (step === 7 && sim.pick(2) === 1) {
      await sim.sleep(10);
      throw new RangeError("too late");
    }
  }
});

const ORDER = { token: "sim1:1", shrink: true, budget: 20, options: {}, command: "again" };

async function failingToken(): Promise<string> {
  for (let seed = 0; ; seed += 1) {
    const token = `sim1:${String(seed)}`;
    const order = { ...ORDER, token, shrink: false, budget: 0 };
    if ((await examineFailure(scenario, order)) !== undefined) return token;
  }
}

describe("examineFailure()", () => {
  it("shrinks, dates, tells and draws, as plain data", async () => {
    const token = await failingToken();
    const examined = await examineFailure(scenario, { ...ORDER, token });
    assert.equal(examined?.shrunk?.after, 1);
    assert.isAbove(examined?.shrunk?.before ?? 0, 1);
    assert.equal(examined?.told.failure?.message, "too late");
    const [from = 0, to = 0] = examined?.when?.between ?? [];
    assert.isAtMost(from, 8);
    assert.isAtLeast(to, 8);
    assert.include(examined?.story, "host7");
    assert.match(examined?.lines ?? "", /^\{.*\n(?:\{.*\}\n)+$/u);
    assert.include(examined?.html, `again --token ${examined?.told.token ?? "?"}`);
    assert.deepEqual(structuredClone(examined), examined);
  });

  it("leaves it as it is, if that is wanted", async () => {
    const token = await failingToken();
    const examined = await examineFailure(scenario, { ...ORDER, token, shrink: false });
    assert.isUndefined(examined?.shrunk);
    assert.equal(examined?.told.token, token);
  });

  it("does not date it where there is no time for enough runs", async () => {
    const token = await failingToken();
    const examined = await examineFailure(scenario, { ...ORDER, token, budget: 1e-6 });
    assert.isUndefined(examined?.when);
    assert.equal(examined?.told.failure?.message, "too late");
  });

  it("has nothing to tell of what does not fail", async () => {
    const calm = simulation("calm", (sim) => sim.sleep(1));
    assert.isUndefined(await examineFailure(calm, ORDER));
  });
});
