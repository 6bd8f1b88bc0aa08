/**
 * `sennit sim`, as it is built, over small scenarios: what it finds, what it says of it, its exit
 * statuses; and the workers behind it, which get stuck, die and are interrupted.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, assert, beforeAll, describe, it } from "vitest";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { explore, type ExploreProgress } from "../../src/testing/simulation/explore.ts";
import { exploreFile } from "../../src/testing/simulation/explore-file.ts";
import { loadScenario } from "../../src/testing/simulation/load-scenario.ts";
import { ScenarioModuleError } from "../../src/testing/simulation/scenario-module-error.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = join(ROOT, "dist/cli/main.js");
const FIXTURES = join(ROOT, "test/interop/fixtures/sim");
/** Runners must not take this test for their parent. */
const CLEAN = { NODE_TEST_CONTEXT: "", VITEST: "", NO_COLOR: "1", FORCE_COLOR: "0" };
const reactor = new NodeReactor();
const directory = FIXTURES;

/** In the repository: tests that are written import the package by its name. */
let folder = "";

beforeAll(() => {
  assert.isTrue(existsSync(PROGRAM), "dist/ is not there: npm run build makes it");
  mkdirSync(join(ROOT, "build"), { recursive: true });
  folder = mkdtempSync(join(ROOT, "build/sim-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly status: number | NodeJS.Signals | null;
  readonly out: string;
  readonly error: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** When it has said this on its error stream, it gets SIGINT. */
  readonly interruptAt?: string;
}

async function node(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { cwd = FIXTURES, env = {}, interruptAt } = options;
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env } });
  let out = "";
  let error = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    error += text;
    if (interruptAt !== undefined && error.endsWith(interruptAt)) child.kill("SIGINT");
  });
  await once(child, "close");
  return { status: child.signalCode ?? child.exitCode, out, error };
}

function sim(...args: readonly string[]): Promise<Ended> {
  return node([PROGRAM, "sim", ...args]);
}

describe.concurrent("sennit sim run", () => {
  it("all is well: 0, and says how many there were", async () => {
    const json = join(folder, "echo.json");
    const { status, out, error } = await sim(
      "run",
      "echo.sim.ts",
      "--seeds",
      "300",
      "--json",
      json,
    );
    assert.strictEqual(status, 0, out + error);
    assert.match(out, /^✓ an echo comes back {3}300 seeds\n {2}300 seeds {3}[\d,]+ events .*\n$/u);
    const report: unknown = JSON.parse(readFileSync(json, "utf8"));
    assert.deepInclude(report, { ok: true, seeds: 300, failures: [], marks: { "in pieces": 300 } });
  });

  it("a property fails: 1, with all there is to tell, and a line that runs it again", async () => {
    const html = join(folder, "pictures");
    const { status, out } = await sim("run", "framing.sim.mjs", "--html", html);
    assert.strictEqual(status, 1);
    assert.match(
      out,
      /^✗ messages arrive whole {3}seed 2 {3}trace [\da-f]{16}\n {2}logged on server/u,
    );
    assert.match(out, /\n {2}profile: \w+ /u);
    assert.match(out, /inevitable .*\n {2}shrunk: \d+ -> \d+ choices? \(\d+ runs/u);
    assert.match(out, /server < client {2}#1 {2}received {2}\d+ B/u);
    assert.include(readFileSync(join(html, "framing-2.html"), "utf8"), "</html>");
    assert.match(readFileSync(join(html, "framing-2.jsonl"), "utf8"), /"kind":"received"/u);
    const [, line = ""] = /\n {2}replay: sennit (.*)\n/u.exec(out) ?? [];
    const again = await node([PROGRAM, ...line.split(" ")]);
    assert.strictEqual(again.status, 1);
    assert.include(again.out, "✗ messages arrive whole   seed 2");
  });

  it("two runs of a seed differ: 2", async () => {
    const args = ["--check", "100%", "--jobs", "1"];
    const { status, out } = await sim("run", "random.sim.mjs", ...args);
    assert.strictEqual(status, 2);
    assert.include(out, "seed 0 is not deterministic: two runs part before event");
    assert.include(out, "see: sennit sim doctor random.sim.mjs --seed 0\n");
  });

  it("it escapes: 3, and from where; the replay line knows of the mode", async () => {
    const html = join(folder, "escapes");
    const args = ["--globals", "strict", "--jobs", "1", "--html", html];
    const { status, out } = await sim("run", "escapes.sim.mjs", ...args);
    assert.strictEqual(status, 3);
    assert.match(out, /Cannot call Date\.now\(\) in a simulation[^]*at timeOfDay/u);
    assert.include(
      out,
      "replay: sennit sim replay escapes.sim.mjs --globals strict --token sim1:0",
    );
  });

  it("it cannot be loaded: 4, and why, in one line", async () => {
    const { status, out, error } = await sim("run", "throws.sim.mjs", "--jobs", "1");
    assert.strictEqual(status, 4);
    assert.strictEqual(out, "");
    assert.match(
      error,
      /^sennit: Cannot load "throws.sim.mjs": RangeError: nothing to see here \(.*\n$/u,
    );
  });

  it("what must happen sometimes never does: 5", async () => {
    const { status, out } = await sim("run", "never.sim.mjs", "--seeds", "50", "--jobs", "1");
    assert.strictEqual(status, 5);
    assert.include(out, "✗ it comes to the point   never reached in 50 seeds: the point\n");
  });

  it("promises without an end: the seed is killed and named, the others are run", async () => {
    const args = ["--patience", "1s", "--failures", "2", "--seeds", "50"];
    const { status, out } = await sim("run", "endless.sim.mjs", ...args);
    assert.strictEqual(status, 1);
    assert.include(out, "✗ promises run dry   seed 5\n  limit: Seed 5 did not come to its end");
    assert.include(out, "it is not done after 1 second\n");
    assert.include(out, "replay: sennit sim replay endless.sim.mjs --token sim1:5\n  50 seeds");
  });

  it("Ctrl-C: tells what was found, what was not finished, and ends by the signal", async () => {
    const args = [PROGRAM, "sim", "run", "endless.sim.mjs", "--seeds", "50", "--jobs", "1"];
    const { status, out } = await node(args, { interruptAt: "seed 5 has begun\n" });
    assert.strictEqual(status, "SIGINT");
    // How many were told of before depends on how fast they were: they are told of in batches.
    assert.match(
      out,
      /^promises run dry {3}interrupted\n {2}[1-5] seeds? .*\n {2}unfinished: seed 5\n$/u,
    );
  });
});

// Each in a process of its own: whoever is interrupted may have been in the midst of Node's books.
describe.concurrent("loops without an end", () => {
  it("are interrupted when patience is over, and others run after them", async () => {
    const { status, out } = await node(["loops.mjs"]);
    assert.strictEqual(status, 0);
    const told = out.split("\n").filter((line) => /^\w+: /u.test(line));
    const limit = "limit on two at 1 s, sim1:5: The scenario is not over after 0.1 s of real time";
    for (const [index, name] of ["promises", "microtasks", "plain"].entries()) {
      assert.include(told[2 * index], `${name}: ${limit}`);
      assert.equal(told[2 * index + 1], "then: true");
    }
  });

  it("are where replay says that they are", async () => {
    const args = ["endless.sim.mjs", "--seed", "5", "--patience", "100ms"];
    const { status, out } = await sim("replay", ...args);
    assert.strictEqual(status, 1);
    assert.match(out, /\n {2}limit at 1\.000000 s, .*: The scenario is not over after 0\.1 s/u);
  });
});

describe.concurrent("sennit sim doctor", () => {
  it("chance from outside: 2, the first event that differs, and who asked", async () => {
    const { status, out } = await sim("doctor", "random.sim.mjs", "--seeds", "10");
    assert.strictEqual(status, 2);
    assert.match(
      out,
      /✗ not the same in two processes: .*: seed 0, and 9 more\n {4}0 events the same/u,
    );
    assert.match(out, /\n {4}- .*mark {2}step 0\n {4}\+ .*mark {2}step 0\n/u);
    assert.match(
      out,
      /Cannot call Math\.random\(\).*\n {6}at .*random\.sim\.mjs:9:\d+\) {3}50 times/u,
    );
  });

  it("state that outlives a run: 2", async () => {
    const { status, out } = await sim("doctor", "remembers.sim.mjs", "--seeds", "10");
    assert.strictEqual(status, 2);
    assert.include(out, "  ✓ the same in two processes\n");
    assert.include(out, "✗ not the same after the others: something in a module outlives a run");
    assert.include(out, "✗ not the same alone in a process");
  });
});

describe.concurrent("sennit sim pin", () => {
  const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");

  it.each([
    ["vitest", [[VITEST, "run"]]],
    ["node", [["broken.test.mjs"], ["fixed.test.mjs"]]],
  ] as const)("writes a test for %s that fails until the bug is gone", async (runner, runs) => {
    const cwd = join(folder, runner);
    mkdirSync(cwd);
    const scenario = readFileSync(join(FIXTURES, "thirds.sim.mjs"), "utf8");
    writeFileSync(join(cwd, "broken.sim.mjs"), scenario);
    writeFileSync(join(cwd, "fixed.sim.mjs"), scenario.replace("throw ", "return "));
    const config = 'export default { test: { include: ["*.test.mjs"] } };\n';
    writeFileSync(join(cwd, "vitest.config.mjs"), config);
    const pin = ["sim", "pin", "broken.sim.mjs", "--seed", "1", "--runner", runner];
    const pinned = await node([PROGRAM, ...pin, "--out", "broken.test.mjs"], { cwd });
    assert.strictEqual(pinned.status, 0, pinned.error);
    const test = readFileSync(join(cwd, "broken.test.mjs"), "utf8");
    writeFileSync(join(cwd, "fixed.test.mjs"), test.replaceAll("broken.sim", "fixed.sim"));
    const ended = await Promise.all(runs.map((args) => node(args, { cwd, env: CLEAN })));
    const said = ended.map(({ out, error }) => out + error).join("");
    assert.strictEqual(ended[0]?.status, 1, said);
    assert.include(said, "the third is bad");
    assert.match(said, /Tests.*1 failed.*1 passed|pass 1\n# fail 0|ℹ pass 1\n/u);
  });
});

describe.concurrent("exploreFile()", () => {
  it("finds what one process finds", async () => {
    const options = { seeds: 40, failures: 2, check: 0 };
    const scenario = await loadScenario("thirds.sim.mjs", directory);
    const one = await explore(scenario, options);
    for (const jobs of [1, 2]) {
      const many = await exploreFile("thirds.sim.mjs", { reactor, directory, jobs, ...options });
      assert.equal(many.name, scenario.name);
      assert.deepEqual(
        [many.seeds, many.events, many.failed.map(({ seed, hash }) => [seed, hash])],
        [one.seeds, one.events, one.failed.map(({ seed, hash }) => [seed, hash])],
      );
    }
  });

  it("a seed that ends its process is tried again, and then it is a failure", async () => {
    const found = await exploreFile("exits.sim.mjs", { reactor, directory, jobs: 2 });
    assert.equal(found.seeds, 6);
    const { seed, failure } = found.failed[0] ?? {};
    assert.deepEqual([seed, failure?.kind], [5, "limit"]);
    assert.equal(failure?.message, "Seed 5 did not come to its end: its process ended with code 3");
  });

  it("tells how far it has come, and ends when its time is over", async () => {
    let told: ExploreProgress | undefined;
    const onProgress = (progress: ExploreProgress): void => {
      told = progress;
    };
    const seeds = Number.POSITIVE_INFINITY;
    const options = { reactor, directory, jobs: 1, seeds, budget: 2, onProgress };
    const found = await exploreFile("never.sim.mjs", options);
    assert.equal(told?.seeds ?? 0, found.seeds);
    assert.isAtLeast(found.seconds, 2);
  });

  it("refuses what cannot be loaded", async () => {
    const found = exploreFile("throws.sim.mjs", { reactor, directory });
    const error = await found.catch((error: unknown) => error);
    assert.instanceOf(error, ScenarioModuleError);
  });
});
