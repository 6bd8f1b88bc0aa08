/**
 * A port of a memory reactor.
 *
 * @module
 */
import { type IAddress, IPv4Address } from "../../internet/addresses.ts";
import { CannotListenError } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import type { ListenTCPOptions } from "../../internet/interfaces-reactor.ts";
import { checkedLimits } from "../base/limits.ts";
import { ListeningPort } from "../base/listening-port.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { MemoryDoor, MemoryNetwork } from "./memory-network.ts";
import { type MemoryEnd, MemoryWire } from "./memory-wire.ts";

/** What a {@link MemoryPort} is made of. */
export interface MemoryPortPlace {
  readonly port: number;
  readonly factory: IProtocolFactory;
  readonly options: ListenTCPOptions;
}

/** See the top of this file. */
export class MemoryPort extends ListeningPort implements MemoryDoor {
  readonly #reactor: ReactorBase;
  readonly #network: MemoryNetwork;
  readonly #options: ListenTCPOptions;
  readonly #asked: number;
  #host: IPv4Address;

  constructor(
    reactor: ReactorBase,
    network: MemoryNetwork,
    { port, factory, options }: MemoryPortPlace,
  ) {
    super(reactor, factory, checkedLimits(options).maxConnections);
    this.#reactor = reactor;
    this.#network = network;
    this.#options = options;
    this.#asked = port;
    this.#host = new IPv4Address("TCP", this.#interface, port);
  }

  get #interface(): string {
    const { interface: name = "" } = this.#options;
    return name === "" ? "0.0.0.0" : name;
  }

  getHost(): IAddress {
    return this.#host;
  }

  /** Where clients reach it: every address is on loopback here. */
  get reached(): IPv4Address {
    return new IPv4Address("TCP", "127.0.0.1", this.#host.port);
  }

  protected bind(): void {
    this.#reactor.soon(() => {
      const port = this.#asked === 0 ? this.#network.ephemeralPort() : this.#asked;
      if (this.#network.bound.has(port)) {
        const { interface: name = "" } = this.#options;
        this.bindFailed(new CannotListenError(name, port, new Error("address in use")));
        return;
      }
      this.#host = new IPv4Address("TCP", this.#interface, port);
      this.#network.bound.set(port, this);
      this.bound();
    });
  }

  protected unbind(): void {
    this.#network.bound.delete(this.#host.port);
    this.#reactor.later(() => this.unbound());
  }

  /** A client comes in. @returns The wire to it; `server` has no protocol yet. */
  connect(client: MemoryEnd): MemoryWire {
    const reactor = this.#reactor;
    const ends: (() => void)[] = [];
    const wire = new MemoryWire(
      client,
      {
        reactor,
        address: this.reached,
        limits: this.#options,
        ended: () => {
          for (const end of ends) end();
        },
      },
      {},
    );
    this.#network.addWire(wire);
    reactor.soon(() => {
      this.accepted(
        client.address,
        (ended) => {
          ends.push(ended);
          return wire.server;
        },
        () => wire.server.refuse(),
      );
    });
    return wire;
  }
}
