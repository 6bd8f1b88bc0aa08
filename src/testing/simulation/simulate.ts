/**
 * One run of a scenario: a world from a seed, until the scenario is over or something has failed.
 *
 * @module
 */
import { openLedger } from "../../defer/unhandled.ts";
import type { ChoicePlan } from "../../reactors/simulated/choices.ts";
import { canDrain, type DrainMode } from "../../reactors/simulated/drain.ts";
import type { SimulatedHost } from "../../reactors/simulated/host.ts";
import { Simulator, type WorkEnd } from "../../reactors/simulated/simulator.ts";
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import { escapeHook } from "./escape-hook.ts";
import type { EscapeError } from "./escape-error.ts";
import { failureOf, SimulationFailure } from "./failure.ts";
import { type GlobalsMode, usePlatform } from "./globals.ts";
import { HostPlatform } from "./host-platform.ts";
import { Properties } from "./properties.ts";
import { RunLog } from "./run-log.ts";
import { Simulation } from "./simulation.ts";
import type { FaultProfile } from "./swarm.ts";
import { NestedSimulationError } from "./nested-simulation-error.ts";
import { formatToken, parseToken, type ReplayToken } from "./token.ts";

/** A test of many hosts: builds them, lets them work, and says what must hold. */
export type Scenario = (sim: Simulation) => unknown;

/** How one run goes. */
export interface SimulateOptions {
  /** From 0 to 2⁵³ - 1. Default: 0. */
  readonly seed?: number;
  /** A run that was told by a token, in place of a seed. */
  readonly token?: string;
  /** The choices that are not benign, in place of those of the seed. */
  readonly plan?: ChoicePlan | undefined;
  /** The plan holds up to this time, in seconds; what follows is chosen by `seedAfterPlan`. */
  readonly planUntil?: number | undefined;
  /** Default: `seed`. */
  readonly seedAfterPlan?: number | undefined;
  /** Seconds of the simulation that a run may take. Default: 3600. */
  readonly time?: number;
  /** Events that may happen. Default: 5,000,000. */
  readonly events?: number;
  /**
   * Seconds of real time that it may take: a loop without an end is interrupted. Not in a debugger,
   * nor with `drain: "immediate"`. After it, contexts and escapes may not be seen any more in this
   * thread: believe the first failure. Default: 60.
   */
  readonly patience?: number;
  /** Which faults `sim.swarm()` brings. Default: `mix`, by the number of the seed. */
  readonly faults?: FaultProfile;
  /** Keep the events, to be read. Default: only their hash. */
  readonly traced?: boolean;
  /** Keep the hash after every 64 events as well, to compare runs. */
  readonly checkpoints?: boolean;
  /** Write down the choices that are not benign. */
  readonly recorded?: boolean;
  /** What the platform's own time, timers and chance are in it. Default: `virtual`. */
  readonly globals?: GlobalsMode;
  /** In `virtual`, told of all that `strict` would refuse. */
  readonly onEscape?: (error: EscapeError) => void;
  /** How promises run dry between events. Default: `ticks`, where Node can. */
  readonly drain?: DrainMode;
}

/** What came of a run. */
export interface SimulationResult {
  readonly ok: boolean;
  readonly failure: SimulationFailure | undefined;
  readonly seed: number;
  /** Runs with the same hash were the same. */
  readonly hash: string;
  /** How many events happened. */
  readonly events: number;
  /** Seconds of the simulation. */
  readonly time: number;
  /** What was reached, and how often. */
  readonly marks: ReadonlyMap<string, number>;
  /** What was drawn from the seed. */
  readonly settings: ReadonlyMap<string, string>;
  /** Empty unless `traced`. */
  readonly trace: readonly TraceEvent[];
  /** Empty unless `checkpoints`. */
  readonly checkpoints: readonly string[];
  /** What was chosen, if it was `recorded`. */
  readonly plan: ChoicePlan | undefined;
  /** Says this run again. */
  readonly token: string;
}

const TIME_MAX = 3600;
const EVENTS_MAX = 5_000_000;
const PATIENCE = 60;

/** Runs share what is one for the process, and so come one after the other. */
let turn: Promise<unknown> = Promise.resolve();
/** The one that is at work. */
let working: Run | undefined;

/**
 * Run a scenario once.
 *
 * @returns Never rejects because of the scenario: what it threw is in the result.
 * @throws {SyntaxError} The token is none. @throws {RangeError} The seed is none.
 * @throws {NestedSimulationError} It was called by the code of another run.
 *
 * @example
 * ```ts
 * import { ClientFactory, Factory, Protocol } from "sennit/internet";
 * import { simulate } from "sennit/testing/simulation";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Buffer): void {
 *     this.transport.write(data);
 *   }
 * }
 * const result = await simulate(async (sim) => {
 *   sim.host("server", (reactor) => void reactor.listenTCP(7, Factory.forProtocol(Echo)));
 *   const client = sim.host("client", (reactor) => {
 *     reactor.connectTCP("server", 7, ClientFactory.forProtocol(Protocol));
 *   });
 *   await sim.eventually("connected", () => client.descriptors.size === 1);
 * });
 * console.log(result.ok); // true
 * ```
 */
export function simulate(
  scenario: Scenario,
  options: SimulateOptions = {},
): Promise<SimulationResult> {
  const place = working?.place;
  if (place !== undefined) throw new NestedSimulationError(place);
  const run = new Run(scenario, options);
  const result = turn.then(() => run.go());
  turn = result.catch(() => undefined);
  return result;
}

class Run {
  readonly #scenario: Scenario;
  readonly #options: SimulateOptions;
  readonly #simulator: Simulator;
  readonly #properties: Properties;
  /** What was run, to be told. */
  readonly #told: ReplayToken;

  constructor(scenario: Scenario, options: SimulateOptions) {
    const { token, traced = false, checkpoints = false, ...others } = options;
    const told = token === undefined ? {} : parseToken(token);
    this.#scenario = scenario;
    this.#options = options;
    this.#simulator = new Simulator({ ...others, ...told, kept: traced, checkpoints });
    this.#properties = new Properties(this.#simulator);
    this.#told = { ...options, ...told, seed: this.#simulator.choices.seed };
    const enter = this.#platform();
    this.#simulator.whileWorking = (isWorking) => {
      working = isWorking ? this : undefined;
      enter(isWorking);
    };
  }

  /** Whose code runs; `undefined`: perhaps nobody's, in the middle of a turn of Node's loop. */
  get place(): string | undefined {
    const { currentHost, drain } = this.#simulator;
    const isWithinTurn = drain !== "immediate" && canDrain();
    return currentHost?.name ?? (isWithinTurn ? "the scenario" : undefined);
  }

  /** @returns Gives the code of the simulation its platform, and takes it away. */
  #platform(): (isWorking: boolean) => void {
    const { globals = "virtual", onEscape } = this.#options;
    if (globals === "off") return () => {};
    const platform = new HostPlatform(this.#simulator, globals, onEscape);
    const strictly = (error: EscapeError): void => platform.escaped(error);
    const escaped = globals === "strict" ? strictly : onEscape;
    const hook = escaped === undefined ? undefined : escapeHook(escaped);
    return (isWorking) => {
      usePlatform(isWorking ? platform : undefined);
      if (isWorking) hook?.enable();
      else hook?.disable();
    };
  }

  async go(): Promise<SimulationResult> {
    using uncaught = catchAll(this.#simulator);
    using ledger = openLedger();
    using log = new RunLog(this.#simulator);
    const { faults = "mix" } = this.#options;
    const sim = new Simulation(this.#simulator, { properties: this.#properties, log, faults });
    const failure = await this.#outcome(sim, () => {
      const [unhandled] = ledger.flush();
      return unhandled === undefined ? uncaught.first() : unhandled.value;
    });
    return this.#result(sim, failure ?? this.#askSometimes());
  }

  /** Ask for the last time what happens sometimes. @returns What was thrown. */
  #askSometimes(): SimulationFailure | undefined {
    try {
      this.#properties.marks();
      return undefined;
    } catch (error) {
      return failureOf(error, undefined);
    }
  }

  /** Let it go on until it is over. @returns Why it has failed. */
  async #outcome(
    sim: Simulation,
    unhandled: () => unknown,
  ): Promise<SimulationFailure | undefined> {
    const simulator = this.#simulator;
    const { time = TIME_MAX, events = EVENTS_MAX, patience = PATIENCE } = this.#options;
    let over = false;
    simulator.after(0, {
      happen: () => {
        void this.#play(sim).then(() => {
          over = true;
        });
      },
    });
    try {
      const end = await simulator.work(() => over, { until: time, events, patience });
      if (end !== "done") return this.#stuck(end);
      const left = unhandled();
      return left === undefined ? undefined : unhandledFailure(left);
    } catch (error) {
      return failureOf(error, simulator.failedHost);
    }
  }

  async #play(sim: Simulation): Promise<void> {
    try {
      await this.#scenario(sim);
    } catch (error) {
      this.#simulator.fail(error);
    }
  }

  #stuck(end: Exclude<WorkEnd, "done">): SimulationFailure {
    const { time = TIME_MAX, events = EVENTS_MAX, patience = PATIENCE } = this.#options;
    if (end === "idle") {
      const waitedFor = this.#properties.waitedFor();
      const what = waitedFor.length === 0 ? "a promise" : waitedFor.join("; ");
      return new SimulationFailure({
        kind: "deadlock",
        property: "something is left to happen",
        message: `The scenario waits for ${what}, and nothing is left to happen:\n${this.#state()}`,
      });
    }
    const loop = "s of real time: is there a loop without an end?";
    const limits = {
      late: `${String(time)} s:`,
      busy: `${String(events)} events:`,
      stuck: `${String(patience)} ${loop}`,
    };
    return new SimulationFailure({
      kind: "limit",
      property: "it comes to an end",
      message: `The scenario is not over after ${limits[end]}\n${this.#state()}`,
      host: end === "stuck" ? this.#simulator.lastHost?.name : undefined,
    });
  }

  #state(): string {
    return this.#simulator.hosts.map(stateOf).join("\n");
  }

  #result(sim: Simulation, failure: SimulationFailure | undefined): SimulationResult {
    const { choices, trace, happened, now } = this.#simulator;
    if (failure !== undefined) failure.at = now;
    const plan = this.#options.recorded === true ? choices.made() : undefined;
    const { seed } = choices;
    const told = this.#told;
    return {
      ok: failure === undefined,
      failure,
      seed,
      hash: trace.hash,
      events: happened,
      time: now,
      marks: this.#properties.marks(),
      settings: sim.settings,
      trace: trace.events,
      checkpoints: trace.checkpoints,
      plan,
      // Asked for seldom, and long plans take their time.
      get token() {
        return formatToken(told);
      },
    };
  }
}

function stateOf(host: SimulatedHost): string {
  if (!host.powered) return `  ${host.name}: no power`;
  if (!host.running) return `  ${host.name}: no program`;
  const calls = host.reactor.getDelayedCalls().length;
  const ports = [...host.listeners.keys()].join(", ");
  const facts = [
    `${String(host.descriptors.size)} descriptors`,
    ports === "" ? "no port" : `listens on ${ports}`,
    `${String(calls)} delayed calls`,
  ];
  return `  ${host.name}: ${facts.join(", ")}`;
}

function unhandledFailure(error: unknown): SimulationFailure {
  const thrown = error instanceof Error ? error : new Error(String(error));
  return new SimulationFailure({
    kind: "unhandled",
    property: "no failure is left unhandled",
    message: `A failure was left unhandled: ${thrown.name}: ${thrown.message}`,
    cause: error,
  });
}

interface Uncaught extends Disposable {
  first(): unknown;
}

/** What nobody catches or handles is the simulation's, as long as it runs. */
function catchAll(simulator: Simulator): Uncaught {
  let first: { readonly reason: unknown } | undefined;
  const rejected = (reason: unknown): void => {
    first ??= { reason };
    simulator.fail(unhandledFailure(reason));
  };
  const restore = [
    listenAlone("unhandledRejection", rejected),
    listenAlone("uncaughtException", (error) => simulator.fail(error)),
  ];
  return {
    first: () => first?.reason,
    [Symbol.dispose]() {
      for (const one of restore) one();
    },
  };
}

/** Nobody else is told. @returns Takes it back. */
function listenAlone(event: string, listener: (error: unknown) => void): () => void {
  const others = process.rawListeners(event);
  process.removeAllListeners(event);
  process.on(event, listener);
  return () => {
    process.removeListener(event, listener);
    // The very same functions: whoever added them may want to remove them.
    const on: unknown = Reflect.get(process, "on");
    if (typeof on !== "function") return;
    for (const one of others) Reflect.apply(on, process, [event, one]);
  };
}
