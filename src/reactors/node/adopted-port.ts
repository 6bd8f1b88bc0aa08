/**
 * A port on a socket that somebody else has bound, on `node:net`.
 *
 * Node marks what it inherits so that children do not inherit it in turn (`FD_CLOEXEC`), and libuv
 * makes what it adopts non-blocking: neither is left to be done.
 *
 * After: twisted.internet.tcp.Port._fromListeningDescriptor, and unix.Port's. Differs: the file of
 * a UNIX socket is left to those who made it.
 *
 * @module
 */
import type { Server } from "node:net";
import { type IAddress, NoAddress, UNIXAddress } from "../../internet/addresses.ts";
import { CannotListenError } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import {
  type AdoptStreamPortOptions,
  checkedDescriptor,
} from "../../internet/interfaces-socket.ts";
import { AlreadyListened, CannotAdoptError } from "../../internet/socket-errors.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { Ended, StreamTransport } from "../base/stream-transport.ts";
import type { Accepted } from "./accept.ts";
import { tcpAddress } from "./addresses.ts";
import { inspectDescriptor, wrongDomain } from "./adopted-descriptor.ts";
import { SocketPort } from "./socket-port.ts";
import { tcpTransport } from "./tcp-transport.ts";
import { UNIXTransport } from "./unix-transport.ts";

/** systemd's `Backlog=`; the system cuts it to what it allows. */
const BACKLOG = 4096;
const UNNAMED = new UNIXAddress("");

/** What an {@link AdoptedPort} is made of. */
export interface AdoptedPortPlace {
  readonly fileDescriptor: number;
  readonly factory: IProtocolFactory;
  readonly options: AdoptStreamPortOptions;
}

/** See the top of this file. */
export class AdoptedPort extends SocketPort {
  readonly #reactor: ReactorBase;
  readonly #fileDescriptor: number;
  readonly #options: AdoptStreamPortOptions;
  #host: IAddress;
  /** The descriptor is ours, or gone: the number may be another's by now. */
  #used = false;

  constructor(reactor: ReactorBase, { fileDescriptor, factory, options }: AdoptedPortPlace) {
    super(reactor, factory, checkedLimits(options).maxConnections);
    this.#reactor = reactor;
    this.#fileDescriptor = checkedDescriptor(fileDescriptor);
    this.#options = options;
    this.#host = new NoAddress(`(descriptor ${String(fileDescriptor)})`);
  }

  getHost(): IAddress {
    return this.#host;
  }

  protected listen(server: Server): void {
    const fd = this.#fileDescriptor;
    if (this.#used) throw new AlreadyListened(`Cannot listen on descriptor ${String(fd)} again`);
    const listed = inspectDescriptor(fd);
    if (listed?.state === "connected") {
      throw new CannotAdoptError(fd, "expected a socket that can listen, got a connection");
    }
    this.#used = true;
    server.listen({ fd }, this.#options.backlog ?? BACKLOG);
    if (!server.listening) return; // The reason is on its way.
    const address = server.address();
    this.#host =
      address === null || typeof address === "string"
        ? new UNIXAddress(listed?.name ?? "")
        : tcpAddress(address.address, address.port);
    this.#checkDomain(server);
  }

  #checkDomain(server: Server): void {
    const { domain } = this.#options;
    const problem = wrongDomain(domain, this.#host);
    if (problem === undefined) return;
    server.close();
    throw new CannotAdoptError(this.#fileDescriptor, problem);
  }

  protected listensOn(): void {}

  protected cannotListen(cause: Error): CannotListenError {
    const fd = this.#fileDescriptor;
    const isTyped = cause instanceof CannotAdoptError || cause instanceof AlreadyListened;
    const typed = isTyped ? cause : new CannotAdoptError(fd, cause.message, { cause });
    return new CannotListenError("", `descriptor ${String(fd)}`, typed);
  }

  protected peerOf(socket: Accepted["socket"]): IAddress | undefined {
    if (this.#host instanceof UNIXAddress) return UNNAMED;
    const peer = tcpAddress(socket.remoteAddress, socket.remotePort);
    return peer.kind === "none" ? undefined : peer; // It was reset while it waited.
  }

  protected transport(connection: Accepted, peer: IAddress, ended: Ended): StreamTransport {
    const parts = { reactor: this.#reactor, limits: this.#options, ended };
    const host = this.#host;
    if (!(host instanceof UNIXAddress))
      return tcpTransport(connection, { ...parts, peer }, undefined);
    return new UNIXTransport(connection, { ...parts, peer: UNNAMED, host });
  }
}
