/**
 * Lets a simulated host work, so that contracts can be tried with its reactor.
 *
 * @module
 */
import type { LinkOptions } from "../../src/reactors/simulated/link.ts";
import { Simulator } from "../../src/reactors/simulated/simulator.ts";
import type { TCPListener } from "../../src/reactors/simulated/tcp/dial.ts";
import { SimulatedSocket } from "../../src/reactors/simulated/tcp/socket.ts";
import type { ReactorHarness } from "../../src/testing/contracts/harness.ts";
import type { Place } from "../../src/testing/contracts/network.ts";
import { unixNetwork } from "./unix-network.ts";

/** Seconds of the simulation after which a contract has waited in vain. */
const HORIZON = 3600;
/** More than any contract takes. */
const EVENTS_MAX = 5_000_000;
/** Certificates of the contracts are made by the machine's clock, some a while after this. */
const EPOCH = Math.floor(Date.now() / 1000) + 3600;
/** Nobody listens on this port. */
const REFUSING = 1;
/** On this one somebody does whose queue is always full. */
const SILENT = 2;

/** How a {@link SimulatedHarness} treats what goes over its network. */
export interface SimulatedHarnessOptions {
  readonly seed?: number;
  readonly loopback?: LinkOptions;
  /** See `SimulatedNetwork.shuffled`. */
  readonly shuffled?: boolean;
  /** Seconds of a pass: twenty of them must be enough for anything that is on its way. */
  readonly passTime?: number;
  readonly exempt?: ReadonlyMap<string, string>;
}

/** Over TCP, on one host. */
export class SimulatedHarness implements ReactorHarness {
  readonly simulator: Simulator;
  readonly reactor;
  readonly host = "127.0.0.1";
  readonly cutsBytes: boolean;
  readonly exempt: ReadonlyMap<string, string>;
  readonly #machine;
  #paths = 0;

  constructor(options: SimulatedHarnessOptions = {}) {
    const { seed = 0, loopback = {}, shuffled = false, passTime = 0.0001 } = options;
    // Contracts do what programs should not: write, although they were asked to pause.
    const monitor = { bytesWhilePaused: Number.POSITIVE_INFINITY };
    this.simulator = new Simulator({ seed, passTime, monitor, epoch: EPOCH });
    this.simulator.network.shuffled = shuffled;
    this.simulator.network.loopback(loopback);
    this.#machine = this.simulator.addHost("host");
    this.reactor = this.#machine.reactor;
    this.cutsBytes = (loopback.segmentation ?? 0) > 0;
    this.exempt = options.exempt ?? new Map();
  }

  async settle(until: () => boolean): Promise<void> {
    const limits = {
      until: this.simulator.now + HORIZON,
      events: this.simulator.happened + EVENTS_MAX,
    };
    let end = await this.simulator.work(until, limits);
    while (end === "idle" && this.#probe()) end = await this.simulator.work(until, limits);
    if (end !== "done") throw new Error(`Waited in vain (${end}) for ${until.toString()}`);
  }

  /**
   * Nobody sends a reset again that was lost; on a real host a probe of keep-alive brings another.
   *
   * @returns Was one missing?
   */
  #probe(): boolean {
    const orphans = [...this.#machine.descriptors].filter(
      (one) => one instanceof SimulatedSocket && one.peer?.deaf === true,
    );
    for (const one of orphans) if (one instanceof SimulatedSocket) one.wasReset();
    return orphans.length > 0;
  }

  refusingPort(): Promise<Place> {
    return Promise.resolve(REFUSING);
  }

  silentPort(): Promise<Place> {
    const silent: TCPListener = {
      interface: this.host,
      port: SILENT,
      program: this.reactor,
      hasRoom: false,
      handshake: () => undefined,
      closeByKernel: () => undefined,
      vanish: () => undefined,
    };
    this.#machine.listeners.set(SILENT, [silent]);
    return Promise.resolve(SILENT);
  }

  socketPath(): string {
    this.#paths += 1;
    return `/run/${String(this.#paths)}.sock`;
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

/** Nobody is there. */
const REFUSING_PATH = "/run/refusing.sock";
/** Somebody is there, with a queue that is full. */
const SILENT_PATH = "/run/silent.sock";

/** Over UNIX sockets. */
export class SimulatedUNIXHarness extends SimulatedHarness {
  readonly network = unixNetwork(this.reactor, () => this.socketPath(), false);

  override refusingPort(): Promise<Place> {
    return Promise.resolve(REFUSING_PATH);
  }

  override silentPort(): Promise<Place> {
    const [host] = this.simulator.hosts;
    host?.socketNames.bind(SILENT_PATH, { program: this.reactor, hasRoom: false }, 0o666);
    return Promise.resolve(SILENT_PATH);
  }
}
