/**
 * One result for everybody who asks for it before it is there.
 *
 * @module
 */
import { type Canceller, Deferred } from "../defer/deferred.ts";
import { Failure } from "../defer/failure.ts";

/** Hands out Deferreds, and fires them all. Each is its asker's own. */
export class SharedResult {
  #waiting: Deferred<void>[] = [];

  /** A Deferred of the result. Cancelling it calls `canceller`, and lets nobody else down. */
  share(canceller?: Canceller<void>): Deferred<void> {
    const deferred = new Deferred<void>(canceller);
    this.#waiting.push(deferred);
    return deferred;
  }

  /** Fire all that were handed out so far; those of whom one gave up are passed over. */
  settle(result: void | Failure): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      if (one.called) continue;
      if (result instanceof Failure) one.errback(result);
      else one.callback();
    }
  }
}
