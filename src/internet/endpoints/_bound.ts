/**
 * From a port that is being bound to one Deferred of a port that is.
 *
 * @module
 */
import { fail } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import type { IListeningPort } from "../interfaces-factory.ts";
import { abortCause, cancelOnAbort } from "./abort-options.ts";

/**
 * Start listening and follow the port until it is bound.
 *
 * @param start `reactor.listenTCP` or its like. What it throws is what the Deferred fails with.
 */
export function bound(
  start: () => IListeningPort,
  signal: AbortSignal | undefined,
): Deferred<IListeningPort> {
  if (signal?.aborted === true) return fail(new CancelledError(undefined, abortCause(signal)));
  let port: IListeningPort;
  try {
    port = start();
  } catch (error) {
    return fail(error);
  }
  const result = new Deferred<IListeningPort>((deferred) => {
    deferred.errback(new CancelledError(undefined, abortCause(signal)));
    void port.stopListening();
  });
  void port.listening.addCallbacks(
    (listening) => {
      // Bound though it was told to stop: that order of events is the reactor's, not an error.
      if (!result.called) result.callback(listening);
      return listening;
    },
    (failure) => {
      if (!result.called) result.errback(failure);
    },
  );
  return cancelOnAbort(result, signal);
}
