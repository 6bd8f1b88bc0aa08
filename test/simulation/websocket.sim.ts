/**
 * WebSockets in any weather: messages whole and in order, in fragments and compressed; pings;
 * goodbyes from either side; a server that stops in the middle; peers that fall silent; through a
 * proxy and without one.
 *
 * @module
 */
import type { IListeningPort } from "../../src/internet/interfaces-factory.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import { ReverseProxyResource } from "../../src/web/proxy/reverse-proxy-resource.ts";
import { Site } from "../../src/web/server/site.ts";
import { drawStagePlan, Stage } from "./web-stage.ts";
import { call, HALL_PORT } from "./websocket-caller.ts";
import { HallSite } from "./websocket-hall.ts";
import { isWhole } from "./whole.ts";
import { drawTalk, TalkBook, type TalkPlan } from "./websocket-talk.ts";

/** Seconds until everything is said, once the weather is good. */
const WITHIN = 1200;
/** Seconds until a silent peer is gone: pinged, or twice `writeTimeout`; and `closeTimeout`. */
const SILENCE_MAX = 30 + 120 + 30;
/** Seconds after which a proxy gives up a connection on which nothing moves: `tunnelTimeout`. */
const TUNNEL_MAX = 600;
/** What a batch must come to. */
const MARKS = [
  "it stops while somebody is connected",
  "a WebSocket is closed because its server stops",
  "one is opened while it stops",
  "a speaker waits for its hearer",
  "a client falls silent",
];
/** Seconds that a stop takes in good weather: a `closeTimeout`, and what is on its way. */
const DRAIN_MAX = 15;

export default simulation("WebSockets survive anything", async (sim) => {
  const book = new TalkBook(sim, sim.chance(0.25));
  const plan = drawStagePlan(sim, 0);
  let stage: Stage | undefined;
  const server = sim.host("server", (reactor) => {
    const stopping = (isStopping: boolean): void => {
      book.isStopping = isStopping;
    };
    const factory = new HallSite(book, reactor);
    stage = new Stage({ sim, reactor, plan, port: HALL_PORT, factory, stopping });
    return stage.play();
  });
  let front: IListeningPort | undefined;
  const middle = sim.host("front", (reactor) => {
    const target = `http://server:${String(HALL_PORT)}`;
    const site = new Site(new ReverseProxyResource(target, { reactor }), { reactor });
    front = reactor.listenTCP(HALL_PORT, site);
  });
  const addClient = (name: string) => {
    const left: TalkPlan[] = Array.from({ length: sim.between(1, 3) }, () => drawTalk(sim));
    return { host: sim.host(name, (reactor) => call({ book, reactor, left })), left };
  };
  const clients = [addClient("client1"), addClient("client2")];
  const talks = clients.reduce((sum, { left }) => sum + left.length, 0);
  if (!isWhole(sim)) for (const mark of MARKS) sim.sometimes(mark);
  const swarm = sim.swarm({ until: 10, crash: [server], never: ["slow disk", "failing disk"] });
  const isLosing = !isWhole(sim) && sim.chance(0.3);
  if (isLosing) {
    const { host } = addClient("lost");
    await sim.sleep(sim.between(0, 3000) / 1000);
    host.powerOff();
    sim.reached("a client falls silent");
  }
  await swarm.done;
  const isDone = (): boolean => clients.every(({ left }) => left.length === 0);
  await sim.eventually("everything is said", isDone, { within: WITHIN });
  await sim.sleep(10); // Who has gone may be on the way in.
  await sim.eventually("it has had enough", () => stage?.isPlayed(server.reactor) === true, {
    within: 120,
  });
  const isAlone = (): boolean =>
    stage?.service.port?.connections.size === 0 && front?.connections.size === 0;
  const within = SILENCE_MAX + (book.isProxied ? TUNNEL_MAX : 0);
  await sim.eventually("nobody is left on the server", isAlone, { within });
  await sim.sleep(10);
  const [left] = [server, middle].flatMap(({ reactor }) => reactor.getDelayedCalls());
  if (left !== undefined) sim.unreachable(`something is left to do: ${left.toString()}`);
  book.check(server.reactor);
  const isPatient = plan.drainTimeout > DRAIN_MAX;
  if (swarm.calm && isPatient && (stage?.longest ?? 0) > DRAIN_MAX) {
    sim.unreachable("it stops, and somebody is not told so");
  }
  if (swarm.calm && !isLosing && plan.rounds.length === 0 && book.size > talks) {
    sim.unreachable("something had to be said twice in good weather");
  }
  for (const { host } of clients) await sim.stop(host);
  await sim.run(server, () => stage?.stop());
  for (const host of [middle, server]) await sim.stop(host);
});
