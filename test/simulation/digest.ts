/**
 * One digest over the hashes of many seeds: two that are equal were made by the same runs.
 *
 *     SENNIT_SEEDS=10000 npx vitest run test/simulation/determinism      on Node 20 and 24
 *     node test/simulation/digest.ts 10000                               on Node 24
 *     node --test test/simulation/digest.ts                              as a test of node:test
 *
 * @module
 */
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { simulate, type SimulateOptions } from "../../src/testing/simulation/simulate.ts";
import bank from "./bank.sim.ts";

/** What is run by itself: as many as a person waits for. */
const SEEDS = 10_000;

/** The hash of one seed of the bank. @throws {Error} It has failed. */
export async function hashOf(seed: number, options: SimulateOptions = {}): Promise<string> {
  const { failure, hash } = await simulate(bank.scenario, { ...options, seed });
  if (failure !== undefined) throw failure;
  return hash;
}

/** The hashes of seeds 0 to `seeds` - 1, in that order, whichever way they are run. */
export async function hashes(
  seeds: number,
  options: SimulateOptions & { readonly backwards?: boolean } = {},
): Promise<string[]> {
  const { backwards = false, ...others } = options;
  const all: string[] = Array.from({ length: seeds }, () => "");
  for (let index = 0; index < seeds; index += 1) {
    const seed = backwards ? seeds - 1 - index : index;
    all[seed] = await hashOf(seed, others);
  }
  return all;
}

/** One for all of them. */
export function digest(all: readonly string[]): string {
  return createHash("sha256").update(all.join("\n")).digest("hex");
}

const [, main = "", count = ""] = process.argv;
if (import.meta.url === pathToFileURL(main).href) {
  const seeds = Number(count === "" ? SEEDS : count);
  process.stdout.write(`${digest(await hashes(seeds))}  ${String(seeds)} seeds\n`);
}
