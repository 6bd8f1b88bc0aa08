/**
 * What must hold in a simulation.
 *
 * @module
 */
import type { Simulator } from "../../reactors/simulated/simulator.ts";
import { SimulationFailure } from "./failure.ts";

interface Always {
  readonly name: string;
  readonly holds: () => boolean;
}

interface Eventually {
  readonly name: string;
  readonly holds: () => boolean;
  readonly done: () => void;
}

/** See the top of this file. */
export class Properties {
  readonly #simulator: Simulator;
  readonly #always: Always[] = [];
  #eventually: Eventually[] = [];
  readonly #sometimes = new Map<string, () => boolean>();
  readonly #marks = new Map<string, number>();

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    simulator.afterEvent = undefined;
  }

  always(name: string, holds: () => boolean): void {
    this.#always.push({ name, holds });
    this.#watch();
  }

  eventually(name: string, holds: () => boolean, within: number): Promise<void> {
    return new Promise((resolve) => {
      if (holds()) {
        resolve();
        return;
      }
      const waiting: Eventually = { name, holds, done: resolve };
      this.#eventually.push(waiting);
      this.#watch();
      this.#simulator.after(within, {
        happen: () => {
          // What this very event has brought about is told when it is over.
          if (!this.#eventually.includes(waiting) || holds()) return;
          this.#fail("eventually", name, `${name}: not within ${String(within)} s`);
        },
      });
    });
  }

  sometimes(name: string, happens: () => boolean): void {
    this.#sometimes.set(name, happens);
    if (!this.#marks.has(name)) this.#marks.set(name, 0);
  }

  reached(name: string): void {
    this.#marks.set(name, (this.#marks.get(name) ?? 0) + 1);
    this.#simulator.trace.note("mark", this.#simulator.currentHost, { text: name });
  }

  /** What was reached, and how often; 0 for what a batch must reach and this run did not. */
  marks(): ReadonlyMap<string, number> {
    const asked = [...this.#sometimes];
    this.#sometimes.clear();
    for (const [name, happens] of asked) if (happens()) this.reached(name);
    return this.#marks;
  }

  /** The names of those that are waited for. */
  waitedFor(): readonly string[] {
    return this.#eventually.map(({ name }) => name);
  }

  #watch(): void {
    this.#simulator.afterEvent ??= () => this.#check();
  }

  /** @returns Has somebody who waited been told? */
  #check(): boolean {
    const { lastHost } = this.#simulator;
    for (const { name, holds } of this.#always) {
      if (!holds()) this.#fail("always", name, `${name}: does not hold any more`, lastHost?.name);
    }
    if (this.#eventually.length === 0) return false;
    const reached = this.#eventually.filter(({ holds }) => holds());
    if (reached.length === 0) return false;
    this.#eventually = this.#eventually.filter((one) => !reached.includes(one));
    for (const { done } of reached) done();
    return true;
  }

  #fail(kind: "always" | "eventually", property: string, message: string, host?: string): void {
    this.#simulator.fail(new SimulationFailure({ kind, property, message, host }));
  }
}
