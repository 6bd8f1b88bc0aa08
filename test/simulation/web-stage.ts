/**
 * A simulated server that is told to stop now and then, and starts again.
 *
 * @module
 */
import { TCP4ServerEndpoint } from "../../src/internet/endpoints/tcp-server.ts";
import type { IProtocolFactory } from "../../src/internet/interfaces-factory.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { StreamServerEndpointService } from "../../src/service/stream-server-endpoint-service.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";

/** When it stops, and for how long. */
interface Round {
  readonly after: number;
  readonly rest: number;
}

/** When and how it stops. */
export interface StagePlan {
  readonly rounds: readonly Round[];
  readonly drainTimeout: number;
}

/** Draw a plan: from `least` to three stops, in the first seconds. */
export function drawStagePlan(sim: Simulation, least: number): StagePlan {
  const rounds = Array.from({ length: sim.between(least, 3) }, () => ({
    after: sim.between(0, 3000) / 1000,
    rest: sim.oneOf([0.5, 0, 0.001, 3]),
  }));
  return { rounds, drainTimeout: sim.oneOf([30, 5, 0.5, 0.01]) };
}

/** What a stage is made of. */
export interface StageParts {
  readonly sim: Simulation;
  readonly reactor: SimulatedReactor;
  readonly plan: StagePlan;
  readonly port: number;
  readonly factory: IProtocolFactory;
  /** Told when it begins to stop, and when it has begun to start. */
  readonly stopping: (isStopping: boolean) => void;
}

/** See the top of this file. One run of the program. */
export class Stage {
  readonly #parts: StageParts;
  readonly service: StreamServerEndpointService;
  /** Seconds that a stop took at most. */
  longest = 0;
  #isPlayed = false;

  constructor(parts: StageParts) {
    this.#parts = parts;
    const { reactor, port, factory, plan } = parts;
    const endpoint = new TCP4ServerEndpoint(reactor, port);
    const { drainTimeout } = plan;
    this.service = new StreamServerEndpointService(endpoint, factory, {
      clock: reactor,
      drainTimeout,
    });
  }

  /** Has it stopped as often as it is to, in the program that runs now? */
  isPlayed(running: SimulatedReactor): boolean {
    return this.#isPlayed && this.#parts.reactor === running;
  }

  async play(): Promise<void> {
    const { plan, stopping } = this.#parts;
    stopping(false);
    await this.service.startService();
    for (const { after, rest } of plan.rounds) {
      await this.#pause(after);
      await this.stop();
      await this.#pause(rest);
      stopping(false);
      await this.service.startService();
    }
    this.#isPlayed = true;
  }

  /** Stop, as a program does that is asked to. */
  async stop(): Promise<void> {
    const { sim, reactor, stopping } = this.#parts;
    const begun = reactor.seconds();
    const { port } = this.service;
    if ((port?.connections.size ?? 0) > 0) sim.reached("it stops while somebody is connected");
    stopping(true);
    await this.service.stopService();
    this.longest = Math.max(this.longest, reactor.seconds() - begun);
    if ((port?.connections.size ?? 0) > 0) sim.unreachable("it has stopped, and somebody is left");
  }

  #pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.reactor.callLater(seconds, resolve);
    });
  }
}
