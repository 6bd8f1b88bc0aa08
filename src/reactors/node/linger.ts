/**
 * Sockets that are closed and not gone.
 *
 * @module
 */
import { succeed } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";
import { LINGER_MAX, LINGER_SILENCE } from "../base/lingering.ts";
import type { Closable, ReactorBase } from "../base/reactor-base.ts";

/** A socket, or any other stream. */
export interface Lingering {
  /** What has come, if it counts. */
  readonly bytesRead?: number;
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

/** A socket whose protocol is gone, until the peer has closed too. */
export class Linger implements Closable {
  readonly #reactor: ReactorBase;
  readonly #socket: Lingering;
  #alarm: IDelayedCall | undefined;

  constructor(reactor: ReactorBase, socket: Lingering) {
    this.#reactor = reactor;
    this.#socket = socket;
  }

  start(): void {
    this.#reactor.opened(this);
    this.#await(LINGER_MAX);
    this.#socket.once("close", () => {
      if (this.#alarm?.active === true) this.#alarm.cancel();
      this.#reactor.closed(this);
    });
  }

  #await(left: number): void {
    const { bytesRead } = this.#socket;
    this.#alarm = this.#reactor.callLater(LINGER_SILENCE, () => {
      const isSilent = this.#socket.bytesRead === bytesRead;
      if (isSilent || left <= LINGER_SILENCE) this.#socket.destroy();
      else this.#await(left - LINGER_SILENCE);
    });
  }

  closeAtStop(): Deferred<void> {
    this.#socket.destroy();
    return succeed(undefined);
  }
}
