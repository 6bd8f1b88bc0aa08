/**
 * What every part of a simulation knows of the whole: time, choices, and the queue of what will
 * happen. `Simulator` is that whole.
 *
 * @module
 */
import type { Choices } from "./choices.ts";
import type { SimulatedEvent } from "./event-queue.ts";
import type { Monitor } from "./monitor.ts";
import type { Trace, TracedHost } from "./trace.ts";

/** A place in the network. */
export interface NetworkNode extends TracedHost {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A program that runs on a host, until it ends. */
export interface RunningProgram {
  /** Does it still run? What was to happen in one that ended does not happen. */
  readonly alive: boolean;
  /** Where it runs. */
  readonly machine: NetworkNode;
}

/** See the top of this file. */
export interface World {
  readonly choices: Choices;
  readonly trace: Trace;
  /** Watches for what must never happen, unless that was switched off. */
  readonly monitor: Monitor | undefined;
  /** Seconds since it began. */
  readonly now: number;
  /** Seconds that a pass of a program takes. */
  readonly passTime: number;
  /** The time of day when it began, in seconds since 1970. */
  readonly epoch: number;
  /** Whose code runs now. Whoever begins to run a host's code sets it. */
  currentHost: NetworkNode | undefined;
  /** Let something happen at a time, after what happens then already. */
  at(time: number, event: SimulatedEvent): void;
  /** The same, for what comes from elsewhere: among events of that time, chance orders. */
  arriveAt(time: number, event: SimulatedEvent): void;
  /** The same as `at`, from now on in seconds. */
  after(seconds: number, event: SimulatedEvent): void;
  /** Run `f` when the running event is over, before anything else, if `program` lives by then. */
  soon(program: RunningProgram, f: () => void): void;
  /** The number of the next connection. */
  nextConnection(): number;
  /** Bytes cannot carry an object; its number can. @returns The number. */
  register(object: object): number;
  /** The object of that number. */
  registered(number: number): object | undefined;
  /** Something went wrong that ends the simulation. */
  fail(error: unknown): void;
}
