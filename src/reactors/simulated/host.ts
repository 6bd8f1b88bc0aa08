/**
 * A host: its addresses, its kernel and its disk, and the program that runs on it.
 *
 *     boot ─▶ a program (a reactor of its own) ─▶ kill: the kernel closes what it had open
 *                                              ─▶ power loss: silence; what was not synced is lost
 *     … and boot again: another reactor; the disk is what is left
 *
 * @module
 */
import { SimulatedDisk } from "./disk/simulated-disk.ts";
import type { Descriptor, Listener, Machine } from "./machine.ts";
import type { SimulatedNames } from "./names/simulated-names.ts";
import type { SimulatedNetwork } from "./network.ts";
import { SimulatedPrograms } from "./processes/simulated-programs.ts";
import { nodeActionOf } from "./signals/signal-actions.ts";
import { SimulatedReactor } from "./simulated-reactor.ts";
import { DatagramTable } from "./udp/datagram-table.ts";
import { SocketNames } from "./unix/socket-names.ts";
import { ThreadTimes } from "./threads/thread-times.ts";
import type { World } from "./world.ts";

/** The first port that is given out (RFC 6335 §6). */
const EPHEMERAL_FIRST = 49_152;
const PORT_MAX = 65_535;

/** The world, of which hosts need more than others. */
export interface HostWorld extends World {
  /** How many events have happened, with the one that does. */
  readonly happened: number;
  readonly names: SimulatedNames;
  /** Let time stand still until that is settled. */
  hold(until: PromiseLike<unknown>): void;
}

/** What runs on a host: called with a new reactor at each start. */
export type Program = (reactor: SimulatedReactor) => unknown;

/** See the top of this file. */
export class SimulatedHost implements Machine {
  readonly name: string;
  readonly id: number;
  readonly world: HostWorld;
  readonly network: SimulatedNetwork<Machine>;
  readonly ipv4: string;
  readonly ipv6: string;
  /** Has it power? */
  powered = true;
  /** Counts how often its kernel has started: connections of an earlier one are unknown to it. */
  boot = 1;
  /** Nothing of its program runs before this time. */
  stalledUntil = 0;
  /** Seconds by which its wall clock is wrong. */
  skew = 0;
  /** Who listens, by port. */
  readonly listeners: Map<number, Listener[]> = new Map();
  /** Who listens for datagrams. */
  readonly datagrams: DatagramTable = new DatagramTable();
  /** The names of UNIX sockets. */
  readonly socketNames: SocketNames = new SocketNames();
  /** What the kernel closes when the program ends. */
  readonly descriptors: Set<Descriptor> = new Set();
  starts = 1;
  #disk: SimulatedDisk | undefined;
  #programs: SimulatedPrograms | undefined;
  #threads: ThreadTimes | undefined;
  #reactor: SimulatedReactor;
  /** The reactor of the program before, and the event that has begun this one. */
  #previous: { readonly reactor: SimulatedReactor; readonly until: number } | undefined;
  #program: Program | undefined;
  #ephemeral = EPHEMERAL_FIRST - 1;

  /** Made by `Simulator.addHost`. */
  constructor(world: HostWorld, network: SimulatedNetwork<Machine>, name: string, id: number) {
    this.world = world;
    this.network = network;
    this.name = name;
    this.id = id;
    this.ipv4 = `10.${String(id >> 16)}.${String((id >> 8) & 255)}.${String(id & 255)}`;
    this.ipv6 = `fd00::${id.toString(16)}`;
    this.#reactor = new SimulatedReactor(this);
  }

  /** The reactor of the program that runs, or ran last. */
  get reactor(): SimulatedReactor {
    return this.#reactor;
  }

  /**
   * The reactor of the program whose code runs now, if it is this host's: an event in which one
   * ends and the next is started is the first one's to its end.
   */
  get runningReactor(): SimulatedReactor {
    const previous = this.#previous;
    return previous?.until === this.world.happened ? previous.reactor : this.#reactor;
  }

  /** Does a program run, and is there power? */
  get running(): boolean {
    return this.#reactor.alive;
  }

  /** Is its program standing still? */
  get stalled(): boolean {
    return this.stalledUntil > this.world.now;
  }

  // -- The program

  /**
   * Run `program`, with a reactor of its own. Later starts run it again.
   *
   * @throws {Error} One runs already, and was started so.
   */
  start(program: Program | undefined = this.#program): void {
    if (this.#program !== undefined && this.#reactor.alive) {
      throw new Error(`Cannot start the program of ${this.name}: it is running`);
    }
    if (!this.powered) {
      this.powered = true;
      this.boot += 1;
    }
    if (!this.#reactor.alive) {
      this.starts += 1;
      this.stalledUntil = 0; // It was the other program that stood still.
      this.#previous = { reactor: this.runningReactor, until: this.world.happened };
      this.#reactor = new SimulatedReactor(this);
    }
    this.#program = program;
    this.world.trace.note("host started", this);
    if (program === undefined) return;
    const reactor = this.#reactor;
    this.world.after(0, { happen: () => this.#begin(reactor, program) });
  }

  #begin(reactor: SimulatedReactor, program: Program): void {
    if (!reactor.alive) return;
    if (this.stalled) {
      this.world.at(this.stalledUntil, { happen: () => this.#begin(reactor, program) });
      return;
    }
    this.world.currentHost = this;
    const failed = (error: unknown): void => {
      if (reactor.alive) this.world.fail(error);
    };
    try {
      const result = program(reactor);
      if (isThenable(result)) result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  /** End the program and its children, as SIGKILL does. The kernel closes what was open. */
  kill(): void {
    if (!this.#reactor.alive) return;
    this.world.trace.note("host ended", this);
    this.#reactor.die();
    this.#disk?.crash("kill");
    for (const one of this.descriptors) one.closeByKernel();
    this.descriptors.clear();
    this.listeners.clear();
  }

  /** Cut the power: nobody is told of anything. */
  powerOff(): void {
    if (!this.powered) return;
    this.powered = false;
    this.world.trace.note("host lost power", this);
    this.#reactor.die();
    this.#disk?.crash("power");
    for (const one of this.descriptors) one.vanish();
    this.socketNames.powerLost();
    this.descriptors.clear();
    this.listeners.clear();
  }

  /**
   * Send its program a signal. One that it has no handler for does what it does to any program on
   * Node: SIGTERM kills it.
   *
   * @throws {RangeError} It would stop the program: {@link SimulatedHost.stall} does.
   */
  signal(signal: NodeJS.Signals): void {
    const action = nodeActionOf(signal);
    if (action === "stop") throw new RangeError(`Cannot send ${signal} to a host: stall() it`);
    if (!this.#reactor.alive) return;
    this.world.trace.note("process", this, { text: signal });
    if (!this.#reactor.signalled(signal) && action === "end") this.kill();
  }

  /** Let its program and its children stand still: a collection of garbage, a SIGSTOP. */
  stall(seconds: number): void {
    this.world.trace.note("host stalled", this, { text: String(seconds) });
    this.stalledUntil = Math.max(this.stalledUntil, this.world.now + seconds);
  }

  // -- Ports

  /** Is this one of its addresses? */
  hasAddress(address: string): boolean {
    return address === this.ipv4 || address === this.ipv6;
  }

  /** A port that nobody has. */
  ephemeralPort(isTaken: (port: number) => boolean): number {
    do this.#ephemeral = this.#ephemeral === PORT_MAX ? EPHEMERAL_FIRST : this.#ephemeral + 1;
    while (isTaken(this.#ephemeral));
    return this.#ephemeral;
  }

  // -- What programs ask of it

  /** Its disk. */
  get disk(): SimulatedDisk {
    this.#disk ??= new SimulatedDisk({
      choices: this.world.choices.stream(`disk:${this.name}`),
      wallClock: () => this.world.epoch + this.world.now + this.skew,
    });
    return this.#disk;
  }

  /** What names stand for: the same for all hosts. */
  get names(): SimulatedNames {
    return this.world.names;
  }

  /** The programs that can be started on it. */
  get programs(): SimulatedPrograms {
    this.#programs ??= new SimulatedPrograms(this.world, this);
    return this.#programs;
  }

  /** How long tasks in threads take. */
  get threads(): ThreadTimes {
    this.#threads ??= new ThreadTimes(this.world, this);
    return this.#threads;
  }

  hold(until: PromiseLike<unknown>): void {
    this.world.hold(until);
  }

  toString(): string {
    return this.name;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
