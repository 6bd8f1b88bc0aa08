/**
 * Having acquired something: giving it back exactly once.
 *
 * @module
 */
import { LocalProtocolError } from "../core/errors.ts";
import { maybeDeferred } from "./combinators.ts";
import type { Deferred, Eventual } from "./deferred.ts";
import type { Failure } from "./failure.ts";

/** What is released is not held: it was released too often, or never acquired. */
export class NotAcquiredError extends LocalProtocolError {
  readonly code = "ERR_NOT_ACQUIRED";
}

/**
 * A lock or a token that is held. Ends with its block: `await using held = await lock.hold();`.
 *
 * `using` serves as well: nothing is waited for at the end.
 */
export class Hold implements Disposable, AsyncDisposable {
  #release: (() => void) | undefined;

  /** @param release Called once. */
  constructor(release: () => void) {
    this.#release = release;
  }

  /** Not given back yet? */
  get held(): boolean {
    return this.#release !== undefined;
  }

  /** Give it back; a second call does nothing. */
  release(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}

/** When `acquired` fires, call `f`; when that is over, one way or the other, `release`. */
export function runHolding<T, Args extends unknown[]>(
  acquired: Deferred<unknown>,
  release: () => void,
  f: (...args: Args) => Eventual<T> | Failure,
  args: Args,
): Deferred<T> {
  return acquired.addCallback(() =>
    maybeDeferred(f, ...args).addBoth((result) => {
      release();
      return result;
    }),
  );
}
