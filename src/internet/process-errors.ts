/**
 * How processes end, and what goes wrong with them.
 *
 *     ConnectionClosed
 *       ProcessDone           it exited with 0
 *       ConnectionLost
 *         ProcessTerminated   it exited with something else, or a signal ended it
 *     ConnectError
 *       SpawnError            it never began
 *
 * After: twisted.internet.error (ProcessDone, ProcessTerminated, ProcessExitedAlready). Differs: a
 * program that cannot be started is a `SpawnError`, not an exit code of 1; there is no `status`.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../core/errors.ts";
import { quote } from "../core/text.ts";
import type { Deferred } from "../defer/deferred.ts";
import { ConnectError, ConnectionClosed, ConnectionLost } from "./errors.ts";

/** The process has exited with 0. */
export class ProcessDone extends ConnectionClosed {
  readonly code = "ERR_PROCESS_DONE";
  readonly exitCode = 0;
  readonly signal = undefined;
  constructor(message = "Process has exited with 0", options?: ErrorOptions) {
    super(message, options);
  }
}

/** How a process ended that did not exit with 0: one of both. */
export interface ProcessTermination {
  /** From 1 to 255. */
  readonly exitCode?: number | undefined;
  /** The signal that ended it. */
  readonly signal?: NodeJS.Signals | undefined;
}

/** The process has exited with a code other than 0, or was ended by a signal. */
export class ProcessTerminated extends ConnectionLost {
  override readonly code = "ERR_CONNECTION_PROCESS_TERMINATED";
  /** What it exited with; `undefined` if a signal ended it. */
  readonly exitCode: number | undefined;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | undefined;

  constructor({ exitCode, signal }: ProcessTermination, options?: ErrorOptions) {
    const how = signal === undefined ? `has exited with ${String(exitCode)}` : `ended by ${signal}`;
    super(`Process ${how}`, options);
    this.exitCode = exitCode;
    this.signal = signal;
  }
}

/** The program could not be started. */
export class SpawnError extends ConnectError {
  readonly code = "ERR_CONNECT_SPAWN";
  /** What was to be started. */
  readonly executable: string;
  /** The system's name for it: `ENOENT`, `EACCES`, `E2BIG`, `EMFILE`, `EPERM`, … */
  readonly systemCode: string;

  constructor(executable: string, systemCode: string, why: string, options?: ErrorOptions) {
    super(`Cannot start ${quote(executable)}: ${why} (${systemCode})`, undefined, options);
    this.executable = executable;
    this.systemCode = systemCode;
  }
}

/** There is no process any more that could be signalled. */
export class ProcessExitedAlready extends LocalProtocolError {
  readonly code = "ERR_PROCESS_EXITED_ALREADY";
}

/** The system did not let us signal the process (it runs as somebody else): see `cause`. */
export class ProcessSignalError extends SennitError {
  readonly code = "ERR_PROCESS_SIGNAL";
}

/** The process has not what was asked of it: no terminal, no process group of its own. */
export class ProcessFeatureError extends LocalProtocolError {
  readonly code = "ERR_PROCESS_FEATURE";
}

/** `getProcessOutput`: the process has written to its standard error, which was not asked for. */
export class UnexpectedStderrError extends SennitError {
  readonly code = "ERR_PROCESS_STDERR";
  /** The first piece of what it wrote there. */
  readonly err: Buffer;
  /** Fires when the process has ended: the failure comes before that. */
  readonly processEnded: Deferred<void>;

  constructor(executable: string, err: Buffer, processEnded: Deferred<void>) {
    const text = quote(err.toString());
    super(
      `Cannot take the output of ${quote(executable)}: it complains on its error output ${text}`,
    );
    this.err = err;
    this.processEnded = processEnded;
  }
}

/** What a process has said until its end. */
export interface PartialOutput {
  readonly out: Buffer;
  readonly err: Buffer;
}

/** A signal ended the process, so that it has no exit code, and its output may be cut short. */
export class ProcessSignalledError extends SennitError {
  readonly code = "ERR_PROCESS_SIGNALLED";
  readonly signal: NodeJS.Signals;
  /** What it had written. */
  readonly out: Buffer;
  /** What it had written to its standard error, if that was kept apart. */
  readonly err: Buffer;

  constructor(executable: string, signal: NodeJS.Signals, { out, err }: PartialOutput) {
    super(`Cannot take the result of ${quote(executable)}: ${signal} has ended it`);
    this.signal = signal;
    this.out = out;
    this.err = err;
  }
}

/** The process has written more than `maxBytes`, and was terminated. */
export class ProcessOutputLimitError extends SennitError {
  readonly code = "ERR_PROCESS_OUTPUT_LIMIT";
  /** The limit, in bytes. */
  readonly maxBytes: number;

  constructor(executable: string, maxBytes: number) {
    super(
      `Cannot take the output of ${quote(executable)}: expected at most ${String(maxBytes)} ` +
        "bytes, got more; raise maxBytes, or use spawnProcess",
    );
    this.maxBytes = maxBytes;
  }
}

/** The process has not ended within `timeout` seconds, and was terminated. */
export class ProcessTimeoutError extends SennitError {
  readonly code = "ERR_PROCESS_TIMEOUT";
  /** The time it was given. */
  readonly seconds: number;

  constructor(executable: string, seconds: number) {
    super(
      `Cannot take the result of ${quote(executable)}: it has not ended within ` +
        `${String(seconds)} seconds`,
    );
    this.seconds = seconds;
  }
}
