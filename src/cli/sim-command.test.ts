/**
 * `sennit sim` without a process, where it needs no workers: one run, looked at in every way.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, assert, describe, it } from "vitest";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { runCommandLine } from "./command-line.ts";
import { eventThatTraces } from "./sim/inspect-run.ts";

const FIXTURES = fileURLToPath(new URL("../../test/interop/fixtures/sim", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sennit-sim-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function sim(...args: readonly string[]) {
  let out = "";
  let error = "";
  const { status } = await runCommandLine(["sim", ...args], {
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
    isTerminal: false,
    directory: FIXTURES,
    reactor: new MemoryReactor(),
  });
  return { status, out, error };
}

const FAILING = ["framing.sim.mjs", "--seed", "2"];

describe("sennit sim replay", () => {
  it("tells the story of a failure: 1", async () => {
    const { status, out } = await sim("replay", ...FAILING);
    assert.strictEqual(status, 1);
    assert.match(out, /^ +0\.000000 s {2}server {2}host started\n/u);
    assert.match(
      out,
      /\n✗ messages arrive whole {3}seed 2 {3}trace [\da-f]{16}\n {2}logged on server/u,
    );
  });

  it("tells every event with its number, as far as is asked", async () => {
    const whole = (await sim("replay", ...FAILING, "--trace")).out;
    assert.match(whole, /^ {5}1 +0\.000000 s {2}server {2}host started\n {5}2 /u);
    assert.match(whole, / received {2}\d+ B/u);
    const early = (await sim("replay", ...FAILING, "--until", "1ms")).out;
    assert.match(early, /^ {5}1 +0\.000000 s /u);
    assert.notInclude(early, " received ");
  });

  it("draws a page", async () => {
    const page = join(folder, "pages/framing.html");
    const { out } = await sim("replay", ...FAILING, "--html", page);
    assert.include(out, `  picture: ${page}\n`);
    const html = readFileSync(page, "utf8");
    assert.include(html, "sennit sim replay framing.sim.mjs --token sim1:2");
  });

  it("of a seed that is well: 0", async () => {
    const { status, out } = await sim("replay", "framing.sim.mjs", "--seed", "0");
    assert.strictEqual(status, 0);
    assert.match(out, /\n✓ messages arrive whole {3}seed 0 /u);
  });

  it("of what cannot be loaded: 4, and why, in one line", async () => {
    for (const [file, message] of [
      ["throws.sim.mjs", /^sennit: Cannot load "throws.sim.mjs": RangeError: nothing to see here/u],
      [
        "nothing.sim.mjs",
        /^sennit: Cannot simulate "nothing.sim.mjs": expected simulation\(\) as its /u,
      ],
      ["missing.sim.ts", /^sennit: Cannot find module "missing.sim.ts": no such file/u],
    ] as const) {
      const { status, out, error } = await sim("replay", file, "--seed", "1");
      assert.strictEqual(status, 4);
      assert.strictEqual(out, "");
      assert.match(error, message);
      assert.match(error, /^[^\n]+\n$/u);
    }
  });
});

describe("eventThatTraces()", () => {
  it("finds the event that notes what has that number in the trace", async () => {
    const found = await eventThatTraces(
      3,
      async (sim) => {
        for (let step = 0; step < 5; step += 1) {
          await sim.sleep(1);
          sim.reached(`step ${String(step)}`);
        }
      },
      { seed: 1 },
    );
    // The first event begins the scenario; each of the others is a step.
    assert.equal(found, 4);
  });
});

describe("sennit sim shrink", () => {
  it("leaves few choices, tells the story, and has their token", async () => {
    const { status, out } = await sim("shrink", ...FAILING);
    assert.strictEqual(status, 0);
    const [, after = ""] = /\n {2}shrunk: \d+ -> (\d+) choices? \(\d+ runs, /u.exec(out) ?? [];
    assert.isAtMost(Number(after), 3);
    const [, token = ""] =
      /replay: sennit sim replay framing.sim.mjs --token (\S+)\n$/u.exec(out) ?? [];
    assert.strictEqual((await sim("replay", "framing.sim.mjs", "--token", token)).status, 1);
  });
});

describe("sennit sim when", () => {
  it("draws bars; of what does not fail: 4", async () => {
    const chart = await sim("when", ...FAILING, "--time", "2s");
    assert.strictEqual(chart.status, 0);
    assert.match(
      chart.out,
      /^messages arrive whole: (?:not )?inevitable .*\n +0\.000000 s +\d+ % {2}█/u,
    );
    assert.match(chart.out, /\n +\d+\.\d{6} s {9}seen\n$/u);
    const none = await sim("when", "framing.sim.mjs", "--seed", "0");
    assert.strictEqual(none.status, 4);
    assert.include(none.error, "it does not fail when it is run again");
  });
});

describe("sennit sim pin", () => {
  const out = join(folder, "tests/framing.test.ts");

  it("writes the test of a run and of what it was given, and does not write over it", async () => {
    const args = ["pin", ...FAILING, "--faults", "none", "--out", out];
    assert.strictEqual((await sim(...args)).out, `Written: ${out}\n`);
    const test = readFileSync(out, "utf8");
    assert.match(
      test,
      /^import scenario from "(?:\.\.\/)+.*\/fixtures\/sim\/framing\.sim\.mjs";$/mu,
    );
    assert.match(test, /const token = "sim1:2:\S+";/u);
    assert.include(test, '{ ...scenario.options, faults: "none", token }');
    const again = await sim(...args);
    assert.strictEqual(again.status, 64);
    assert.include(again.error, "EEXIST");
  });

  it("has nothing to write of what does not fail", async () => {
    const none = join(folder, "none.test.ts");
    for (const more of [[], ["--no-shrink"]]) {
      const args = ["pin", "framing.sim.mjs", "--seed", "0", "--out", none];
      assert.strictEqual((await sim(...args, ...more)).status, 4);
    }
    assert.isFalse(existsSync(none));
  });
});
