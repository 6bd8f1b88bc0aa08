/**
 * Scenarios of the protocols and of what connects them, some seeds of each. For many:
 * `npm run sim -- run test/simulation/lines.sim.ts`.
 *
 * @module
 */
import { describe, it } from "vitest";
import { simTest } from "../../src/testing/simulation/sim-test.ts";
import connecting from "./connecting.sim.ts";
import datagrams from "./datagrams.sim.ts";
import lines from "./lines.sim.ts";
import reconnecting from "./reconnecting.sim.ts";
import townhall from "./townhall.sim.ts";
import upgrade from "./upgrade.sim.ts";

const SEEDS = 100;

describe("in any weather", () => {
  for (const scenario of [connecting, datagrams, lines, reconnecting, townhall, upgrade]) {
    simTest(it, scenario.name, scenario, { seeds: SEEDS });
  }
});
