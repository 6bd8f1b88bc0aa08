/**
 * A port on `node:net`, whatever it listens on.
 *
 * @module
 */
import { createServer, type Server } from "node:net";
import type { IAddress } from "../../internet/addresses.ts";
import type { CannotListenError } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import { Logger } from "../../logger/logger.ts";
import { Episode } from "../base/episode.ts";
import { ListeningPort } from "../base/listening-port.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { Ended, StreamTransport } from "../base/stream-transport.ts";
import { type Accepted, acceptInto } from "./accept.ts";
import { descriptorsExhausted } from "./descriptors.ts";

const log = new Logger({ namespace: "sennit.port" });

/** See the top of this file. A kind of port says where, and makes its transports. */
export abstract class SocketPort extends ListeningPort {
  readonly #reactor: ReactorBase;
  #server: Server | undefined;
  readonly #starved: Episode;

  constructor(reactor: ReactorBase, factory: IProtocolFactory, maxConnections?: number) {
    super(reactor, factory, maxConnections);
    this.#starved = new Episode(reactor);
    this.#reactor = reactor;
  }

  /** Have it listen. What this throws is why it cannot. */
  protected abstract listen(server: Server): void;
  /** It listens: now the address is known. */
  protected abstract listensOn(server: Server): void;
  /** The typed error for what the system said. */
  protected abstract cannotListen(cause: Error): CannotListenError;
  /** Who is at the other end; `undefined` if it is gone already. */
  protected abstract peerOf(socket: Accepted["socket"]): IAddress | undefined;
  /** The transport of an accepted connection. */
  protected abstract transport(connection: Accepted, peer: IAddress, ended: Ended): StreamTransport;

  protected bind(): void {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.#server = server;
    const failed = (error: Error): void => this.bindFailed(this.cannotListen(error));
    server.once("error", failed);
    server.once("listening", () => {
      server.off("error", failed);
      server.on("error", (error) => this.acceptFailed(error));
      this.listensOn(server);
      acceptInto(server, {
        accepted: (connection) => this.#connected(connection),
        failed: (error) => this.acceptFailed(error),
      });
      this.bound();
    });
    try {
      this.listen(server);
    } catch (error) {
      // Node throws at what it can see before asking the system.
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#reactor.soon(() => failed(cause));
    }
  }

  protected unbind(): void {
    const server = this.#server;
    this.#server = undefined;
    // Not the callback of close(), which waits for the connections to end: the descriptor is closed
    // by the next turn of the loop.
    if (server !== undefined) this.close(server);
    this.#reactor.later(() => this.unbound());
  }

  /** Close the descriptor. */
  protected close(server: Server): void {
    server.close();
  }

  #connected(connection: Accepted): void {
    const { socket } = connection;
    const refuse = (): void => {
      socket.on("error", () => {}); // Nobody is left to be told.
      socket.destroy();
    };
    const peer = this.#isStarved(socket) ? undefined : this.peerOf(socket);
    if (peer === undefined) refuse();
    else this.accepted(peer, (ended) => this.transport(connection, peer, ended), refuse);
  }

  #isStarved(socket: Accepted["socket"]): boolean {
    if (!descriptorsExhausted(socket)) return false;
    if (this.#starved.begins()) {
      log.warn("{address}: descriptors run out; new connections are closed until some are free", {
        address: this.getHost().toString(),
      });
    }
    return true;
  }
}
