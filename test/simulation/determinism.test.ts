/**
 * The same seed is the same run: twice, backwards, all at once, with both ways of running promises,
 * and on every version of Node.
 *
 * `SENNIT_GOLDEN=write npx vitest run test/simulation/determinism` writes the digest anew, after a
 * change that is meant to change what happens in a simulation. `SENNIT_SEEDS=10000` tries as many.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { assert, describe, it } from "vitest";
import bank from "./bank.sim.ts";
import { digest, hashes, hashOf } from "./digest.ts";

const GOLDEN_SEEDS = 200;
const SEEDS = Number(process.env["SENNIT_SEEDS"] ?? GOLDEN_SEEDS);
/** A turn of Node's loop for each event takes longer. */
const SEEDS_IN_TURNS = SEEDS === GOLDEN_SEEDS ? 50 : SEEDS;
const GOLDEN = new URL("golden.json", import.meta.url);

describe("the hash of a seed", { timeout: 1_800_000 }, async () => {
  const expected = await hashes(SEEDS);
  console.log(`${digest(expected)}  ${String(SEEDS)} seeds, Node ${process.version}`);

  it("is another for each", () => {
    assert.equal(new Set(expected).size, SEEDS);
  });

  it("is the same the second time", async () => {
    assert.deepEqual(await hashes(SEEDS), expected);
  });

  it("is the same backwards", async () => {
    assert.deepEqual(await hashes(SEEDS, { backwards: true }), expected);
  });

  it("is the same for runs that were begun at once", async () => {
    const few = expected.slice(0, GOLDEN_SEEDS);
    assert.deepEqual(await Promise.all(few.map((_, seed) => hashOf(seed))), few);
  });

  it("is the same with a turn of Node's loop for each event", async () => {
    const all = await hashes(SEEDS_IN_TURNS, { drain: "immediate" });
    assert.deepEqual(all, expected.slice(0, SEEDS_IN_TURNS));
  });

  it("is the same whether the trace is kept, and choices are recorded, or not", async () => {
    const kept = { traced: true, recorded: true, checkpoints: true };
    const few = expected.slice(0, GOLDEN_SEEDS);
    assert.deepEqual(await hashes(few.length, kept), few);
  });

  it("is the same on this machine as on the one where it was written down", () => {
    const seeds = expected.slice(0, GOLDEN_SEEDS);
    const found = { scenario: bank.name, seeds: GOLDEN_SEEDS, digest: digest(seeds) };
    const text = `${JSON.stringify(found, undefined, 2)}\n`;
    if (process.env["SENNIT_GOLDEN"] === "write") writeFileSync(GOLDEN, text);
    assert.equal(readFileSync(GOLDEN, "utf8"), text);
  });
});
