/**
 * What the combinators are given: Deferreds, promises and plain values, as Deferreds.
 *
 * @module
 */
import { Logger } from "../logger/logger.ts";
import { Deferred } from "./deferred.ts";

const log = new Logger({ namespace: "sennit.defer" });

/** The Deferred itself, or one of a promise; `undefined` for what is nothing to wait for. */
export function fromEventual(eventual: unknown): Deferred<unknown> | undefined {
  if (eventual instanceof Deferred) return eventual;
  try {
    return isThenable(eventual) ? Deferred.fromPromise(eventual) : undefined;
  } catch (error) {
    const broken = new Deferred<unknown>();
    broken.errback(error);
    return broken;
  }
}

/** Is it a promise, a Deferred or their like? */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== "object" || value === null) return false;
  return "then" in value && typeof value.then === "function";
}

/** Each member as a Deferred; one that is a plain value has fired with it. */
export function toDeferreds(members: readonly unknown[]): readonly Deferred<unknown>[] {
  return members.map((member) => fromEventual(member) ?? fired(member));
}

function fired(value: unknown): Deferred<unknown> {
  const deferred = new Deferred<unknown>();
  deferred.callback(value);
  return deferred;
}

/** Cancel them all: what one canceller throws is logged, and the others are still asked. */
export function cancelEach(deferreds: readonly Deferred<unknown>[]): void {
  for (const deferred of deferreds) {
    try {
      deferred.cancel();
    } catch (error) {
      log.failure("Unhandled error in the canceller of one of several Deferreds", error);
    }
  }
}
