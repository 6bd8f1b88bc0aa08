/**
 * A client of a memory reactor.
 *
 * @module
 */
import { type IAddress, IPv4Address } from "../../internet/addresses.ts";
import { ConnectionRefusedError } from "../../internet/errors.ts";
import type { IClientFactory } from "../../internet/interfaces-factory.ts";
import type { ConnectTCPOptions } from "../../internet/interfaces-reactor.ts";
import { type Attempt, Connector } from "../base/connector.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { MemoryDoor, MemoryNetwork } from "./memory-network.ts";
import type { MemoryWire } from "./memory-wire.ts";

/** What a {@link MemoryConnector} is made of. */
export interface MemoryConnectorPlace {
  readonly host: string;
  readonly port: number;
  readonly factory: IClientFactory;
  readonly options: ConnectTCPOptions;
}

/** See the top of this file. */
export class MemoryConnector extends Connector {
  readonly #reactor: ReactorBase;
  readonly #network: MemoryNetwork;
  readonly #host: string;
  readonly #port: number;
  readonly #options: ConnectTCPOptions;
  #wanted = false;

  constructor(
    reactor: ReactorBase,
    network: MemoryNetwork,
    { host, port, factory, options }: MemoryConnectorPlace,
  ) {
    super(reactor, factory, checkedLimits(options).timeout);
    this.#reactor = reactor;
    this.#network = network;
    this.#host = host;
    this.#port = port;
    this.#options = options;
  }

  getDestination(): IAddress {
    return new IPv4Address("TCP", this.#host, this.#port);
  }

  protected attempt(): Attempt {
    this.#wanted = true;
    this.#reactor.later(() => {
      const port = this.#network.bound.get(this.#port);
      if (this.#wanted && port !== undefined) this.#connect(port);
    });
    return {
      cancel: () => {
        this.#wanted = false;
      },
    };
  }

  /** Let the attempt fail. Default: refused. */
  fail(error: Error = this.#refused()): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.failed(error);
  }

  #refused(): Error {
    const destination = this.getDestination();
    const message = `Cannot connect to ${destination.toString()}: connection refused`;
    return new ConnectionRefusedError(message, destination);
  }

  #connect(port: MemoryDoor): void {
    this.#wanted = false;
    this.succeeded(
      port.reached,
      (ended) => {
        const address = new IPv4Address("TCP", "127.0.0.1", this.#network.ephemeralPort());
        const limits = this.#options;
        const wire: MemoryWire = port.connect({ address, reactor: this.#reactor, limits, ended });
        return wire.client;
      },
      () => {}, // There is no wire yet to be closed.
    );
  }
}
