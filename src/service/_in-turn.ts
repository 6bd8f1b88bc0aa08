/**
 * One thing after another.
 *
 * @module
 */
import { Deferred } from "../defer/deferred.ts";

/**
 * Call `next` again and again, each time when the Deferred of the time before has fired.
 *
 * @param next Starts something, or returns `undefined` when there is nothing left to do.
 * @returns Fires after the last; fails, and goes no further, with the first that fails.
 */
export function inTurn(next: () => Deferred<void> | undefined): Deferred<void> {
  const done = new Deferred<void>();
  const run = (): void => {
    // A loop where results are there already: a thousand children must not grow the stack.
    let isInside = true;
    let isThere = true;
    while (isThere) {
      const step = next();
      if (step === undefined) {
        done.callback();
        return;
      }
      isThere = false;
      void step.addCallbacks(
        () => {
          isThere = true;
          if (!isInside) run();
        },
        (failure) => done.errback(failure),
      );
    }
    isInside = false;
  };
  run();
  return done;
}
