/**
 * The reactor of a program on a simulated host. The program cannot tell it from a real one.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import type { Capability } from "../../internet/capabilities.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
} from "../../internet/interfaces-factory.ts";
import { type IFiles, IReactorFiles } from "../../internet/interfaces-files.ts";
import {
  type ConnectProcessOptions,
  type IProcessProtocol,
  type IProcessTransport,
  IReactorProcess,
  type SpawnProcessOptions,
} from "../../internet/interfaces-process.ts";
import {
  type ConnectionLimits,
  type ConnectTCPOptions,
  IReactorRandom,
  IReactorSignals,
  IReactorTCP,
  IReactorWallClock,
  type ListenTCPOptions,
  type RunOptions,
} from "../../internet/interfaces-reactor.ts";
import {
  type IHostnameResolver,
  IReactorPluggableNameResolver,
} from "../../internet/interfaces-resolver.ts";
import {
  type IDatagramProtocol,
  type IMulticastPort,
  IReactorMulticast,
  IReactorUDP,
  type IUDPPort,
  type ListenUDPOptions,
} from "../../internet/interfaces-udp.ts";
import {
  IReactorSSL,
  type ITLSClientOptions,
  type ITLSServerOptions,
  type TLSLayer,
  type TLSLimits,
} from "../../internet/interfaces-tls.ts";
import type { IStreamTransport } from "../../internet/interfaces-transport.ts";
import {
  type ConnectUNIXOptions,
  IReactorUNIX,
  type ListenUNIXOptions,
} from "../../internet/interfaces-unix.ts";
import {
  IReactorThreads,
  type IThreadPool,
  type ThreadTask,
} from "../../internet/interfaces-threads.ts";
import { checkedPort } from "../../internet/ports.ts";
import { PluggableNames } from "../base/pluggable-names.ts";
import { ProcessConnector } from "../base/process-connector.ts";
import type { RandomStream } from "./choices.ts";
import { programFiles } from "./disk/program-files.ts";
import type { SimulatedEvent } from "./event-queue.ts";
import type { Machine } from "./machine.ts";
import { SimulatedResolver } from "./names/simulated-resolver.ts";
import { spawnSimulated } from "./processes/simulated-process.ts";
import { SimulatedSignals } from "./signals/simulated-signals.ts";
import { SimulatedSystem } from "./system.ts";
import { SimulatedConnector } from "./tcp/connector.ts";
import { SimulatedPort } from "./tcp/port.ts";
import { SimulatedThreads } from "./threads/simulated-threads.ts";
import { layerSimulatedTLS } from "./tls/layer-tls.ts";
import { checkSimulatedTLS } from "./tls/tls-conduit.ts";
import { SimulatedUDPPort } from "./udp/port.ts";
import { SimulatedUNIXConnector } from "./unix/connector.ts";
import { SimulatedUNIXPort } from "./unix/port.ts";

const TWO_TO_32 = 0x1_0000_0000;

/** See the top of this file. */
export class SimulatedReactor
  extends SimulatedSystem
  implements
    IReactorTCP,
    IReactorSSL,
    IReactorUDP,
    IReactorMulticast,
    IReactorUNIX,
    IReactorRandom,
    IReactorWallClock,
    IReactorPluggableNameResolver,
    IReactorProcess,
    IReactorThreads,
    IReactorSignals,
    IReactorFiles,
    SimulatedEvent
{
  readonly machine: Machine;
  #alive = true;
  /** When delayed calls are due. */
  #alarmAt: number | undefined;
  /** The earliest time for which the queue has an event of ours. */
  #queuedAt = Number.POSITIVE_INFINITY;
  #random: RandomStream | undefined;
  #files: IFiles | undefined;
  readonly #names = new PluggableNames(this, new SimulatedResolver(this));
  readonly #threads = new SimulatedThreads(this);
  readonly #signals = new SimulatedSignals(this);

  /** Made by its host, at each start of its program. */
  constructor(machine: Machine) {
    super();
    this.machine = machine;
  }

  protected capabilities(): readonly Capability<unknown>[] {
    return [
      IReactorTCP,
      IReactorSSL,
      IReactorUDP,
      IReactorMulticast,
      IReactorUNIX,
      IReactorRandom,
      IReactorWallClock,
      IReactorPluggableNameResolver,
      IReactorProcess,
      IReactorThreads,
      IReactorSignals,
      IReactorFiles,
    ];
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Its program has ended, and nobody asked it. Its host calls it. */
  die(): void {
    this.#alive = false;
  }

  // -- Time

  seconds(): number {
    return this.machine.world.now;
  }

  wallClock(): number {
    const { world, skew } = this.machine;
    return world.epoch + world.now + skew;
  }

  soon(f: () => void): void {
    this.machine.world.soon(this, f);
  }

  later(f: () => void): void {
    const { world } = this.machine;
    world.at(world.now + world.passTime, new Later(this, f));
  }

  protected setAlarm(seconds: number | undefined): void {
    if (seconds === undefined) {
      this.#alarmAt = undefined;
      return;
    }
    const { world } = this.machine;
    const at = world.now + (seconds === 0 ? world.passTime : seconds);
    this.#alarmAt = at;
    if (at < this.#queuedAt) {
      this.#queuedAt = at;
      world.at(at, this);
    }
  }

  /** The alarm, or one that is out of date. */
  happen(): void {
    const { world, stalledUntil } = this.machine;
    if (!this.#alive || world.now !== this.#queuedAt) return;
    this.#queuedAt = Number.POSITIVE_INFINITY;
    if (this.#alarmAt === undefined) return;
    const at = Math.max(this.#alarmAt, stalledUntil);
    if (at > world.now) {
      this.#queuedAt = at;
      world.at(at, this);
      return;
    }
    this.#alarmAt = undefined;
    world.currentHost = this.machine;
    world.trace.note("timers", this.machine);
    this.runDelayedCalls();
  }

  // -- Life cycle

  protected started(options: Required<RunOptions>): void {
    this.#signals.forgetStop();
    if (options.installSignalHandlers) this.#signals.installStop();
  }

  protected stopped(): void {
    this.#signals.removeStop();
  }

  fatal(error: Error): void {
    if (this.#alive) this.machine.world.fail(error);
  }

  // -- TCP

  listenTCP(
    port: number,
    factory: IProtocolFactory,
    options: ListenTCPOptions = {},
  ): IListeningPort {
    const listening = new SimulatedPort(this, { port: checkedPort(port), factory, options });
    listening.startListening();
    return listening;
  }

  connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options: ConnectTCPOptions = {},
  ): IConnector {
    const place = { host, port: checkedPort(port), factory, options };
    const connector = new SimulatedConnector(this, place);
    connector.connect();
    return connector;
  }

  // -- TLS

  listenSSL(
    port: number,
    factory: IProtocolFactory,
    options: ITLSServerOptions,
    limits: ListenTCPOptions & TLSLimits = {},
  ): IListeningPort {
    checkSimulatedTLS(options, limits);
    const tls = { options, limits };
    const place = { port: checkedPort(port), factory, options: limits, tls };
    const listening = new SimulatedPort(this, place);
    listening.startListening();
    return listening;
  }

  connectSSL(
    host: string,
    port: number,
    factory: IClientFactory,
    options: ITLSClientOptions,
    limits: ConnectTCPOptions & TLSLimits = {},
  ): IConnector {
    checkSimulatedTLS(options, limits);
    const tls = { options, limits };
    const place = { host, port: checkedPort(port), factory, options: limits, tls };
    const connector = new SimulatedConnector(this, place);
    connector.connect();
    return connector;
  }

  layerTLS(
    lower: IStreamTransport,
    options: ITLSServerOptions | ITLSClientOptions,
    limits: TLSLimits & ConnectionLimits = {},
  ): TLSLayer {
    checkSimulatedTLS(options, limits);
    return layerSimulatedTLS(this, lower, { options, limits });
  }

  // -- UDP

  listenUDP(port: number, protocol: IDatagramProtocol, options?: ListenUDPOptions): IUDPPort {
    return this.listenMulticast(port, protocol, options);
  }

  listenMulticast(
    port: number,
    protocol: IDatagramProtocol,
    options: ListenUDPOptions = {},
  ): IMulticastPort {
    const listening = new SimulatedUDPPort(this, { port: checkedPort(port), protocol, options });
    listening.startListening();
    return listening;
  }

  // -- UNIX sockets

  listenUNIX(
    address: string,
    factory: IProtocolFactory,
    options: ListenUNIXOptions = {},
  ): IListeningPort {
    const listening = new SimulatedUNIXPort(this, { address, factory, options });
    listening.startListening();
    return listening;
  }

  connectUNIX(
    address: string,
    factory: IClientFactory,
    options: ConnectUNIXOptions = {},
  ): IConnector {
    const connector = new SimulatedUNIXConnector(this, { address, factory, options });
    connector.connect();
    return connector;
  }

  // -- Names

  get nameResolver(): IHostnameResolver {
    return this.#names.nameResolver;
  }

  installNameResolver(resolver: IHostnameResolver): IHostnameResolver {
    return this.#names.install(resolver);
  }

  resolve(name: string, timeouts?: readonly number[]): Deferred<string> {
    return this.#names.resolve(name, timeouts);
  }

  // -- Processes

  spawnProcess(
    processProtocol: IProcessProtocol,
    executable: string,
    options: SpawnProcessOptions = {},
  ): IProcessTransport {
    return spawnSimulated(this, { protocol: processProtocol, executable, options });
  }

  connectProcess(
    executable: string,
    factory: IClientFactory,
    options: ConnectProcessOptions = {},
  ): IConnector {
    const connector = new ProcessConnector(this, { executable, factory, options });
    connector.connect();
    return connector;
  }

  // -- Threads

  callInThread<Args extends unknown[]>(task: ThreadTask<Args>, ...args: Args): void {
    this.#threads.callInThread(task, ...args);
  }

  getThreadPool(): IThreadPool {
    return this.#threads.getThreadPool();
  }

  suggestThreadPoolSize(size: number): void {
    this.#threads.suggestThreadPoolSize(size);
  }

  // -- Signals

  get stopSignal(): NodeJS.Signals | undefined {
    return this.#signals.stopSignal;
  }

  addSignalHandler(signal: NodeJS.Signals, f: (signal: NodeJS.Signals) => unknown): void {
    this.#signals.add(signal, f);
  }

  removeSignalHandler(signal: NodeJS.Signals, f: (signal: NodeJS.Signals) => unknown): void {
    this.#signals.remove(signal, f);
  }

  /** A signal has come. Its host calls it. @returns Does the program handle it? */
  signalled(signal: NodeJS.Signals): boolean {
    return this.#signals.deliver(signal);
  }

  // -- Files

  get files(): IFiles {
    this.#files ??= programFiles(this);
    return this.#files;
  }

  // -- Chance: the program's own

  #chance(): RandomStream {
    const { world, name, starts } = this.machine;
    this.#random ??= world.choices.random(`app:${name}#${String(starts)}`);
    return this.#random;
  }

  random(): number {
    return this.#chance().next() / TWO_TO_32;
  }

  randomBytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    for (let at = 0; at < count; at += 1) bytes[at] = this.#chance().next() >>> 24;
    return bytes;
  }
}

/** A call in a later pass. */
class Later implements SimulatedEvent {
  readonly #reactor: SimulatedReactor;
  readonly #f: () => void;

  constructor(reactor: SimulatedReactor, f: () => void) {
    this.#reactor = reactor;
    this.#f = f;
  }

  happen(): void {
    const { machine, alive } = this.#reactor;
    if (!alive) return;
    const { world, stalledUntil } = machine;
    if (stalledUntil > world.now) {
      world.at(stalledUntil, this);
      return;
    }
    world.currentHost = machine;
    this.#f();
  }
}
