/**
 * A web server that is told to stop while visitors are busy with it, and starts again: what was
 * begun is answered, nothing new is, and it does not take longer than it may.
 *
 * @module
 */
import { simulation } from "../../src/testing/simulation/module.ts";
import { WEB_PORT } from "./web-browser.ts";
import { addClient } from "./web-errands.ts";
import { type Errand, WebLedger } from "./web-ledger.ts";
import { PlannedError, ShopSite } from "./web-shop.ts";
import { drawStagePlan, Stage } from "./web-stage.ts";

/** Seconds until a client has what it wants, once the weather is good. */
const WITHIN = 600;
/** Seconds by which a stop may miss its deadline: the reactor's own passes. */
const SLACK = 0.01;

export default simulation("a web site that stops finishes what it has begun", async (sim) => {
  sim.expectLogged(PlannedError);
  const ledger = new WebLedger(sim);
  const plan = drawStagePlan(sim, 1);
  let stage: Stage | undefined;
  const server = sim.host("server", (reactor) => {
    const stopping = (isStopping: boolean): void => {
      if (isStopping) ledger.stops();
      else ledger.isStopping = false;
    };
    const factory = new ShopSite(ledger, reactor);
    stage = new Stage({ sim, reactor, plan, port: WEB_PORT, factory, stopping });
    return stage.play();
  });
  const clients = ["client1", "client2", "client3"].map((name) => addClient(ledger, name));
  sim.sometimes("it stops while somebody is connected");
  const swarm = sim.swarm({ until: 10, crash: [server], never: ["slow disk", "failing disk"] });
  await swarm.done;
  const isDone = (): boolean => clients.every(({ left }) => left.length === 0);
  await sim.eventually("everybody has what they want", isDone, { within: WITHIN });
  await sim.sleep(1); // Who was started again at the very end has begun.
  await sim.eventually("it has had enough", () => stage?.isPlayed(server.reactor) === true, {
    within: 120,
  });
  await sim.run(server, () => stage?.stop());
  await sim.sleep(1); // What its resources have begun comes to nothing.
  const longest = stage?.longest ?? 0;
  const isPunctual = longest <= plan.drainTimeout + SLACK || swarm.kinds.has("stall");
  if (!isPunctual) sim.unreachable(`it stops late: it took ${String(longest)} s`);
  if (swarm.calm) checkCalm(ledger, plan.drainTimeout, longest);
  ledger.check(server.reactor);
  for (const { host } of clients) await sim.stop(host);
  await sim.stop(server);
});

/** In good weather what was begun is answered, if there is time, and it takes no more. */
function checkCalm({ sim, sent }: WebLedger, drainTimeout: number, longest: number): void {
  for (const { errand, lost, begun, isPromised } of sent) {
    const isShort = secondsOf(errand) < drainTimeout;
    if (isPromised && begun === 0 && isShort) sim.unreachable("half a request is dropped");
    const isAwaited = !errand.isCut && !errand.isHalfClosed;
    if (lost && isShort && isAwaited) sim.unreachable("what was begun is not finished");
  }
  const most = Math.max(...sent.map(({ errand }) => secondsOf(errand)));
  if (longest > most) sim.unreachable("it waits for nobody");
}

/** What an errand takes at most. */
function secondsOf({ upload, bytes = 0, piece, pause, drip }: Errand): number {
  const answer = pause * Math.ceil(bytes / piece);
  const body = (upload?.pause ?? 0) * Math.ceil((upload?.bytes ?? 0) / (upload?.chunk || 1));
  return drip + answer + body + 2;
}
