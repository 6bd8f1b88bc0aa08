/**
 * A TCP client on `node:net`: resolve the name, IPv4 first, and connect.
 *
 * After: twisted.internet.tcp.Client. Endpoints that try every address come on top of this.
 *
 * @module
 */
import { lookup } from "node:dns";
import { isIP } from "node:net";
import { type IAddress, HostnameAddress } from "../../internet/addresses.ts";
import { UnknownHostError } from "../../internet/errors.ts";
import type { IClientFactory } from "../../internet/interfaces-factory.ts";
import type { ConnectTCPOptions } from "../../internet/interfaces-reactor.ts";
import { checkedPort } from "../../internet/ports.ts";
import { type Attempt, Connector } from "../base/connector.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { tcpAddress } from "./addresses.ts";
import { connectError } from "./connect-errors.ts";
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
  readonly #reactor: ReactorBase;
  readonly #place: TCPConnectorPlace;

  constructor(reactor: ReactorBase, place: TCPConnectorPlace) {
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
    let wanted = true;
    let giveUp: (() => void) | undefined;
    this.#resolve((error, address) => {
      if (!wanted) return;
      if (error !== null) this.#failedWith(error);
      else giveUp = this.#dial(address);
    });
    return {
      cancel: () => {
        wanted = false;
        giveUp?.();
      },
    };
  }

  #failedWith(error: Error): void {
    this.failed(connectError(this.getDestination(), error));
  }

  /** Answers in a later turn, also for an address. */
  #resolve(done: (error: NodeJS.ErrnoException | null, address: string) => void): void {
    const { family = 0 } = this.#place.options;
    const literal = isIP(this.#place.host);
    if (literal !== 0) {
      const wrong = family !== 0 && family !== literal;
      const error = wrong ? new UnknownHostError(`not an IPv${String(family)} address`) : null;
      this.#reactor.soon(() => done(error, this.#place.host));
      return;
    }
    if (this.#place.host.includes("\0")) {
      // The system's resolver would look up what stands before the NUL.
      this.#reactor.soon(() => done(new UnknownHostError("a NUL is no part of a name"), ""));
      return;
    }
    lookup(this.#place.host, { all: true, family }, (error, addresses) => {
      const chosen = addresses?.find((one) => one.family === 4) ?? addresses?.[0];
      if (error === null && chosen === undefined) {
        done(new UnknownHostError(`no address for ${this.#place.host}`), "");
      } else done(error, chosen?.address ?? "");
    });
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
