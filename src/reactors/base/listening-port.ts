/**
 * A place where connections come in: the contract of `IListeningPort`, once for every platform.
 *
 * After: twisted.internet.tcp.Port. Differs: binding may be asynchronous, `listening` tells; the
 * connections of the port are counted, bounded and listed.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { AlreadyListeningError, type CannotListenError } from "../../internet/errors.ts";
import type { IListeningPort, IProtocolFactory } from "../../internet/interfaces-factory.ts";
import {
  type IStreamTransport,
  type ITransport,
  providesLayer,
  topTransport,
} from "../../internet/interfaces-transport.ts";
import { Logger } from "../../logger/logger.ts";
import { Episode } from "./episode.ts";
import type { Closable, ReactorBase } from "./reactor-base.ts";
import type { Ended, StreamTransport } from "./stream-transport.ts";

const log = new Logger({ namespace: "sennit.port" });

/** Ours: as many as a process may commonly have descriptors. */
const CONNECTIONS_MAX = 65_536;

/** A kind of port makes its transports so: `ended` goes to the transport's constructor. */
export type MakeTransport = (ended: Ended) => StreamTransport;

/** See the top of this file. A kind of port binds, unbinds, and brings connections. */
export abstract class ListeningPort implements IListeningPort, Closable {
  readonly #reactor: ReactorBase;
  readonly #factory: IProtocolFactory;
  readonly #max: number;
  readonly #connections = new Set<IStreamTransport>();
  /** Has any of them had layers on top? */
  #layered = false;
  #state: "idle" | "binding" | "bound" | "closing" = "idle";
  /** Those who asked for `listening` and have no answer yet. */
  #waiting: Deferred<IListeningPort>[] = [];
  #failure: Failure | undefined;
  #closed: Deferred<void> | undefined;
  #whenEmpty: Deferred<void>[] = [];
  readonly #full: Episode;
  readonly #failing: Episode;

  constructor(
    reactor: ReactorBase,
    factory: IProtocolFactory,
    maxConnections: number = CONNECTIONS_MAX,
  ) {
    this.#reactor = reactor;
    this.#factory = factory;
    this.#max = maxConnections;
    this.#full = new Episode(reactor);
    this.#failing = new Episode(reactor);
  }

  abstract getHost(): IAddress;
  /** Begin to bind; then call {@link ListeningPort.bound} or {@link ListeningPort.bindFailed}. */
  protected abstract bind(): void;
  /** Close the descriptor; then call {@link ListeningPort.unbound}. */
  protected abstract unbind(): void;

  /**
   * A Deferred of one's own for each who asks, so that nobody's callbacks change another's result.
   */
  get listening(): Deferred<IListeningPort> {
    if (this.#state === "bound") return succeed(this);
    if (this.#failure !== undefined) return fail(this.#failure);
    const deferred = new Deferred<IListeningPort>();
    this.#waiting.push(deferred);
    return deferred;
  }

  get connections(): ReadonlySet<ITransport> {
    return this.#layered ? new Set([...this.#connections].map(topTransport)) : this.#connections;
  }

  whenEmpty(): Deferred<void> {
    if (this.#connections.size === 0) return succeed(undefined);
    const empty = new Deferred<void>();
    this.#whenEmpty.push(empty);
    return empty;
  }

  startListening(): void {
    if (this.#state !== "idle") {
      throw new AlreadyListeningError(
        `Cannot listen: ${this.toString()} is ${this.#state} already`,
      );
    }
    this.#factory.doStart(); // May throw: nothing has begun yet.
    this.#failure = undefined;
    this.#state = "binding";
    this.#reactor.opened(this);
    this.bind();
  }

  /** The platform listens. */
  protected bound(): void {
    if (this.#state === "closing") {
      this.unbind();
      return;
    }
    this.#state = "bound";
    log.info("{factory} listens on {address}", {
      factory: this.#factory.constructor.name,
      address: this.getHost().toString(),
    });
    for (const one of this.#waiting.splice(0)) one.callback(this);
  }

  /** The platform cannot listen there. */
  protected bindFailed(error: CannotListenError): void {
    const unobserved = this.#waiting.length === 0 && this.#state !== "closing";
    this.#failure = new Failure(error);
    this.#finish();
    if (unobserved) this.#reactor.fatal(error);
  }

  /** Something went wrong while listening: it goes on, and a person should know, once. */
  protected acceptFailed(error: Error): void {
    if (!this.#failing.begins()) return;
    const fields = { address: this.getHost().toString() };
    log.failure("{address}: cannot accept a connection", new Failure(error), fields, "error");
  }

  stopListening(): Deferred<void> {
    if (this.#state === "idle") return succeed(undefined);
    const closed = new Deferred<void>();
    if (this.#closed === undefined) this.#closed = closed;
    else {
      void this.#closed.addBoth(() => closed.callback());
      return closed;
    }
    const wasBound = this.#state === "bound";
    this.#state = "closing";
    if (wasBound) this.unbind();
    return closed;
  }

  /** The descriptor is closed. */
  protected unbound(): void {
    log.info("{address} closed", { address: this.getHost().toString() });
    this.#finish();
  }

  #finish(): void {
    const closed = this.#closed;
    const waiting = this.#waiting.splice(0);
    const why = this.#failure ?? new Failure(new CancelledError("Listening was stopped"));
    this.#closed = undefined;
    this.#state = "idle";
    this.#reactor.closed(this);
    // From here on somebody may have it listen again.
    this.#reactor.contain(() => this.#factory.doStop(), "Error in stopFactory");
    for (const one of waiting) one.errback(why);
    closed?.callback();
  }

  closeAtStop(): Deferred<void> {
    return this.stopListening();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stopListening().toPromise();
  }

  /**
   * A connection has come: build its protocol and hand it over, or refuse it.
   *
   * @param make Called when it is wanted.
   * @param refuse Called when it is not: close it.
   */
  protected accepted(peer: IAddress, make: MakeTransport, refuse: () => void): void {
    if (this.#state !== "bound" || this.#isFull()) {
      refuse();
      return;
    }
    let protocol: ReturnType<IProtocolFactory["buildProtocol"]>;
    const failure = this.#reactor.contain(() => {
      protocol = this.#factory.buildProtocol(peer);
    }, `Error in buildProtocol for ${peer.toString()}; the connection is closed`);
    if (failure !== undefined || protocol === undefined) {
      refuse();
      return;
    }
    let transport: StreamTransport | undefined;
    this.#reactor.contain(() => {
      transport = make(this.#ended);
    }, `Error in making the transport for ${peer.toString()}; the connection is closed`);
    if (transport === undefined) {
      refuse();
      return;
    }
    this.#connections.add(transport);
    this.#layered ||= providesLayer(protocol);
    this.#reactor.cameOf(transport, this);
    transport.begin(protocol);
  }

  /** One for all connections: ten thousand idle ones should not cost more than they must. */
  readonly #ended: Ended = (_reason, transport) => {
    this.#connections.delete(transport);
    if (this.#connections.size > 0) return;
    for (const one of this.#whenEmpty.splice(0)) one.callback();
  };

  #isFull(): boolean {
    if (this.#connections.size < this.#max) return false;
    if (this.#full.begins()) {
      log.warn("{address}: {max} connections; new ones are closed until some have gone", {
        address: this.getHost().toString(),
        max: this.#max,
      });
    }
    return true;
  }

  toString(): string {
    return `${this.constructor.name}(${this.getHost().toString()})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
