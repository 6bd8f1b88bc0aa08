/**
 * A port on a UNIX socket, on `node:net`.
 *
 * After: twisted.internet.unix.Port. Differs: a lock is given back when binding fails; a file that
 * is another's by now is not removed.
 *
 * @module
 */
import { statSync } from "node:fs";
import type { Server } from "node:net";
import { dirname, resolve } from "node:path";
import { UNIXAddress } from "../../internet/addresses.ts";
import { CannotListenError } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import type { ListenUNIXOptions } from "../../internet/interfaces-unix.ts";
import { checkedMode, checkedUNIXName, isAbstract } from "../../internet/unix-names.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { Ended, StreamTransport } from "../base/stream-transport.ts";
import type { Accepted } from "./accept.ts";
import { LockFile } from "./lock-file.ts";
import { SocketFile } from "./socket-file.ts";
import { SocketPort } from "./socket-port.ts";
import { systemName } from "./unix-system-name.ts";
import { UNIXTransport } from "./unix-transport.ts";

/** Twisted's. */
const BACKLOG = 50;
const MODE = 0o666;
/** The other end of a connection that was accepted: Node does not tell whether it has a name. */
const UNNAMED = new UNIXAddress("");

/** What a {@link UNIXPort} is made of. */
export interface UNIXPortPlace {
  readonly address: string;
  readonly factory: IProtocolFactory;
  readonly options: ListenUNIXOptions;
}

/** See the top of this file. */
export class UNIXPort extends SocketPort {
  readonly #reactor: ReactorBase;
  readonly #host: UNIXAddress;
  readonly #mode: number;
  readonly #options: ListenUNIXOptions;
  #file: SocketFile | undefined;
  #lock: LockFile | undefined;

  constructor(reactor: ReactorBase, { address, factory, options }: UNIXPortPlace) {
    super(reactor, factory, checkedLimits(options).maxConnections);
    this.#reactor = reactor;
    this.#host = new UNIXAddress(checkedUNIXName(address));
    this.#mode = checkedMode(options.mode ?? MODE);
    this.#options = options;
  }

  getHost(): UNIXAddress {
    return this.#host;
  }

  protected listen(server: Server): void {
    const name = systemName(this.#host.name);
    // Not through a cluster's primary: the file is made, and removed, in this process.
    const where = { path: name, backlog: this.#options.backlog ?? BACKLOG, exclusive: true };
    const bind = (): boolean => server.listen(where).listening;
    if (isAbstract(name)) bind();
    else this.#listenOnFile(name, server, bind);
  }

  #listenOnFile(path: string, server: Server, bind: () => boolean): void {
    if (this.#options.wantPID === true) this.#lock = LockFile.take(`${resolve(path)}.lock`);
    try {
      if (this.#lock?.wasStale === true) SocketFile.removeStale(path);
      this.#file = SocketFile.make(path, this.#mode, bind);
    } catch (error) {
      server.close();
      throw error;
    } finally {
      if (this.#file === undefined) this.#unlock();
    }
  }

  #unlock(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  protected override close(server: Server): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) server.close();
    else file.remove(() => server.close());
    this.#unlock();
  }

  protected listensOn(): void {}

  protected cannotListen(cause: Error): CannotListenError {
    return new CannotListenError("", this.#host.name, this.#truth(cause));
  }

  /** libuv says EACCES, as Windows does, where there is no such folder. */
  #truth(cause: Error): Error {
    if (!("code" in cause) || cause.code !== "EACCES") return cause;
    try {
      statSync(dirname(this.#host.name));
      return cause;
    } catch (error) {
      return error instanceof Error ? error : cause;
    }
  }

  protected peerOf(): UNIXAddress {
    return UNNAMED;
  }

  protected transport(connection: Accepted, peer: UNIXAddress, ended: Ended): StreamTransport {
    const parts = { reactor: this.#reactor, peer, host: this.#host, limits: this.#options, ended };
    return new UNIXTransport(connection, parts);
  }
}
