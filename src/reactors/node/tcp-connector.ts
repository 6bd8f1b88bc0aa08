/**
 * A TCP client on `node:net`: resolve the name, IPv4 first, and connect.
 *
 * After: twisted.internet.tcp.Client. Endpoints that try every address come on top of this.
 *
 * @module
 */
import { lookup } from "node:dns";
import { createConnection, isIP, type Socket } from "node:net";
import { Failure } from "../../defer/failure.ts";
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
import { Inlet } from "./inlet.ts";
import { TCPTransport } from "./tcp-transport.ts";

/** See the top of this file. */
export class TCPConnector extends Connector {
  readonly #reactor: ReactorBase;
  readonly #host: string;
  readonly #port: number;
  readonly #options: ConnectTCPOptions;

  constructor(
    reactor: ReactorBase,
    host: string,
    port: number,
    factory: IClientFactory,
    options: ConnectTCPOptions,
  ) {
    super(reactor, factory, checkedLimits(options).timeout);
    const { bindAddress } = options;
    if (typeof bindAddress === "object") checkedPort(bindAddress.port ?? 0);
    this.#reactor = reactor;
    this.#host = host;
    this.#port = port;
    this.#options = options;
  }

  getDestination(): IAddress {
    return isIP(this.#host) === 0
      ? new HostnameAddress(this.#host, this.#port)
      : tcpAddress(this.#host, this.#port);
  }

  protected attempt(): Attempt {
    let wanted = true;
    let socket: Socket | undefined;
    this.#resolve((error, address) => {
      if (!wanted) return;
      if (error !== null) this.#failedWith(error);
      else socket = this.#dial(address, () => wanted);
    });
    return {
      cancel: () => {
        wanted = false;
        socket?.destroy();
      },
    };
  }

  #failedWith(error: Error): void {
    this.failed(connectError(this.getDestination(), error));
  }

  /** Answers in a later turn, also for an address. */
  #resolve(done: (error: NodeJS.ErrnoException | null, address: string) => void): void {
    const { family = 0 } = this.#options;
    const literal = isIP(this.#host);
    if (literal !== 0) {
      const wrong = family !== 0 && family !== literal;
      const error = wrong ? new UnknownHostError(`not an IPv${String(family)} address`) : null;
      this.#reactor.soon(() => done(error, this.#host));
      return;
    }
    if (this.#host.includes("\0")) {
      // The system's resolver would look up what stands before the NUL.
      this.#reactor.soon(() => done(new UnknownHostError("a NUL is no part of a name"), ""));
      return;
    }
    lookup(this.#host, { all: true, family }, (error, addresses) => {
      const chosen = addresses?.find((one) => one.family === 4) ?? addresses?.[0];
      if (error === null && chosen === undefined) {
        done(new UnknownHostError(`no address for ${this.#host}`), "");
      } else done(error, chosen?.address ?? "");
    });
  }

  #dial(address: string, wanted: () => boolean): Socket | undefined {
    const inlet = new Inlet();
    let socket: Socket;
    try {
      socket = this.#socket(address, inlet);
    } catch (error) {
      this.#failedWith(Failure.of(error).value); // Node throws at a bindAddress that is none.
      return undefined;
    }
    socket.pause(); // Until the protocol is there.
    const failed = (error: Error): void => {
      if (wanted()) this.#failedWith(error);
    };
    socket.on("error", failed);
    socket.once("connect", () => {
      if (!wanted()) return;
      socket.off("error", failed);
      // A socket that was reset meanwhile does not know any more.
      const peer = tcpAddress(socket.remoteAddress ?? address, socket.remotePort ?? this.#port);
      const options = this.#options;
      this.succeeded(
        peer,
        (ended) => new TCPTransport(this.#reactor, { socket, inlet }, peer, options, ended),
        () => {
          socket.on("error", () => {}); // Nobody is left to be told.
          socket.destroy();
        },
      );
    });
    return socket;
  }

  #socket(address: string, inlet: Inlet): Socket {
    return createConnection({
      host: address,
      port: this.#port,
      autoSelectFamily: false,
      allowHalfOpen: true,
      noDelay: true,
      onread: inlet.onread,
      ...this.#local(),
    });
  }

  #local(): { localAddress?: string; localPort?: number } {
    const { bindAddress } = this.#options;
    if (bindAddress === undefined) return {};
    if (typeof bindAddress === "string") return { localAddress: bindAddress };
    const { host, port } = bindAddress;
    return port === undefined ? { localAddress: host } : { localAddress: host, localPort: port };
  }
}
