/**
 * Connections that are closed before they were secure: nobody is told of them any more, and the
 * peer shall still hear that they have ended.
 *
 * @module
 */
import { succeed } from "../../../defer/combinators.ts";
import type { Deferred } from "../../../defer/deferred.ts";
import type { IDelayedCall } from "../../../internet/interfaces-reactor.ts";
import type { Closable, ReactorBase } from "../../base/reactor-base.ts";

/** Seconds that the handshake may take from then on, as with the Node reactor. */
const LINGER = 2;

/** Waits for the end of a handshake; then what is below is dropped. */
export class LastWord implements Closable {
  readonly #reactor: ReactorBase;
  readonly #drop: () => void;
  readonly #alarm: IDelayedCall;

  constructor(reactor: ReactorBase, drop: () => void) {
    this.#reactor = reactor;
    this.#drop = drop;
    this.#alarm = reactor.callLater(LINGER, drop);
    reactor.opened(this);
  }

  /** It is said, or nobody will hear it. */
  end(): void {
    if (this.#alarm.active) this.#alarm.cancel();
    this.#reactor.closed(this);
  }

  closeAtStop(): Deferred<void> {
    this.#drop();
    return succeed(undefined);
  }
}
