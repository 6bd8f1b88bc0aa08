/**
 * The first value of several Deferreds.
 *
 * After: twisted.internet.defer.race. Differs: nothing to race fails at once; the result is a
 * record whose `index` tells the type of its `value`; members may be promises and plain values;
 * cancelled, it ends in a `CancelledError`, whose cause is the group of the members' failures.
 *
 * @module
 */
import { cancelEach, toDeferreds } from "./_members.ts";
import { LateResult } from "./_late-result.ts";
import { Deferred } from "./deferred.ts";
import type { Winner } from "./deferred-list.ts";
import type { Failure } from "./failure.ts";
import { FailureGroup } from "./group-errors.ts";

/**
 * The first member that has a value; the others are cancelled, and what they end with is dropped.
 *
 * It does not wait for the losers: one that cannot be cancelled may still have its effect.
 *
 * @returns Fires with the winner's index and value. Fails with a {@link FailureGroup} when all have
 * failed, or when there is no member. Cancelling it cancels every member.
 *
 * @example
 * ```ts
 * import { Deferred, race, succeed } from "sennit/defer";
 *
 * const slow = new Deferred<number>();
 * const winner = await race([slow, succeed("fast")]);
 * if (winner.index === 1) console.log(winner.value.toUpperCase()); // FAST
 * ```
 */
export function race<const Members extends readonly unknown[]>(
  members: Members,
): Deferred<Winner<Members>>;
export function race(members: readonly unknown[]): Deferred<unknown> {
  const deferreds = toDeferreds(members);
  const result = new LateResult<unknown>(() => cancelEach(deferreds));
  const first = new Deferred<unknown>(result.canceller);
  result.bind(first);
  if (deferreds.length === 0) {
    const message = "Cannot race: expected at least one Deferred, got none";
    result.errback(new FailureGroup([], message));
  }
  run(deferreds, result);
  return first;
}

function run(members: readonly Deferred<unknown>[], result: LateResult<unknown>): void {
  const failures = new Map<number, Failure>();
  let won = false;
  for (const [index, member] of members.entries()) {
    void member.addCallbacks(
      (value) => {
        if (won) return value;
        won = true;
        // Not the winner: what it has started may go on with whoever gets its value.
        cancelEach(members.filter((other) => other !== member));
        result.callback({ index, value });
        return value;
      },
      (failure) => {
        failures.set(index, failure);
        if (failures.size === members.length) result.errback(new FailureGroup(inOrder(failures)));
      },
    );
  }
}

function inOrder(failures: ReadonlyMap<number, Failure>): readonly Failure[] {
  return [...failures].sort(([one], [other]) => one - other).map(([, failure]) => failure);
}
