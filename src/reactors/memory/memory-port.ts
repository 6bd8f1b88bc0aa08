/**
 * A port of a memory reactor.
 *
 * @module
 */
import { type IAddress, IPv4Address, UNIXAddress } from "../../internet/addresses.ts";
import { CannotListenError } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import type { ListenTCPOptions } from "../../internet/interfaces-reactor.ts";
import { checkedLimits } from "../base/limits.ts";
import { ListeningPort } from "../base/listening-port.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { Ended } from "../base/stream-transport.ts";
import type { MemoryDoor, MemoryNetwork } from "./memory-network.ts";
import { type MemoryEnd, MemoryWire } from "./memory-wire.ts";

/** What a {@link MemoryPort} is made of. */
export interface MemoryPortPlace {
  /** A port of TCP, or the name of a UNIX socket. */
  readonly port: number | string;
  readonly factory: IProtocolFactory;
  readonly options: ListenTCPOptions;
}

/** See the top of this file. */
export class MemoryPort extends ListeningPort implements MemoryDoor {
  readonly #reactor: ReactorBase;
  readonly #network: MemoryNetwork;
  readonly #options: ListenTCPOptions;
  readonly #asked: number | string;
  /** Where it is bound, once it is. */
  #place: number | string;

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
    this.#place = port;
  }

  get #interface(): string {
    const { interface: name = "" } = this.#options;
    return name === "" ? "0.0.0.0" : name;
  }

  getHost(): IAddress {
    return this.#addressAt(this.#interface);
  }

  /** Where clients reach it: every address is on loopback here. */
  get reached(): IAddress {
    return this.#addressAt("127.0.0.1");
  }

  #addressAt(host: string): IAddress {
    const place = this.#place;
    return typeof place === "string" ? new UNIXAddress(place) : new IPv4Address("TCP", host, place);
  }

  protected bind(): void {
    this.#reactor.soon(() => {
      const port = this.#asked === 0 ? this.#network.ephemeralPort() : this.#asked;
      if (this.#network.bound.has(port)) {
        const { interface: name = "" } = this.#options;
        this.bindFailed(new CannotListenError(name, port, new Error("address in use")));
        return;
      }
      this.#place = port;
      this.#network.bound.set(port, this);
      this.bound();
    });
  }

  protected unbind(): void {
    this.#network.bound.delete(this.#place);
    this.#reactor.later(() => this.unbound());
  }

  /** A client comes in. @returns The wire to it; `server` has no protocol yet. */
  connect(client: MemoryEnd): MemoryWire {
    const reactor = this.#reactor;
    const ends: Ended[] = [];
    const wire = new MemoryWire(
      client,
      {
        reactor,
        address: this.reached,
        limits: this.#options,
        ended: (reason, transport) => {
          for (const end of ends) end(reason, transport);
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
