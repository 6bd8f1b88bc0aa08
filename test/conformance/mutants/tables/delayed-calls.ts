/**
 * Reactors that are wrong about calls that are moved, cancelled, and over.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const CALLS = "reactors/base/delayed-calls.ts";

/** For `delayed calls`. */
export const delayedCallMutants: readonly Mutant[] = [
  {
    name: "a call is active while it is being called",
    file: CALLS,
    find: 'due.state = "called";\n    call(due);',
    replace: 'call(due);\n    due.state = "called";',
    kills: ["active says whether it still waits, also from inside the call"],
  },
  {
    name: "reset() counts from the time that was planned",
    file: CALLS,
    find: "this.#queue.seconds() + checkedDelay(seconds)",
    replace: "this.time + checkedDelay(seconds)",
    kills: ["reset() counts from now"],
  },
  {
    name: "a call is never put off",
    file: CALLS,
    find: "call.time = time;",
    replace: "call.time = Math.min(call.time, time);",
    kills: ["reset() to a later time puts the call off"],
  },
  {
    name: "delay() only adds",
    file: CALLS,
    find: "const time = this.time + seconds;",
    replace: "const time = this.time + Math.abs(seconds);",
    kills: ["delay() adds to the time that was planned, and may be negative"],
  },
  {
    name: "a call that is made earlier does not wake the reactor",
    file: CALLS,
    find: "if (call.at >= 0 && time < (this.#times[0] ?? 0)) this.#headChanged();",
    replace: "",
    kills: ["delay() below now makes the call due"],
  },
  {
    name: "cancel() does nothing",
    file: CALLS,
    find: 'this.state = "cancelled";',
    replace: "return;",
    kills: ["cancel() keeps the call from coming"],
  },
  {
    name: "cancel() does nothing once the pass of the call has begun",
    file: CALLS,
    find: 'this.#check("cancel");',
    replace: 'this.#check("cancel"); if (this.at < 0) return;',
    kills: ["cancel() from inside another call of the same pass is in time"],
  },
  {
    name: "a call whose pass has begun cannot be put off",
    file: CALLS,
    find: 'if (due.time > now) this.restore(due);\n      else if (due.state === "pending")',
    replace: 'if (due.state === "pending")',
    kills: ["reset() and delay() from inside another call of the same pass are in time"],
  },
  {
    name: "a cancelled call takes every request",
    file: CALLS,
    find: 'throw this.state === "called" ? new AlreadyCalled',
    replace: 'if (this.state === "called") throw this.state === "called" ? new AlreadyCalled',
    kills: ["a cancelled call refuses cancel(), reset() and delay()"],
  },
  {
    name: "a call that has been called takes every request",
    file: CALLS,
    find: 'throw this.state === "called" ? new AlreadyCalled',
    replace: 'if (this.state !== "called") throw this.state === "called" ? new AlreadyCalled',
    kills: ["a call that has been called refuses cancel(), reset() and delay()"],
  },
  {
    name: "a delay may be no number",
    file: CALLS,
    find: "if (seconds >= 0) return seconds;",
    replace: "if (!(seconds < 0)) return seconds;",
    kills: ["delays that are negative or no numbers are refused"],
  },
  {
    name: "delay() looks at what is added, not at what comes of it",
    file: CALLS,
    find: "if (Number.isNaN(time)) {",
    replace: "if (Number.isNaN(seconds)) {",
    kills: ["a call for ever later may come sooner, and never has no time"],
  },
];
