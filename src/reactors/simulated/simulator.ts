/**
 * The world of a simulation: time, what will happen, the hosts and the network between them.
 *
 *     pop the next event ─▶ time is now its time ─▶ it happens ─▶ what the reactor was asked to do
 *     soon ─▶ promises and ticks, until there are none ─▶ the next one
 *
 * Between two events nothing is pending but what is in the queue. That is why a host can lose its
 * power between any two of them, and why "which host is running" is a plain variable.
 *
 * @module
 */
import { type ChoicePlan, Choices, type ChoiceStream } from "./choices.ts";
import { canDrain, type DrainMode, drainTicks, nextTurn, onFreshStack } from "./drain.ts";
import { EventQueue, type SimulatedEvent } from "./event-queue.ts";
import { SimulatedHost } from "./host.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";
import { SimulatedNames } from "./names/simulated-names.ts";
import { SimulatedNetwork } from "./network.ts";
import { withinPatience } from "./patience.ts";
import { Trace, type TraceOptions } from "./trace.ts";
import type { NetworkNode, RunningProgram, World } from "./world.ts";

/** How a {@link Simulator} runs. */
export interface SimulatorOptions extends TraceOptions {
  /** From 0 to 2⁵³ - 1. Default: 0. */
  readonly seed?: number;
  /** Choices to be made instead of those of the seed; all others are benign. */
  readonly plan?: ChoicePlan | undefined;
  /** Up to this time by the plan, in seconds. Default: for ever. */
  readonly planUntil?: number | undefined;
  /** The seed of choices after that. Default: `seed`. */
  readonly seedAfterPlan?: number | undefined;
  /** Write down what is chosen. Default: no. */
  readonly recorded?: boolean;
  /** How promises are run. Default: `ticks`, where Node can. */
  readonly drain?: DrainMode | undefined;
  /** Seconds that a pass of a program takes. Default: a microsecond. */
  readonly passTime?: number;
  /** The time of day when it begins, in seconds since 1970. Default: a billion. */
  readonly epoch?: number;
  /** What is too much for the monitor; `false`: no monitor. Default: its own defaults. */
  readonly monitor?: MonitorOptions | false;
}

/** How {@link Simulator.work} ended. */
export type WorkEnd = "done" | "idle" | "late" | "busy" | "stuck";

/** When {@link Simulator.work} gives up. */
export interface WorkLimits {
  /** The time of the simulation, in seconds: what would happen later does not. */
  readonly until?: number;
  /** How many events may happen. */
  readonly events?: number;
  /** Seconds of real time; not with a turn for every event. Default: no bound. */
  readonly patience?: number;
}

/** A microsecond: a program that asks again and again for the next pass moves time all the same. */
const PASS_TIME = 0.000_001;
/** 2001-09-09 01:46:40 UTC. */
const EPOCH = 1_000_000_000;

/** See the top of this file. */
export class Simulator implements World {
  readonly choices: Choices;
  readonly trace: Trace;
  readonly monitor: Monitor | undefined;
  readonly network: SimulatedNetwork<SimulatedHost>;
  /** What hosts are told when they ask for names: at first those of all hosts. */
  readonly names: SimulatedNames;
  readonly passTime: number;
  readonly epoch: number;
  readonly drain: DrainMode | undefined;
  /** The hosts, in the order in which they were made. */
  readonly hosts: SimulatedHost[] = [];
  /** Seconds since it began. */
  now = 0;
  /** How many events have happened. */
  happened = 0;
  /** Whose code runs now. */
  currentHost: NetworkNode | undefined;
  /** Whose code ran last in the event that is over; nobody's: the scenario's did. */
  lastHost: NetworkNode | undefined;
  /** Where the failure that ends it happened, if it has a place. */
  failedHost: string | undefined;
  /** Called before every event with its number, from 1: for those who look at one closely. */
  beforeEvent: ((event: number) => void) | undefined;
  /** Told when it begins to work, and when it stops: code of the simulation runs in between. */
  whileWorking: ((working: boolean) => void) | undefined;
  /**
   * Called after every event, when everything is at rest. What it throws is a failure.
   *
   * @returns Has it set promises going? Then it is called again when they are at rest.
   */
  afterEvent: (() => boolean) | undefined;
  readonly #queue = new EventQueue();
  /** What was asked for soon, up to `#soonEnd`. They keep their length: new ones cost an event. */
  readonly #soon: ((() => void) | undefined)[] = [];
  readonly #soonPrograms: (RunningProgram | undefined)[] = [];
  #soonEnd = 0;
  /** How often those of this event have asked for more. */
  #rounds = 0;
  readonly #planUntil: number;
  readonly #ties: ChoiceStream;
  #failure: { readonly error: unknown } | undefined;
  #connections = 0;
  #registry: object[] = [];
  /** How many things from outside are waited for, and who waits. */
  #held = 0;
  #whenReleased: (() => void) | undefined;

  constructor(options: SimulatorOptions = {}) {
    const { seed = 0, plan, planUntil = Number.POSITIVE_INFINITY, seedAfterPlan } = options;
    const { recorded = false, passTime = PASS_TIME, epoch = EPOCH, drain } = options;
    this.choices = new Choices({ seed, plan, seedAfterPlan, recorded });
    this.trace = new Trace(() => this.now, options);
    this.monitor = options.monitor === false ? undefined : new Monitor(this, options.monitor);
    this.network = new SimulatedNetwork(this);
    this.names = new SimulatedNames(this);
    this.passTime = passTime;
    this.epoch = epoch;
    this.drain = drain;
    this.#planUntil = planUntil;
    this.#ties = this.choices.stream("ties");
  }

  /** A new host. @throws {RangeError} There is one of that name. */
  addHost(name: string): SimulatedHost {
    if (this.hosts.some((host) => host.name === name)) {
      throw new RangeError(`Cannot add a host: there is one called ${name} already`);
    }
    const host = new SimulatedHost(this, this.network, name, this.hosts.length + 1);
    this.hosts.push(host);
    this.network.added(host);
    this.names.added(host);
    return host;
  }

  /** The number of the next connection. */
  nextConnection(): number {
    this.#connections += 1;
    return this.#connections;
  }

  /** Bytes cannot carry an object; its number can. @returns The number. */
  register(object: object): number {
    return this.#registry.push(object) - 1;
  }

  /** The object of that number. */
  registered(number: number): object | undefined {
    return this.#registry[number];
  }

  // -- The queue

  /** Let something happen at a time, after what happens then already. */
  at(time: number, event: SimulatedEvent): void {
    this.#queue.push(time, 0, event);
  }

  /** The same for what comes from elsewhere: among events of that time, chance says which first. */
  arriveAt(time: number, event: SimulatedEvent): void {
    this.#queue.push(time, this.network.shuffled ? this.#ties.pick(8) : 0, event);
  }

  /** The same as `at`, from now on in seconds. */
  after(seconds: number, event: SimulatedEvent): void {
    this.#queue.push(this.now + seconds, 0, event);
  }

  /** Run `f` when the running event is over, before anything else. Reactors ask for it. */
  soon(program: RunningProgram, f: () => void): void {
    this.#soon[this.#soonEnd] = f;
    this.#soonPrograms[this.#soonEnd] = program;
    this.#soonEnd += 1;
  }

  /** When the next event happens; infinity if there is none. */
  get nextTime(): number {
    return this.#queue.nextTime;
  }

  /** How many events wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Something went wrong that ends the simulation: {@link Simulator.work} throws it. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.failedHost = this.currentHost?.name;
  }

  // -- The loop

  /**
   * Work until `done` holds, which is asked after every event. `drain` decides how: within this
   * turn, which must have a fresh stack (see `onFreshStack`), or a turn for every event.
   *
   * @returns `idle`: nothing is left to happen. `late`, `busy`: a limit was reached. `stuck`: it
   * was interrupted, nobody must go on with it, and an error follows that nobody can catch: whoever
   * gives a `patience` listens for `uncaughtException`.
   * @throws What {@link Simulator.fail} was given, or {@link Simulator.afterEvent} threw.
   */
  async work(done: () => boolean, limits: WorkLimits = {}): Promise<WorkEnd> {
    for (;;) {
      const end = await this.#workOn(done, limits);
      if (end !== "held") return end;
      await new Promise<void>((resolve) => {
        if (this.#held === 0) resolve();
        else this.#whenReleased = resolve;
      });
    }
  }

  /** Let time stand still until that is settled: something comes from outside of the simulation. */
  hold(until: PromiseLike<unknown>): void {
    this.#held += 1;
    const release = (): void => {
      this.#held -= 1;
      if (this.#held === 0) this.#whenReleased?.();
    };
    until.then(release, release);
  }

  /**
   * One event at once, if the next one is due by then; promises run only when the caller has
   * returned. For tests that go step by step; {@link Simulator.work} is for all others.
   *
   * @param until In seconds of the simulation.
   * @returns Was there one?
   * @throws What {@link Simulator.fail} was given.
   */
  step(until: number): boolean {
    this.#runSoon();
    const isDue = this.#failure === undefined && this.#queue.nextTime <= until;
    if (isDue) {
      this.#step();
      this.#runSoon();
    }
    this.currentHost = undefined;
    this.#throwFailure();
    return isDue;
  }

  #workOn(done: () => boolean, limits: WorkLimits): Promise<WorkEnd | "held"> {
    if (this.drain === "immediate") return this.#workInTurns(done, limits);
    const work = new Promise<WorkEnd | "held">((resolve, reject) => {
      onFreshStack(() => {
        if (canDrain()) this.#workNow(done, limits, { resolve, reject });
        else resolve(this.#workInTurns(done, limits));
      });
    });
    return work;
  }

  #workNow(done: () => boolean, limits: WorkLimits, promise: Settling<WorkEnd | "held">): void {
    const { patience = Number.POSITIVE_INFINITY } = limits;
    let end: WorkEnd | "held" | undefined;
    try {
      this.whileWorking?.(true);
      end = withinPatience(() => this.#workToEnd(done, limits), patience);
      if (end === undefined) this.lastHost = this.currentHost;
    } catch (error) {
      promise.reject(error);
      return;
    } finally {
      this.currentHost = undefined;
      this.whileWorking?.(false);
    }
    promise.resolve(end ?? "stuck");
    if (end === undefined) throw new Error("Cannot go on: interrupted");
  }

  #workToEnd(done: () => boolean, limits: WorkLimits): WorkEnd | "held" {
    this.#settle();
    for (;;) {
      const end = this.#endOf(done, limits);
      if (end !== undefined) return end;
      this.#step();
      this.#settle();
      while (this.afterEvent?.() === true) this.#settle();
    }
  }

  async #workInTurns(done: () => boolean, limits: WorkLimits): Promise<WorkEnd | "held"> {
    try {
      this.whileWorking?.(true);
      await this.#settleInTurns();
      for (;;) {
        const end = this.#endOf(done, limits);
        if (end !== undefined) return end;
        this.#step();
        await this.#settleInTurns();
        while (this.afterEvent?.() === true) await this.#settleInTurns();
      }
    } finally {
      this.whileWorking?.(false);
    }
  }

  #endOf(done: () => boolean, limits: WorkLimits): WorkEnd | "held" | undefined {
    this.#throwFailure();
    if (done()) return "done";
    if (this.#held > 0) return "held";
    const next = this.#queue.nextTime;
    if (next === Number.POSITIVE_INFINITY) return "idle";
    if (limits.until !== undefined && next > limits.until) {
      this.now = Math.max(this.now, limits.until);
      return "late";
    }
    if (limits.events !== undefined && this.happened >= limits.events) return "busy";
    return undefined;
  }

  #throwFailure(): void {
    if (this.#failure === undefined) return;
    const { error } = this.#failure;
    this.#failure = undefined;
    throw error;
  }

  #step(): void {
    const time = this.#queue.nextTime;
    if (time >= this.#planUntil) this.choices.planned = false;
    if (time > this.now) this.now = time;
    this.happened += 1;
    this.beforeEvent?.(this.happened);
    try {
      this.#queue.pop()?.happen();
    } catch (error) {
      this.fail(error);
    }
    this.#rounds = 0;
    this.monitor?.happened(this.currentHost);
  }

  /** Until the reactors ask for nothing, and no promise is left. */
  #settle(): void {
    do {
      this.#runSoon();
      drainTicks();
    } while (this.#soonEnd > 0);
    this.lastHost = this.currentHost;
    this.currentHost = undefined;
  }

  async #settleInTurns(): Promise<void> {
    do {
      this.#runSoon();
      const { currentHost } = this;
      await nextTurn();
      this.currentHost = currentHost;
    } while (this.#soonEnd > 0);
    // When a tick has thrown, Node runs those after it in another turn.
    if (this.#failure !== undefined) await nextTurn();
    this.lastHost = this.currentHost;
    this.currentHost = undefined;
  }

  #runSoon(): void {
    try {
      for (let at = 0; at < this.#soonEnd; ) {
        this.#rounds += 1;
        if (this.monitor?.isEndless(this.#rounds, this.currentHost) === true) return;
        for (const end = this.#soonEnd; at < end; at += 1) this.#runOneOfSoon(at);
      }
    } finally {
      this.#soonEnd = 0;
    }
  }

  #runOneOfSoon(at: number): void {
    const f = this.#soon[at];
    const program = this.#soonPrograms[at];
    this.#soon[at] = undefined;
    this.#soonPrograms[at] = undefined;
    if (program?.alive !== true) return;
    this.currentHost = program.machine;
    f?.();
  }
}

interface Settling<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}
