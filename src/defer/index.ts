/**
 * Deferreds: results that come later, and the functions that wait for them.
 *
 * @example
 * ```ts
 * import { Deferred, Failure } from "sennit/defer";
 *
 * const d = new Deferred<string>();
 * void d.addCallback((text) => text.length).addErrback((failure: Failure) => {
 *   failure.trap(RangeError);
 *   return 0;
 * });
 * d.callback("hello");
 * console.log(await d); // 5
 * ```
 *
 * @module defer
 */

// Deferreds
export {
  type DeferredSource,
  ensureDeferred,
  execute,
  fail,
  maybeDeferred,
  succeed,
} from "./combinators.ts";
export { getDebugging, setDebugging } from "./debugging.ts";
export { Deferred } from "./deferred.ts";
export type { Canceller, Eventual, TimeoutCall, TimeoutClock } from "./deferred.ts";

// Several at once
export {
  DeferredList,
  type DeferredListOptions,
  type DeferredListResult,
  type Outcome,
  type Outcomes,
  type Winner,
} from "./deferred-list.ts";
export { gatherResults, type Gathered, type GatherOptions } from "./gather-results.ts";
export { FailureGroup, FirstError } from "./group-errors.ts";
export { race } from "./race.ts";

// Step by step
export { type InlineBody, inlineCallbacks, runInline } from "./inline-callbacks.ts";
export { wait, type Waiting } from "./wait.ts";

// Taking turns
export { DeferredLock } from "./deferred-lock.ts";
export { DeferredQueue, QueueOverflow, QueueUnderflow } from "./deferred-queue.ts";
export { DeferredSemaphore } from "./deferred-semaphore.ts";
export {
  AlreadyTryingToLockError,
  DeferredFilesystemLock,
  type FilesystemLockOptions,
} from "./filesystem-lock.ts";
export { Hold, NotAcquiredError } from "./hold.ts";

// Context
export { trackContext } from "./context.ts";

// Failures
export { AlreadyCalledError, CancelledError, NonErrorThrown, TimeoutError } from "./errors.ts";
export { type ErrorClass, type ErrorMatch, Failure } from "./failure.ts";
export {
  type LedgerScope,
  type OpenFailure,
  openLedger,
  reportUnhandledFailures,
} from "./unhandled.ts";
