import { assert, it } from "vitest";
import { simulate } from "../../testing/simulation/simulate.ts";
import { statusOfRun } from "./exit-status.ts";
import { forShell, replayCommandFor } from "./replay-line.ts";
import { SimSettings } from "./settings.ts";
import { scenarioStem } from "./write-pictures.ts";

it("statusOfRun() is another one for an escape", async () => {
  const failed = await simulate(() => Promise.reject(new Error("gone")));
  assert.equal(statusOfRun(failed), 1);
  const escaped = await simulate(() => void Date.now(), { globals: "strict" });
  assert.equal(statusOfRun(escaped), 3);
});

it("replayCommandFor() has a token that a person can copy", () => {
  const settings = new SimSettings("shrink", ["bank.sim.ts", "--seed", "5"]);
  const [short, long] = ["sim1:5:abc", `sim1:5:${"a".repeat(5000)}`];
  const command = "sennit sim replay bank.sim.ts --token";
  assert.equal(replayCommandFor(settings, short, "sim1:5"), `${command} ${short}`);
  const whole = replayCommandFor(settings, long, "sim1:5");
  assert.match(whole, /--token sim1:5 {2}\(the whole run: .* 5007 characters long\)$/u);
  assert.equal(replayCommandFor(settings, long, long), `${command} ${long}`);
});

it("forShell() quotes what a shell would read otherwise", () => {
  assert.equal(forShell("tests/bank.sim.ts"), "tests/bank.sim.ts");
  assert.equal(forShell("it's a bank.ts"), String.raw`'it'\''s a bank.ts'`);
});

it("scenarioStem() is the name without its endings", () => {
  const names = ["tests/bank.sim.ts", "bank.mjs", "bank.sim.js", "bank"];
  assert.deepEqual(names.map(scenarioStem), ["bank", "bank", "bank", "bank"]);
});
