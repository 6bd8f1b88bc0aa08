/**
 * A client that stays connected while servers come and go, an operator interferes, and the reactor
 * stops and runs again: what its factory is told is in order and balanced, no connector has two
 * connections, and at the end nothing is left.
 *
 * @module
 */
import { AlreadyConnectingError, NotConnectingError } from "../../src/internet/errors.ts";
import { Factory } from "../../src/internet/factory.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import { LineReceiver } from "../../src/protocols/line-receiver.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { simulation } from "../../src/testing/simulation/module.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import { Keeper, type Line, type Quirk, QUIRKS } from "./reconnecting-keeper.ts";

const PORTS = [7001, 7002];
const RAN_AGAIN = "the reactor was stopped, and runs again";
const ACTS = ["disconnect", "stopConnecting", "connect", "leave", "return", "stop"] as const;

/** Something that the operator does. */
interface Act {
  readonly what: (typeof ACTS)[number];
  readonly line: number;
  readonly at: number;
}

class Ponger extends LineReceiver {
  override lineReceived(_line: Buffer): void {
    this.sendLine("pong");
  }
}

function serve(reactor: SimulatedReactor): void {
  const factory = Factory.forProtocol(Ponger);
  factory.noisy = false;
  for (const port of PORTS) reactor.listenTCP(port, factory);
}

function drawActs(sim: Simulation): readonly Act[] {
  return Array.from({ length: sim.pick(8) }, () => ({
    what: sim.oneOf(ACTS),
    line: sim.pick(PORTS.length),
    at: sim.between(0, 8000) / 1000,
  }));
}

function drawQuirks(sim: Simulation): readonly Quirk[] {
  return Array.from({ length: sim.pick(4) }, () => sim.oneOf(QUIRKS));
}

/** The client's program, and those who operate it. */
class Operation {
  readonly keeper: Keeper;
  readonly #sim: Simulation;
  readonly #reactor: SimulatedReactor;
  readonly #acts: readonly IDelayedCall[];
  /** Has it been told for good to stop? */
  #closed = false;

  constructor(reactor: SimulatedReactor, sim: Simulation) {
    this.#sim = sim;
    this.#reactor = reactor;
    this.keeper = new Keeper(reactor, [drawQuirks(sim), drawQuirks(sim)]);
    this.#acts = drawActs(sim).map(({ what, line, at }) =>
      reactor.callLater(at, () => this.#act(what, this.keeper.lines[line])),
    );
  }

  begin(): void {
    for (const port of PORTS) this.#reactor.connectTCP("server", port, this.keeper, { timeout: 2 });
    this.#run();
  }

  /** Whenever it has stopped, it runs again. */
  #run(): void {
    const over = this.#reactor.run({ installSignalHandlers: false });
    this.keeper.resume();
    const ended = over.addCallback(() => {
      checkStopped(this.keeper);
      if (this.#closed) return;
      this.#sim.reached(RAN_AGAIN);
      this.#reactor.later(() => this.#run());
    });
    void ended.addErrback(({ value }) => this.#sim.simulator.fail(value));
  }

  #act(what: Act["what"], line: Line | undefined): void {
    if (line === undefined) return;
    const { connector } = line;
    switch (what) {
      case "disconnect":
        connector.disconnect();
        connector.disconnect(); // Again: nothing.
        break;
      case "stopConnecting":
        this.#stopConnecting(line);
        break;
      case "connect":
        this.#connect(line);
        break;
      case "leave":
        line.wanted = false;
        line.stopRetrying();
        connector.disconnect();
        break;
      case "return":
        line.wanted = true;
        this.keeper.resume();
        break;
      case "stop":
        if (this.#reactor.running && !this.#reactor.stopping) this.#reactor.stop();
        break;
    }
  }

  #stopConnecting({ connector, phase }: Line): void {
    try {
      connector.stopConnecting();
    } catch (error) {
      const isBeingStopped = phase === "connecting";
      if (!(error instanceof NotConnectingError)) throw error;
      if (isBeingStopped && connector.state === "connected") throw error;
    }
  }

  #connect(line: Line): void {
    try {
      line.connector.connect();
      line.stopRetrying();
      line.wanted = true;
    } catch (error) {
      if (!(error instanceof AlreadyConnectingError) || line.phase === "idle") throw error;
    }
  }

  /** The end: everybody goes, nobody comes again. */
  close(): void {
    this.#closed = true;
    for (const act of this.#acts) if (act.active) act.cancel();
    for (const line of this.keeper.lines) {
      line.wanted = false;
      line.stopRetrying();
      line.connector.disconnect();
    }
  }
}

/** The reactor has stopped: nobody is connected, or connects. */
function checkStopped({ lines, starts, stops }: Keeper): void {
  for (const { phase } of lines) if (phase !== "idle") throw new Error(`Stopped, and ${phase}`);
  if (starts !== stops) throw new Error("Stopped, and the factory was not");
}

export default simulation("a client that wants to be connected is", async (sim) => {
  const server = sim.host("server", serve);
  let operation: Operation | undefined;
  const client = sim.host("client", (reactor) => {
    operation = new Operation(reactor, sim);
    operation.begin();
  });
  const swarm = sim.swarm({ until: 8, crash: [server] });
  const linesOf = (): readonly Line[] => operation?.keeper.lines ?? [];
  sim.always("no connector has two connections", () =>
    linesOf().every(({ made, lost }) => made === lost || made === lost + 1),
  );
  sim.always("the factory is started while somebody connects or is connected", () => {
    const isUsed = linesOf().some(({ phase }) => phase !== "idle");
    return (
      operation === undefined ||
      operation.keeper.starts - operation.keeper.stops === (isUsed ? 1 : 0)
    );
  });
  sim.always("nothing is open while everybody is idle", () => {
    const isIdle = linesOf().every(({ phase }) => phase === "idle");
    return !isIdle || client.reactor.open.length === 0;
  });
  sim.sometimes(RAN_AGAIN);
  await swarm.done;
  await sim.sleep(Math.max(0, 8.1 - sim.now));
  const since = sim.now;
  await sim.eventually(
    "whoever is wanted is heard",
    () => linesOf().every(({ wanted, heard }) => !wanted || heard > since),
    { within: swarm.calm ? 3 : 30 },
  );
  await sim.run(client, () => operation?.close());
  await sim.eventually("everybody is gone", () => linesOf().every(({ phase }) => phase === "idle"));
  await sim.stop(client);
  if (operation !== undefined) checkStopped(operation.keeper);
  await sim.stop(server);
});
