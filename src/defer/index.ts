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
export { fail, maybeDeferred, succeed } from "./combinators.ts";
export { Deferred, getDebugging, setDebugging } from "./deferred.ts";
export type { Canceller, Eventual, TimeoutClock } from "./deferred.ts";

// Context
export { trackContext } from "./context.ts";

// Failures
export { AlreadyCalledError, CancelledError, NonErrorThrown, TimeoutError } from "./errors.ts";
export { type ErrorClass, type ErrorMatch, Failure } from "./failure.ts";
export { type LedgerScope, openLedger, reportUnhandledFailures } from "./unhandled.ts";
