/**
 * Runs that are as tests without a simulator are: no faults, and every message in one piece. They
 * are what the others are compared with, in `mutants.test.ts`.
 *
 * @module
 */
import type { Simulation } from "../../src/testing/simulation/simulation.ts";

/** Bytes that come in one piece, where nothing cuts them. */
const WHOLE_MAX = 32_768;

/** Is everything to come whole, and everybody to stay? */
export function isWhole(sim: Simulation): boolean {
  return sim.faults === "none";
}

/** One of some lengths, and none that would come in several pieces if everything is to be whole. */
export function drawLength(sim: Simulation, lengths: readonly number[]): number {
  return sim.oneOf(isWhole(sim) ? lengths.filter((length) => length <= WHOLE_MAX) : lengths);
}
