/**
 * An end for what has none: a loop of promises, or a plain one, that one event of a simulation has
 * led to. Nothing in its thread can end it but V8, which Node asks when a script has a timeout.
 *
 * It costs a twentieth of a millisecond, most of it for the thread that looks at the clock.
 *
 * @module
 */
import inspector from "node:inspector";
import { createContext, Script } from "node:vm";

const SCRIPT = new Script("play()", { filename: "sennit:patience" });
/** The longest timeout that Node can wait for, in milliseconds. */
const TIMEOUT_MAX = 2 ** 31 - 1;

/** What the script sees. A context takes a millisecond to make: there is one, once it is needed. */
let stage: { play: () => void } | undefined;

/**
 * Call `f`, and interrupt it after so many seconds of real time: what stands in its `finally` is
 * not run then, and promises that wait for their turn never get one. Nobody is interrupted in a
 * debugger.
 *
 * Whoever was interrupted in a tick or by a promise may have left Node's hooks in the midst of
 * something: contexts (`AsyncLocalStorage`) and escapes may not be seen any more in this thread.
 * And it has left Node's stack of asynchronous contexts as it was, and Node ends a process in which
 * it finds that. So its caller must throw something that nobody catches: Node then tidies up.
 *
 * @returns What `f` returns; `undefined`: it was interrupted.
 */
export function withinPatience<T>(f: () => T, seconds: number): T | undefined {
  const timeout = Math.ceil(seconds * 1000);
  if (timeout > TIMEOUT_MAX || inspector.url() !== undefined) return f();
  stage ??= makeStage();
  let isOver = false;
  let result: T | undefined;
  stage.play = () => {
    try {
      result = f();
    } finally {
      isOver = true;
    }
  };
  try {
    SCRIPT.runInContext(stage, { timeout });
  } catch (error) {
    if (isOver) throw error;
  } finally {
    stage.play = nothing; // What it saw may be large.
  }
  return result;
}

function makeStage(): { play: () => void } {
  const made = { play: nothing };
  createContext(made);
  return made;
}

function nothing(): void {}
