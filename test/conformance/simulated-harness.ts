/**
 * Lets a simulated host work, so that contracts can be tried with its reactor.
 *
 * @module
 */
import type { LinkOptions } from "../../src/reactors/simulated/link.ts";
import { Simulator } from "../../src/reactors/simulated/simulator.ts";
import type { ReactorHarness } from "../../src/testing/contracts/harness.ts";
import type { Place } from "../../src/testing/contracts/network.ts";

/** Seconds of the simulation after which a contract has waited in vain. */
const HORIZON = 3600;
/** More than any contract takes. */
const EVENTS_MAX = 5_000_000;
/** Nobody has this address: RFC 5737. */
const REFUSING = 1;

/** How a {@link SimulatedHarness} treats what goes over its network. */
export interface SimulatedHarnessOptions {
  readonly seed?: number;
  readonly loopback?: LinkOptions;
  /** Seconds of a pass: twenty of them must be enough for anything that is on its way. */
  readonly passTime?: number;
}

/** Over TCP, on one host. */
export class SimulatedHarness implements ReactorHarness {
  readonly simulator: Simulator;
  readonly reactor;
  readonly host;

  constructor({ seed = 0, loopback = {}, passTime = 0.0001 }: SimulatedHarnessOptions = {}) {
    this.simulator = new Simulator({ seed, passTime });
    this.simulator.network.loopback(loopback);
    const host = this.simulator.addHost("host");
    this.reactor = host.reactor;
    this.host = "127.0.0.1";
  }

  async settle(until: () => boolean): Promise<void> {
    const limits = {
      until: this.simulator.now + HORIZON,
      events: this.simulator.happened + EVENTS_MAX,
    };
    const end = await this.simulator.work(until, limits);
    if (end !== "done") throw new Error(`Waited in vain (${end}) for ${until.toString()}`);
  }

  refusingPort(): Promise<Place> {
    return Promise.resolve(REFUSING);
  }

  async dispose(): Promise<void> {
    let disposed = false;
    const disposal = this.reactor[Symbol.asyncDispose]().then(() => {
      disposed = true;
    });
    await this.settle(() => disposed);
    await disposal;
  }
}
