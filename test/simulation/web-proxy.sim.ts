/**
 * A proxy between clients and two servers that crash: every answer is for who has asked, what is
 * cut off never looks whole, what cannot be had is told with 502 or 504, and nothing that changes
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
/** The second is short: servers close connections at the moment at which they are used again. */
const BEHIND_IDLE = [60, 0.5] as const;
/** What a proxy holds of an answer whose reader is slow: its mark, and a read or two. */
const HELD_MAX = 65_536 + 2 * 65_536;

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
  const idleTimeout = sim.oneOf(BEHIND_IDLE);
  let port: IListeningPort | undefined;
  const front = sim.host("server", (reactor) => {
    port = proxy(reactor);
  });
  const ports = new Map<string, IListeningPort>();
  const behind = PLACES.map((place) =>
    sim.host(place.slice(1), (reactor) => {
      const site = new ShopSite(ledger, reactor, { place, idleTimeout });
      ports.set(place, reactor.listenTCP(BEHIND_PORT, site));
    }),
  );
  sim.always("a proxy holds little", () => heldBy(port) <= HELD_MAX);
  const clients = ["client1", "client2"].map((name) => addClient(ledger, name, PLACES));
  sim.sometimes("refused with 502");
  const swarm = sim.swarm({ until: 10, crash: behind, never: ["slow disk", "failing disk"] });
  await swarm.done;
  const isDone = (): boolean => clients.every(({ left }) => left.length === 0);
  await sim.eventually("everybody has what they want", isDone, { within: WITHIN });
  await sim.sleep(10); // Who has gone may be on the way in.
  const isAlone = (): boolean => port?.connections.size === 0;
  await sim.eventually("nobody is left on the proxy", isAlone, { within: SILENCE_MAX });
  const isQuiet = [...ports.values()].every(({ connections }) => connections.size === 0);
  if (swarm.calm && !isQuiet) sim.unreachable("a proxy keeps a connection for too long");
  await sim.sleep(SILENCE_MAX); // The servers behind may have lost somebody, too.
  for (const { reactor } of [front, ...behind]) {
    const [call] = reactor.getDelayedCalls();
    if (call !== undefined) sim.unreachable(`something is left to do: ${call.toString()}`);
  }
  ledger.check(...behind.map(({ reactor }) => reactor));
  if (swarm.calm) checkCalm(ledger, idleTimeout);
  for (const { host } of clients) await sim.stop(host);
  for (const host of [front, ...behind]) await sim.stop(host);
});

/** Bytes that wait for its clients. */
function heldBy(port: IListeningPort | undefined): number {
  let held = 0;
  for (const { bufferedBytes } of port?.connections ?? []) held = Math.max(held, bufferedBytes);
  return held;
}

/** In good weather only what may not be sent again is lost, to servers that do not wait. */
function checkCalm({ sim, sent }: WebLedger, idleTimeout: number): void {
  for (const { refusal, errand } of sent) {
    const isSure = errand.method !== "POST" || idleTimeout > 10;
    if (refusal !== undefined && isSure && !errand.isCut) {
      sim.unreachable("a proxy fails in good weather");
    }
  }
}
