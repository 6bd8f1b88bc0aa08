/**
 * A client of a memory reactor.
 *
 * @module
 */
import {
  HostnameAddress,
  type IAddress,
  IPv4Address,
  UNIXAddress,
} from "../../internet/addresses.ts";
import { ConnectionRefusedError } from "../../internet/errors.ts";
import type { IClientFactory } from "../../internet/interfaces-factory.ts";
import type { ConnectTCPOptions } from "../../internet/interfaces-reactor.ts";
import type { IReactorPluggableNameResolver } from "../../internet/interfaces-resolver.ts";
import { addressFromLiteral } from "../../internet/names/address-literal.ts";
import { type Attempt, Connector } from "../base/connector.ts";
import { findAddress } from "../base/find-address.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { MemoryDoor, MemoryNetwork } from "./memory-network.ts";
import type { MemoryWire } from "./memory-wire.ts";

/** What a {@link MemoryConnector} is made of. */
export interface MemoryConnectorPlace {
  /** Empty for a UNIX socket. */
  readonly host: string;
  /** A port of TCP, or the name of a UNIX socket. */
  readonly port: number | string;
  readonly factory: IClientFactory;
  readonly options: ConnectTCPOptions;
}

/** What a connector needs of its reactor. */
export interface MemoryConnectorReactor extends ReactorBase, IReactorPluggableNameResolver {
  /** Does this name go to the resolver? Others reach whatever port has the number. */
  resolvesName(name: string): boolean;
}

/** See the top of this file. */
export class MemoryConnector extends Connector {
  readonly #reactor: MemoryConnectorReactor;
  readonly #network: MemoryNetwork;
  readonly #host: string;
  readonly #port: number | string;
  readonly #options: ConnectTCPOptions;
  #wanted = false;
  #letGo: () => void = () => {};

  constructor(
    reactor: MemoryConnectorReactor,
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
    const port = this.#port;
    if (typeof port === "string") return new UNIXAddress(port);
    return (
      addressFromLiteral(this.#host, { portNumber: port }) ?? new HostnameAddress(this.#host, port)
    );
  }

  protected attempt(): Attempt {
    this.#wanted = true;
    const port = this.#port;
    this.#letGo =
      typeof port === "number" && this.#reactor.resolvesName(this.#host)
        ? this.#resolve(port)
        : this.#reach(this.#host);
    return {
      cancel: () => {
        this.#wanted = false;
        this.#letGo();
      },
    };
  }

  #resolve(port: number): () => void {
    const { family } = this.#options;
    const wanted = { host: this.#host, port, ...(family !== undefined && { family }) };
    return findAddress(this.#reactor, wanted, (result) => {
      if (typeof result === "string") this.#letGo = this.#reach(result);
      else this.fail(result);
    });
  }

  /** @returns Lets go. */
  #reach(host: string): () => void {
    const route = this.#network.routes.get(host);
    if (route === undefined) {
      let open = true;
      this.#reactor.later(() => {
        const port = this.#network.bound.get(this.#port);
        if (open && port !== undefined) this.#connect(port);
      });
      return () => {
        open = false;
      };
    }
    const { delay = 0, outcome = "reach" } = route;
    if (outcome === "drop") return () => {};
    const call = this.#reactor.callLater(delay, () => {
      const port = this.#network.bound.get(this.#port);
      if (outcome === "reach" && port !== undefined) this.#connect(port);
      else this.fail();
    });
    return () => {
      if (call.active) call.cancel();
    };
  }

  /** Let the attempt fail. Default: refused. */
  fail(error: Error = this.#refused()): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#letGo();
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
        const address =
          typeof this.#port === "string"
            ? new UNIXAddress("")
            : new IPv4Address("TCP", "127.0.0.1", this.#network.ephemeralPort());
        const limits = this.#options;
        const wire: MemoryWire = port.connect({ address, reactor: this.#reactor, limits, ended });
        return wire.client;
      },
      () => {}, // There is no wire yet to be closed.
    );
  }
}
