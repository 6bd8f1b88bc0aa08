/**
 * Stacks of where Deferreds are made and fired: off unless asked for.
 *
 * After: twisted.internet.defer.setDebugging.
 *
 * @module
 */

let debugging = false;

/** Keep a stack for each Deferred made and fired from now on: each costs as much as an `Error`. */
export function setDebugging(on: boolean): void {
  debugging = on;
}

/** Are stacks kept? */
export function getDebugging(): boolean {
  return debugging;
}

/** Frames of the Deferred's own methods, and of what makes the stack. */
const OUR_FRAME = /^ {4}at (?:new )?(?:Deferred\b|captureStack\b)/u;

/** The stack of whoever called into a Deferred; `undefined` unless stacks are kept. */
export function captureStack(): string | undefined {
  if (!debugging) return undefined;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder);
  // Text, unless the program has an Error.prepareStackTrace that makes something else.
  const text = typeof holder.stack === "string" ? holder.stack : "";
  const frames = text.split("\n").slice(1);
  return frames.filter((frame) => !OUR_FRAME.test(frame)).join("\n");
}
