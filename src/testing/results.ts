/**
 * What a Deferred has come to, now, without turning any loop: for assertions in any test runner.
 *
 * After: twisted.trial.unittest.SynchronousTestCase.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import { type ErrorClass, Failure } from "../defer/failure.ts";

type Outcome<T> = { readonly value: T } | { readonly failure: Failure } | undefined;

/** Take the result out; the Deferred goes on with `undefined`, and a failure counts as handled. */
function outcomeOf<T>(deferred: Deferred<T>): Outcome<T> {
  const seen: Outcome<T>[] = [];
  void deferred.addCallbacks(
    (value) => {
      seen.push({ value });
    },
    (failure) => {
      seen.push({ failure });
    },
  );
  return seen[0];
}

/** Look without touching: the result stays for those who come after. */
function hasResult(deferred: Deferred<unknown>): boolean {
  return deferred.called && deferred.paused === 0;
}

/**
 * The value that the Deferred has fired with.
 *
 * @throws {Error} It has not fired, or it has failed; the failure is the `cause`.
 */
export function successResultOf<T>(deferred: Deferred<T>): T {
  if (!hasResult(deferred))
    throw new Error(`Expected a success, found no result:\n${deferred.explain()}`);
  const outcome = outcomeOf(deferred);
  if (outcome !== undefined && "value" in outcome) return outcome.value;
  const failure = outcome?.failure;
  throw new Error(`Expected a success, found ${String(failure)}`, { cause: failure?.value });
}

/**
 * The failure that the Deferred has fired with, which counts as handled.
 *
 * @param expected The classes that it may be of; none means any.
 * @throws {Error} It has not fired, has succeeded, or failed with something else.
 */
export function failureResultOf(
  deferred: Deferred<unknown>,
  ...expected: readonly ErrorClass[]
): Failure {
  if (!hasResult(deferred))
    throw new Error(`Expected a failure, found no result:\n${deferred.explain()}`);
  const outcome = outcomeOf(deferred);
  const failure = outcome !== undefined && "failure" in outcome ? outcome.failure : undefined;
  if (!(failure instanceof Failure)) throw new Error("Expected a failure, found a success");
  if (expected.length > 0 && failure.check(...expected) === undefined) {
    const names = expected.map((one) => one.name).join(" or ");
    throw new Error(`Expected ${names}, found ${failure.toString()}`, { cause: failure.value });
  }
  return failure;
}

/** @throws {Error} The Deferred has fired. */
export function assertNoResult(deferred: Deferred<unknown>): void {
  if (hasResult(deferred)) throw new Error(`Expected no result yet:\n${deferred.explain()}`);
}
