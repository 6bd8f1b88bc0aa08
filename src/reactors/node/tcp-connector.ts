/**
 * A TCP client on `node:net`: resolve the name, IPv4 first, and connect.
 *
 * After: twisted.internet.tcp.Client. Endpoints that try every address come on top of this.
 *
 * @module
 */
import { isIP } from "node:net";
import { type IAddress, HostnameAddress } from "../../internet/addresses.ts";
import type { IClientFactory } from "../../internet/interfaces-factory.ts";
import type { ConnectTCPOptions } from "../../internet/interfaces-reactor.ts";
import type { IReactorPluggableNameResolver } from "../../internet/interfaces-resolver.ts";
import { checkedPort } from "../../internet/ports.ts";
import { type Attempt, Connector } from "../base/connector.ts";
import { findAddress } from "../base/find-address.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { tcpAddress } from "./addresses.ts";
import { connectError } from "../base/connect-errors.ts";
import { dial } from "./dial.ts";
import { tcpTransport } from "./tcp-transport.ts";
import type { TLSWanted } from "./tls-conduit.ts";

/** What a {@link TCPConnector} is made of. */
export interface TCPConnectorPlace {
  readonly host: string;
  readonly port: number;
  readonly factory: IClientFactory;
  readonly options: ConnectTCPOptions;
  readonly tls?: TLSWanted | undefined;
}

/** See the top of this file. */
export class TCPConnector extends Connector {
  readonly #reactor: ReactorBase & IReactorPluggableNameResolver;
  readonly #place: TCPConnectorPlace;

  constructor(reactor: ReactorBase & IReactorPluggableNameResolver, place: TCPConnectorPlace) {
    super(reactor, place.factory, checkedLimits(place.options).timeout);
    const { bindAddress } = place.options;
    if (typeof bindAddress === "object") checkedPort(bindAddress.port ?? 0);
    this.#reactor = reactor;
    this.#place = place;
  }

  getDestination(): IAddress {
    const { host, port } = this.#place;
    return isIP(host) === 0 ? new HostnameAddress(host, port) : tcpAddress(host, port);
  }

  protected attempt(): Attempt {
    const { host, port, options } = this.#place;
    const { family } = options;
    const wanted = family === undefined ? { host, port } : { host, port, family };
    let giveUp = findAddress(this.#reactor, wanted, (result) => {
      if (typeof result === "string") giveUp = this.#dial(result);
      else this.failed(result);
    });
    return { cancel: () => giveUp() };
  }

  #failedWith(error: Error): void {
    this.failed(connectError(this.getDestination(), error));
  }

  #dial(address: string): () => void {
    const { options: limits } = this.#place;
    const where = { host: address, port: this.#place.port, autoSelectFamily: false };
    return dial(
      { ...where, ...this.#local() },
      {
        failed: (error) => this.#failedWith(error),
        connected: (connection, refuse) => {
          const { socket } = connection;
          // A socket that was reset meanwhile does not know any more.
          const port = socket.remotePort ?? this.#place.port;
          const peer = tcpAddress(socket.remoteAddress ?? address, port);
          const parts = { reactor: this.#reactor, peer, limits };
          this.succeeded(
            peer,
            (ended) => tcpTransport(connection, { ...parts, ended }, this.#place.tls),
            refuse,
          );
        },
      },
    );
  }

  #local(): { localAddress?: string; localPort?: number } {
    const { bindAddress } = this.#place.options;
    if (bindAddress === undefined) return {};
    if (typeof bindAddress === "string") return { localAddress: bindAddress };
    const { host, port } = bindAddress;
    return port === undefined ? { localAddress: host } : { localAddress: host, localPort: port };
  }
}
