/**
 * The platform of a simulation: what `Date.now()` and its like ask while it runs.
 *
 * @module
 */
import type { RandomStream } from "../../reactors/simulated/choices.ts";
import type { SimulatedHost } from "../../reactors/simulated/host.ts";
import type { Simulator } from "../../reactors/simulated/simulator.ts";
import type { EscapeError } from "./escape-error.ts";
import { SimulationFailure } from "./failure.ts";
import type { VirtualPlatform, VirtualTimer, VirtualTimers } from "./globals.ts";

const TWO_TO_32 = 0x1_0000_0000;

/** See the top of this file. Code of the scenario has the world's time, and chance of its own. */
export class HostPlatform implements VirtualPlatform {
  readonly mode: "virtual" | "strict";
  readonly answered: ((error: EscapeError) => void) | undefined;
  readonly #simulator: Simulator;
  /** The scenario's own. */
  readonly #timers: VirtualTimers = { callLater: (seconds, f) => this.#after(seconds, f) };
  #random: RandomStream | undefined;

  constructor(
    simulator: Simulator,
    mode: "virtual" | "strict",
    answered?: (error: EscapeError) => void,
  ) {
    this.#simulator = simulator;
    this.mode = mode;
    this.answered = answered;
  }

  get #host(): SimulatedHost | undefined {
    const { currentHost, hosts } = this.#simulator;
    return currentHost === undefined ? undefined : hosts[currentHost.id - 1];
  }

  seconds(): number {
    return this.#simulator.now;
  }

  wallClock(): number {
    const { epoch, now } = this.#simulator;
    return epoch + now + (this.#host?.skew ?? 0);
  }

  random(): number {
    const host = this.#host;
    if (host !== undefined) return host.runningReactor.random();
    this.#random ??= this.#simulator.choices.random("app:scenario");
    return this.#random.next() / TWO_TO_32;
  }

  get timers(): VirtualTimers {
    return this.#host?.runningReactor ?? this.#timers;
  }

  #after(seconds: number, f: () => void): VirtualTimer {
    let active = true;
    this.#simulator.after(seconds, {
      happen: () => {
        if (!active) return;
        active = false;
        f();
      },
    });
    return {
      get active() {
        return active;
      },
      cancel: () => {
        active = false;
      },
    };
  }

  escaped(error: EscapeError): void {
    this.#simulator.fail(
      new SimulationFailure({
        kind: "escape",
        property: "nothing is asked of the platform",
        message: error.message,
        host: this.#host?.name,
        cause: error,
      }),
    );
  }
}
