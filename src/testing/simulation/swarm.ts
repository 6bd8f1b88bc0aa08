/**
 * Bad weather, drawn from the seed: which kinds of faults there are in this run, how many, and when
 * each comes and goes.
 *
 * One distribution is never enough: retries mask what only a calm network shows, and storms mask
 * what one fault alone would. So seeds differ in kind: an eighth have no faults at all, an eighth
 * one kind, a quarter everything, and half of them a swarm, of which each kind is on or off.
 *
 * After: swarm testing (Groce et al., ISSTA 2012), FoundationDB's simulation, TigerBeetle's VOPR.
 *
 * @module
 */
import type { ChoiceStream } from "../../reactors/simulated/choices.ts";
import type { SimulatedHost } from "../../reactors/simulated/host.ts";
import type { Simulator } from "../../reactors/simulated/simulator.ts";
import type { Fault, SimulationNetwork } from "./simulation-network.ts";

/** The kinds of faults. The first five are the network's manners, the others happen at times. */
export const FAULT_KINDS = [
  "jitter",
  "segmentation",
  "coalescing",
  "loss",
  "narrow",
  "reset",
  "cut",
  "one-way cut",
  "isolation",
  "hold",
  "kill",
  "power loss",
  "stall",
  "skew",
  "names",
  "slow disk",
  "failing disk",
] as const;

/** A kind of fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Which faults a run has. `mix`: by the number of the seed, as the top of this file says. */
export type FaultProfile = "none" | "single" | "swarm" | "all" | "mix";

/** What bad weather may do. */
export interface SwarmOptions {
  /** Seconds of the simulation until it is over, and everything healed. Default: 20. */
  readonly until?: number;
  /** Hosts that may be killed and lose their power: they are started again. Default: none. */
  readonly crash?: readonly SimulatedHost[];
  /** Kinds that never come. */
  readonly never?: readonly FaultKind[];
  /** Seconds between two occasions for a fault. Default: 0.25. */
  readonly every?: number;
}

/** What weather needs of a simulation. */
export interface WeatherParts {
  readonly simulator: Simulator;
  readonly net: SimulationNetwork;
  /** What was drawn is written here. */
  readonly settings: Map<string, string>;
  sleep(seconds: number): Promise<void>;
}

/** Bad weather that is under way. */
export interface Swarm {
  /** Is there any? A run without may be held to stricter promises. */
  readonly calm: boolean;
  /** The kinds that are on. */
  readonly kinds: ReadonlySet<FaultKind>;
  /** Resolves when it is over: everything is healed, and every host has been started again. */
  readonly done: Promise<void>;
}

const UNTIL = 20;
const EVERY = 0.25;
/** How often an occasion is used, by how bad it is: rare, normal, a storm. */
const RATES = [0.04, 0.15, 0.4] as const;

/** Which faults the seed of that number has. */
export function profileOf(seed: number, profile: FaultProfile): Exclude<FaultProfile, "mix"> {
  if (profile !== "mix") return profile;
  const kind = seed % 8;
  if (kind === 0) return "none";
  if (kind === 1) return "single";
  return kind <= 3 ? "all" : "swarm";
}

/** See the top of this file. */
export function startSwarm(
  sim: WeatherParts,
  profile: Exclude<FaultProfile, "mix">,
  options: SwarmOptions,
): Swarm {
  const weather = new Weather(sim, profile, options);
  return { calm: weather.kinds.size === 0, kinds: weather.kinds, done: weather.run() };
}

class Weather {
  readonly kinds = new Set<FaultKind>();
  readonly #sim: WeatherParts;
  readonly #crash: readonly SimulatedHost[];
  readonly #until: number;
  readonly #every: number;
  readonly #choices: ChoiceStream;
  #rate = 0;
  /** What is down, and will be started again. */
  readonly #down = new Set<SimulatedHost>();

  constructor(
    sim: WeatherParts,
    profile: Exclude<FaultProfile, "mix">,
    { until = UNTIL, crash = [], never = [], every = EVERY }: SwarmOptions,
  ) {
    this.#sim = sim;
    this.#crash = crash;
    this.#until = until;
    this.#every = every;
    this.#choices = sim.simulator.choices.stream("swarm");
    const possible = FAULT_KINDS.filter(
      (kind) => !never.includes(kind) && (crash.length > 0 || !needsCrash(kind)),
    );
    this.#draw(profile, possible);
    this.#setManners();
    sim.settings.set("faults", this.kinds.size === 0 ? "none" : [...this.kinds].join(", "));
  }

  #draw(profile: Exclude<FaultProfile, "mix">, possible: readonly FaultKind[]): void {
    const single = this.#choices.pick(possible.length);
    for (const [index, kind] of possible.entries()) {
      const inSwarm = this.#choices.happens(0.5);
      const on =
        profile === "all" ||
        (profile === "swarm" && inSwarm) ||
        (profile === "single" && index === single);
      if (on) this.kinds.add(kind);
    }
    const strength = this.#choices.pick(RATES.length);
    this.#rate = RATES[strength] ?? 0;
    this.#sim.settings.set("profile", profile);
    this.#sim.settings.set("strength", ["rare", "normal", "storm"][strength] ?? "");
  }

  /** How the network treats everything, all the time. */
  #setManners(): void {
    const { kinds } = this;
    const milliseconds = [5, 20, 200][this.#choices.pick(3)] ?? 5;
    this.#sim.net.default({
      ...(kinds.has("jitter") && { latency: [0.0005, milliseconds / 1000] as const }),
      ...(kinds.has("segmentation") && { segmentation: 0.3 }),
      ...(kinds.has("coalescing") && { coalescing: 0.2 }),
      ...(kinds.has("loss") && { loss: 0.02 }),
      ...(kinds.has("narrow") && { bandwidth: 125_000, window: 4096, sendBuffer: 4096 }),
    });
    if (kinds.has("jitter")) this.#sim.settings.set("jitter", `${String(milliseconds)} ms`);
  }

  async run(): Promise<void> {
    const sudden = [...this.kinds].filter((kind) => FAULT_KINDS.indexOf(kind) >= 5);
    if (sudden.length > 0) await this.#storm(sudden);
    this.#sim.net.healAll();
    for (const host of this.#down) this.#restart(host);
    // Manners stay: a network that loses and delays owes progress all the same.
  }

  async #storm(kinds: readonly FaultKind[]): Promise<void> {
    const nemesis = this.#sim.simulator.choices.stream("nemesis");
    for (let occasion = 0; this.#sim.simulator.now < this.#until; occasion += 1) {
      await this.#sim.sleep(this.#every);
      if (!nemesis.happens(this.#rate)) continue;
      // A stream of its own for each: taking one fault away leaves the others as they are.
      const choices = this.#sim.simulator.choices.stream(`nemesis#${String(occasion)}`);
      const kind = kinds[choices.pick(kinds.length)];
      if (kind !== undefined) this.#strike(kind, choices);
    }
  }

  #strike(kind: FaultKind, choices: ChoiceStream): void {
    const { hosts } = this.#sim.simulator;
    const one = hosts[choices.pick(hosts.length)];
    const others = hosts.filter((host) => host !== one);
    const other = others[choices.pick(Math.max(1, others.length))];
    const seconds = choices.between(1, 40) / 10;
    if (one === undefined) return;
    if (needsCrash(kind)) this.#crashOne(kind, choices, seconds);
    else if (kind === "stall") one.stall(seconds);
    else if (kind === "skew") this.#skew(one, seconds, choices.pick(2) === 1);
    else if (kind === "names") this.#noName(one, choices, seconds);
    else if (kind === "slow disk" || kind === "failing disk") this.#strikeDisk(kind, one, seconds);
    else if (other !== undefined) this.#strikeNetwork(kind, [one, other], seconds);
  }

  #skew(host: SimulatedHost, seconds: number, back: boolean): void {
    host.skew += back ? -seconds : seconds;
    const text = `skew ${String(host.skew)} s`;
    this.#sim.simulator.trace.note("fault", host, { text });
  }

  /** Nobody is told where that host is. */
  #noName({ name }: SimulatedHost, choices: ChoiceStream, seconds: number): void {
    const how = (["NXDOMAIN", "SERVFAIL", "timeout"] as const)[choices.pick(3)] ?? "NXDOMAIN";
    this.#sim.simulator.names.fail(name, how, { for: seconds });
  }

  #strikeDisk(kind: "slow disk" | "failing disk", host: SimulatedHost, seconds: number): void {
    const { simulator } = this.#sim;
    const text = `${kind} ${host.name}`;
    simulator.trace.note("fault", host, { text });
    const end =
      kind === "slow disk" ? host.disk.slow({ seconds: 0.2 }) : host.disk.fail({ rate: 0.5 });
    simulator.after(seconds, {
      happen: () => {
        simulator.trace.note("healed", host, { text });
        end();
      },
    });
  }

  #strikeNetwork(
    kind: FaultKind,
    [one, other]: readonly [SimulatedHost, SimulatedHost],
    seconds: number,
  ): void {
    const { net } = this.#sim;
    if (kind === "reset") net.reset(one, other);
    else if (kind === "cut") this.#last(net.partition([one], [other]), seconds);
    else if (kind === "one-way cut") {
      this.#last(net.partition([one], [other], { oneWay: true }), seconds);
    } else if (kind === "isolation") this.#last(net.isolate(one), seconds);
    else if (kind === "hold") this.#last(net.hold(one, other), seconds);
  }

  #last(fault: Fault, seconds: number): void {
    this.#sim.simulator.after(seconds, { happen: () => fault.heal() });
  }

  #crashOne(kind: FaultKind, choices: ChoiceStream, seconds: number): void {
    const host = this.#crash[choices.pick(this.#crash.length)];
    if (host === undefined || !host.running) return;
    if (kind === "kill") host.kill();
    else host.powerOff();
    this.#down.add(host);
    this.#sim.simulator.after(seconds, { happen: () => this.#restart(host) });
  }

  #restart(host: SimulatedHost): void {
    if (!this.#down.delete(host) || host.running) return;
    host.start();
  }
}

function needsCrash(kind: FaultKind): boolean {
  return kind === "kill" || kind === "power loss";
}
