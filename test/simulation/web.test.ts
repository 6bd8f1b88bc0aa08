/**
 * The web in simulation: sites, their end, the servers behind a proxy, WebSockets. Each is explored
 * with other seeds than the first ones by `sennit sim run test/simulation/web.sim.ts`.
 *
 * @module
 */
import { it } from "vitest";
import { simTest } from "../../src/testing/simulation/sim-test.ts";
import drain from "./web-drain.sim.ts";
import proxy from "./web-proxy.sim.ts";
import web from "./web.sim.ts";
import websocket from "./websocket.sim.ts";

for (const scenario of [web, drain, proxy, websocket]) {
  simTest(it, scenario.name, scenario, { seeds: 100 });
}
