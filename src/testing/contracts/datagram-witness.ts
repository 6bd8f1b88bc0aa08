/**
 * Protocols for datagrams that see everything, and know what they must never see.
 *
 * As the witnesses of connections, they write down what their port calls, and check its order:
 * nothing before `startProtocol`, nothing after `stopProtocol`, no call from inside another or from
 * inside a request. What must not have happened is logged as an error, and so fails the contract.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import { DatagramProtocol } from "../../internet/datagram-protocol.ts";
import {
  type DatagramDestination,
  type IConnectedDatagramProtocol,
  type IMulticastPort,
  IReactorMulticast,
  IReactorUDP,
  type IUDPPort,
  type IUDPTransport,
  type ListenUDPOptions,
  type UDPAddress,
} from "../../internet/interfaces-udp.ts";
import { Logger } from "../../logger/logger.ts";
import { DoesNotApply, type Trial } from "./trial.ts";

const log = new Logger({ namespace: "sennit.testing" });

/** What a witness does besides writing down. */
export interface DatagramHooks {
  readonly started?: (witness: DatagramWitness) => void;
  readonly stopped?: (witness: DatagramWitness) => void;
  readonly data?: (witness: DatagramWitness, data: Buffer, address: UDPAddress) => void;
  readonly refused?: (witness: DatagramWitness) => void;
}

type Callback =
  | "startProtocol"
  | "datagramReceived"
  | "connectionRefused"
  | "connectionFailed"
  | "stopProtocol";

/** See the top of this file. */
export class DatagramWitness extends DatagramProtocol implements IConnectedDatagramProtocol {
  /** What was called, in order. */
  readonly calls: Callback[] = [];
  /** The datagrams that came. */
  readonly datagrams: Buffer[] = [];
  /** Where they came from. */
  readonly addresses: UDPAddress[] = [];
  /** Why it could not be connected. */
  readonly failures: Failure[] = [];
  readonly #hooks: DatagramHooks;
  /** The callback or request that is under way. */
  #inside: string | undefined;
  #isStarted = false;

  constructor(hooks: DatagramHooks = {}) {
    super();
    this.#hooks = hooks;
  }

  /** The datagrams that came, as text. */
  get texts(): string[] {
    return this.datagrams.map((one) => one.toString());
  }

  /** How often that was called. */
  count(what: Callback): number {
    return this.calls.filter((one) => one === what).length;
  }

  override startProtocol(): void {
    if (this.#isStarted) this.#violated("startProtocol came twice");
    this.#isStarted = true;
    this.#called("startProtocol", () => this.#hooks.started?.(this));
  }

  override datagramReceived(data: Buffer, address: UDPAddress): void {
    this.datagrams.push(data);
    this.addresses.push(address);
    this.#called("datagramReceived", () => this.#hooks.data?.(this, data, address));
  }

  override connectionRefused(): void {
    this.#called("connectionRefused", () => this.#hooks.refused?.(this));
  }

  connectionFailed(reason: Failure): void {
    this.failures.push(reason);
    this.#called("connectionFailed", () => undefined);
  }

  override stopProtocol(): void {
    this.#called("stopProtocol", () => this.#hooks.stopped?.(this));
    this.#isStarted = false;
  }

  // -- Requests, during which nothing may be called back

  /** `transport.write`. */
  write(data: Uint8Array | string, to?: DatagramDestination): void {
    this.asks("write", () => this.transport.write(data, to));
  }

  /** `transport.connect`. */
  connect(host: string, port: number): void {
    this.asks("connect", () => this.transport.connect(host, port));
  }

  /** `transport.stopListening`. */
  stop(): void {
    void this.asks("stopListening", () => this.transport.stopListening());
  }

  /** Some other request. */
  asks<Result>(what: string, f: () => Result): Result {
    const before = this.#inside;
    this.#inside = what;
    try {
      return f();
    } finally {
      this.#inside = before;
    }
  }

  #called(what: Callback, hook: () => void): void {
    if (this.#inside !== undefined) this.#violated(`${what} came from inside ${this.#inside}`);
    if (!this.#isStarted) this.#violated(`${what} came outside of startProtocol and stopProtocol`);
    this.calls.push(what);
    this.asks(what, hook);
  }

  #violated(what: string): void {
    log.error("A port broke its contract: {what}", { what });
  }
}

/** A port that listens, and its protocol. */
export interface Station {
  readonly witness: DatagramWitness;
  readonly port: IUDPPort;
  /** Where others reach it: on the harness's host. */
  readonly address: DatagramDestination;
}

/** The number of a port for datagrams. */
export function udpNumber(port: IUDPTransport): number {
  return port.getHost().port;
}

/** Listen on the harness's host, without waiting. */
export function listenNow(
  trial: Trial,
  witness: DatagramWitness,
  options: ListenUDPOptions = {},
  number = 0,
): IUDPPort {
  const reactor = trial.needsDatagrams(IReactorUDP);
  return witness.asks("listenUDP", () =>
    reactor.listenUDP(number, witness, { interface: trial.host, ...options }),
  );
}

/** Listen on the harness's host; it is bound when this resolves. */
export async function station(
  trial: Trial,
  hooks: DatagramHooks = {},
  options: ListenUDPOptions = {},
  number = 0,
): Promise<Station> {
  const witness = new DatagramWitness(hooks);
  const port = listenNow(trial, witness, options, number);
  await trial.fired(port.listening);
  return { witness, port, address: { host: trial.host, port: udpNumber(port) } };
}

/** A port of the harness's host where nobody listens. */
export async function deserted(trial: Trial): Promise<DatagramDestination> {
  const { port, address } = await station(trial);
  await trial.fired(port.stopListening());
  return address;
}

/** Is the harness's host an IPv6 address? */
export function isIPv6(trial: Trial): boolean {
  return trial.host.includes(":");
}

/** An address of the other family than the harness's host. */
export function otherFamily(trial: Trial): string {
  return isIPv6(trial) ? "127.0.0.1" : "::1";
}

/** Every address of the family of the harness's host. */
export function everywhere(trial: Trial): string {
  return isIPv6(trial) ? "::" : "0.0.0.0";
}

/** A port that can join groups, and its protocol. */
export interface MulticastStation extends Omit<Station, "port"> {
  readonly port: IMulticastPort;
}

/** Listen on every address of the family of the harness's host, for groups, without waiting. */
export function listenMulticastNow(
  trial: Trial,
  hooks: DatagramHooks = {},
  options: ListenUDPOptions = {},
  number = 0,
): Omit<MulticastStation, "address"> {
  const reactor = trial.needsDatagrams(IReactorMulticast);
  const witness = new DatagramWitness(hooks);
  const all = { interface: everywhere(trial), ...options };
  const port = witness.asks("listenMulticast", () => reactor.listenMulticast(number, witness, all));
  return { witness, port };
}

/** The same; it is bound when this resolves. */
export async function multicastStation(
  trial: Trial,
  options: ListenUDPOptions = {},
  number = 0,
): Promise<MulticastStation> {
  const { witness, port } = listenMulticastNow(trial, {}, options, number);
  await trial.fired(port.listening);
  return { witness, port, address: { host: trial.host, port: udpNumber(port) } };
}

/**
 * Wait until a datagram to a group has come.
 *
 * @throws {DoesNotApply} The machine has no way for it: no route, no interface for groups.
 */
export async function arrivesOrCannot(
  trial: Trial,
  sender: MulticastStation,
  until: () => boolean,
): Promise<void> {
  // Nothing has failed before, and a platform may say so while it is written.
  await trial.settle(() => until() || sender.port.failedDatagrams > 0);
  if (until()) return;
  trial.loggedWarnings();
  throw new DoesNotApply(`this machine sends nothing to groups over ${trial.host}`);
}
