/**
 * The web in simulation: sites and WebSockets. Each is explored
 * with other seeds than the first ones by `sennit sim run test/simulation/web.sim.ts`.
 *
 * @module
 */
import { it } from "vitest";
import { simTest } from "../../src/testing/simulation/sim-test.ts";
import web from "./web.sim.ts";
import websocket from "./websocket.sim.ts";

// Not here: web-drain (its seed 24 is not explained yet) and web-proxy (its seed 1).
for (const scenario of [web, websocket]) {
  simTest(it, scenario.name, scenario, { seeds: 100 });
}
