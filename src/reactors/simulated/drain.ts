/**
 * Letting promises and ticks run dry between two events of a simulation.
 *
 * Node runs them whenever its stack is empty; a simulation wants them at once, a million times a
 * second. `process._tickCallback` does just that, synchronously. It is there in every version since
 * Node 0.10 and documented in none, so it is tried out before it is trusted, and `setImmediate`
 * does the same work where it fails: slower, and with the same outcome.
 *
 * Both work only from a macrotask: while a promise's callback runs, nothing can be drained.
 *
 * @module
 */

/** `ticks`: within the turn. `immediate`: one turn of Node's loop for each event. */
export type DrainMode = "ticks" | "immediate";

// As they were before anybody replaced them.
const immediate = globalThis.setImmediate;
const tickCallback: unknown = Reflect.get(process, "_tickCallback");

/** Run ticks and promises until there are none. Only where {@link canDrain} has said so. */
export const drainTicks: () => void =
  typeof tickCallback === "function" ? () => runDry(tickCallback) : () => {};

/**
 * What a tick throws is Node's to deal with: an `uncaughtException`, as without a simulation.
 * Caught
 * here and no more, it would leave Node's stack of asynchronous contexts as it was at the throw,
 * and Node ends a process in which it finds that.
 */
function runDry(run: Function): void {
  for (let isDry = false; !isDry; ) {
    try {
      Reflect.apply(run, process, []);
      isDry = true;
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

/** Go on from a fresh stack: ticks and promises have run by then. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    immediate(() => resolve());
  });
}

/** Call `f` from a fresh stack, with no promise's callback below it. */
export function onFreshStack(f: () => void): void {
  immediate(f);
}

let works: boolean | undefined;

/** Can this version of Node drain within a turn? Call it from a fresh stack. */
export function canDrain(): boolean {
  works ??= typeof tickCallback === "function" && tryDraining();
  return works;
}

/** A thousand promises, one after the other, and a tick in their middle. */
function tryDraining(): boolean {
  let steps = 0;
  let ticked = false;
  const chain = async (): Promise<void> => {
    for (let step = 0; step < 1000; step += 1) {
      await Promise.resolve();
      steps += 1;
      if (steps === 500) {
        process.nextTick(() => {
          ticked = true;
        });
      }
    }
  };
  void chain();
  drainTicks();
  return steps === 1000 && ticked;
}
