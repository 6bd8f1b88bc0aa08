/**
 * The same seed is the same run: twice, backwards, all at once, with both ways of running promises,
 * and on every version of Node.
 *
 * `SENNIT_GOLDEN=write npx vitest run test/simulation/determinism` writes the digests anew, after a
 * change that is meant to change what happens in a simulation.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { assert, describe, it } from "vitest";
import { simulate, type SimulateOptions } from "../../src/testing/simulation/simulate.ts";
import bank from "./bank.sim.ts";

const SEEDS = 200;
const GOLDEN = new URL("golden.json", import.meta.url);

async function hashes(options: SimulateOptions = {}): Promise<string[]> {
  const all: string[] = [];
  for (let seed = 0; seed < SEEDS; seed += 1) all.push(await hashOf(seed, options));
  return all;
}

async function hashOf(seed: number, options: SimulateOptions = {}): Promise<string> {
  const { failure, hash } = await simulate(bank.scenario, { ...options, seed });
  assert.isUndefined(failure);
  return hash;
}

function digest(all: readonly string[]): string {
  return createHash("sha256").update(all.join("\n")).digest("hex");
}

describe("the hash of a seed", async () => {
  const expected = await hashes();

  it("is another for each", () => {
    assert.equal(new Set(expected).size, SEEDS);
  });

  it("is the same the second time", async () => {
    assert.deepEqual(await hashes(), expected);
  });

  it("is the same backwards", async () => {
    const all: string[] = [];
    for (let seed = SEEDS - 1; seed >= 0; seed -= 1) all.unshift(await hashOf(seed));
    assert.deepEqual(all, expected);
  });

  it("is the same for runs that were begun at once", async () => {
    assert.deepEqual(await Promise.all(expected.map((_, seed) => hashOf(seed))), expected);
  });

  it("is the same with a turn of Node's loop for each event", async () => {
    const seeds = expected.slice(0, 50);
    for (const [seed, hash] of seeds.entries()) {
      assert.equal(await hashOf(seed, { drain: "immediate" }), hash);
    }
  });

  it("is the same whether the trace is kept, and choices are recorded, or not", async () => {
    const kept = { traced: true, recorded: true, checkpoints: true };
    assert.deepEqual(await hashes(kept), expected);
  });

  it("is the same on this machine as on the one where it was written down", () => {
    const found = { scenario: bank.name, seeds: SEEDS, digest: digest(expected) };
    const text = `${JSON.stringify(found, undefined, 2)}\n`;
    if (process.env["SENNIT_GOLDEN"] === "write") writeFileSync(GOLDEN, text);
    assert.equal(readFileSync(GOLDEN, "utf8"), text);
  });
});
