/**
 * Where Deferreds and promises meet.
 *
 * @module
 */

/** Has it a `then`? May throw: a getter's doing. */
export function isThenable(value: object): value is PromiseLike<unknown> {
  return "then" in value && typeof value.then === "function";
}

/**
 * Resolve a promise with what `f` makes of the value, or with the value; reject with what it
 * throws.
 */
export function settle(
  resolve: (value: unknown) => void,
  reject: (reason: unknown) => void,
  f: unknown,
  value: unknown,
): void {
  try {
    resolve(typeof f === "function" ? f(value) : value);
  } catch (error) {
    reject(error);
  }
}

/** A promise of what `f` makes of the value, called now; of the value without `f`. */
export function settled(f: unknown, value: unknown): Promise<unknown> {
  try {
    return Promise.resolve(typeof f === "function" ? f(value) : value);
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * Take the result of a promise, or of whatever looks like one; never a thenable, and never twice.
 *
 * Spec: Promises/A+ 2.3.3.
 */
export function follow(
  thenable: PromiseLike<unknown>,
  onValue: (value: unknown) => void,
  onReason: (reason: unknown) => void,
): void {
  let answered = false;
  const once = (f: (given: unknown) => void) => (given: unknown) => {
    if (answered) return;
    answered = true;
    f(given);
  };
  const resolved = (value: unknown): void => {
    const next = nextOf(value, onReason);
    if (next === undefined) onValue(value);
    else if (next !== "failed") follow(next, onValue, onReason);
  };
  try {
    thenable.then(once(resolved), once(onReason));
  } catch (error) {
    once(onReason)(error);
  }
}

/** The thenable that a value is, if it is one. */
function nextOf(
  value: unknown,
  onReason: (reason: unknown) => void,
): PromiseLike<unknown> | "failed" | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    return isThenable(value) ? value : undefined;
  } catch (error) {
    onReason(error);
    return "failed";
  }
}

/** A promise of what `deferred` has; `cancel` is called when `signal` is aborted before that. */
export function untilAborted<T>(
  deferred: PromiseLike<T>,
  signal: AbortSignal,
  cancel: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      try {
        cancel();
      } catch (error) {
        reject(error); // A canceller's: an event has nobody else to tell.
      }
    };
    const done = (): void => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    deferred.then(resolve, reject).then(done, done);
  });
}
