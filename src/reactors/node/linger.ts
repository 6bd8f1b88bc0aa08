/**
 * Sockets that are closed and not gone.
 *
 * @module
 */
import { succeed } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";
import type { Closable, ReactorBase } from "../base/reactor-base.ts";

/** Seconds of silence after which the socket of a closed connection goes. */
const SILENCE = 2;
/**
 * Seconds after which it goes, though the peer still sends: who is told in the midst of an upload
 * that it is not wanted often looks at that when all is sent (nginx's `lingering_time`).
 */
const LINGER_MAX = 30;

/** A socket, or any other stream. */
export interface Lingering {
  /** What has come, if it counts. */
  readonly bytesRead?: number;
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

/**
 * A socket whose protocol is gone, until the peer has closed too. Closed at once, its kernel would
 * answer what still comes with a reset, and that may take our last bytes with it.
 */
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
    this.#alarm = this.#reactor.callLater(Math.min(SILENCE, left), () => {
      const isSilent = this.#socket.bytesRead === bytesRead;
      if (isSilent || left <= SILENCE) this.#socket.destroy();
      else this.#await(left - SILENCE);
    });
  }

  closeAtStop(): Deferred<void> {
    this.#socket.destroy();
    return succeed(undefined);
  }
}
