/**
 * A reactor without a platform: virtual time, TCP between its own ports and connectors, and
 * datagrams between its own ports.
 *
 * Nothing happens by itself. `flush()` runs what is ready without moving time; `advance(seconds)`
 * moves time from one due call to the next and runs what becomes ready. Connections to a port of
 * the same reactor are made; other attempts wait for the test to let them succeed or fail. Names
 * that the test enters in `names` resolve; `network.routes` says which addresses are far or dead.
 *
 * After: twisted.internet.testing.MemoryReactorClock. Differs: connections really carry bytes, and
 * keep the whole contract of the real ones.
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
import {
  type ConnectProcessOptions,
  type IProcessProtocol,
  type IProcessTransport,
  IReactorProcess,
  type SpawnProcessOptions,
} from "../../internet/interfaces-process.ts";
import {
  type ConnectTCPOptions,
  IReactorRandom,
  IReactorTCP,
  IReactorWallClock,
  type ListenTCPOptions,
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
import { addressFromLiteral } from "../../internet/names/address-literal.ts";
import { StaticResolver } from "../../internet/names/static-resolver.ts";
import {
  type ConnectUNIXOptions,
  IReactorUNIX,
  type ListenUNIXOptions,
} from "../../internet/interfaces-unix.ts";
import { checkedPort } from "../../internet/ports.ts";
import { checkedMode, checkedUNIXName } from "../../internet/unix-names.ts";
import { PluggableNames } from "../base/pluggable-names.ts";
import { ProcessConnector } from "../base/process-connector.ts";
import { ReactorBase } from "../base/reactor-base.ts";
import { MemoryConnector } from "./memory-connector.ts";
import { MemoryNetwork } from "./memory-network.ts";
import { MemoryPort } from "./memory-port.ts";
import { MemoryProcesses } from "./memory-process.ts";
import { MemoryDatagrams, MemoryUDPPort } from "./memory-udp.ts";

/** Passes without an end are a bug of what is tested; this many are taken as one. */
const PASSES_MAX = 100_000;
/** When the time of day begins: 2001-09-09 01:46:40 UTC. */
const EPOCH = 1_000_000_000;

/** An entry of {@link MemoryReactor.tcpServers}. */
export interface RecordedListen {
  readonly port: number;
  readonly factory: IProtocolFactory;
  readonly options: ListenTCPOptions;
  readonly listeningPort: IListeningPort;
}

/** An entry of {@link MemoryReactor.tcpClients}. */
export interface RecordedConnect {
  readonly host: string;
  readonly port: number;
  readonly factory: IClientFactory;
  readonly options: ConnectTCPOptions;
  /** Let its attempt fail, or hand it a wire; `connector` is otherwise like any other. */
  readonly connector: MemoryConnector;
}

/** An entry of {@link MemoryReactor.unixServers}. */
export interface RecordedListenUNIX {
  readonly address: string;
  readonly factory: IProtocolFactory;
  readonly options: ListenUNIXOptions;
  readonly listeningPort: IListeningPort;
}

/** An entry of {@link MemoryReactor.unixClients}. */
export interface RecordedConnectUNIX {
  readonly address: string;
  readonly factory: IClientFactory;
  readonly options: ConnectUNIXOptions;
  /** Let its attempt fail, or hand it a wire; `connector` is otherwise like any other. */
  readonly connector: MemoryConnector;
}

/** An entry of {@link MemoryReactor.udpPorts}. */
export interface RecordedUDPListen {
  readonly port: number;
  readonly protocol: IDatagramProtocol;
  readonly options: ListenUDPOptions;
  readonly listeningPort: MemoryUDPPort;
}

/**
 * For tests: a whole network program in one process and in virtual time.
 *
 * @example
 * ```ts
 * import { ClientFactory, Factory, Protocol } from "sennit/internet";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor();
 * reactor.listenTCP(7, Factory.forProtocol(Protocol));
 * reactor.connectTCP("127.0.0.1", 7, ClientFactory.forProtocol(Protocol));
 * reactor.flush(); // connected
 * ```
 */
export class MemoryReactor
  extends ReactorBase
  implements
    IReactorTCP,
    IReactorUNIX,
    IReactorUDP,
    IReactorMulticast,
    IReactorProcess,
    IReactorRandom,
    IReactorWallClock,
    IReactorPluggableNameResolver
{
  /** Each call of `listenTCP`, in order. */
  readonly tcpServers: RecordedListen[] = [];
  /** Each call of `connectTCP`, in order. */
  readonly tcpClients: RecordedConnect[] = [];
  /** Each call of `listenUNIX`, in order. Modes and locks are written down, and no more. */
  readonly unixServers: RecordedListenUNIX[] = [];
  /** Each call of `connectUNIX`, in order. */
  readonly unixClients: RecordedConnectUNIX[] = [];
  /** Who listens where, and what is in flight. */
  readonly network: MemoryNetwork = new MemoryNetwork();
  /** The processes that were started, and the programs that are missing. */
  readonly processes: MemoryProcesses = new MemoryProcesses(this, this.network);
  /** Each call of `listenUDP` and `listenMulticast`, in order. */
  readonly udpPorts: RecordedUDPListen[] = [];
  /** How datagrams travel. */
  readonly datagrams: MemoryDatagrams = new MemoryDatagrams(this);
  /**
   * The names that resolve, `localhost` from the start. `connectTCP` looks up the names in here;
   * with another resolver installed, every name.
   */
  readonly names: StaticResolver = new StaticResolver(this, { localhost: "127.0.0.1" });
  readonly #pluggable = new PluggableNames(this, this.names);
  #now = 0;
  #soon: (() => void)[] = [];
  #later: (() => void)[] = [];
  #alarm: number | undefined;
  #fatal: Error | undefined;
  #random = 1;

  protected capabilities(): readonly Capability<unknown>[] {
    return [
      IReactorTCP,
      IReactorUNIX,
      IReactorUDP,
      IReactorMulticast,
      IReactorProcess,
      IReactorRandom,
      IReactorWallClock,
      IReactorPluggableNameResolver,
    ];
  }

  // -- Time

  seconds(): number {
    return this.#now;
  }

  /** It begins a billion seconds after 1970. */
  wallClock(): number {
    return EPOCH + this.#now;
  }

  soon(f: () => void): void {
    this.#soon.push(f);
  }

  later(f: () => void): void {
    this.#later.push(f);
  }

  protected setAlarm(seconds: number | undefined): void {
    this.#alarm = seconds === undefined ? undefined : this.#now + seconds;
  }

  /**
   * Move time forward, from one due call to the next, and run all that becomes ready.
   *
   * @throws {RangeError} Backwards.
   */
  advance(seconds: number): void {
    if (!(seconds >= 0)) {
      throw new RangeError(`Cannot advance by ${String(seconds)} seconds: expected 0 or more`);
    }
    const end = this.#now + seconds;
    this.flush();
    while (this.#alarm !== undefined && this.#alarm <= end) {
      this.#now = Math.max(this.#now, this.#alarm);
      this.#alarm = undefined;
      this.runDelayedCalls();
      this.flush();
    }
    this.#now = end;
  }

  /**
   * Run all that is ready now, and deliver all that is in flight, until nothing is left.
   *
   * @throws {Error} A failure that nobody looked at (a port that could not be bound), or a program
   *   that is still busy after 100,000 passes.
   */
  flush(): void {
    for (let passes = 0; this.turn(); passes += 1) {
      if (passes === PASSES_MAX) throw new Error("Cannot flush: the program never comes to rest");
    }
  }

  /** One pass: what was asked for soon, what was asked for later, one step of each wire. */
  turn(): boolean {
    let busy = this.#runSoon();
    const later = this.#later;
    this.#later = [];
    for (const f of later) {
      f();
      this.#runSoon();
    }
    if (this.network.deliver(() => this.#runSoon())) busy = true;
    this.#throwFatal();
    return (
      busy || later.length > 0 || this.#soon.length > 0 || this.#later.length > 0 || this.#due()
    );
  }

  /** A call is due now: run the pass. */
  #due(): boolean {
    if (this.#alarm === undefined || this.#alarm > this.#now) return false;
    this.#alarm = undefined;
    this.runDelayedCalls();
    return true;
  }

  #runSoon(): boolean {
    if (this.#soon.length === 0) return false;
    while (this.#soon.length > 0) {
      const soon = this.#soon;
      this.#soon = [];
      for (const f of soon) f();
    }
    return true;
  }

  // -- Life cycle

  protected started(): void {}

  protected stopped(): void {}

  fatal(error: Error): void {
    this.#fatal ??= error;
  }

  #throwFatal(): void {
    const error = this.#fatal;
    this.#fatal = undefined;
    if (error !== undefined) throw error;
  }

  // -- TCP

  listenTCP(
    port: number,
    factory: IProtocolFactory,
    options: ListenTCPOptions = {},
  ): IListeningPort {
    const listeningPort = new MemoryPort(this, this.network, {
      port: checkedPort(port),
      factory,
      options,
    });
    this.tcpServers.push({ port, factory, options, listeningPort });
    listeningPort.startListening();
    return listeningPort;
  }

  connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options: ConnectTCPOptions = {},
  ): IConnector {
    const connector = new MemoryConnector(this, this.network, {
      host,
      port: checkedPort(port),
      factory,
      options,
    });
    this.tcpClients.push({ host, port, factory, options, connector });
    connector.connect();
    return connector;
  }

  // -- UNIX sockets

  listenUNIX(
    address: string,
    factory: IProtocolFactory,
    options: ListenUNIXOptions = {},
  ): IListeningPort {
    checkedMode(options.mode ?? 0);
    const place = { port: checkedUNIXName(address), factory, options };
    const listeningPort = new MemoryPort(this, this.network, place);
    this.unixServers.push({ address, factory, options, listeningPort });
    listeningPort.startListening();
    return listeningPort;
  }

  connectUNIX(
    address: string,
    factory: IClientFactory,
    options: ConnectUNIXOptions = {},
  ): IConnector {
    const place = { host: "", port: checkedUNIXName(address), factory, options };
    const connector = new MemoryConnector(this, this.network, place);
    this.unixClients.push({ address, factory, options, connector });
    connector.connect();
    return connector;
  }

  // -- Names

  get nameResolver(): IHostnameResolver {
    return this.#pluggable.nameResolver;
  }

  installNameResolver(resolver: IHostnameResolver): IHostnameResolver {
    return this.#pluggable.install(resolver);
  }

  resolve(name: string, timeouts?: readonly number[]): Deferred<string> {
    return this.#pluggable.resolve(name, timeouts);
  }

  /** Does `connectTCP` look it up? A name that is in no table reaches the port of this reactor. */
  resolvesName(name: string): boolean {
    if (addressFromLiteral(name) !== undefined) return false;
    return this.nameResolver !== this.names || this.names.has(name);
  }

  // -- Processes: the test plays them

  spawnProcess(
    processProtocol: IProcessProtocol,
    executable: string,
    options: SpawnProcessOptions = {},
  ): IProcessTransport {
    return this.processes.spawn(processProtocol, executable, options);
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

  // -- UDP

  listenUDP(port: number, protocol: IDatagramProtocol, options?: ListenUDPOptions): IUDPPort {
    return this.listenMulticast(port, protocol, options);
  }

  listenMulticast(
    port: number,
    protocol: IDatagramProtocol,
    options: ListenUDPOptions = {},
  ): IMulticastPort {
    const place = { port: checkedPort(port), protocol, options };
    const listeningPort = new MemoryUDPPort(this, this.datagrams, place);
    this.udpPorts.push({ ...place, listeningPort });
    listeningPort.startListening();
    return listeningPort;
  }

  // -- Chance: the same in every run

  random(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647; // Park and Miller's minimal standard.
    return this.#random / 2_147_483_647;
  }

  randomBytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => Math.floor(this.random() * 256)));
  }
}
