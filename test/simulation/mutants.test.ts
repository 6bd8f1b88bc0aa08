/**
 * Bugs planted in the framework's own protocols are found by the simulator, and mostly not by tests
 * that deliver everything whole and know no faults.
 *
 * To find them takes minutes, and so is done only when it is asked for: `SENNIT_HUNT=60` gives each
 * mutant that many seconds, and prints the table.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { staleEdits } from "../conformance/mutants/copies.ts";
import { describeTrails, Hunt } from "./mutants/hunt.ts";
import { MUTANTS } from "./mutants/table.ts";

const BUDGET = Number(process.env["SENNIT_HUNT"] ?? 0);
const NAMES = process.env["SENNIT_HUNTED"];
/** The major version of the oldest Node that is supported. */
const OLDEST = 20;
const FOUND_LEAST = 24;
const FOUND_PLAIN_MOST = 12;

describe("planted bugs", () => {
  const hunted = MUTANTS.filter(({ name }) => NAMES === undefined || name.includes(NAMES));

  it("are edits of the source as it is", () => {
    assert.isEmpty(staleEdits(MUTANTS));
  });

  it("are found", { timeout: 1_800_000 }, async (context) => {
    if (Number(process.versions.node.split(".")[0]) > OLDEST) {
      context.skip("mutants are the same on each Node: tried on the oldest one");
    }
    if (BUDGET === 0) context.skip("not asked for: SENNIT_HUNT=60");
    using hunt = new Hunt(BUDGET);
    const scenarios = new Set(hunted.flatMap((mutant) => mutant.scenarios));
    const right = await hunt.exonerate([...scenarios]);
    assert.isUndefined(right.scenario, `the right source: ${right.why ?? ""}`);
    const trails = await Promise.all(hunted.map((mutant) => hunt.pursue(mutant)));
    console.log(describeTrails(trails));
    if (NAMES !== undefined) return;
    const found = trails.filter(({ harsh }) => harsh.scenario !== undefined).length;
    const plain = trails.filter((trail) => trail.plain.scenario !== undefined).length;
    assert.isAtLeast(found, FOUND_LEAST, "by the simulator");
    assert.isAtMost(plain, FOUND_PLAIN_MOST, "whole chunks, no faults");
  });
});
