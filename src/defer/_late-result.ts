/**
 * The result of work that decides by itself when it is over, also after a cancel.
 *
 * A Deferred whose canceller does not fire it fails with a `CancelledError` at once. Several
 * Deferreds, or a generator that catches the error and cleans up, need longer: then the cancelled
 * Deferred waits for a new one, which gets the result when there is one and can be cancelled again.
 *
 *     cancel() ──▶ request() fires it?  yes: that is the result
 *                                       no:  deferred ──waits for──▶ next ◀── callback, errback
 *
 * After: twisted.internet.defer._handleCancelInlineCallbacks, DeferredList.cancel.
 *
 * @module
 */
import { Deferred } from "./deferred.ts";
import { CancelledError } from "./errors.ts";
import { Failure } from "./failure.ts";

/** Goes down the chain of a cancelled Deferred as far as its first errback, which is ours. */
const GOES_ON = new Failure(new CancelledError("The work was asked to end, and goes on"));

/** Fires a Deferred made with its `canceller`, or whichever has taken that one's place. */
export class LateResult<T> {
  #target: Deferred<T> | undefined;
  #cancelled = false;
  readonly #request: () => void;

  /** @param request Ask the work to end. It may fire the result before it returns, or later. */
  constructor(request: () => void) {
    this.#request = request;
  }

  /** Was it asked to end? */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** For the constructor of the Deferred. */
  readonly canceller = (deferred: Deferred<T>): void => {
    this.#cancelled = true;
    this.#request();
    if (deferred.called) return;
    this.bind(new Deferred<T>(this.canceller));
    deferred.errback(GOES_ON);
  };

  /** Fire `deferred` from now on. Nobody else may have added a callback to it. */
  bind(deferred: Deferred<T>): void {
    this.#target = deferred;
    // The errback asks for the target when it runs: by then it is the one that took our place.
    void deferred.addErrback((failure) => (failure === GOES_ON ? this.#next() : failure));
  }

  #next(): Deferred<T> | Failure {
    return this.#target ?? GOES_ON;
  }

  /** Fire with a value or a Failure. Nothing when somebody else has fired the Deferred. */
  callback(value: T | Failure): void {
    if (this.#target?.called === false) this.#target.callback(value);
  }

  /** Fail; after a cancel, with a `CancelledError` that has the reason as its cause. */
  errback(reason: Error): void {
    const error = this.#cancelled ? new CancelledError(undefined, { cause: reason }) : reason;
    if (this.#target?.called === false) this.#target.errback(error);
  }
}
