/**
 * A proxy between clients and two servers that crash: every answer is for who has asked, what is cut
 * off never looks whole, what cannot be had is told with 502 or 504, and nothing that changes
 * something is sent twice.
 *
 * @module
 */
import type { IListeningPort } from "../../src/internet/interfaces-factory.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import { ReverseProxyResource } from "../../src/web/proxy/reverse-proxy-resource.ts";
import { Resource } from "../../src/web/server/resource.ts";
import { Site } from "../../src/web/server/site.ts";
import { WEB_PORT } from "./web-browser.ts";
import { addClient } from "./web-errands.ts";
import { WebLedger } from "./web-ledger.ts";
import { PlannedError, ShopSite } from "./web-shop.ts";

const BEHIND_PORT = 8080;
const PLACES = ["/back1", "/back2"];
/** Seconds until a client has what it wants, once the weather is good. */
const WITHIN = 600;
/** As in `web.sim.ts`. */
const SILENCE_MAX = 5 + 120 + 60 + 30;
/** Short, so that servers close connections at the moment at which they are used again. */
const BEHIND_IDLE = 0.5;

function proxy(reactor: SimulatedReactor): IListeningPort {
  const root = new Resource();
  for (const place of PLACES) {
    const name = place.slice(1);
    const target = `http://${name}:${String(BEHIND_PORT)}`;
    root.putChild(name, new ReverseProxyResource(target, { reactor, headTimeout: 15 }));
  }
  return reactor.listenTCP(WEB_PORT, new Site(root, { reactor }));
}

export default simulation("a proxy survives the servers behind it", async (sim) => {
  sim.expectLogged(PlannedError);
  const ledger = new WebLedger(sim, { isProxied: true });
  let port: IListeningPort | undefined;
  const front = sim.host("server", (reactor) => {
    port = proxy(reactor);
  });
  const behind = PLACES.map((place) =>
    sim.host(place.slice(1), (reactor) => {
      const options = { place, idleTimeout: BEHIND_IDLE };
      reactor.listenTCP(BEHIND_PORT, new ShopSite(ledger, reactor, options));
    }),
  );
  const clients = ["client1", "client2"].map((name) => addClient(ledger, name, PLACES));
  const swarm = sim.swarm({ until: 10, crash: behind, never: ["slow disk", "failing disk"] });
  await swarm.done;
  const isDone = (): boolean => clients.every(({ left }) => left.length === 0);
  await sim.eventually("everybody has what they want", isDone, { within: WITHIN });
  await sim.sleep(10); // Who has gone may be on the way in.
  const isAlone = (): boolean => port?.connections.size === 0;
  await sim.eventually("nobody is left on the proxy", isAlone, { within: SILENCE_MAX });
  await sim.sleep(SILENCE_MAX); // The servers behind may have lost somebody, too.
  for (const { reactor } of [front, ...behind]) {
    const [call] = reactor.getDelayedCalls();
    if (call !== undefined) sim.unreachable(`something is left to do: ${call.toString()}`);
  }
  ledger.check(...behind.map(({ reactor }) => reactor));
  for (const { gateway, errand } of swarm.calm ? ledger.sent : []) {
    const isSure = errand.method !== "POST" && !errand.isCut;
    if (gateway !== undefined && isSure) sim.unreachable("a proxy fails in good weather");
  }
  for (const { host } of clients) await sim.stop(host);
  for (const host of [front, ...behind]) await sim.stop(host);
});
