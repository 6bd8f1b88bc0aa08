/**
 * The simulated reactor keeps the contracts that every reactor keeps: on a network that does
 * nothing worse than it must, and on a harsh one.
 *
 * @module
 */
import { describe, it } from "vitest";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import { SimulatedHarness } from "./simulated-harness.ts";

const runner = { describe, it };

describeReactor("SimulatedReactor, benign", () => new SimulatedHarness(), runner);

const HARSH = {
  latency: [0.000_01, 0.0001],
  segmentation: 0.5,
  coalescing: 0.2,
} as const;

for (const seed of [1, 2, 3]) {
  const options = { seed, loopback: HARSH, passTime: 0.001 };
  const name = `SimulatedReactor, harsh, seed ${String(seed)}`;
  describeReactor(name, () => new SimulatedHarness(options), runner);
}
