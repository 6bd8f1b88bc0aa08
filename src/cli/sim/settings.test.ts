import { assert, describe, it } from "vitest";
import { SimSettings } from "./settings.ts";

describe("SimSettings", () => {
  it("takes options before and behind the file", () => {
    const settings = new SimSettings("run", ["--seeds", "5", "bank.sim.ts", "--no-shrink"]);
    assert.equal(settings.file, "bank.sim.ts");
    assert.equal(settings.number("seeds", 1), 5);
    assert.isTrue(settings.has("no-shrink"));
    assert.isUndefined(settings.number("from", 0));
  });

  it("reads times in their units", () => {
    for (const [text, seconds] of [
      ["90", 90],
      ["8.7s", 8.7],
      ["1.5m", 90],
      ["2h", 7200],
      ["500ms", 0.5],
    ] as const) {
      assert.equal(new SimSettings("run", ["--time", text, "f"]).seconds("time"), seconds);
    }
    for (const text of ["", "s", "1 s", "-1", "1d", "1e3"]) {
      const settings = new SimSettings("run", [`--time=${text}`, "f"]);
      assert.throws(() => settings.seconds("time"), "expected a time, as 90s, 1.5m, 2h or 500ms");
    }
  });

  it("reads parts", () => {
    for (const [text, part] of [
      ["2%", 0.02],
      ["0.5", 0.5],
      ["0", 0],
      ["100%", 1],
      ["1", 1],
    ] as const) {
      assert.equal(new SimSettings("run", ["--check", text, "f"]).part("check"), part);
    }
    for (const text of ["2", "101%", "%", "x"]) {
      const settings = new SimSettings("run", ["--check", text, "f"]);
      assert.throws(() => settings.part("check"), "expected a part, as 2% or 0.02");
    }
  });

  it("knows the run that is meant", () => {
    assert.equal(new SimSettings("replay", ["f", "--seed", "7"]).token, "sim1:7");
    assert.equal(new SimSettings("replay", ["f", "--token", "sim1:7"]).token, "sim1:7");
    assert.throws(() => new SimSettings("when", ["f"]).token, "Expected one of --seed and --token");
    assert.throws(
      () => new SimSettings("pin", ["f", "--seed", "7", "--token", "sim1:7"]).token,
      "Expected one of --seed and --token; see sennit sim pin --help",
    );
    assert.throws(
      () => new SimSettings("shrink", ["f", "--token", "sim9:7"]).token,
      'Cannot read the token "sim9:7"',
    );
  });

  it("keeps what overrules the scenario, also for a person to type", () => {
    const args = ["f", "--seed", "1", "--faults", "all", "--globals", "strict"];
    const settings = new SimSettings("replay", args);
    assert.deepEqual(settings.options, { faults: "all", globals: "strict" });
    assert.equal(settings.optionWords, " --faults all --globals strict");
    assert.deepEqual(new SimSettings("replay", ["f"]).options, {});
  });

  it("refuses what makes no sense", () => {
    const rows: readonly (readonly [() => unknown, string])[] = [
      [() => new SimSettings("run", ["--seed", "1", "f"]), "Unknown option '--seed'"],
      [() => new SimSettings("run", ["f", "g"]), 'Cannot use "g" too: expected one file'],
      [() => new SimSettings("run", []).file, "Expected a file; see sennit sim run --help"],
      [
        () => new SimSettings("run", ["f", "--faults", "bad"]).options,
        'Cannot use --faults "bad": expected none, single, swarm, all, mix',
      ],
      [
        () => new SimSettings("run", ["f", "--jobs", "0"]).number("jobs", 1),
        'Cannot use --jobs "0": expected a whole number, 1 or more',
      ],
    ];
    for (const [act, message] of rows) assert.throws(act, message);
  });
});
