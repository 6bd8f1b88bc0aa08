/**
 * A TCP port on `node:net`.
 *
 * @module
 */
import { createServer, type Server } from "node:net";
import type { IAddress } from "../../internet/addresses.ts";
import { CannotListenError } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import type { ListenTCPOptions } from "../../internet/interfaces-reactor.ts";
import { Logger } from "../../logger/logger.ts";
import { Episode } from "../base/episode.ts";
import { checkedLimits } from "../base/limits.ts";
import { ListeningPort } from "../base/listening-port.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { type Accepted, acceptInto } from "./accept.ts";
import { tcpAddress } from "./addresses.ts";
import { descriptorsExhausted } from "./descriptors.ts";
import { TCPTransport } from "./tcp-transport.ts";

const log = new Logger({ namespace: "sennit.port" });

/** Twisted's. */
const BACKLOG = 50;
const ANY_IPV4 = "0.0.0.0";

/** See the top of this file. */
export class TCPPort extends ListeningPort {
  readonly #reactor: ReactorBase;
  readonly #port: number;
  readonly #options: ListenTCPOptions;
  #server: Server | undefined;
  #host: IAddress;
  readonly #starved: Episode;

  constructor(
    reactor: ReactorBase,
    port: number,
    factory: IProtocolFactory,
    options: ListenTCPOptions,
  ) {
    super(reactor, factory, checkedLimits(options).maxConnections);
    this.#starved = new Episode(reactor);
    this.#reactor = reactor;
    this.#port = port;
    this.#options = options;
    this.#host = tcpAddress(this.#interface, port);
  }

  get #interface(): string {
    const { interface: name = "" } = this.#options;
    return name === "" ? ANY_IPV4 : name;
  }

  getHost(): IAddress {
    return this.#host;
  }

  protected bind(): void {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.#server = server;
    const failed = (error: Error): void => {
      const { interface: name = "" } = this.#options;
      this.bindFailed(new CannotListenError(name, this.#port, error));
    };
    server.once("error", failed);
    server.once("listening", () => {
      server.off("error", failed);
      server.on("error", (error) => this.acceptFailed(error));
      const address = server.address();
      if (address !== null && typeof address === "object") {
        this.#host = tcpAddress(address.address, address.port);
      }
      acceptInto(server, {
        accepted: (connection) => this.#connected(connection),
        failed: (error) => this.acceptFailed(error),
      });
      this.bound();
    });
    server.listen({
      port: this.#port,
      host: this.#interface,
      backlog: this.#options.backlog ?? BACKLOG,
    });
  }

  protected unbind(): void {
    const server = this.#server;
    this.#server = undefined;
    // Not the callback of close(), which waits for the connections to end: the descriptor is closed
    // by the next turn of the loop.
    server?.close();
    this.#reactor.later(() => this.unbound());
  }

  #connected(connection: Accepted): void {
    const { socket } = connection;
    const refuse = (): void => {
      socket.on("error", () => {}); // Nobody is left to be told.
      socket.destroy();
    };
    if (this.#isStarved(socket)) {
      refuse();
      return;
    }
    const peer = tcpAddress(socket.remoteAddress, socket.remotePort);
    if (peer.kind === "none") {
      refuse(); // It was reset while it waited to be accepted.
      return;
    }
    this.accepted(
      peer,
      (ended) => new TCPTransport(this.#reactor, connection, peer, this.#options, ended),
      refuse,
    );
  }

  #isStarved(socket: Accepted["socket"]): boolean {
    if (!descriptorsExhausted(socket)) return false;
    if (this.#starved.begins()) {
      log.warn("{address}: descriptors run out; new connections are closed until some are free", {
        address: this.#host.toString(),
      });
    }
    return true;
  }
}
