/**
 * Connections that are closed before they were secure: nobody is told of them any more, and the
 * peer shall still hear that they have ended.
 *
 * @module
 */
import { succeed } from "../../../defer/combinators.ts";
import type { Deferred } from "../../../defer/deferred.ts";
import type { IDelayedCall } from "../../../internet/interfaces-reactor.ts";
import { LINGER_SILENCE } from "../../base/lingering.ts";
import type { Closable, ReactorBase } from "../../base/reactor-base.ts";

/** Waits for the end of a handshake as for a silent peer; then what is below is dropped. */
export class LastWord implements Closable {
  readonly #reactor: ReactorBase;
  readonly #drop: () => void;
  readonly #alarm: IDelayedCall;

  constructor(reactor: ReactorBase, drop: () => void) {
    this.#reactor = reactor;
    this.#drop = drop;
    this.#alarm = reactor.callLater(LINGER_SILENCE, drop);
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
