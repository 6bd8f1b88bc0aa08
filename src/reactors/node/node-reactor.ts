/**
 * The reactor on Node's own event loop.
 *
 * After: twisted.internet.epollreactor. Differs: the loop is Node's and turns already, so what is
 * asked for before `run()` starts at once; `run()` adds the life cycle and keeps the process alive.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
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
  IReactorSerial,
  type ISerialTransport,
  type SerialPortOptions,
} from "../../internet/interfaces-serial.ts";
import { IReactorStdio, type StdioOptions } from "../../internet/interfaces-stdio.ts";
import {
  type ConnectStreamOptions,
  IReactorStreams,
  type StreamHalves,
} from "../../internet/interfaces-streams.ts";
import {
  IReactorThreads,
  type IThreadPool,
  type ThreadTask,
} from "../../internet/interfaces-threads.ts";
import {
  IReactorSSL,
  type ITLSClientOptions,
  type ITLSServerOptions,
  type TLSLayer,
  type TLSLimits,
} from "../../internet/interfaces-tls.ts";
import {
  type AdoptStreamConnectionOptions,
  type AdoptStreamPortOptions,
  IReactorSocket,
} from "../../internet/interfaces-socket.ts";
import type { IProtocol, IStreamTransport } from "../../internet/interfaces-transport.ts";
import {
  type IDatagramProtocol,
  type IMulticastPort,
  IReactorMulticast,
  IReactorUDP,
  type IUDPPort,
  type ListenUDPOptions,
} from "../../internet/interfaces-udp.ts";
import {
  type ConnectUNIXOptions,
  IReactorUNIX,
  type ListenUNIXOptions,
} from "../../internet/interfaces-unix.ts";
import { ListenFDs } from "../../internet/listen-fds.ts";
import { checkedPort } from "../../internet/ports.ts";
import { PluggableNames } from "../base/pluggable-names.ts";
import { ProcessConnector } from "../base/process-connector.ts";
import { ReactorBase } from "../base/reactor-base.ts";
import { adoptConnection } from "./adopted-connection.ts";
import { AdoptedPort } from "./adopted-port.ts";
import { connectStream } from "./connect-stream.ts";
import { nodeFiles } from "./files/node-files.ts";
import { NodeNameResolver } from "./name-resolver.ts";
import { spawnProcess } from "./process/spawn-process.ts";
import { openSerial, SerialConnector } from "./serial/serial-connector.ts";
import { Signals } from "./signals.ts";
import { openStdio, StandardIOPort } from "./stdio.ts";
import { TCPConnector } from "./tcp-connector.ts";
import { TCPPort } from "./tcp-port.ts";
import { ReactorThreads } from "./threads/reactor-threads.ts";
import { UDPPort } from "./udp-port.ts";
import { UNIXConnector } from "./unix-connector.ts";
import { UNIXPort } from "./unix-port.ts";
import { checkTLS } from "./tls-conduit.ts";
import { layerTLS } from "./layer-tls.ts";

/** The longest delay that Node's timers hold (2³¹ − 1 ms); a longer one would fire at once. */
const ALARM_MS_MAX = 2_147_483_647;

/**
 * Sockets, timers and signals of this process.
 *
 * @example
 * ```ts
 * import { Factory, Protocol } from "sennit/internet";
 * import { NodeReactor } from "sennit/reactors";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Buffer): void {
 *     this.transport.write(data);
 *   }
 * }
 * await using reactor = new NodeReactor();
 * const port = await reactor.listenTCP(0, Factory.forProtocol(Echo)).listening;
 * console.log(`${port.getHost()}`);
 * ```
 */
export class NodeReactor
  extends ReactorBase
  implements
    IReactorTCP,
    IReactorSSL,
    IReactorRandom,
    IReactorWallClock,
    IReactorSignals,
    IReactorThreads,
    IReactorProcess,
    IReactorUNIX,
    IReactorSocket,
    IReactorUDP,
    IReactorMulticast,
    IReactorPluggableNameResolver,
    IReactorStreams,
    IReactorStdio,
    IReactorSerial,
    IReactorFiles
{
  readonly files: IFiles = nodeFiles;
  #timeout: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  readonly #signals = new Signals(this);
  readonly #threads = new ReactorThreads(this);
  readonly #names = new PluggableNames(this, new NodeNameResolver(this));

  protected capabilities(): readonly Capability<unknown>[] {
    return [
      IReactorTCP,
      IReactorSSL,
      IReactorRandom,
      IReactorWallClock,
      IReactorSignals,
      IReactorThreads,
      IReactorProcess,
      IReactorUNIX,
      IReactorSocket,
      IReactorUDP,
      IReactorMulticast,
      IReactorPluggableNameResolver,
      IReactorStreams,
      IReactorStdio,
      IReactorSerial,
      IReactorFiles,
    ];
  }

  // -- Time

  seconds(): number {
    return performance.now() / 1000;
  }

  soon(f: () => void): void {
    nextTick(f); // The global names are getters, which cost more than what they give.
  }

  later(f: () => void): void {
    setImmediate(f);
  }

  readonly #alarm = (): void => {
    this.#timeout = undefined;
    this.#immediate = undefined;
    this.runDelayedCalls();
  };

  protected setAlarm(seconds: number | undefined): void {
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
    this.#timeout = undefined;
    this.#immediate = undefined;
    if (seconds === undefined) return;
    // setTimeout waits for at least 1 ms; setImmediate comes right after the I/O that is waiting.
    if (seconds === 0) this.#immediate = setImmediate(this.#alarm);
    else this.#timeout = setTimeout(this.#alarm, Math.min(Math.ceil(seconds * 1000), ALARM_MS_MAX));
  }

  // -- Life cycle

  protected started(options: Required<RunOptions>): void {
    // Without a handle of our own, a process that waits for nothing else would end.
    this.#keepAlive = setInterval(() => {}, ALARM_MS_MAX);
    this.#signals.forgetStop();
    if (options.installSignalHandlers) this.#signals.installStop();
  }

  protected stopped(): void {
    clearInterval(this.#keepAlive);
    this.#signals.removeStop();
  }

  fatal(error: Error): void {
    process.nextTick(() => {
      throw error;
    });
  }

  // -- TCP

  listenTCP(
    port: number,
    factory: IProtocolFactory,
    options: ListenTCPOptions = {},
  ): IListeningPort {
    const listening = new TCPPort(this, { port: checkedPort(port), factory, options });
    listening.startListening();
    return listening;
  }

  connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options: ConnectTCPOptions = {},
  ): IConnector {
    const connector = new TCPConnector(this, { host, port: checkedPort(port), factory, options });
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
    checkTLS(options, limits);
    const tls = { options, limits };
    const place = { port: checkedPort(port), factory, options: limits, tls };
    const listening = new TCPPort(this, place);
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
    checkTLS(options, limits);
    const tls = { options, limits };
    const place = { host, port: checkedPort(port), factory, options: limits, tls };
    const connector = new TCPConnector(this, place);
    connector.connect();
    return connector;
  }

  layerTLS(
    lower: IStreamTransport,
    options: ITLSServerOptions | ITLSClientOptions,
    limits: TLSLimits & ConnectionLimits = {},
  ): TLSLayer {
    checkTLS(options, limits);
    return layerTLS(this, lower, { options, limits });
  }

  // -- Streams

  connectStream(
    stream: Duplex | StreamHalves,
    protocol: IProtocol,
    options: ConnectStreamOptions = {},
  ): IStreamTransport {
    return connectStream(this, stream, { protocol, options });
  }

  openStdio(protocol: IProtocol, options: StdioOptions = {}): IStreamTransport {
    return openStdio(this, protocol, options);
  }

  listenStdio(factory: IProtocolFactory, options: StdioOptions = {}): IListeningPort {
    const listening = new StandardIOPort(this, factory, options);
    listening.startListening();
    return listening;
  }

  // -- Serial ports

  connectSerial(
    path: string,
    factory: IClientFactory,
    options: SerialPortOptions = {},
  ): IConnector {
    const connector = new SerialConnector(this, { path, factory, options });
    connector.connect();
    return connector;
  }

  openSerial(
    path: string,
    protocol: IProtocol,
    options: SerialPortOptions = {},
  ): Deferred<ISerialTransport> {
    return openSerial(this, { path, protocol, options });
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

  // -- UNIX sockets, and those that others opened

  listenUNIX(
    address: string,
    factory: IProtocolFactory,
    options: ListenUNIXOptions = {},
  ): IListeningPort {
    const listening = new UNIXPort(this, { address, factory, options });
    listening.startListening();
    return listening;
  }

  connectUNIX(
    address: string,
    factory: IClientFactory,
    options: ConnectUNIXOptions = {},
  ): IConnector {
    const connector = new UNIXConnector(this, { address, factory, options });
    connector.connect();
    return connector;
  }

  adoptStreamPort(
    fileDescriptor: number,
    factory: IProtocolFactory,
    options: AdoptStreamPortOptions = {},
  ): IListeningPort {
    const listening = new AdoptedPort(this, { fileDescriptor, factory, options });
    listening.startListening();
    return listening;
  }

  adoptStreamConnection<P extends IProtocol>(
    fileDescriptor: number,
    factory: IProtocolFactory<P>,
    options: AdoptStreamConnectionOptions = {},
  ): Deferred<P> {
    return adoptConnection(this, fileDescriptor, factory, options);
  }

  get inheritedDescriptors(): ListenFDs {
    return ListenFDs.fromEnvironment(process.env, process.pid);
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
    const listening = new UDPPort(this, { port: checkedPort(port), protocol, options });
    listening.startListening();
    return listening;
  }

  // -- Processes

  spawnProcess(
    processProtocol: IProcessProtocol,
    executable: string,
    options: SpawnProcessOptions = {},
  ): IProcessTransport {
    return spawnProcess(this, { protocol: processProtocol, executable, options });
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

  // -- The time of day, and chance

  wallClock(): number {
    return Date.now() / 1000;
  }

  random(): number {
    return Math.random();
  }

  randomBytes(count: number): Buffer {
    return randomBytes(count);
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
}
