/**
 * The network of a simulation, as a scenario sees it: what links are like, and faults that last
 * until they are healed.
 *
 * @module
 */
import type { SimulatedHost } from "../../reactors/simulated/host.ts";
import type { Link, LinkOptions } from "../../reactors/simulated/link.ts";
import type { Simulator } from "../../reactors/simulated/simulator.ts";
import { SimulatedSocket } from "../../reactors/simulated/tcp/socket.ts";

/** A fault that lasts. Disposing of it heals it as well. */
export interface Fault extends Disposable {
  /** Take it back. Again: nothing. */
  heal(): void;
}

/** How {@link SimulationNetwork.partition} cuts. */
export interface PartitionOptions {
  /** Only what goes from the first hosts to the second ones is lost. Default: both ways. */
  readonly oneWay?: boolean;
}

/** See the top of this file. */
export class SimulationNetwork {
  readonly #simulator: Simulator;
  readonly #faults = new Set<Fault>();

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  /** Set how all links between hosts are. */
  default(options: LinkOptions): void {
    this.#simulator.network.default(options);
    this.#simulator.network.shuffled = true;
  }

  /** Set how one link is, in both directions. */
  between(one: SimulatedHost, other: SimulatedHost, options: LinkOptions): void {
    for (const link of this.#links([one], [other], false)) link.set(options);
  }

  /** The way from one host to another. */
  link(from: SimulatedHost, to: SimulatedHost): Link {
    return this.#simulator.network.link(from, to);
  }

  #links(
    some: readonly SimulatedHost[],
    others: readonly SimulatedHost[],
    oneWay: boolean,
  ): readonly Link[] {
    const { network } = this.#simulator;
    return some.flatMap((one) =>
      others.flatMap((other) =>
        oneWay ? [network.link(one, other)] : [network.link(one, other), network.link(other, one)],
      ),
    );
  }

  /** Nothing gets through between these hosts and those, until it is healed. */
  partition(
    some: readonly SimulatedHost[],
    others: readonly SimulatedHost[],
    { oneWay = false }: PartitionOptions = {},
  ): Fault {
    const links = this.#links(some, others, oneWay);
    for (const link of links) link.sever();
    return this.#fault(`partition ${names(some)} ${oneWay ? ">" : "|"} ${names(others)}`, () => {
      for (const link of links) link.heal();
    });
  }

  /** Nothing gets through between a host and all others. */
  isolate(host: SimulatedHost): Fault {
    return this.partition(
      [host],
      this.#simulator.hosts.filter((other) => other !== host),
    );
  }

  /** What goes between these two is kept, and arrives when it is healed. */
  hold(one: SimulatedHost, other: SimulatedHost): Fault {
    const links = this.#links([one], [other], false);
    for (const link of links) link.hold();
    return this.#fault(`hold ${one.name} | ${other.name}`, () => {
      for (const link of links) link.release();
    });
  }

  /** Reset every connection between two hosts; both sides are told. @returns How many. */
  reset(one: SimulatedHost, other: SimulatedHost): number {
    let count = 0;
    for (const descriptor of one.descriptors) {
      if (!(descriptor instanceof SimulatedSocket)) continue;
      if (descriptor.peer?.machine !== other) continue;
      count += 1;
      descriptor.breakOff();
    }
    const text = `reset ${one.name} | ${other.name}`;
    this.#simulator.trace.note("fault", undefined, { text });
    return count;
  }

  /** Heal whatever lasts. */
  healAll(): void {
    for (const fault of this.#faults) fault.heal();
  }

  #fault(text: string, undo: () => void): Fault {
    this.#simulator.trace.note("fault", undefined, { text });
    const heal = (): void => {
      if (!this.#faults.delete(fault)) return;
      this.#simulator.trace.note("healed", undefined, { text });
      undo();
    };
    const fault: Fault = { heal, [Symbol.dispose]: heal };
    this.#faults.add(fault);
    return fault;
  }
}

function names(hosts: readonly SimulatedHost[]): string {
  return hosts.map((host) => host.name).join(",");
}
