/**
 * A proxy between clients and two servers that crash. Who asks gets their own answer, in time; what
 * is cut off never looks whole; what cannot be had is told with 502, 503 or 504; nothing that
 * changes something is sent twice; who goes away takes along what was asked for them; little is
 * held, and nothing is left over.
 *
 * @module
 */
import type { IListeningPort } from "../../src/internet/interfaces-factory.ts";
import type { SimulatedHost } from "../../src/reactors/simulated/host.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import type { FaultKind, Swarm } from "../../src/testing/simulation/swarm.ts";
import { addClient, type Client } from "./web-errands.ts";
import { type Behind, drawGatewayPlan, Gateway, type GatewayPlan } from "./web-gateway.ts";
import { type Sent, WebLedger } from "./web-ledger.ts";
import { oldShop } from "./web-old-shop.ts";
import { PlannedError, ShopSite } from "./web-shop.ts";
import { isWhole } from "./whole.ts";

const OLD_PORT = 8081;
const SHOPS: readonly Behind[] = ["back1", "back2"].map((host) => {
  return { place: host, host, port: 8080 };
});
const OLD_SHOPS: readonly Behind[] = SHOPS.map(({ host }, index) => {
  return { place: `old${String(index + 1)}`, host, port: OLD_PORT };
});
/** Seconds until a client has what it wants, once the weather is good. */
const WITHIN = 600;
/** As in `web.sim.ts`. */
const SILENCE_MAX = 5 + 120 + 60 + 30;
/** The second is short: servers close connections at the moment at which they are used again. */
const BEHIND_IDLE = [60, 0.5] as const;
/** Bytes that wait for somebody slow: the mark of a transport, a read, and how it is framed. */
const HELD_MAX = 2 * 65_536 + 4096;
/** Seconds in which everybody hears of an end, where nothing gets lost. */
const SOON = 5;

/** Seconds for which a server is silent: longer than the deadlines of a proxy are together. */
const SILENCE = 80;

/** Weather in which nothing gets lost, and nobody fails. */
const MILD = new Set<FaultKind>([
  "jitter",
  "segmentation",
  "coalescing",
  "narrow",
  "skew",
  "stall",
]);
/** Weather in which the end of a connection may be told to nobody. */
const SILENT = ["loss", "cut", "one-way cut", "isolation"] as const;
/** Weather in which a client may lose its connection to the proxy. */
const UNSOUND = [...SILENT, "reset"] as const;

/** What a batch must come to. */
const MARKS = [
  "refused with 502",
  "refused with 503",
  "refused with 504",
  "a hint comes before its answer",
  "the server said: continue",
  "a client goes away",
  "a server behind falls silent",
  "the proxy holds much of an answer",
];

export default simulation("a proxy survives the servers behind it", async (sim) => {
  sim.expectLogged(PlannedError);
  const ledger = new WebLedger(sim, { isProxied: true });
  const idleTimeout = sim.oneOf(BEHIND_IDLE);
  const plan = drawGatewayPlan(sim);
  let gateway: Gateway | undefined;
  const front = sim.host("server", (reactor) => {
    gateway = new Gateway(reactor, plan, [...SHOPS, ...OLD_SHOPS]);
  });
  const ports = new Map<string, IListeningPort>();
  const behind = SHOPS.map(({ host, place, port }) =>
    sim.host(host, (reactor) => {
      const site = new ShopSite(ledger, reactor, { place: `/${place}`, idleTimeout });
      ports.set(place, reactor.listenTCP(port, site));
      ports.set(`old ${place}`, reactor.listenTCP(OLD_PORT, oldShop(ledger, reactor)));
    }),
  );
  watch(sim, () => gateway, plan);
  const clients = ["client1", "client2"].map((name) => addShopper(ledger, name));
  if (!isWhole(sim)) for (const mark of MARKS) sim.sometimes(mark);
  const isSilent = await silenceOne(sim, front, behind[0]);
  const swarm = sim.swarm({ until: 10, crash: behind, never: ["slow disk", "failing disk"] });
  ledger.isSound = !UNSOUND.some((kind) => swarm.kinds.has(kind));
  if (!isWhole(sim) && sim.chance(0.3)) makeNarrow(sim, front, clients[0]);
  const lost = await loseOne(sim, ledger);
  await swarm.done;
  const isMild = !isSilent && [...swarm.kinds].every((kind) => MILD.has(kind));
  if (isMild) await checkLost(sim, lost, !swarm.kinds.has("stall"));
  const isDone = (): boolean => clients.every(({ left }) => left.length === 0);
  await sim.eventually("everybody has what they want", isDone, { within: WITHIN });
  await sim.sleep(10); // Who has gone may be on the way in.
  const isAlone = (): boolean => gateway?.port.connections.size === 0;
  await sim.eventually("nobody is left on the proxy", isAlone, { within: SILENCE_MAX });
  const isQuiet = [...ports.values()].every(({ connections }) => connections.size === 0);
  if (isMild && !isQuiet) sim.unreachable("a proxy keeps a connection for too long");
  if (isMild) checkIdle(sim, [front]);
  await sim.sleep(SILENCE_MAX); // The servers behind may have lost somebody, too.
  checkIdle(sim, [front, ...behind]);
  ledger.check(...behind.map(({ reactor }) => reactor));
  checkRefusals(ledger, { plan, isPatient: idleTimeout > 10, isMild });
  checkPatience(ledger, swarm);
  void gateway?.close();
  await sim.eventually("a proxy comes to its end", () => gateway?.isClosed === true, { within: 1 });
  for (const { host } of clients) await sim.stop(host);
  for (const host of [front, ...behind]) await sim.stop(host);
});

function addShopper(ledger: WebLedger, name: string): Client {
  const [places = [], old] = [SHOPS, OLD_SHOPS].map((all) => all.map(({ place }) => `/${place}`));
  return addClient(ledger, name, places, old);
}

/** What holds at any time. */
function watch(sim: Simulation, gateway: () => Gateway | undefined, plan: GatewayPlan): void {
  sim.always("a proxy holds little", () => {
    const held = gateway()?.held ?? 0;
    if (held > 65_536) sim.reached("the proxy holds much of an answer");
    return held <= HELD_MAX;
  });
  const { maxConnections } = plan;
  const isBounded = (): boolean => (gateway()?.busiest ?? 0) <= maxConnections;
  sim.always("a proxy opens no more connections than it may", isBounded);
}

/** A client that is slow to take what it gets. */
function makeNarrow(sim: Simulation, front: SimulatedHost, client: Client | undefined): void {
  if (client === undefined) return;
  sim.net.between(front, client.host, { bandwidth: 125_000, window: 4096, sendBuffer: 4096 });
}

/** A server behind is not heard of for longer than any deadline, before there is other weather. */
async function silenceOne(
  sim: Simulation,
  front: SimulatedHost,
  server: SimulatedHost | undefined,
): Promise<boolean> {
  if (server === undefined || isWhole(sim) || !sim.chance(0.2)) return false;
  await sim.sleep(sim.between(0, 1000) / 1000);
  const fault = sim.net.partition([server], [front]);
  await sim.sleep(SILENCE);
  fault.heal();
  sim.reached("a server behind falls silent");
  return true;
}

/** What somebody wanted who has gone. */
interface Lost {
  /** Not answered. */
  readonly sent: readonly Sent[];
  /** And nobody had begun it when all knew. */
  readonly late: readonly Sent[];
}

/** Somebody who goes away in the middle of something. */
async function loseOne(sim: Simulation, ledger: WebLedger): Promise<Lost> {
  if (isWhole(sim) || !sim.chance(0.4)) return { sent: [], late: [] };
  const { host, left } = addShopper(ledger, "lost");
  await sim.sleep(sim.between(0, 3000) / 1000);
  host.kill();
  sim.reached("a client goes away");
  const sent = ledger.sent.filter(({ errand }) => left.includes(errand));
  await sim.sleep(1);
  return { sent, late: sent.filter(({ begun }) => begun === 0) };
}

/** Nobody works for who has gone. @param isPrompt Everybody hears of it within a second. */
async function checkLost(sim: Simulation, { sent, late }: Lost, isPrompt: boolean): Promise<void> {
  await sim.sleep(SOON);
  const isOver = sent.every(({ begun, over }) => begun === over);
  if (!isOver) sim.unreachable("a server works for somebody who has gone");
  const isAsked = late.some(({ begun }) => begun > 0);
  if (isAsked && isPrompt) sim.unreachable("a server is asked for somebody who has gone");
}

/** Nothing is left to do. */
function checkIdle(sim: Simulation, hosts: readonly SimulatedHost[]): void {
  for (const { reactor } of hosts) {
    const [call] = reactor.getDelayedCalls();
    if (call !== undefined) sim.unreachable(`something is left to do: ${call.toString()}`);
  }
}

/** What is expected of those who were refused. */
interface Expected {
  readonly plan: GatewayPlan;
  /** The servers behind wait long for the next request. */
  readonly isPatient: boolean;
  readonly isMild: boolean;
}

/** In good weather only what may not be sent again is lost, to servers that do not wait. */
function checkRefusals({ sim, sent }: WebLedger, { plan, isPatient, isMild }: Expected): void {
  const isWide = plan.maxConnections === 512;
  for (const { refusal, errand } of sent) {
    if (refusal === 503 && isWide) sim.unreachable("a proxy is busy that is not");
    const isSure = (errand.method !== "POST" || isPatient) && refusal !== 503;
    if (isMild && refusal !== undefined && isSure && !errand.isCut) {
      sim.unreachable("a proxy fails in good weather");
    }
  }
}

/** Nobody hangs for ever who can be told. */
function checkPatience({ sim, impatient }: WebLedger, { kinds }: Swarm): void {
  if (impatient === 0 || SILENT.some((kind) => kinds.has(kind))) return;
  sim.unreachable("a client has waited in vain");
}
