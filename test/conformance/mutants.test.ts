/**
 * Deliberately wrong reactors fail the contracts: each contract has a mutant that it finds out.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { staleEdits } from "./mutants/copies.ts";
import { contractsOf } from "./mutants/attempts.ts";
import { MemoryHarness } from "./memory-harness.ts";
import type { Platform } from "./mutants/mutant.ts";
import { MUTANTS } from "./mutants/tables.ts";
import { contractsFor, type Suspect, Trials } from "./mutants/trials.ts";

/** All of them, in as many processes as there are processors. */
const MINUTES = 5;
/** The major version of the oldest Node that is supported. */
const OLDEST = 20;

const suspects: readonly Suspect[] = Object.entries(MUTANTS).flatMap(([topic, mutants]) =>
  mutants.map((mutant) => ({ topic, mutant })),
);
const contracts = [...contractsOf(() => new MemoryHarness()).keys()];

function nothing(problems: readonly string[]): void {
  assert.equal(problems.join("\n"), "");
}

describe("the tables of mutants", () => {
  it("have one for each contract", () => {
    const covered = new Set(suspects.flatMap(contractsFor));
    nothing(contracts.filter((contract) => !covered.has(contract)));
  });

  it("name contracts that there are", () => {
    const known = new Set(contracts);
    nothing(suspects.flatMap(contractsFor).filter((contract) => !known.has(contract)));
  });

  it("are edits of the source as it is", () => {
    nothing(staleEdits(suspects.map(({ mutant }) => mutant)));
  });
});

/** `SENNIT_MUTANTS="time,run"` tries those of some topics alone. */
const topics = process.env["SENNIT_MUTANTS"]?.split(",");
const accused = suspects.filter(({ topic }) => topics?.includes(topic) ?? true);

describe("on trial", () => {
  it("every mutant is found out, and the right reactor is not", {
    timeout: MINUTES * 60_000,
  }, async (context) => {
    if (Number(process.versions.node.split(".")[0]) > OLDEST) {
      context.skip("mutants are the same on each Node: tried on the oldest one");
    }
    using trials = new Trials();
    const verdicts = accused.map(async (suspect) => {
      const { outcomes, broken } = await trials.accuse(suspect);
      const name = `${suspect.topic}: ${suspect.mutant.name}`;
      if (broken !== undefined) {
        // A reactor that ends its process, or hangs it, has failed whatever it was asked.
        return broken.startsWith("Its process ended") ? [] : [`${name}: ${broken}`];
      }
      return outcomes
        .filter(({ error }) => error === undefined)
        .map(({ contract, skipped }) => `${name}: survived "${contract}" (${skipped ?? "passed"})`);
    });
    const right = rightly().map(async ([platform, wanted]) => {
      const { outcomes, broken } = await trials.exonerate(platform, wanted);
      if (broken !== undefined) return [`the right reactor: ${broken}`];
      return outcomes
        .filter(({ error, skipped }) => error !== undefined || skipped !== undefined)
        .map(({ contract, error, skipped }) => `rightly ${contract}: ${error ?? skipped ?? ""}`);
    });
    await trials.hold();
    nothing((await Promise.all([...verdicts, ...right])).flat());
  });
});

/** What mutants are accused of, by where they are tried. */
function rightly(): readonly (readonly [Platform, readonly string[]])[] {
  const platforms: readonly Platform[] = ["memory", "node", "unix"];
  return platforms.map((platform) => {
    const tried = accused.filter(({ mutant }) => (mutant.on ?? "memory") === platform);
    return [platform, [...new Set(tried.flatMap(contractsFor))]];
  });
}
