/**
 * Factories: they make a protocol for each connection and keep what the protocols share.
 *
 * After: twisted.internet.protocol. Differs: `Factory.building` takes a function, for protocols
 * that want arguments.
 *
 * @module
 */
import type { Failure } from "../defer/failure.ts";
import { Logger } from "../logger/logger.ts";
import type { IAddress } from "./addresses.ts";
import type { IClientFactory, IConnector, IProtocolFactory } from "./interfaces-factory.ts";
import type { IProtocol } from "./interfaces-transport.ts";
import type { Protocol } from "./protocol.ts";

const log = new Logger({ namespace: "sennit.internet" });

/**
 * Makes protocols. Subclass it and override `buildProtocol`, or set `protocol` to a class, or use
 * {@link Factory.forProtocol} or {@link Factory.building}.
 *
 * @example
 * ```ts
 * import { Factory, Protocol } from "sennit/internet";
 *
 * class Greeter extends Protocol {
 *   override connectionMade(): void {
 *     this.transport.write("hello\n");
 *     this.transport.loseConnection();
 *   }
 * }
 * const factory = Factory.forProtocol(Greeter);
 * ```
 */
export class Factory<P extends IProtocol = Protocol> implements IProtocolFactory<P> {
  /** Made, without arguments, for each connection; its `factory` is set to this. */
  protocol: (new () => P) | undefined = undefined;
  /** Log when it starts and stops. */
  noisy = true;
  #numPorts = 0;

  /** A factory of `protocol`'s instances. */
  static forProtocol<Q extends IProtocol>(protocol: new () => Q): Factory<Q> {
    const factory = new this<Q>(); // A subclass's forProtocol makes one of the subclass.
    factory.protocol = protocol;
    return factory;
  }

  /** A factory of what `build` returns; `undefined` refuses the connection. */
  static building<Q extends IProtocol>(build: (address: IAddress) => Q | undefined): Factory<Q> {
    const factory = new this<Q>();
    factory.buildProtocol = build;
    return factory;
  }

  /** How many ports and connectors use it now. */
  get numPorts(): number {
    return this.#numPorts;
  }

  /** Called by each port and connector that begins to use it. */
  doStart(): void {
    this.#numPorts += 1;
    if (this.#numPorts > 1) return;
    if (this.noisy) log.info("Starting factory {factory}", { factory: this.logPrefix() });
    try {
      this.startFactory();
    } catch (error) {
      this.#numPorts = 0;
      throw error;
    }
  }

  /** Called by each port and connector that is done with it. */
  doStop(): void {
    if (this.#numPorts === 0) return;
    this.#numPorts -= 1;
    if (this.#numPorts > 0) return;
    if (this.noisy) log.info("Stopping factory {factory}", { factory: this.logPrefix() });
    this.stopFactory();
  }

  /** Once, before the first port or connector uses it (again). Open files and databases here. */
  startFactory(): void {}

  /** Once, after the last one is done with it. */
  stopFactory(): void {}

  /**
   * A protocol for a connection with `address`; `undefined` refuses it.
   *
   * @throws {TypeError} There is no `protocol` class: set it or override this.
   */
  buildProtocol(_address: IAddress): P | undefined {
    if (this.protocol === undefined) {
      throw new TypeError(
        `Cannot build a protocol: ${this.logPrefix()} has no protocol class; ` +
          "set it, or override buildProtocol",
      );
    }
    const protocol = new this.protocol();
    protocol.factory = this;
    return protocol;
  }

  /** How log lines name it: its class, and its protocol's. */
  logPrefix(): string {
    const own = this.constructor.name;
    return this.protocol === undefined ? own : `${own}(${this.protocol.name})`;
  }
}

/** A factory for `reactor.connectTCP` and its like; override the hooks you need. */
export class ClientFactory<P extends IProtocol = Protocol>
  extends Factory<P>
  implements IClientFactory<P>
{
  /** A client factory of `protocol`'s instances. */
  static override forProtocol<Q extends IProtocol>(protocol: new () => Q): ClientFactory<Q> {
    const factory = new this<Q>();
    factory.protocol = protocol;
    return factory;
  }

  /** A client factory of what `build` returns. */
  static override building<Q extends IProtocol>(
    build: (address: IAddress) => Q | undefined,
  ): ClientFactory<Q> {
    const factory = new this<Q>();
    factory.buildProtocol = build;
    return factory;
  }

  /** An attempt begins. `connector.stopConnecting()` ends it. */
  startedConnecting(_connector: IConnector): void {}

  /** The connection is there, and the protocol's `connectionMade` has run. */
  clientConnectionMade(_connector: IConnector): void {}

  /** No connection came about. `connector.connect()` tries again. */
  clientConnectionFailed(_connector: IConnector, _reason: Failure): void {}

  /** A connection ended. `connector.connect()` makes another. */
  clientConnectionLost(_connector: IConnector, _reason: Failure): void {}
}

/** A factory for servers; the name says so, nothing more. */
export class ServerFactory<P extends IProtocol = Protocol> extends Factory<P> {}
