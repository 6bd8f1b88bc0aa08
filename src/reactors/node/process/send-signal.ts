/**
 * Signals from us to a process, and what their numbers are called.
 *
 * @module
 */
import { constants } from "node:os";
import { ProcessExitedAlready, ProcessSignalError } from "../../../internet/process-errors.ts";
import { isSystemError } from "./spawn-failure.ts";

/** Whom to signal. The number must not have been reaped, or it may be somebody else's by now. */
export interface SignalTarget {
  readonly pid: number;
  /** The whole group that it leads. */
  readonly isForGroup: boolean;
}

/**
 * kill(2).
 *
 * @throws {ProcessExitedAlready} Nobody is there. @throws {ProcessSignalError} We may not.
 * @throws {TypeError} No such signal.
 */
export function sendSignal({ pid, isForGroup }: SignalTarget, signal: string | number): void {
  try {
    process.kill(isForGroup ? -pid : pid, signal);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const whom = `${isForGroup ? "process group" : "process"} ${String(pid)}`;
    const message = `Cannot send ${String(signal)} to ${whom}: ${error.message}`;
    if (error.code === "ESRCH") throw new ProcessExitedAlready(message, { cause: error });
    if (error.code === "EINVAL") throw new TypeError(message, { cause: error });
    throw new ProcessSignalError(message, { cause: error });
  }
}

/** `SIGTERM` for 15. */
export function signalName(number: number): NodeJS.Signals | undefined {
  const known = Object.entries(constants.signals).find(([, value]) => value === number);
  return known !== undefined && isSignal(known[0]) ? known[0] : undefined;
}

function isSignal(name: string): name is NodeJS.Signals {
  return name in constants.signals;
}
