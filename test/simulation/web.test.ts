/**
 * The web in simulation: sites, sites that stop, a proxy, and WebSockets. Each is explored
 * with other seeds than the first ones by `npm run sim -- run test/simulation/web.sim.ts`.
 *
 * @module
 */
import { it } from "vitest";
import { simTest } from "../../src/testing/simulation/sim-test.ts";
import web from "./web.sim.ts";
import webDrain from "./web-drain.sim.ts";
import webProxy from "./web-proxy.sim.ts";
import websocket from "./websocket.sim.ts";

// Some of what a site is to come to is rare.
simTest(it, web.name, web, { seeds: 200 });
for (const scenario of [webDrain, webProxy, websocket]) {
  simTest(it, scenario.name, scenario, { seeds: 100 });
}
