/**
 * What a scenario has in hand: hosts, the network, chance, properties and faults.
 *
 * @module
 */
import type { ChoiceStream } from "../../reactors/simulated/choices.ts";
import type { Program, SimulatedHost } from "../../reactors/simulated/host.ts";
import type { Descriptor } from "../../reactors/simulated/machine.ts";
import type { SimulatedReactor } from "../../reactors/simulated/simulated-reactor.ts";
import type { Simulator } from "../../reactors/simulated/simulator.ts";
import { SimulatedSocket } from "../../reactors/simulated/tcp/socket.ts";
import { SimulationFailure } from "./failure.ts";
import type { Properties } from "./properties.ts";
import type { ErrorClass, RunLog } from "./run-log.ts";
import { SimulationNetwork } from "./simulation-network.ts";
import {
  type FaultProfile,
  profileOf,
  startSwarm,
  type Swarm,
  type SwarmOptions,
} from "./swarm.ts";

/** Seconds of the simulation until an `eventually` has failed. */
const WITHIN = 60;

/** How {@link Simulation.eventually} waits. */
export interface EventuallyOptions {
  /** Seconds of the simulation. Default: 60. */
  readonly within?: number;
}

/** See the top of this file. One for each run. */
export class Simulation {
  readonly simulator: Simulator;
  /** The network between the hosts, and its faults. */
  readonly net: SimulationNetwork;
  /** Settings that were drawn from the seed: a failure report shows them. */
  readonly settings: Map<string, string> = new Map();
  /** The faults that this run was asked to have; which ones it has, {@link swarm} draws. */
  readonly faults: FaultProfile;
  readonly #properties: Properties;
  readonly #log: RunLog;
  readonly #workload: ChoiceStream;

  /** Made by `simulate`. */
  constructor(
    simulator: Simulator,
    parts: { readonly properties: Properties; readonly log: RunLog; readonly faults: FaultProfile },
  ) {
    this.simulator = simulator;
    this.faults = parts.faults;
    this.net = new SimulationNetwork(simulator);
    this.#properties = parts.properties;
    this.#log = parts.log;
    this.#workload = simulator.choices.stream("workload");
  }

  /** The seed of this run. */
  get seed(): number {
    return this.simulator.choices.seed;
  }

  /** Seconds since it began. */
  get now(): number {
    return this.simulator.now;
  }

  // -- Hosts

  /**
   * A new host. With a `program` it is started: the program is called with the host's reactor, and
   * again, with a new one, whenever the host is started again.
   *
   * @throws {RangeError} There is one of that name.
   */
  host(name: string, program?: Program): SimulatedHost {
    const host = this.simulator.addHost(name);
    if (program !== undefined) host.start(program);
    return host;
  }

  /** Several hosts: `client1`, `client2`, … */
  hosts(count: number, name: string, program?: Program): SimulatedHost[] {
    return Array.from({ length: count }, (_, index) =>
      this.host(`${name}${String(index + 1)}`, program),
    );
  }

  /**
   * Run code on a host, in an event of its own: when it does not stand still any more.
   *
   * @returns What `f` returns. If the host ends before that, nothing: the promise waits for ever.
   */
  run<T>(host: SimulatedHost, f: (reactor: SimulatedReactor) => T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const { simulator } = this;
      const { reactor } = host;
      const happen = (): void => {
        if (!reactor.alive) return;
        if (host.stalled) {
          simulator.at(host.stalledUntil, { happen });
          return;
        }
        simulator.currentHost = host;
        try {
          resolve(f(reactor));
        } catch (error) {
          reject(error);
        }
      };
      simulator.after(0, { happen });
    });
  }

  /** Let time pass. */
  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.simulator.after(seconds, { happen: resolve });
    });
  }

  // -- The workload: choices that are shrunk. 0, the first, "no" are the simple ones

  /** A whole number from 0 to `count` - 1. */
  pick(count: number): number {
    return this.#workload.pick(count);
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return this.#workload.between(low, high);
  }

  /** One of several. @throws {RangeError} There is none. */
  oneOf<T>(several: readonly T[]): T {
    const one = several[this.#workload.pick(several.length)];
    if (one === undefined) throw new RangeError("Cannot choose one of none");
    return one;
  }

  /** Does something happen that does in `rate` of all cases? */
  chance(rate: number): boolean {
    return this.#workload.happens(rate);
  }

  // -- Faults

  /** Bad weather from now on, drawn from the seed. Which it is, the options of the run say. */
  swarm(options: SwarmOptions = {}): Swarm {
    return startSwarm(this, profileOf(this.seed, this.faults), options);
  }

  // -- Properties

  /** It holds after every event, or the simulation has failed. */
  always(name: string, holds: () => boolean): void {
    this.#properties.always(name, holds);
  }

  /** It holds at some time from now on. @returns Resolves when it does. */
  eventually(
    name: string,
    holds: () => boolean,
    { within = WITHIN }: EventuallyOptions = {},
  ): Promise<void> {
    return this.#properties.eventually(name, holds, within);
  }

  /**
   * It happens in at least one run of a batch: a test that never comes to the point is found out.
   *
   * @param happens Asked at the end of each run. Without it, {@link Simulation.reached} says so.
   */
  sometimes(name: string, happens: () => boolean = () => false): void {
    this.#properties.sometimes(name, happens);
  }

  /** A point was reached. */
  reached(name: string): void {
    this.#properties.reached(name);
  }

  /** This point must never be reached: the simulation has failed. */
  unreachable(name: string): void {
    this.simulator.fail(
      new SimulationFailure({
        kind: "unreachable",
        property: name,
        message: `${name}: was reached`,
        host: this.simulator.currentHost?.name,
      }),
    );
  }

  /** Errors of these classes may be logged from now on; any other is a failure. */
  expectLogged(...classes: readonly ErrorClass[]): void {
    this.#log.expect(...classes);
  }

  // -- The end

  /**
   * Stop what runs on a host, as `reactor.stop()` does, and see that nothing is left open.
   *
   * @returns Resolves when it has stopped.
   */
  async stop(host: SimulatedHost): Promise<void> {
    await this.run(host, (reactor) => reactor[Symbol.asyncDispose]());
    const [left] = host.reactor.getDelayedCalls();
    const open = [...host.descriptors].filter((one) => !isClosing(one)).length;
    if (left === undefined && open === 0) return;
    const what = left === undefined ? `${String(open)} sockets or ports` : left.toString();
    throw new SimulationFailure({
      kind: "left",
      property: "nothing is left open",
      message: `${host.name} stopped, and left something open: ${what}`,
      host: host.name,
    });
  }
}

/** The kernel still talks to its peer; the program is done with it, or has never seen it. */
function isClosing(descriptor: Descriptor): boolean {
  if (!(descriptor instanceof SimulatedSocket)) return false;
  const isKnocking = descriptor.whenOpened !== undefined && descriptor.owner === undefined;
  return descriptor.closing || isKnocking;
}
