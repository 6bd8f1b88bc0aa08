/**
 * A TCP port on `node:net`, with TLS on its connections or without.
 *
 * @module
 */
import type { Server } from "node:net";
import type { IAddress } from "../../internet/addresses.ts";
import { CannotListenError } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import type { ListenTCPOptions } from "../../internet/interfaces-reactor.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { Ended, StreamTransport } from "../base/stream-transport.ts";
import type { Accepted } from "./accept.ts";
import { tcpAddress, tcpPeer } from "./addresses.ts";
import { SocketPort } from "./socket-port.ts";
import { tcpTransport } from "./tcp-transport.ts";
import type { TLSWanted } from "./tls-conduit.ts";

/** Twisted's. */
const BACKLOG = 50;
const ANY_IPV4 = "0.0.0.0";

/** What a {@link TCPPort} is made of. */
export interface TCPPortPlace {
  readonly port: number;
  readonly factory: IProtocolFactory;
  readonly options: ListenTCPOptions;
  readonly tls?: TLSWanted | undefined;
}

/** See the top of this file. */
export class TCPPort extends SocketPort {
  readonly #reactor: ReactorBase;
  readonly #place: TCPPortPlace;
  #host: IAddress;

  constructor(reactor: ReactorBase, place: TCPPortPlace) {
    super(reactor, place.factory, checkedLimits(place.options).maxConnections);
    this.#reactor = reactor;
    this.#place = place;
    this.#host = tcpAddress(this.#interface, place.port);
  }

  get #interface(): string {
    const { interface: name = "" } = this.#place.options;
    return name === "" ? ANY_IPV4 : name;
  }

  getHost(): IAddress {
    return this.#host;
  }

  protected listen(server: Server): void {
    const { port, options } = this.#place;
    server.listen({ port, host: this.#interface, backlog: options.backlog ?? BACKLOG });
  }

  protected listensOn(server: Server): void {
    const address = server.address();
    if (address === null || typeof address === "string") return;
    this.#host = tcpAddress(address.address, address.port);
  }

  protected cannotListen(cause: Error): CannotListenError {
    return new CannotListenError(this.#place.options.interface ?? "", this.#place.port, cause);
  }

  protected peerOf(socket: Accepted["socket"]): IAddress | undefined {
    const peer = tcpPeer(socket);
    return peer.kind === "none" ? undefined : peer; // It was reset while it waited.
  }

  protected transport(connection: Accepted, peer: IAddress, ended: Ended): StreamTransport {
    const { options: limits, tls } = this.#place;
    return tcpTransport(connection, { reactor: this.#reactor, peer, limits, ended }, tls);
  }
}
