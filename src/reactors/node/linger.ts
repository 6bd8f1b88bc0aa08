/**
 * Sockets that are closed and not gone.
 *
 * @module
 */
import { succeed } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";
import type { Closable, ReactorBase } from "../base/reactor-base.ts";

/** Seconds that a closed connection may take to hear our last bytes before its socket goes. */
const LINGER = 2;

/** A socket, or any other stream. */
export interface Lingering {
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
    this.#alarm = this.#reactor.callLater(LINGER, () => this.#socket.destroy());
    this.#socket.once("close", () => {
      if (this.#alarm?.active === true) this.#alarm.cancel();
      this.#reactor.closed(this);
    });
  }

  closeAtStop(): Deferred<void> {
    this.#socket.destroy();
    return succeed(undefined);
  }
}
