/**
 * A reactor without a platform: virtual time, and TCP between its own ports and connectors.
 *
 * Nothing happens by itself. `flush()` runs what is ready without moving time; `advance(seconds)`
 * moves time from one due call to the next and runs what becomes ready. Connections to a port of
 * the same reactor are made; other attempts wait for the test to let them succeed or fail.
 *
 * After: twisted.internet.testing.MemoryReactorClock. Differs: connections really carry bytes, and
 * keep the whole contract of the real ones.
 *
 * @module
 */
import type { Capability } from "../../internet/capabilities.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
} from "../../internet/interfaces-factory.ts";
import {
  type ConnectTCPOptions,
  IReactorRandom,
  IReactorTCP,
  type ListenTCPOptions,
} from "../../internet/interfaces-reactor.ts";
import { checkedPort } from "../../internet/ports.ts";
import { ReactorBase } from "../base/reactor-base.ts";
import { MemoryConnector } from "./memory-connector.ts";
import { MemoryNetwork } from "./memory-network.ts";
import { MemoryPort } from "./memory-port.ts";

/** Passes without an end are a bug of what is tested; this many are taken as one. */
const PASSES_MAX = 100_000;

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
export class MemoryReactor extends ReactorBase implements IReactorTCP, IReactorRandom {
  /** Each call of `listenTCP`, in order. */
  readonly tcpServers: RecordedListen[] = [];
  /** Each call of `connectTCP`, in order. */
  readonly tcpClients: RecordedConnect[] = [];
  /** Who listens where, and what is in flight. */
  readonly network: MemoryNetwork = new MemoryNetwork();
  #now = 0;
  #soon: (() => void)[] = [];
  #later: (() => void)[] = [];
  #alarm: number | undefined;
  #fatal: Error | undefined;
  #random = 1;

  protected capabilities(): readonly Capability<unknown>[] {
    return [IReactorTCP, IReactorRandom];
  }

  // -- Time

  seconds(): number {
    return this.#now;
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

  // -- Chance: the same in every run

  random(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647; // Park and Miller's minimal standard.
    return this.#random / 2_147_483_647;
  }

  randomBytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => Math.floor(this.random() * 256)));
  }
}
