/**
 * Bytes over our end of a terminal.
 *
 * @module
 */
import { writeSync } from "node:fs";
import type { IDelayedCall } from "../../../internet/interfaces-reactor.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import type { Accepted } from "../accept.ts";
import { ConduitTransport } from "../conduit-transport.ts";
import { SocketConduit } from "../socket-conduit.ts";
import { isSystemError } from "./spawn-failure.ts";

/** Seconds between attempts to write, while the process does not read; doubled each time. */
const RETRY_FIRST = 0.001;
const RETRY_MAX = 0.064;

/**
 * Reads as any socket does. It writes past Node, for which a terminal is something that blocks; the
 * descriptor does not, but nobody tells when there is room again, so that we ask.
 */
export class PTYConduit extends SocketConduit {
  readonly #reactor: ReactorBase;
  readonly #fd: number;
  #left = Buffer.alloc(0);
  #wait = RETRY_FIRST;
  #retry: IDelayedCall | undefined;

  constructor(reactor: ReactorBase, connection: Accepted, fd: number) {
    super(reactor, connection);
    this.#reactor = reactor;
    this.#fd = fd;
    connection.socket.once("close", () => this.#giveUp());
  }

  override send(chunks: readonly Uint8Array[]): boolean {
    this.#left = Buffer.concat(chunks);
    return this.#write();
  }

  /** @returns Is all of it out? Otherwise it goes on by itself. */
  #write(): boolean {
    // The descriptor's number may be somebody else's by then.
    if (this.socket.destroyed) return false;
    const written = this.#tryWrite();
    if (written === undefined) return false;
    this.#left = this.#left.subarray(written);
    if (this.#left.length === 0) return true;
    this.#wait = written > 0 ? RETRY_FIRST : Math.min(this.#wait * 2, RETRY_MAX);
    this.#retry = this.#reactor.callLater(this.#wait, () => {
      this.#retry = undefined;
      if (this.#write()) this.owner?.bytesSent();
    });
    return false;
  }

  /** @returns Bytes written; `undefined`: it is broken, and the owner will hear of it. */
  #tryWrite(): number | undefined {
    try {
      return writeSync(this.#fd, this.#left);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.code === "EAGAIN") return 0;
      this.socket.destroy(error);
      return undefined;
    }
  }

  /** At once: what is sent lies in the terminal already. */
  override close(): void {
    this.socket.destroy();
  }

  #giveUp(): void {
    if (this.#retry?.active === true) this.#retry.cancel();
  }
}

/** The transport of a terminal. */
export class PTYTransport extends ConduitTransport {
  #hasHungUp = false;

  /** When nobody has the other end open any more, reading from a terminal is an error: its end. */
  override connectionFailed(error: Error): void {
    if (this.#hasHungUp) return;
    this.#hasHungUp = isSystemError(error) && error.code === "EIO";
    if (this.#hasHungUp) this.endReceived();
    else super.connectionFailed(error);
  }
}
