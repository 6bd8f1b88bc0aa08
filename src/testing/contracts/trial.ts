/**
 * One contract being tried: a reactor, and the things that contracts are made of.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { Capability } from "../../internet/capabilities.ts";
import type { IConnector, IListeningPort } from "../../internet/interfaces-factory.ts";
import {
  type ConnectTCPOptions,
  IReactorTCP,
  type ListenTCPOptions,
} from "../../internet/interfaces-reactor.ts";
import { captureLogs } from "../../logger/capture.ts";
import type { LogEvent } from "../../logger/event.ts";
import type { ReactorHarness, ReactorUnderTest } from "./harness.ts";
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
  readonly listen?: ListenTCPOptions;
  readonly connect?: ConnectTCPOptions;
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

  /** The reactor, with that capability. @throws {DoesNotApply} It has not. */
  needs<I>(what: Capability<I>): ReactorUnderTest & I {
    const { reactor } = this;
    if (reactor.provides(what)) return reactor;
    throw new DoesNotApply(`${reactor.constructor.name} does not provide ${what.label}`);
  }

  /** A port where connecting fails soon. @throws {DoesNotApply} The harness knows none. */
  refusingPort(): Promise<number> {
    const port = this.#harness.refusingPort?.();
    if (port === undefined) throw new DoesNotApply("the harness has no refusingPort()");
    return port;
  }

  /** A port where connecting hangs. @throws {DoesNotApply} The harness knows none. */
  silentPort(): Promise<number> {
    const port = this.#harness.silentPort?.();
    if (port === undefined) throw new DoesNotApply("the harness has no silentPort()");
    return port;
  }

  // -- Protocols and connections

  /** A protocol, whose violations count. */
  witness(hooks: WitnessHooks = {}): Witness {
    return this.#enter(new Witness(hooks));
  }

  /** The same, for halves. */
  halfCloseWitness(hooks: WitnessHooks = {}): HalfCloseWitness {
    return this.#enter(new HalfCloseWitness(hooks));
  }

  #enter<W extends Witness>(witness: W): W {
    this.#witnesses.push(witness);
    return witness;
  }

  /** Listen on a port of the harness's host; it is bound when this resolves. */
  async listen(build: Build, options: ListenTCPOptions = {}): Promise<Listening> {
    const factory = new WitnessFactory(build);
    const port = this.listenNow(factory, options);
    await this.fired(port.listening);
    return { port, factory, number: portNumber(port) };
  }

  /** The same without waiting, on a port of one's choice. */
  listenNow(factory: WitnessFactory, options: ListenTCPOptions = {}, number = 0): IListeningPort {
    return this.needs(IReactorTCP).listenTCP(number, factory, {
      interface: this.host,
      ...options,
    });
  }

  /** Begin to connect to a port of the harness's host. */
  connect(
    number: number,
    factory: WitnessClientFactory,
    options: ConnectTCPOptions = {},
  ): IConnector {
    return this.needs(IReactorTCP).connectTCP(this.host, number, factory, options);
  }

  /** Begin to connect elsewhere. */
  connectTo(host: string, number: number, factory: WitnessClientFactory): IConnector {
    return this.needs(IReactorTCP).connectTCP(host, number, factory);
  }

  /** Two witnesses, connected: `connectionMade` has been called on both sides. */
  async pair(options: PairOptions = {}): Promise<Pair> {
    const server = this.#witnessOf(options.server);
    const { port, factory, number } = await this.listen(() => server, options.listen);
    const { client, clientFactory, connector } = this.dial(number, options);
    await this.settle(() => server.made && client.made);
    return { server, client, port, connector, serverFactory: factory, clientFactory };
  }

  /** A client witness on its way to a port. */
  dial(
    number: number,
    options: Pick<PairOptions, "client" | "factory" | "connect"> = {},
  ): Pick<Pair, "client" | "clientFactory" | "connector"> {
    const client = this.#witnessOf(options.client);
    const clientFactory = new WitnessClientFactory(() => client, options.factory);
    const connector = this.connect(number, clientFactory, options.connect);
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
    do {
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
  readonly number: number;
}

function isError(event: LogEvent): boolean {
  return event.log_level === "error" || event.log_level === "critical";
}

/** The number of a TCP port. @throws {AssertionError} Its address has none. */
export function portNumber(port: IListeningPort): number {
  const address = port.getHost();
  if ("port" in address && typeof address.port === "number") return address.port;
  throw new AssertionError(`Expected an address with a port number, found ${address.toString()}`);
}
