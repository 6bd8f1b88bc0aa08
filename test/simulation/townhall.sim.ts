/**
 * The town hall, with people in it who speak, whisper and move about while everything breaks:
 * everybody in a room hears what is said there, once and in order, and nobody else does.
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import { ClientFactory } from "../../src/internet/factory.ts";
import { Logger } from "../../src/logger/logger.ts";
import { LineReceiver } from "../../src/protocols/line-receiver.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import townhall, { type TownhallService } from "../../examples/townhall/townhall.ts";
import { Guest, HALL, PORT, type Step } from "./townhall-guest.ts";

const NAMES = ["ann", "bob", "cat", "dan"];
const ROOMS = [HALL, "attic", "cellar"];
const NAME_TIMEOUT = 6;
const IDLE_TIMEOUT = 8;
const IDLE_WARNING = 2;
const BURST = 20;
const WARNING = `-- Say something within ${String(IDLE_WARNING)} seconds, or you will go.`;
const ARGUMENTS = [
  `tcp:${String(PORT)}`,
  `nameTimeout=${String(NAME_TIMEOUT)}`,
  `idleTimeout=${String(IDLE_TIMEOUT)}`,
  `idleWarning=${String(IDLE_WARNING)}`,
  `burstLines=${String(BURST)}`,
  "linesPerSecond=2",
  "droppedLinesMax=5",
];

/** Says one thing, one more when asked to, and else only listens. */
class Visitor extends LineReceiver {
  readonly #reactor: SimulatedReactor;
  readonly #text: string;
  readonly lines: string[] = [];
  /** Seconds from the connection to its end. */
  lasted: number | undefined;
  #since = 0;

  constructor(reactor: SimulatedReactor, text: string) {
    super();
    this.#reactor = reactor;
    this.#text = text;
  }

  override connectionMade(): void {
    this.#since = this.#reactor.seconds();
    this.transport.write(this.#text);
  }

  override lineReceived(line: Buffer): void {
    const text = line.toString();
    const isFirst = !this.lines.includes(text);
    this.lines.push(text);
    if (isFirst && text === WARNING) this.transport.write("yes\n");
  }

  override connectionLost(_reason: Failure): void {
    this.lasted = this.#reactor.seconds() - this.#since;
  }
}

/** Those who are no good guests: without a name, without a word, with too many. */
class Visitors {
  readonly shy: Visitor;
  readonly zed: Visitor;
  readonly flo: Visitor;

  constructor(reactor: SimulatedReactor) {
    const noise = Array.from({ length: 2 * BURST }, (_, at) => `noise ${String(at)}\n`).join("");
    this.shy = new Visitor(reactor, "");
    this.zed = new Visitor(reactor, "zed\r\n");
    this.flo = new Visitor(reactor, `flo\n${noise}`);
    for (const visitor of this.all) {
      const factory = ClientFactory.building(() => visitor);
      factory.noisy = false;
      reactor.callLater(0.5, () => reactor.connectTCP("townhall", PORT, factory));
    }
  }

  get all(): readonly Visitor[] {
    return [this.shy, this.zed, this.flo];
  }

  /** What becomes of them, where nothing else goes wrong. */
  check(): void {
    const { shy, zed, flo } = this;
    checkEnd(shy, "-- You have not told your name. Goodbye.", NAME_TIMEOUT);
    const silence = `-- You have said nothing for ${String(IDLE_TIMEOUT)} seconds. Goodbye.`;
    checkEnd(zed, silence, 2 * IDLE_TIMEOUT - IDLE_WARNING);
    checkEnd(flo, "-- Too many lines. Goodbye.", 0);
    const warnings = zed.lines.filter((line) => line === WARNING).length;
    if (warnings !== 2) throw new Error(`zed was warned ${String(warnings)} times`);
  }
}

function checkEnd({ lines, lasted }: Visitor, lastLine: string, seconds: number): void {
  const isInTime = lasted !== undefined && Math.abs(lasted - seconds) < 0.1;
  if (lines.at(-1) === lastLine && isInTime) return;
  throw new Error(
    `Expected ${lastLine} after ${String(seconds)} s, ` +
      `got ${lines.at(-1) ?? ""} after ${String(lasted)}`,
  );
}

function drawSteps(sim: Simulation): Step[] {
  return Array.from({ length: sim.pick(7) }, () => {
    const what = sim.oneOf(["say", "say", "join", "whisper"] as const);
    const where = sim.oneOf(what === "whisper" ? NAMES : ROOMS);
    return {
      what,
      where,
      after: sim.pick(10) / 10,
      typed: sim.chance(0.3) ? sim.between(1, 12) : 0,
    };
  });
}

export default simulation("everybody in a room hears what is said there", async (sim) => {
  let service: TownhallService | undefined;
  const house = sim.host("townhall", (reactor) => {
    const log = new Logger({ namespace: "townhall" });
    service = townhall({ reactor, args: ARGUMENTS, log });
    return service.startService();
  });
  const count = sim.between(2, NAMES.length);
  const guests = NAMES.slice(0, count).map((name) => new Guest(sim, name, drawSteps(sim)));
  const homes = guests.map((guest) => sim.host(guest.name, guest.program));
  let visitors: Visitors | undefined;
  sim.host("visitors", (reactor) => {
    visitors = new Visitors(reactor);
  });
  const swarm = sim.swarm({ until: 8, crash: [house, ...homes] });
  await swarm.done;
  await sim.sleep(1); // Who was started again a moment ago runs by then.
  await sim.eventually(
    "everybody is in, under their own name, and has done what they wanted",
    () => guests.every(({ settled }) => settled !== undefined),
    { within: swarm.calm ? 15 : 90 },
  );
  await sim.eventually("the bad guests are gone", () => areGone(visitors, swarm.calm), {
    within: 2 * IDLE_TIMEOUT,
  });
  if (swarm.calm) visitors?.check();
  await loseOne(sim, guests, swarm.calm);
  await close(sim, { service, guests: guests.slice(1), strict: swarm.calm });
});

function areGone(visitors: Visitors | undefined, strict: boolean): boolean {
  return !strict || visitors?.all.every(({ lasted }) => lasted !== undefined) === true;
}

/** The first guest loses power: nobody is told, and the idle watch must notice. */
async function loseOne(
  sim: Simulation,
  [lost, ...others]: readonly Guest[],
  strict: boolean,
): Promise<void> {
  const home = sim.simulator.hosts.find(({ name }) => name === lost?.name);
  const name = lost?.name ?? "";
  for (const other of others) other.missed.clear();
  home?.powerOff();
  const isMissed = (): boolean =>
    others.every(({ settled, missed }) =>
      strict ? missed.has(name) : settled?.isWith(name) === false,
    );
  await sim.eventually(`${name} is missed`, isMissed, { within: strict ? IDLE_TIMEOUT + 1 : 20 });
}

interface Closing {
  readonly service: TownhallService | undefined;
  readonly guests: readonly Guest[];
  readonly strict: boolean;
}

async function close(sim: Simulation, { service, guests, strict }: Closing): Promise<void> {
  const house = sim.simulator.hosts[0];
  if (service === undefined || house === undefined) throw new Error("There is no town hall");
  const since = sim.now;
  await sim.run(house, () => service.stopService());
  if (sim.now > since + service.stopBound) throw new Error("The town hall closes too late");
  await sim.sleep(0.1);
  await sim.stop(house);
  if (!strict) return;
  for (const { name, lastLine, endedWell } of guests) {
    const isTold = lastLine === "-- The town hall closes. Goodbye.";
    if (!isTold || !endedWell) throw new Error(`${name} was not told the end: ${lastLine}`);
  }
}
