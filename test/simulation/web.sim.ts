/**
 * A web server and its visitors, in any weather: connections that are kept, requests behind one
 * another, bodies up and down, slow and fast, over TLS or not, and ends that nobody has announced.
 *
 * HTTP/2 is not in it: its sessions are Node's own, which works in turns of the loop and not in the
 * time of a simulation.
 *
 * @module
 */
import type { IListeningPort } from "../../src/internet/interfaces-factory.ts";
import type { SimulatedHost } from "../../src/reactors/simulated/host.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import { SERVER_OPTIONS } from "./upgrade-certificate.ts";
import { WEB_PORT } from "./web-browser.ts";
import { addClient } from "./web-errands.ts";
import { type Errand, WebLedger } from "./web-ledger.ts";
import { PlannedError, ShopSite } from "./web-shop.ts";
import { isWhole } from "./whole.ts";

/** The deadlines of a server that waits for nobody: but what is taken is seen in large steps. */
const IMPATIENT = {
  idleTimeout: 3,
  headTimeout: 3,
  bodyTimeout: 3,
  handlerTimeout: 1,
  writeTimeout: 20,
};
/** What a batch must come to. */
const MARKS = [
  "requests are pipelined",
  "the server said: continue",
  "a producer is paused",
  "a client falls silent",
  "it goes over TLS",
];
/** Seconds until a client has what it wants, once the weather is good. */
const WITHIN = 600;
/**
 * Seconds after which a silent client is gone: what a handler takes here, twice `writeTimeout`, an
 * `idleTimeout`, and `closeTimeout`.
 */
const SILENCE_MAX = 5 + 120 + 60 + 30;

export default simulation("a web site survives anything", async (sim) => {
  sim.expectLogged(PlannedError);
  const isImpatient = sim.chance(0.25);
  const ledger = new WebLedger(sim, { isSecure: sim.chance(0.25), isImpatient });
  const tls = sim.oneOf(SERVER_OPTIONS);
  let port: IListeningPort | undefined;
  const server = sim.host("server", (reactor) => {
    const site = new ShopSite(ledger, reactor, isImpatient ? IMPATIENT : {});
    port = ledger.isSecure
      ? reactor.listenSSL(WEB_PORT, site, tls)
      : reactor.listenTCP(WEB_PORT, site);
  });
  const one = addClient(ledger, "client1");
  const other = addClient(ledger, "client2");
  if (ledger.isSecure) sim.reached("it goes over TLS");
  if (!isWhole(sim)) for (const mark of MARKS) sim.sometimes(mark);
  const crash = [server, one.host];
  const swarm = sim.swarm({ until: 10, crash, never: ["slow disk", "failing disk"] });
  ledger.isCalm = swarm.calm;
  await loseOne(sim, ledger);
  await swarm.done;
  const isDone = (): boolean => one.left.length + other.left.length === 0;
  await sim.eventually("everybody has what they want", isDone, { within: WITHIN });
  await sim.sleep(10); // Who has gone may be on the way in.
  const isAlone = (): boolean => port?.connections.size === 0;
  await sim.eventually("nobody is left on the server", isAlone, { within: SILENCE_MAX });
  await sim.sleep(1); // What its resources have begun comes to nothing.
  checkIdle(sim, server);
  // Who reads slowly may be too slow for an impatient server's next answer.
  if (swarm.calm && !isImpatient) checkOnce(sim, ledger, [...one.once, ...other.once]);
  ledger.check(server.reactor);
  for (const host of [one.host, other.host, server]) await sim.stop(host);
});

/** Somebody else, who falls silent in the middle of something. */
async function loseOne(sim: Simulation, ledger: WebLedger): Promise<void> {
  if (isWhole(sim) || !sim.chance(0.3)) return;
  const { host } = addClient(ledger, "lost");
  await sim.sleep(sim.between(0, 3000) / 1000);
  host.powerOff();
  sim.reached("a client falls silent");
}

/** In good weather nobody has to ask twice. */
function checkOnce(sim: Simulation, ledger: WebLedger, errands: readonly Errand[]): void {
  const isOnce = errands.every((errand) => ledger.timesOf(errand) === 1);
  if (!isOnce) sim.unreachable("something had to be asked for twice in good weather");
}

/** A server without a visitor waits for nothing. */
function checkIdle(sim: Simulation, server: SimulatedHost): void {
  const [call] = server.reactor.getDelayedCalls();
  if (call !== undefined) sim.unreachable(`something is left to do: ${call.toString()}`);
}
