/**
 * A kind of reactor of one's own: its network are the message channels of this process.
 *
 * It says how time passes and how connections come about, in a hundred lines; what a connection,
 * a port, a connector and a reactor have to keep comes from the base classes. The suite of the
 * contracts (`describeReactor`) is run over it beside this file; `docs/guides/custom-reactor.md`
 * tells how it came to be.
 *
 * @module
 */
import { MessageChannel } from "node:worker_threads";
import {
  CannotListenError,
  type Capability,
  ConnectionRefusedError,
  type ConnectTCPOptions,
  type IAddress,
  type IClientFactory,
  type IConnector,
  type IListeningPort,
  type IProtocolFactory,
  IPv4Address,
  IReactorTCP,
  type ListenTCPOptions,
} from "sennit/internet";
import {
  type Attempt,
  checkedLimits,
  checkedPort,
  Connector,
  type Ended,
  ListeningPort,
  ReactorBase,
} from "sennit/reactors";
import { MessageTransport } from "./message-transport.ts";

const ALARM_MS_MAX = 2_147_483_647;
const EPHEMERAL_FIRST = 49_152;

/** See the top of this file. */
export class MessageReactor extends ReactorBase implements IReactorTCP {
  /** Who listens, by number. */
  readonly bound = new Map<number, MessageListener>();
  #ephemeral = EPHEMERAL_FIRST;
  #alarm: NodeJS.Timeout | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  protected capabilities(): readonly Capability<unknown>[] {
    return [IReactorTCP];
  }

  // -- Time

  seconds(): number {
    return performance.now() / 1000;
  }

  soon(f: () => void): void {
    process.nextTick(f);
  }

  later(f: () => void): void {
    setImmediate(f);
  }

  protected setAlarm(seconds: number | undefined): void {
    clearTimeout(this.#alarm);
    if (seconds === undefined) return;
    const ms = Math.min(Math.ceil(seconds * 1000), ALARM_MS_MAX);
    this.#alarm = setTimeout(() => this.runDelayedCalls(), ms);
  }

  // -- Life

  protected started(): void {
    this.#keepAlive = setInterval(() => {}, ALARM_MS_MAX);
  }

  protected stopped(): void {
    clearInterval(this.#keepAlive);
  }

  fatal(error: Error): void {
    process.nextTick(() => {
      throw error;
    });
  }

  // -- TCP, of a kind

  listenTCP(
    port: number,
    factory: IProtocolFactory,
    options: ListenTCPOptions = {},
  ): IListeningPort {
    const listener = new MessageListener(this, checkedPort(port), factory, options);
    listener.startListening();
    return listener;
  }

  connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options: ConnectTCPOptions = {},
  ): IConnector {
    const to = new IPv4Address("TCP", host, checkedPort(port));
    const connector = new MessageConnector(this, to, factory, options);
    connector.connect();
    return connector;
  }

  /** A number that nobody listens on. */
  freePort(): number {
    do this.#ephemeral += 1;
    while (this.bound.has(this.#ephemeral));
    return this.#ephemeral;
  }
}

/** Where connections come in. */
class MessageListener extends ListeningPort {
  readonly #reactor: MessageReactor;
  readonly #asked: number;
  readonly #options: ListenTCPOptions;
  #host: IPv4Address;

  constructor(
    reactor: MessageReactor,
    port: number,
    factory: IProtocolFactory,
    options: ListenTCPOptions,
  ) {
    super(reactor, factory, checkedLimits(options).maxConnections);
    this.#reactor = reactor;
    this.#asked = port;
    this.#options = options;
    this.#host = new IPv4Address("TCP", "127.0.0.1", port);
  }

  getHost(): IPv4Address {
    return this.#host;
  }

  protected bind(): void {
    const { bound } = this.#reactor;
    this.#reactor.soon(() => {
      const port = this.#asked === 0 ? this.#reactor.freePort() : this.#asked;
      if (bound.has(port)) {
        this.bindFailed(new CannotListenError("127.0.0.1", port, new Error("address in use")));
        return;
      }
      this.#host = new IPv4Address("TCP", "127.0.0.1", port);
      bound.set(port, this);
      this.bound();
    });
  }

  protected unbind(): void {
    this.#reactor.bound.delete(this.#host.port);
    this.#reactor.later(() => this.unbound());
  }

  /** Somebody connects: this is the other end of their channel. */
  connected(end: MessageChannel["port1"], peer: IAddress): void {
    const ends = { host: this.#host, peer };
    const transport = (ended?: Ended): MessageTransport =>
      new MessageTransport(this.#reactor, end, ends, this.#options, ended);
    this.accepted(peer, transport, () => transport().refuse());
  }
}

/** Who connects. */
class MessageConnector extends Connector {
  readonly #reactor: MessageReactor;
  readonly #to: IPv4Address;
  readonly #options: ConnectTCPOptions;

  constructor(
    reactor: MessageReactor,
    to: IPv4Address,
    factory: IClientFactory,
    options: ConnectTCPOptions,
  ) {
    super(reactor, factory, checkedLimits(options).timeout);
    this.#reactor = reactor;
    this.#to = to;
    this.#options = options;
  }

  getDestination(): IAddress {
    return this.#to;
  }

  protected attempt(): Attempt {
    let wanted = true;
    this.#reactor.later(() => {
      if (wanted) this.#dial();
    });
    return {
      cancel: () => {
        wanted = false;
      },
    };
  }

  #dial(): void {
    const listener = this.#reactor.bound.get(this.#to.port);
    if (listener === undefined) {
      const message = `Cannot connect to ${this.#to.toString()}: nobody listens`;
      this.failed(new ConnectionRefusedError(message, this.#to));
      return;
    }
    const { port1, port2 } = new MessageChannel();
    const host = new IPv4Address("TCP", "127.0.0.1", this.#reactor.freePort());
    const ends = { host, peer: this.#to };
    const transport = (ended?: Ended): MessageTransport =>
      new MessageTransport(this.#reactor, port1, ends, this.#options, ended);
    this.succeeded(this.#to, transport, () => transport().refuse());
    listener.connected(port2, host);
  }
}
