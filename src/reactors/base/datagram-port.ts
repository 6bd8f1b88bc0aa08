/**
 * A port for datagrams: the contract of `IUDPPort`, once for every platform.
 *
 * A kind of port binds and unbinds, sends one datagram, and brings those that come; everything
 * else is here: the checks, the bounds, the figures, the life of the protocol.
 *
 * After: twisted.internet.udp.Port. Differs: binding may be asynchronous,
 * `listening` tells; the protocol is called in later turns only; what the platform says against a
 * datagram is counted and logged.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { execute, fail } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import {
  AlreadyConnectedError,
  InvalidAddressError,
  NotListeningError,
} from "../../internet/datagram-errors.ts";
import type { CannotListenError, ConnectError } from "../../internet/errors.ts";
import {
  DATAGRAM_COST,
  type DatagramDestination,
  type IDatagramProtocol,
  type IUDPPort,
  type ListenUDPOptions,
  providesConnecting,
  type UDPAddress,
} from "../../internet/interfaces-udp.ts";
import { Logger } from "../../logger/logger.ts";
import {
  checkedDatagram,
  checkedDestination,
  checkedHost,
  checkedRemotePort,
  familyOfInterface,
  joined,
  udpAddress,
} from "./datagram-destination.ts";
import { checkedDatagramLimits, checkedHops, type DatagramSwitches } from "./datagram-switches.ts";
import { Episode } from "./episode.ts";
import { PortLife } from "./port-life.ts";
import type { Closable, ReactorBase } from "./reactor-base.ts";

const log = new Logger({ namespace: "sennit.port" });

/** A datagram that was written before the port was bound. `host` is missing: to the peer. */
interface EarlyDatagram {
  readonly bytes: Uint8Array;
  readonly host: string | undefined;
  readonly port: number;
}

/** What a {@link DatagramPort} is made of. */
export interface DatagramPortPlace {
  readonly port: number;
  readonly protocol: IDatagramProtocol;
  readonly options: ListenUDPOptions;
}

/** See the top of this file. A kind of port binds, unbinds, sends, and brings what comes. */
export abstract class DatagramPort implements IUDPPort, Closable {
  /** The family of all its addresses. */
  protected readonly family: 4 | 6;
  readonly #reactor: ReactorBase;
  readonly #protocol: IDatagramProtocol;
  readonly #life: PortLife<this>;
  readonly #maxPacketSize: number;
  readonly #maxBufferedBytes: number;
  #host: UDPAddress;
  #peer: UDPAddress | undefined;
  /** `makeConnection` has been called and `doStop` has not. */
  #started = false;
  #switches: DatagramSwitches = {};
  #early: EarlyDatagram[] = [];
  /** At least what waits; exactly that when it was last looked at. */
  #claimed = 0;
  #dropped = 0;
  #failed = 0;
  #oversized = 0;
  /** The protocol is about to hear that nobody listens. */
  #refusalDue = false;
  readonly #dropping: Episode;
  readonly #failing: Episode;
  readonly #oversizing: Episode;
  readonly #receiving: Episode;

  /**
   * @throws {InvalidAddressError} The interface is no IP address.
   * @throws {RangeError} A limit is none.
   */
  constructor(reactor: ReactorBase, { port, protocol, options }: DatagramPortPlace) {
    const { interface: host = "" } = options;
    this.family = familyOfInterface(host);
    const limits = checkedDatagramLimits(options);
    this.#maxPacketSize = limits.maxPacketSize;
    this.#maxBufferedBytes = limits.maxBufferedBytes;
    this.#reactor = reactor;
    this.#protocol = protocol;
    this.#life = new PortLife<this>(reactor, this);
    this.#host = udpAddress(host === "" ? "0.0.0.0" : host, port);
    this.#dropping = new Episode(reactor);
    this.#failing = new Episode(reactor);
    this.#oversizing = new Episode(reactor);
    this.#receiving = new Episode(reactor);
  }

  // -- What a kind of port provides

  /**
   * Begin to bind; then, in a later turn, call {@link DatagramPort.bound} or
   * {@link DatagramPort.bindFailed}.
   */
  protected abstract bind(): void;
  /** Close the descriptor; then, in a later turn, call {@link DatagramPort.unbound}. */
  protected abstract unbind(): void;
  /**
   * Take one datagram. If it is not sent, that is told now or later: `sendFailed`, `sendRefused`,
   * `sendDropped`.
   *
   * @param host Missing: to the peer.
   */
  protected abstract send(bytes: Uint8Array, host: string | undefined, port: number): void;
  /** What waits to be sent: bytes, and `DATAGRAM_COST` for each datagram. */
  protected abstract waiting(): number;
  /**
   * Connect.
   *
   * @returns The peer, as its datagrams will name it; `undefined` when it cannot be done: then, in
   *   a later turn, call {@link DatagramPort.connectFailed}.
   */
  protected abstract connectTo(host: string, port: number): UDPAddress | undefined;
  /** Set the switches that are there. @throws {Error} What the platform says against one. */
  protected abstract applySwitches(switches: DatagramSwitches): void;

  // -- Life

  get listening(): Deferred<this> {
    return this.#life.listening;
  }

  startListening(): void {
    this.#life.begin();
    this.#claimed = 0;
    this.bind();
  }

  /** The platform has bound it there. */
  protected bound(host: UDPAddress): void {
    this.#host = host;
    if (!this.#life.bound()) {
      this.unbind();
      return;
    }
    log.info("{protocol} listens on {address} (UDP)", {
      protocol: this.#protocol.constructor.name,
      address: host.toString(),
    });
    this.#reactor.contain(() => this.applySwitches(this.#switches), "Error in setting up a port");
    this.#catchUp();
    const failure = this.#reactor.contain(
      () => this.#protocol.makeConnection(this),
      `Error in startProtocol; ${host.toString()} is closed`,
    );
    if (failure === undefined) {
      this.#started = true;
      this.#life.announce();
    } else {
      this.#life.fail(failure);
      void this.stopListening();
    }
  }

  /** The platform cannot bind it. */
  protected bindFailed(error: CannotListenError): void {
    const isObserved = this.#life.fail(new Failure(error));
    this.#end();
    if (!isObserved) this.#reactor.fatal(error);
  }

  stopListening(): Deferred<void> {
    return this.#life.stop(() => this.unbind());
  }

  /** The descriptor is closed. */
  protected unbound(): void {
    log.info("{address} closed", { address: this.#host.toString() });
    this.#end();
  }

  #end(): void {
    this.#dropped += this.#early.splice(0).length;
    this.#peer = undefined;
    const started = this.#started;
    this.#started = false;
    this.#life.end(() => {
      if (!started) return;
      this.#reactor.contain(() => this.#protocol.doStop(this), "Error in stopProtocol");
    });
  }

  closeAtStop(): Deferred<void> {
    return this.stopListening();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stopListening().toPromise();
  }

  // -- Sending

  write(data: Uint8Array | string, address?: DatagramDestination): void {
    const bytes = checkedDatagram(data, this.family);
    const { state } = this.#life;
    if (state !== "bound" && state !== "binding") {
      this.#dropped += 1;
      return;
    }
    if (this.#peer !== undefined) {
      this.#expectPeer(address);
      this.#hand(bytes, undefined, 0);
      return;
    }
    if (address === undefined) {
      const expected = "an address, for the port is not connected";
      throw new InvalidAddressError("write a datagram", undefined, expected);
    }
    const host = checkedDestination(address, this.family);
    this.#hand(bytes, host, checkedRemotePort(address.port));
  }

  writeSequence(data: Iterable<Uint8Array | string>, address?: DatagramDestination): void {
    this.write(joined(data), address);
  }

  #expectPeer(address: DatagramDestination | undefined): void {
    const peer = this.#peer;
    if (address === undefined || peer === undefined) return;
    const given = udpAddress(checkedDestination(address, this.family), address.port);
    if (given.equals(peer)) return;
    const expected = `none, or that of the peer, ${peer.toString()}`;
    throw new InvalidAddressError("write a datagram", given.toString(), expected);
  }

  #hand(bytes: Uint8Array, host: string | undefined, port: number): void {
    if (!this.#hasRoom(bytes.length + DATAGRAM_COST)) {
      this.#dropped += 1;
      if (this.#dropping.begins())
        this.#warn("more than {limit} bytes wait: datagrams are dropped");
    } else if (this.#life.state === "bound") this.send(bytes, host, port);
    else this.#early.push({ bytes, host, port });
  }

  /** It is looked up how much waits only when it may be too much. */
  #hasRoom(cost: number): boolean {
    if (this.#claimed + cost > this.#maxBufferedBytes) {
      this.#claimed = this.bufferedBytes;
      if (this.#claimed > 0 && this.#claimed + cost > this.#maxBufferedBytes) return false;
    }
    this.#claimed += cost;
    return true;
  }

  /** What was asked for while it was being bound. */
  #catchUp(): void {
    if (this.#peer !== undefined) this.#connectNow(this.#peer);
    for (const { bytes, host, port } of this.#early.splice(0)) {
      if (host === undefined && this.#peer === undefined) this.#dropped += 1;
      else this.send(bytes, host, port);
    }
  }

  get bufferedBytes(): number {
    if (this.#life.state === "bound") return this.waiting();
    return this.#early.reduce((sum, { bytes }) => sum + bytes.length + DATAGRAM_COST, 0);
  }

  get droppedDatagrams(): number {
    return this.#dropped;
  }

  get failedDatagrams(): number {
    return this.#failed;
  }

  /** The platform said no to a datagram. */
  protected sendFailed(error: Error): void {
    this.#failed += 1;
    if (this.#failing.begins()) this.#warn("cannot send a datagram", error);
  }

  /**
   * The peer's machine said that nobody listens there; told by a datagram that was not sent. The
   * protocol hears of it in a later turn, and of several in one turn once.
   */
  protected sendRefused(): void {
    this.#failed += 1;
    if (this.#refusalDue) return;
    this.#refusalDue = true;
    this.#reactor.soon(() => {
      this.#refusalDue = false;
      this.refused();
    });
  }

  /** A datagram was still waiting when the port was closed. */
  protected sendDropped(): void {
    this.#dropped += 1;
  }

  // -- Receiving

  /** A datagram has come. */
  protected received(data: Buffer, address: UDPAddress): void {
    if (this.#life.state !== "bound") return;
    // What others sent before we were connected may still be in the platform's queue.
    if (this.#peer !== undefined && !this.#peer.equals(address)) return;
    if (data.length > this.#maxPacketSize) {
      this.#oversized += 1;
      if (this.#oversizing.begins()) {
        this.#warn("datagrams longer than maxPacketSize, {size} bytes, are dropped");
      }
      return;
    }
    try {
      this.#protocol.datagramReceived(data, address);
    } catch (error) {
      const fields = { address: this.#host.toString(), peer: address.toString() };
      log.failure("{address}: error in datagramReceived, from {peer}", error, fields);
    }
  }

  /** The peer's machine said that nobody listens there. */
  protected refused(): void {
    if (this.#life.state !== "bound" || this.#peer === undefined) return;
    this.#reactor.contain(() => this.#protocol.connectionRefused(), "Error in connectionRefused");
  }

  /** Something went wrong while receiving: it goes on. */
  protected receiveFailed(error: Error): void {
    if (this.#receiving.begins()) this.#warn("cannot receive a datagram", error);
  }

  get oversizedDatagrams(): number {
    return this.#oversized;
  }

  #warn(what: string, error?: Error): void {
    const fields = {
      address: this.#host.toString(),
      limit: this.#maxBufferedBytes,
      size: this.#maxPacketSize,
    };
    if (error === undefined) log.warn(`{address}: ${what}`, fields);
    else log.failure(`{address}: ${what}`, new Failure(error), fields, "warn");
  }

  // -- Addresses

  getHost(): UDPAddress {
    return this.#host;
  }

  getPeer(): UDPAddress | undefined {
    return this.#peer;
  }

  connect(host: string, port: number): void {
    const peer = udpAddress(checkedHost("connect", host, this.family), checkedRemotePort(port));
    const { state } = this.#life;
    if (this.#peer !== undefined) {
      const already = `it is connected to ${this.#peer.toString()} already`;
      throw new AlreadyConnectedError(`Cannot connect to ${peer.toString()}: ${already}`);
    }
    if (state === "bound") this.#connectNow(peer);
    else if (state === "binding") this.#peer = peer;
    else {
      throw new NotListeningError(`Cannot connect to ${peer.toString()}: the port does not listen`);
    }
  }

  #connectNow(wanted: UDPAddress): void {
    const { scopeID = "" } = wanted.kind === "IPv6" ? wanted : {};
    const host = scopeID === "" ? wanted.host : `${wanted.host}%${scopeID}`;
    this.#peer = this.connectTo(host, wanted.port);
  }

  /** The platform cannot connect. */
  protected connectFailed(error: ConnectError): void {
    const protocol = this.#protocol;
    if (this.#life.state !== "bound" || !providesConnecting(protocol)) {
      this.#warn("cannot connect", error);
      return;
    }
    this.#reactor.contain(
      () => protocol.connectionFailed(new Failure(error)),
      "Error in connectionFailed",
    );
  }

  // -- Switches

  /** What was set. */
  protected get switches(): DatagramSwitches {
    return this.#switches;
  }

  /** Set something: at once if it is bound, and again each time it is. */
  protected setSwitches(switches: DatagramSwitches): void {
    if (this.#life.state === "bound") this.applySwitches(switches);
    this.#switches = { ...this.#switches, ...switches };
  }

  getBroadcastAllowed(): boolean {
    return this.#switches.broadcast ?? false;
  }

  setBroadcastAllowed(enabled: boolean): void {
    this.setSwitches({ broadcast: enabled });
  }

  getUnicastTTL(): number | undefined {
    return this.#switches.unicastTTL;
  }

  setUnicastTTL(hops: number): void {
    this.setSwitches({ unicastTTL: checkedHops(hops, 1) });
  }

  /**
   * Do it now if the port is bound, or as soon as it is.
   *
   * @returns Fires when it is done; fails with what `f` throws, or why the port is not bound.
   */
  protected whenBound(f: () => void): Deferred<void> {
    const { state } = this.#life;
    if (state === "binding") return this.listening.addCallback(() => f());
    if (state === "bound") return execute(f);
    return fail(new NotListeningError("the port does not listen"));
  }

  toString(): string {
    return `${this.constructor.name}(${this.#host.toString()})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
