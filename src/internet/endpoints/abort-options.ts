/**
 * `AbortSignal`s for endpoints: aborting is cancelling the Deferred.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";

/** Cancel `deferred` when `signal` is aborted; once it has fired, the signal is let go. */
export function cancelOnAbort<T>(
  deferred: Deferred<T>,
  signal: AbortSignal | undefined,
): Deferred<T> {
  if (signal === undefined) return deferred;
  const onAbort = (): void => deferred.cancel();
  if (signal.aborted) {
    onAbort();
    return deferred;
  }
  signal.addEventListener("abort", onAbort, { once: true });
  return deferred.addBoth((result) => {
    signal.removeEventListener("abort", onAbort);
    return result;
  });
}

/** The options of an error for a cancelled operation: why, if a signal was behind it. */
export function abortCause(signal: AbortSignal | undefined): ErrorOptions {
  return signal?.aborted === true ? { cause: signal.reason } : {};
}
