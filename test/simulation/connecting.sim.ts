/**
 * Connecting by name, to hosts of which some answer, some refuse, some are slow, cut off, dead or
 * not there at all: whoever answers first has it, in time, and nothing is left of the others.
 *
 *     fd00::2   dead       ─────────────────────────────── given up
 *     10.0.0.3  refusing       ──✗
 *     10.0.0.4  slow             ────────✓ at its begin and one round trip
 *
 * Spec: RFC 8305.
 *
 * @module
 */
import { AllAttemptsFailedError } from "../../src/internet/endpoints/all-attempts-failed-error.ts";
import { HostnameEndpoint } from "../../src/internet/endpoints/hostname-endpoint.ts";
import { ConnectingCancelledError, TimeoutError } from "../../src/internet/errors.ts";
import { Factory } from "../../src/internet/factory.ts";
import type { SimulatedHost } from "../../src/reactors/simulated/host.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import {
  checkRace,
  type Ending,
  Goal,
  Guest,
  NAME,
  PORT,
  Receptionist,
} from "./connecting-race.ts";

const KINDS = ["good", "refusing", "dead", "slow", "cut", "nobody"] as const;
/** Seconds after which nothing of an attempt may be left anywhere. */
const FORGOTTEN = 40;

/** Who listens, on all hosts that do. */
class Reception {
  /** Connections that came in. */
  accepted = 0;

  readonly program = (reactor: SimulatedReactor): void => {
    const factory = Factory.building(() => {
      this.accepted += 1;
      return new Receptionist(reactor);
    });
    factory.noisy = false;
    reactor.listenTCP(PORT, factory, { interface: "::" });
  };
}

interface Scene {
  readonly sim: Simulation;
  readonly client: SimulatedHost;
  readonly reception: Reception;
}

/** Some places under one name. */
function drawGoals(scene: Scene): readonly Goal[] {
  return Array.from({ length: scene.sim.pick(6) }, (_, at) => drawPlace(scene, at)).flat();
}

function drawPlace({ sim, client, reception }: Scene, at: number): readonly Goal[] {
  const kind = sim.oneOf(KINDS);
  const families = sim.oneOf([["ipv4"], ["ipv6"], ["ipv6", "ipv4"]] as const);
  if (kind === "nobody") {
    const nowhere = { ipv4: `10.9.9.${String(at)}`, ipv6: `fd00::9:${String(at)}` };
    return families.map((family) => new Goal(kind, nowhere[family]));
  }
  const place = sim.host(`${kind}${String(at)}`);
  if (kind !== "refusing") place.start(reception.program);
  const latency = kind === "slow" ? sim.between(50, 800) / 1000 : 0.0005;
  if (kind === "slow") sim.net.between(client, place, { latency });
  let until = kind === "dead" ? Number.POSITIVE_INFINITY : 0;
  if (kind === "dead") place.powerOff();
  if (kind === "cut") {
    until = sim.between(1, 5000) / 1000;
    const cut = sim.net.partition([client], [place]);
    sim.simulator.after(until, { happen: () => cut.heal() });
  }
  return families.map((family) => new Goal(kind, place[family], { latency, until }));
}

/** Connect once. @returns How it went. */
function connect(
  sim: Simulation,
  reactor: SimulatedReactor,
  { timeout, abortAfter }: { readonly timeout: number; readonly abortAfter: number | undefined },
): Promise<Ending> {
  const counts = { started: 0, built: 0, stopped: 0 };
  const factory = Factory.building(() => {
    counts.built += 1;
    return new Guest(reactor);
  });
  factory.noisy = false;
  factory.startFactory = () => void (counts.started += 1);
  factory.stopFactory = () => void (counts.stopped += 1);
  const attempts: { address: string; began: number }[] = [];
  const connectTCP = reactor.connectTCP.bind(reactor);
  reactor.connectTCP = (host, ...others) => {
    attempts.push({ address: host, began: sim.now });
    return connectTCP(host, ...others);
  };
  const controller = new AbortController();
  const abort =
    abortAfter === undefined
      ? undefined
      : reactor.callLater(abortAfter, () => controller.abort(new Error("enough")));
  const began = sim.now;
  const endpoint = new HostnameEndpoint(reactor, NAME, PORT, { timeout });
  return new Promise((resolve) => {
    void endpoint.connect(factory, { signal: controller.signal }).addBoth((result) => {
      if (abort?.active === true) abort.cancel();
      reactor.connectTCP = connectTCP;
      const value = result instanceof Guest ? result : result.value;
      resolve({ began, at: sim.now, timeout, abortAfter, result: value, attempts, counts });
    });
  });
}

export default simulation("whoever answers first is connected to", async (sim) => {
  const client = sim.host("client", () => {});
  const swarm = sim.swarm({ until: 8 });
  const reception = new Reception();
  const goals = drawGoals({ sim, client, reception });
  let won = 0;
  const addresses = goals.map(({ address }) => address);
  sim.simulator.names.set(NAME, ...addresses, ...addresses.slice(0, sim.pick(2)));
  sim.sometimes("a race is lost by everybody");
  sim.sometimes("a race takes too long");
  sim.sometimes("a race is given up");
  const rounds = sim.between(1, 3);
  for (let round = 0; round < rounds; round += 1) {
    const timeout = sim.oneOf([30, 3, 1]);
    const abortAfter = sim.chance(0.3) ? sim.between(0, 2000) / 1000 : undefined;
    const ending = await sim.run(client, (reactor) =>
      connect(sim, reactor, { timeout, abortAfter }),
    );
    await sim.sleep(0);
    note(sim, ending);
    checkRace(ending, { goals, strict: swarm.calm, reactor: client.reactor });
    const { result, attempts } = ending;
    const count = attempts.length;
    if (result instanceof Guest) {
      won += 1;
      await sim.eventually("it is over", () => result.isOver);
      if (swarm.calm && result.welcome !== "welcome") throw new Error("Nobody was welcome");
    }
    await sim.eventually("nothing is left", () => isClean(sim), { within: FORGOTTEN });
    if (attempts.length > count) throw new Error("An attempt began after the end");
  }
  await swarm.done;
  if (swarm.calm && reception.accepted !== won) {
    throw new Error(`Expected ${String(won)} connections, got ${String(reception.accepted)}`);
  }
  for (const host of sim.simulator.hosts) if (host.running) await sim.stop(host);
});

function note(sim: Simulation, { result }: Ending): void {
  if (result instanceof AllAttemptsFailedError) sim.reached("a race is lost by everybody");
  else if (result instanceof TimeoutError) sim.reached("a race takes too long");
  else if (result instanceof ConnectingCancelledError) sim.reached("a race is given up");
}

/** Ports may be open, nothing else. */
function isClean(sim: Simulation): boolean {
  return sim.simulator.hosts.every(({ name, running, reactor }) => {
    if (!running) return true;
    const ports = name === "client" || name.startsWith("refusing") ? 0 : 1;
    return reactor.open.length === ports && reactor.getDelayedCalls().length === 0;
  });
}
