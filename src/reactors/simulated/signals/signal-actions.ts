/**
 * What signals are there, and what the kernel does with one that a program has no handler for.
 *
 * Spec: signal(7).
 *
 * @module
 */
import { constants } from "node:os";

/** Nothing happens. */
const HARMLESS: ReadonlySet<string> = new Set(["SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"]);
/** Node ignores the one, and keeps the other for its debugger. */
const HARMLESS_FOR_NODE: ReadonlySet<string> = new Set(["SIGPIPE", "SIGUSR1"]);
const STOPPING: ReadonlySet<string> = new Set(["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"]);

/** What becomes of a program that gets a signal and has no handler for it. */
export type SignalAction = "end" | "stop" | "nothing";

/** See {@link SignalAction}. */
export function actionOf(signal: NodeJS.Signals): SignalAction {
  if (STOPPING.has(signal)) return "stop";
  return HARMLESS.has(signal) ? "nothing" : "end";
}

/** The same for a program on Node. */
export function nodeActionOf(signal: NodeJS.Signals): SignalAction {
  return HARMLESS_FOR_NODE.has(signal) ? "nothing" : actionOf(signal);
}

/** Can a program have a handler for it? */
export function isCatchable(signal: string): boolean {
  return signal !== "SIGKILL" && signal !== "SIGSTOP";
}

/** The signal of that name or number; 0 is none. @throws {TypeError} There is no such signal. */
export function signalFrom(signal: string | number): NodeJS.Signals | 0 {
  if (signal === 0) return 0;
  const known = Object.entries(constants.signals).find(([name, number]) => {
    return typeof signal === "string" ? name === signal : number === signal;
  });
  if (known !== undefined && isSignal(known[0])) return known[0];
  throw new TypeError(`Cannot send ${String(signal)}: there is no such signal`);
}

function isSignal(name: string): name is NodeJS.Signals {
  return name in constants.signals;
}
