/**
 * One contract being tried: a reactor, and the things that contracts are made of.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import type { Capability } from "../../internet/capabilities.ts";
import type { IConnector, IListeningPort } from "../../internet/interfaces-factory.ts";
import { ConnectionDone, ConnectionLost } from "../../internet/errors.ts";
import { IReactorTCP } from "../../internet/interfaces-reactor.ts";
import { captureLogs } from "../../logger/capture.ts";
import type { LogEvent } from "../../logger/event.ts";
import { expectReason } from "./expect.ts";
import type { ReactorHarness, ReactorUnderTest } from "./harness.ts";
import {
  type Network,
  type NetworkConnectOptions,
  type NetworkListenOptions,
  type Place,
  tcpNetwork,
} from "./network.ts";
import { HalfCloseWitness, Witness, type WitnessHooks } from "./witness.ts";
import {
  type Build,
  type ClientHooks,
  WitnessClientFactory,
  WitnessFactory,
} from "./witness-factories.ts";

/** One contract. Its name says what is promised; it throws when the promise is not kept. */
export type Contract = (trial: Trial) => Promise<void> | void;
/** The contracts of one topic, by name. */
export type Contracts = Readonly<Record<string, Contract>>;

/** Thrown when a contract does not apply: the suite skips it and prints the reason. */
export class DoesNotApply extends Error {
  override readonly name = "DoesNotApply";
}

/** How {@link Trial.pair} connects. */
export interface PairOptions {
  readonly server?: WitnessHooks | Witness;
  readonly client?: WitnessHooks | Witness;
  readonly listen?: NetworkListenOptions;
  readonly connect?: NetworkConnectOptions;
  /** What the client's factory does. */
  readonly factory?: ClientHooks;
}

/** A connection between two witnesses. */
export interface Pair {
  readonly server: Witness;
  readonly client: Witness;
  readonly port: IListeningPort;
  readonly connector: IConnector;
  readonly serverFactory: WitnessFactory;
  readonly clientFactory: WitnessClientFactory;
}

/** Bytes: no platform takes so much for a peer that does not read. */
const STALLED_AT_MOST = 128 << 20;

/** Seconds: less than any deadline, more than what is lost in adding to the time. */
const ROUNDING = 0.000_001;

/** See the top of this file. */
export class Trial {
  readonly reactor: ReactorUnderTest;
  readonly host: string;
  readonly #harness: ReactorHarness;
  readonly #witnesses: Witness[] = [];
  readonly #logs = captureLogs();

  constructor(harness: ReactorHarness) {
    this.#harness = harness;
    this.reactor = harness.reactor;
    this.host = harness.host ?? "127.0.0.1";
  }

  // -- Letting it work

  /** Let the reactor work until this holds. */
  readonly settle = (until: () => boolean): Promise<void> => this.#harness.settle(until);

  /** Let the reactor work until the Deferred has fired. @returns Its result. */
  readonly fired = async <T>(deferred: Deferred<T>): Promise<T> => {
    let done = false;
    const result = deferred.then();
    const seen = (): void => {
      done = true;
    };
    result.then(seen, seen);
    await this.settle(() => done);
    return result;
  };

  /** Let the reactor work until the Deferred has fired. @returns Its result, or its failure. */
  readonly outcome = async (deferred: Deferred<unknown>): Promise<unknown> => {
    const outcomes: unknown[] = [];
    void deferred.addBoth((outcome) => {
      outcomes.push(outcome);
    });
    await this.settle(() => outcomes.length > 0);
    return outcomes[0];
  };

  /**
   * Let that many passes go by, each with the I/O that is waiting: enough for anything that is on
   * its way over loopback. How contracts see that something does not happen.
   */
  readonly passes = async (count = 20): Promise<void> => {
    let left = count;
    const next = (): void => {
      left -= 1;
      if (left > 0) this.reactor.callLater(0, next);
    };
    this.reactor.callLater(0, next);
    await this.settle(() => left === 0);
  };

  /** Have so many seconds gone by since `begun`? */
  readonly isPast = (begun: number, seconds: number): boolean =>
    this.reactor.seconds() - begun >= seconds - ROUNDING;

  /** The reactor, with that capability. @throws {DoesNotApply} It has not. */
  needs<I>(what: Capability<I>): ReactorUnderTest & I {
    const { reactor } = this;
    if (reactor.provides(what)) return reactor;
    throw new DoesNotApply(`${reactor.constructor.name} does not provide ${what.label}`);
  }

  /** What connections run over. @throws {DoesNotApply} It would be TCP, and there is none. */
  get network(): Network {
    return this.#harness.network ?? tcpNetwork(this.needs(IReactorTCP), this.host);
  }

  /** For contracts that are about TCP itself. @throws {DoesNotApply} It is another network. */
  needsTCP(about: string): ReactorUnderTest & IReactorTCP {
    if (this.#harness.network !== undefined) throw new DoesNotApply(`about ${about}`);
    return this.needs(IReactorTCP);
  }

  /** For contracts of datagrams, which have a network of their own. @throws {DoesNotApply} */
  needsDatagrams<I>(what: Capability<I>): ReactorUnderTest & I {
    if (this.#harness.network !== undefined) throw new DoesNotApply("about UDP");
    return this.needs(what);
  }

  /** A place where connecting fails soon. @throws {DoesNotApply} The harness knows none. */
  refusingPort(): Promise<Place> {
    const place = this.#harness.refusingPort?.();
    if (place === undefined) throw new DoesNotApply("the harness has no refusingPort()");
    return place;
  }

  /** A place where connecting hangs. @throws {DoesNotApply} The harness knows none. */
  silentPort(): Promise<Place> {
    const place = this.#harness.silentPort?.();
    if (place === undefined) throw new DoesNotApply("the harness has no silentPort()");
    return place;
  }

  /** A path where a UNIX socket can be bound. @throws {DoesNotApply} The harness knows none. */
  socketPath(): string {
    const path = this.#harness.socketPath?.();
    if (path === undefined) throw new DoesNotApply("the harness has no socketPath()");
    return path;
  }

  /** The same, where that makes a file. @throws {DoesNotApply} There are no files. */
  socketFile(): string {
    if (this.#harness.hasSocketFiles === true) return this.socketPath();
    throw new DoesNotApply("UNIX sockets are not files here");
  }

  /** An empty directory. @throws {DoesNotApply} The harness knows none. */
  directory(): string {
    const path = this.#harness.directory?.();
    if (path === undefined) throw new DoesNotApply("the harness has no directory()");
    return path;
  }

  /** A shell, for programs. @throws {DoesNotApply} The harness knows none. */
  get shell(): string {
    const { shell } = this.#harness;
    if (shell === undefined) throw new DoesNotApply("the harness has no shell");
    return shell;
  }

  // -- Protocols and connections

  /** A protocol, whose violations count. */
  witness(hooks: WitnessHooks = {}): Witness {
    return this.enter(new Witness(hooks));
  }

  /** The same, for halves. */
  halfCloseWitness(hooks: WitnessHooks = {}): HalfCloseWitness {
    return this.enter(new HalfCloseWitness(hooks));
  }

  /** A protocol of the contract's own: the same. */
  enter<W extends Witness>(witness: W): W {
    this.#witnesses.push(witness);
    return witness;
  }

  /** Listen; the port is bound when this resolves. */
  async listen(build: Build, options: NetworkListenOptions = {}): Promise<Listening> {
    const factory = new WitnessFactory(build);
    const port = this.listenNow(factory, options);
    await this.fired(port.listening);
    return { port, factory, place: this.network.placeOf(port) };
  }

  /** The same without waiting, and at a place of one's choice. */
  listenNow(
    factory: WitnessFactory,
    options: NetworkListenOptions = {},
    place?: Place,
  ): IListeningPort {
    return this.network.listen(factory, options, place);
  }

  /** Begin to connect to a place. */
  connect(
    place: Place,
    factory: WitnessClientFactory,
    options: NetworkConnectOptions = {},
  ): IConnector {
    return this.network.connect(place, factory, options);
  }

  /** Two witnesses, connected: `connectionMade` has been called on both sides. */
  async pair(options: PairOptions = {}): Promise<Pair> {
    const server = this.#witnessOf(options.server);
    const { port, factory, place } = await this.listen(() => server, options.listen);
    const { client, clientFactory, connector } = this.dial(place, options);
    await this.settle(() => server.made && client.made);
    return { server, client, port, connector, serverFactory: factory, clientFactory };
  }

  /** A client witness on its way to a port. */
  dial(
    place: Place,
    options: Pick<PairOptions, "client" | "factory" | "connect"> = {},
  ): Pick<Pair, "client" | "clientFactory" | "connector"> {
    const client = this.#witnessOf(options.client);
    const clientFactory = new WitnessClientFactory(() => client, options.factory);
    const connector = this.connect(place, clientFactory, options.connect);
    return { client, clientFactory, connector };
  }

  #witnessOf(given: WitnessHooks | Witness | undefined): Witness {
    return given instanceof Witness ? given : this.witness(given);
  }

  /**
   * Write to a peer that does not read until more than `bytes` are left here: whatever the platform
   * takes on its own account, the connection is stalled then.
   */
  async stall(writer: Witness, bytes = 1 << 20): Promise<void> {
    const piece = Buffer.alloc(1 << 20, "stalled ");
    let written = 0;
    do {
      if (written >= STALLED_AT_MOST) {
        throw new AssertionError("Expected a writer to wait for a peer that does not read");
      }
      written += piece.length;
      writer.write(piece);
      await this.#standsStill(writer);
    } while (writer.transport.bufferedBytes <= bytes && writer.reason === undefined);
  }

  /** Until nothing has been taken for some passes: layers on the way may hold some as well. */
  async #standsStill(writer: Witness): Promise<void> {
    let before: number;
    do {
      before = writer.transport.bufferedBytes;
      await this.passes(8);
    } while (writer.transport.bufferedBytes !== before);
  }

  /** For contracts that are about resets. @throws {DoesNotApply} The network has none. */
  needsResets(): void {
    if (this.network.hasResets === false) throw new DoesNotApply("the network has no resets");
  }

  /** For contracts that see from its reads what was sent together. @throws {DoesNotApply} */
  needsWholeReads(): void {
    if (this.#harness.cutsBytes === true)
      throw new DoesNotApply("the network cuts what it carries");
  }

  /** The peer aborted: `ConnectionLost`, or just an end where the network has no resets. */
  expectReset(reason: unknown): void {
    if (this.network.hasResets === false && this.#isDone(reason)) return;
    expectReason(reason, ConnectionLost);
  }

  #isDone(reason: unknown): boolean {
    return reason instanceof Failure && reason.value instanceof ConnectionDone;
  }

  // -- What was logged

  /** The errors that were logged, which are expected and count no more. */
  loggedErrors(): readonly LogEvent[] {
    return this.#logs.flush(isError);
  }

  /** The warnings that were logged. */
  loggedWarnings(): readonly LogEvent[] {
    return this.#logs.flush((event) => event.log_level === "warn");
  }

  /** Exactly one error was logged, and it is this one. */
  expectLogged(error: Error): void {
    const errors = this.loggedErrors();
    if (errors.length === 1 && errors[0]?.log_failure?.value === error) return;
    const found = errors.map((event) => event.log_failure?.getTraceback() ?? event.log_format);
    throw new AssertionError(
      `Expected ${error.message} to be logged, once, found instead:\n${found.join("\n")}`,
    );
  }

  /**
   * Let go of the log.
   *
   * @returns What the contract must not have led to: what a witness has seen, an error logged.
   */
  end(): string | undefined {
    const violations = this.#witnesses.flatMap((witness) => witness.violations);
    const [error] = this.loggedErrors();
    this.#logs[Symbol.dispose]();
    if (violations.length > 0) return violations.join("; ");
    if (error === undefined) return undefined;
    return `An error was logged: ${error.log_format}: ${error.log_failure?.getTraceback() ?? ""}`;
  }
}

/** A port that listens. */
export interface Listening {
  readonly port: IListeningPort;
  readonly factory: WitnessFactory;
  readonly place: Place;
}

function isError(event: LogEvent): boolean {
  return event.log_level === "error" || event.log_level === "critical";
}
