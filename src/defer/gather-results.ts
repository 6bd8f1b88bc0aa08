/**
 * The values of several Deferreds, or the first error.
 *
 * After: twisted.internet.defer.gatherResults. Differs: can cancel the others when one fails; typed
 * as a tuple; members may be promises and plain values.
 *
 * @module
 */
import { cancelEach, toDeferreds } from "./_members.ts";
import type { Deferred } from "./deferred.ts";
import { DeferredList, type Outcome } from "./deferred-list.ts";
import type { Failure } from "./failure.ts";

/** The values of all members: a tuple for a tuple. */
export type Gathered<Members extends readonly unknown[]> = {
  -readonly [At in keyof Members]: Awaited<Members[At]>;
};

/** How {@link gatherResults} treats failures. */
export interface GatherOptions {
  /**
   * Count the members' failures as handled. Otherwise each is reported unless somebody else handles
   * it, also the one that is in the `FirstError`. Default: as `cancelOnFailure`.
   */
  readonly consumeErrors?: boolean;
  /** Cancel the other members when one fails. Default: false. */
  readonly cancelOnFailure?: boolean;
}

/**
 * The values of all members, when all have one.
 *
 * @returns Fires with the values in the order of the members; at once for none. Fails with a
 * `FirstError` as soon as one fails. Cancelling it cancels every member, and ends in a
 * `CancelledError` if one of them fails for it.
 *
 * @example
 * ```ts
 * import { gatherResults, succeed } from "sennit/defer";
 *
 * const [count, name] = await gatherResults([succeed(3), Promise.resolve("ada")]);
 * console.log(name.repeat(count)); // adaadaada
 * ```
 */
export function gatherResults<const Members extends readonly unknown[]>(
  members: Members,
  options?: GatherOptions,
): Deferred<Gathered<Members>>;
export function gatherResults(
  members: readonly unknown[],
  options: GatherOptions = {},
): Deferred<unknown> {
  const { cancelOnFailure = false, consumeErrors = cancelOnFailure } = options;
  const deferreds = toDeferreds(members);
  const list = new DeferredList(deferreds, { fireOnOneErrback: true, consumeErrors });
  return list.addCallbacks(
    (outcomes) => outcomes.map(valueOf),
    (failure): Failure => {
      if (cancelOnFailure) cancelEach(deferreds);
      return failure;
    },
  );
}

/** All have succeeded when this is asked. */
function valueOf(outcome: Outcome<unknown>): unknown {
  return outcome.success ? outcome.value : outcome.failure;
}
