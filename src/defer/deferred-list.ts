/**
 * Several Deferreds as one.
 *
 * After: twisted.internet.defer.DeferredList. Differs: members may be promises and plain values;
 * results are records whose types are those of the members; the Deferred of a list that was
 * cancelled and would fail with {@link FirstError} fails with `CancelledError`, so that
 * `addTimeout` and `trap(CancelledError)` know it, and the `FirstError` is its cause.
 *
 * @module
 */
import { cancelEach, toDeferreds } from "./_members.ts";
import { LateResult } from "./_late-result.ts";
import { Deferred } from "./deferred.ts";
import { Failure } from "./failure.ts";
import { FirstError } from "./group-errors.ts";

/** What became of one member. */
export type Outcome<T> =
  | { readonly success: true; readonly value: T }
  | { readonly success: false; readonly failure: Failure };

/** What became of each member: a tuple for a tuple. */
export type Outcomes<Members extends readonly unknown[]> = {
  -readonly [At in keyof Members]: Outcome<Awaited<Members[At]>>;
};

/** Who came first, and with what: `index` tells the type of `value`. */
export type Winner<Members extends readonly unknown[]> = {
  [At in keyof Members]: {
    /** Counted from 0. A tuple's keys are strings: `"0"` is the number 0. */
    readonly index: At extends `${infer Index extends number}` ? Index : number;
    readonly value: Awaited<Members[At]>;
  };
}[number];

/** When a {@link DeferredList} fires. Every flag is off by default. */
export interface DeferredListOptions {
  /** Fire with the first value. When all fail, it fires with their outcomes. */
  readonly fireOnOneCallback?: boolean;
  /** Fail with a {@link FirstError} as soon as one fails. */
  readonly fireOnOneErrback?: boolean;
  /** Count the members' failures as handled. Else each is reported, unless somebody handles it. */
  readonly consumeErrors?: boolean;
}

/** What a {@link DeferredList} with these options fires with. */
export type DeferredListResult<
  Members extends readonly unknown[],
  Options extends DeferredListOptions,
> = "fireOnOneCallback" extends keyof Options
  ? Options["fireOnOneCallback"] extends false
    ? Outcomes<Members>
    : Winner<Members> | Outcomes<Members>
  : Outcomes<Members>;

/**
 * Fires with the outcomes of all members when each has one, in the order of the members.
 *
 * Members keep their results. Cancelling the list cancels every member; it fires when they are
 * through with that. An empty list fires at once with `[]`; with `fireOnOneCallback`, never.
 *
 * @example
 * ```ts
 * import { DeferredList, fail, succeed } from "sennit/defer";
 *
 * const list = new DeferredList([succeed(1), fail(new Error("no"))], { consumeErrors: true });
 * for (const outcome of await list) {
 *   console.log(outcome.success ? outcome.value : outcome.failure.getErrorMessage()); // 1, no
 * }
 * ```
 */
export class DeferredList<
  const Members extends readonly unknown[],
  const Options extends DeferredListOptions = { readonly fireOnOneCallback: false },
> extends Deferred<DeferredListResult<Members, Options>> {
  constructor(members: Members, options?: Options);
  constructor(members: readonly unknown[], options: DeferredListOptions = {}) {
    const deferreds = toDeferreds(members);
    const result = new LateResult<unknown>(() => cancelEach(deferreds));
    super(result.canceller);
    result.bind(this);
    collect(deferreds, options, result);
  }
}

function collect(
  members: readonly Deferred<unknown>[],
  options: DeferredListOptions,
  result: LateResult<unknown>,
): void {
  const { fireOnOneCallback = false, fireOnOneErrback = false, consumeErrors = false } = options;
  const outcomes = Array.from<Outcome<unknown> | undefined>({ length: members.length });
  let open = members.length;
  let fired = false;
  if (open === 0 && !fireOnOneCallback) result.callback([]);

  const settle = (index: number, outcome: Outcome<unknown>): void => {
    outcomes[index] = outcome;
    open -= 1;
    if (fired) return;
    const early = outcome.success ? fireOnOneCallback : fireOnOneErrback;
    fired = early || open === 0;
    if (early && outcome.success) result.callback({ index, value: outcome.value });
    else if (early && !outcome.success) result.errback(new FirstError(outcome.failure, index));
    else if (open === 0) result.callback(outcomes);
  };
  for (const [index, member] of members.entries()) {
    void member.addBoth((value) => {
      const failed = value instanceof Failure;
      settle(index, failed ? { success: false, failure: value } : { success: true, value });
      return failed && consumeErrors ? undefined : value;
    });
  }
}
