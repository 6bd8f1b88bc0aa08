/**
 * The context of `AsyncLocalStorage`, carried to callbacks and timers.
 *
 * A callback of a Deferred runs when the Deferred is fired, in whatever context fires it: a
 * socket's, a timer's. With tracking on, it runs in the one in which it was added. Node does not
 * tell whether anybody uses `AsyncLocalStorage`, and remembering costs more than a small Deferred
 * does; so tracking is off until a program that wants it says so, once, at its start. Off, it costs
 * nothing.
 *
 * After: twisted.python.context, contextvars in twisted.internet.defer.
 *
 * @module
 */
import { AsyncResource } from "node:async_hooks";

/** Runs a function in the context that was captured. */
export type ContextRunner = <Args extends unknown[], Result>(
  f: (...args: Args) => Result,
  ...args: Args
) => Result;

let tracking = false;

/**
 * From now on, callbacks added, delayed calls made and generators started see the values of every
 * `AsyncLocalStorage` as they are at that moment. `false` ends it for those that come later.
 *
 * @example
 * ```ts
 * import { AsyncLocalStorage } from "node:async_hooks";
 * import { Deferred, trackContext } from "sennit/defer";
 *
 * trackContext();
 * const user = new AsyncLocalStorage<string>();
 * const d = new Deferred<void>();
 * user.run("ada", () => void d.addCallback(() => console.log(user.getStore())));
 * d.callback(); // ada
 * trackContext(false);
 * ```
 */
export function trackContext(on: boolean = true): void {
  tracking = on;
}

/** Does anybody want to know? */
export function isTrackingContext(): boolean {
  return tracking;
}

/** The context of now, or `undefined` while nobody wants to know. */
export function captureContext(): ContextRunner | undefined {
  if (!tracking) return undefined;
  // Not AsyncLocalStorage.snapshot(): it costs 20 times as much on Node 20 (bench/micro/context).
  const resource = new AsyncResource("sennit", { requireManualDestroy: true });
  return (f, ...args) => resource.runInAsyncScope(f, undefined, ...args);
}

/** `f`, bound to the context of now; itself while nobody wants to know. It keeps its name. */
export function withContext<Args extends never[], Result>(
  f: (...args: Args) => Result,
): (...args: Args) => Result {
  const run = captureContext();
  if (run === undefined) return f;
  const bound = (...args: Args): Result => run(f, ...args);
  Object.defineProperty(bound, "name", { value: f.name });
  return bound;
}

/** The same for something that may be no function, and then is left alone. */
export function bindContext(f: unknown): unknown {
  if (!tracking || typeof f !== "function") return f;
  const bound = withContext((value: unknown): unknown => f(value));
  Object.defineProperty(bound, "name", { value: f.name });
  return bound;
}
