/**
 * The web in simulation: sites, sites that stop, and WebSockets. Each is explored
 * with other seeds than the first ones by `sennit sim run test/simulation/web.sim.ts`.
 *
 * @module
 */
import { it } from "vitest";
import { simTest } from "../../src/testing/simulation/sim-test.ts";
import web from "./web.sim.ts";
import webDrain from "./web-drain.sim.ts";
import websocket from "./websocket.sim.ts";

for (const scenario of [web, webDrain, websocket]) {
  simTest(it, scenario.name, scenario, { seeds: 100 });
}
