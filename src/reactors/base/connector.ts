/**
 * One client's connection and the attempts at it: the contract of `IConnector`, once for every
 * platform.
 *
 * After: twisted.internet.base.BaseConnector: `connect()` from inside `clientConnectionFailed` or
 * `clientConnectionLost` tries again without stopping and starting the factory.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import {
  AlreadyConnectingError,
  ConnectionLost,
  NoProtocol,
  NotConnectingError,
  TimeoutError,
  UserError,
} from "../../internet/errors.ts";
import type { IClientFactory, IConnector } from "../../internet/interfaces-factory.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";
import { type IProtocol, topTransport } from "../../internet/interfaces-transport.ts";
import { checkedDelay } from "./delayed-calls.ts";
import type { Closable, ReactorBase } from "./reactor-base.ts";
import type { StreamTransport } from "./stream-transport.ts";

/** Twisted's: seconds until an attempt fails. */
const CONNECT_TIMEOUT = 30;

/** An attempt that is under way. */
export interface Attempt {
  /** Let go of it: neither success nor failure is told any more. */
  cancel(): void;
}

/** See the top of this file. A kind of connector begins attempts and tells how they went. */
export abstract class Connector implements IConnector, Closable {
  readonly #reactor: ReactorBase;
  readonly #factory: IClientFactory;
  readonly #timeout: number;
  #state: "disconnected" | "connecting" | "connected" = "disconnected";
  #factoryStarted = false;
  #attempt: Attempt | undefined;
  #alarm: IDelayedCall | undefined;
  #transport: StreamTransport | undefined;
  /** The factory is being told of an end. */
  #telling = false;
  /** Fires when it has been told of the one that is on its way. */
  #over: Deferred<void> | undefined;

  /** @throws {RangeError} A timeout that is negative or not a number. */
  constructor(reactor: ReactorBase, factory: IClientFactory, timeout: number = CONNECT_TIMEOUT) {
    this.#reactor = reactor;
    this.#factory = factory;
    this.#timeout = checkedDelay(timeout);
  }

  abstract getDestination(): IAddress;
  /**
   * Begin an attempt; later, never from inside, call {@link Connector.succeeded} or
   * {@link Connector.failed}.
   */
  protected abstract attempt(): Attempt;

  get state(): "disconnected" | "connecting" | "connected" {
    return this.#state;
  }

  connect(): void {
    if (this.#state !== "disconnected") {
      throw new AlreadyConnectingError(
        `Cannot connect: ${this.toString()} is ${this.#state} already`,
      );
    }
    // A client that connects again whenever it is lost: it has just been told that this is the end.
    if (this.#telling && this.#reactor.closing) return;
    if (!this.#factoryStarted) this.#factory.doStart(); // May throw: nothing has begun yet.
    this.#factoryStarted = true;
    this.#state = "connecting";
    if (this.#reactor.closing) this.#attempt = this.#hopelessAttempt();
    else this.#begin();
    this.#reactor.contain(
      () => this.#factory.startedConnecting(this),
      "Error in startedConnecting",
    );
  }

  #begin(): void {
    this.#reactor.opened(this);
    this.#attempt = this.attempt();
    this.#alarm = this.#reactor.callLater(this.#timeout, () => {
      this.#giveUp(new TimeoutError(this.getDestination(), this.#timeout));
    });
  }

  /** The reactor closes what is open: no connection. */
  #hopelessAttempt(): Attempt {
    // It waits until we have failed, but not where each failure leads to the next: that has no end.
    if (!this.#reactor.tellingFailure) this.#reactor.opened(this);
    let wanted = true;
    this.#reactor.later(() => {
      if (wanted) this.failed(new ConnectionLost("Reactor closes all connections"));
    });
    return {
      cancel: () => {
        wanted = false;
      },
    };
  }

  stopConnecting(): void {
    if (this.#state !== "connecting" || this.#attempt === undefined) {
      throw new NotConnectingError(`Cannot stop connecting: ${this.toString()} is ${this.#state}`);
    }
    const destination = this.getDestination();
    this.#letGo();
    this.#reactor.soon(() => {
      this.failed(
        new UserError(`Connecting to ${destination.toString()} was stopped`, destination),
      );
    });
  }

  disconnect(): void {
    if (this.#state === "connecting") {
      if (this.#attempt !== undefined) this.stopConnecting(); // Else it is being given up already.
    } else if (this.#transport !== undefined) topTransport(this.#transport).loseConnection();
    else if (this.#state === "connected") {
      // From inside buildProtocol: there is something to lose when that has returned.
      this.#reactor.soon(() => {
        if (this.#transport !== undefined) topTransport(this.#transport).loseConnection();
      });
    }
  }

  closeAtStop(reason: Failure): Deferred<unknown> {
    if (this.#attempt !== undefined) this.#giveUp(reason.value);
    else if (this.#state === "connecting") {
      // Stopped by its owner, who is told of it soon.
      this.#over = new Deferred<void>();
      return this.#over;
    }
    return succeed(undefined);
  }

  #giveUp(error: Error): void {
    this.#letGo();
    this.failed(error);
  }

  #letGo(): void {
    this.#attempt?.cancel();
    this.#endAttempt();
  }

  #endAttempt(): void {
    this.#attempt = undefined;
    if (this.#alarm?.active === true) this.#alarm.cancel();
    this.#alarm = undefined;
  }

  /**
   * The attempt led to a connection: build the protocol and hand it over.
   *
   * @param make Makes its transport; the function goes to the transport's constructor.
   * @param refuse There is no protocol for it: close it.
   */
  protected succeeded(
    peer: IAddress,
    make: (ended: (reason: Failure) => void) => StreamTransport,
    refuse: () => void,
  ): void {
    this.#endAttempt();
    this.#state = "connected";
    this.#reactor.closed(this);
    let protocol: IProtocol | undefined;
    let failure = this.#reactor.contain(() => {
      protocol = this.#factory.buildProtocol(peer);
    }, `Error in buildProtocol for ${peer.toString()}; the connection is closed`);
    if (protocol !== undefined) failure = this.#make(peer, make);
    if (protocol === undefined || this.#transport === undefined) {
      refuse();
      this.#lost(failure ?? new Failure(this.#refusal()));
      return;
    }
    this.#reactor.cameOf(this.#transport, this);
    if (!this.#transport.begin(protocol)) return;
    this.#reactor.contain(
      () => this.#factory.clientConnectionMade(this),
      "Error in clientConnectionMade",
    );
  }

  #make(
    peer: IAddress,
    make: (ended: (reason: Failure) => void) => StreamTransport,
  ): Failure | undefined {
    return this.#reactor.contain(() => {
      this.#transport = make((reason) => {
        this.#transport = undefined;
        this.#lost(reason);
      });
    }, `Error in making the transport for ${peer.toString()}; the connection is closed`);
  }

  #refusal(): Error {
    const destination = this.getDestination();
    return new NoProtocol(`The factory has no protocol for ${destination.toString()}`, destination);
  }

  /** The attempt failed. */
  protected failed(error: Error): void {
    this.#endAttempt();
    this.#reactor.closed(this);
    this.#state = "disconnected";
    const before = this.#reactor.tellingFailure;
    this.#reactor.tellingFailure = true;
    this.#tell(
      () => this.#factory.clientConnectionFailed(this, new Failure(error)),
      "Error in clientConnectionFailed",
    );
    this.#reactor.tellingFailure = before;
    const over = this.#over;
    this.#over = undefined;
    over?.callback();
  }

  #lost(reason: Failure): void {
    this.#state = "disconnected";
    this.#tell(
      () => this.#factory.clientConnectionLost(this, reason),
      "Error in clientConnectionLost",
    );
  }

  /** Tell the factory of an end; unless it begins another attempt meanwhile, it is stopped. */
  #tell(f: () => void, message: string): void {
    this.#telling = true;
    this.#reactor.contain(f, message);
    this.#telling = false;
    this.#stopFactory();
  }

  #stopFactory(): void {
    if (this.#state !== "disconnected" || !this.#factoryStarted) return;
    this.#factoryStarted = false;
    this.#reactor.contain(() => this.#factory.doStop(), "Error in stopFactory");
  }

  toString(): string {
    return `${this.constructor.name}(${this.getDestination().toString()}, ${this.#state})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
