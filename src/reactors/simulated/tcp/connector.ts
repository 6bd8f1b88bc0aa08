/**
 * A client of simulated TCP: resolve the name, IPv4 first, and connect.
 *
 * @module
 */
import { type IAddress, HostnameAddress } from "../../../internet/addresses.ts";
import type { IClientFactory } from "../../../internet/interfaces-factory.ts";
import type { ConnectTCPOptions } from "../../../internet/interfaces-reactor.ts";
import type { IReactorPluggableNameResolver } from "../../../internet/interfaces-resolver.ts";
import { ipFamily } from "../../../internet/ip-family.ts";
import { checkedPort } from "../../../internet/ports.ts";
import { connectError } from "../../base/connect-errors.ts";
import { type Attempt, Connector } from "../../base/connector.ts";
import { findAddress } from "../../base/find-address.ts";
import { checkedLimits } from "../../base/limits.ts";
import { isLoopback } from "../network.ts";
import type { SimulatedSystem } from "../system.ts";
import type { TLSWanted } from "../tls/tls-wanted.ts";
import { canBind, Dial, type SimulatedPlace } from "./dial.ts";
import { simulatedTransport, tcpAddress } from "./transport.ts";

/** What a {@link SimulatedConnector} is made of. */
export interface SimulatedConnectorPlace {
  readonly host: string;
  readonly port: number;
  readonly factory: IClientFactory;
  readonly options: ConnectTCPOptions;
  readonly tls?: TLSWanted | undefined;
}

/** See the top of this file. */
export class SimulatedConnector extends Connector {
  readonly #system: SimulatedSystem & IReactorPluggableNameResolver;
  readonly #place: SimulatedConnectorPlace;

  constructor(
    system: SimulatedSystem & IReactorPluggableNameResolver,
    place: SimulatedConnectorPlace,
  ) {
    super(system, place.factory, checkedLimits(place.options).timeout);
    const { bindAddress } = place.options;
    if (typeof bindAddress === "object") checkedPort(bindAddress.port ?? 0);
    this.#system = system;
    this.#place = place;
  }

  getDestination(): IAddress {
    const { host, port } = this.#place;
    return ipFamily(host) === 0 ? new HostnameAddress(host, port) : tcpAddress(host, port);
  }

  protected attempt(): Attempt {
    const { host, port, options } = this.#place;
    const { family } = options;
    const wanted = family === undefined ? { host, port } : { host, port, family };
    let giveUp = findAddress(this.#system, wanted, (result) => {
      if (typeof result === "string") giveUp = this.#dial(result);
      else this.failed(result);
    });
    return { cancel: () => giveUp() };
  }

  #dial(address: string): () => void {
    const to = { address, port: this.#place.port };
    const local = this.#local(address);
    if (!canBind(this.#system.machine, local.address)) return this.#cannotBind(local);
    const dial = new Dial(
      this.#system,
      { to, local },
      {
        failed: (error) => this.failed(connectError(this.getDestination(), error)),
        connected: (socket) => {
          const peer = tcpAddress(address, to.port);
          const host = tcpAddress(local.address, local.port);
          const { options: limits, tls } = this.#place;
          this.succeeded(
            peer,
            (ended) => simulatedTransport(this.#system, socket, { peer, host, limits, ended }, tls),
            () => socket.drop(),
          );
        },
      },
    );
    return () => dial.cancel();
  }

  #cannotBind({ address }: SimulatedPlace): () => void {
    let wanted = true;
    const error = Object.assign(new Error(`bind EADDRNOTAVAIL ${address}`), {
      code: "EADDRNOTAVAIL",
      syscall: "bind",
    });
    this.#system.soon(() => {
      if (wanted) this.failed(connectError(this.getDestination(), error));
    });
    return () => {
      wanted = false;
    };
  }

  #local(to: string): SimulatedPlace {
    const { bindAddress } = this.#place.options;
    const { machine } = this.#system;
    const own = ipFamily(to) === 6 ? machine.ipv6 : machine.ipv4;
    const address = isLoopback(to) ? to : own;
    const port = machine.ephemeralPort(() => false);
    if (bindAddress === undefined) return { address, port };
    if (typeof bindAddress === "string") return { address: bindAddress, port };
    return { address: bindAddress.host, port: bindAddress.port ?? port };
  }
}
