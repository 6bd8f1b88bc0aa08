import { afterEach, assert, describe, it } from "vitest";
import type { Scenario } from "./simulate.ts";
import { type DefineTest, simTest } from "./sim-test.ts";

const KEYS = ["SIM_TOKEN", "SIM_SEED", "SIM_SEEDS", "SIM_TIME"];

afterEach(() => {
  for (const key of KEYS) Reflect.deleteProperty(process.env, key);
});

/** What such a test says when it fails. */
async function said(scenario: Scenario, options = {}): Promise<string> {
  const define: DefineTest = (_name, body) => body().catch(({ message }: Error) => message);
  return String(await simTest(define, "all is well", scenario, options));
}

const third: Scenario = (sim) => {
  sim.host("one", () => undefined);
  if (sim.seed === 2) throw new RangeError("the third");
};

describe("simTest()", () => {
  it("says which seed has failed, and how to run it again", async () => {
    const message = await said(third);
    assert.match(
      message,
      /^✗ all is well {3}seed 2 {3}trace [\da-f]{16}\n {2}error at 0\.000000 s/u,
    );
    assert.match(message, /: the third\n {6}at .*sim-test\.test\.ts/u);
    assert.match(message, /\n {2}replay: SIM_TOKEN=sim1:2\n.*host started$/u);
    assert.equal(await said(third, { seeds: 2 }), "undefined");
    process.env["SIM_SEEDS"] = "2";
    assert.equal(await said(third), "undefined");
  });

  it("runs one seed alone if the environment says so, and tells what happened", async () => {
    process.env["SIM_SEED"] = "1";
    assert.equal(await said(third), "undefined");
    process.env["SIM_TOKEN"] = "sim1:2";
    assert.match(await said(third), /SIM_TOKEN=sim1:2\n +0\.000000 s {2}one {2}host started$/u);
    process.env["SIM_TOKEN"] = "2";
    assert.match(await said(third), /^Cannot read the token "2"/u);
  });

  it("runs that one with the options of the test", async () => {
    const asking: Scenario = async (sim) => {
      sim.host("one", () => void process.uptime());
      await sim.sleep(10);
    };
    assert.match(await said(asking, { globals: "strict" }), /escape on one/u);
    process.env["SIM_SEED"] = "0";
    assert.match(await said(asking, { globals: "strict" }), /escape on one/u);
    assert.match(await said(asking, { time: 5 }), /limit at 5\.000000 s/u);
    const endless: Scenario = () => {
      for (;;);
    };
    assert.match(await said(endless, { patience: 0.05 }), /not over after 0\.05 s of real time/u);
  });
});
