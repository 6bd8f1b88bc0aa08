/**
 * A program run to its end, for what it writes and what it exits with.
 *
 * After: twisted.internet.utils (getProcessOutput, getProcessValue, getProcessOutputAndValue).
 * Differs: the standard input is always closed, after `stdinBytes` if there are any, so that no
 * program waits for more; a signal that ends the program is a failure in all three; output is
 * bounded; a cancelled Deferred ends the program.
 *
 * @module
 */
import { fail } from "../defer/combinators.ts";
import { Deferred } from "../defer/deferred.ts";
import { CancelledError } from "../defer/errors.ts";
import type { Failure } from "../defer/failure.ts";
import { Logger } from "../logger/logger.ts";
import { abortCause, cancelOnAbort } from "./endpoints/abort-options.ts";
import { ConnectionDone } from "./errors.ts";
import type { AbortOptions } from "./interfaces-factory.ts";
import type { IProcessTransport, IReactorProcess, ProcessOptions } from "./interfaces-process.ts";
import type { IDelayedCall, IReactorTime } from "./interfaces-reactor.ts";
import {
  ProcessDone,
  ProcessOutputLimitError,
  ProcessSignalledError,
  ProcessTerminated,
  ProcessTimeoutError,
  UnexpectedStderrError,
} from "./process-errors.ts";
import { ProcessProtocol } from "./process-protocol.ts";

const log = new Logger({ namespace: "sennit.process" });

/** Ours: more than a program says to a program, less than what hurts. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Options of {@link getProcessValue}, and of the other two. */
export interface ProcessValueOptions
  extends Omit<ProcessOptions, "args" | "endAtStop">,
    AbortOptions {
  /** The arguments, without the program's own name in front. Default: none. */
  readonly args?: readonly string[];
  /**
   * Seconds until it is terminated, and `ProcessTimeoutError` is the result. Default: none, because
   * how long a program may take only its caller knows.
   */
  readonly timeout?: number;
}

/** Options of {@link getProcessOutputAndValue}. */
export interface ProcessOutputAndValueOptions extends ProcessValueOptions {
  /** Bytes of both outputs together, then it is terminated. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** What it finds on its standard input. Default: nothing. */
  readonly stdinBytes?: Uint8Array | string;
}

/** Options of {@link getProcessOutput}. */
export interface ProcessOutputOptions extends ProcessOutputAndValueOptions {
  /** Take what comes on the standard error as output too, in the order in which it comes. */
  readonly errortoo?: boolean;
}

/** What {@link getProcessOutputAndValue} fires with. */
export interface ProcessOutputAndValue {
  readonly out: Buffer;
  readonly err: Buffer;
  /** What it exited with. */
  readonly code: number;
}

/**
 * Run a program, and take what it writes to its standard output, whatever it exits with.
 *
 * @returns Fires with the output when the program has ended and nobody holds its output any more.
 * Fails with `UnexpectedStderrError` as soon as something comes on the standard error, unless
 * `errortoo`; with `SpawnError`, `ProcessSignalledError`, `ProcessOutputLimitError`,
 * `ProcessTimeoutError`. Cancelled (or aborted): the program is terminated.
 * @throws {TypeError} @throws {RangeError} As `spawnProcess`.
 *
 * @example
 * ```ts
 * import { getProcessOutput } from "sennit/internet";
 * import { NodeReactor } from "sennit/reactors";
 *
 * await using reactor = new NodeReactor();
 * const output = await getProcessOutput(reactor, "uname", { args: ["-s"], timeout: 5 });
 * console.log(output.toString().trim()); // Linux, or what else it may be
 * ```
 */
export function getProcessOutput(
  reactor: IReactorProcess & IReactorTime,
  executable: string,
  options: ProcessOutputOptions = {},
): Deferred<Buffer> {
  const stderr = options.errortoo === true ? "merge" : "refuse";
  return run(reactor, options, { ...options, executable, stderr, result: ({ out }) => out });
}

/**
 * Run a program, and take what it exits with. Its output is read and forgotten.
 *
 * @returns Fires with the exit code when the program has ended. Fails with `SpawnError`,
 * `ProcessSignalledError`, `ProcessTimeoutError`. Cancelled (or aborted): it is terminated.
 * @throws {TypeError} @throws {RangeError} As `spawnProcess`.
 *
 * @example
 * ```ts
 * import { getProcessValue } from "sennit/internet";
 * import { NodeReactor } from "sennit/reactors";
 *
 * await using reactor = new NodeReactor();
 * console.log(await getProcessValue(reactor, "test", { args: ["-d", "/no/such/folder"] })); // 1
 * ```
 */
export function getProcessValue(
  reactor: IReactorProcess & IReactorTime,
  executable: string,
  options: ProcessValueOptions = {},
): Deferred<number> {
  const { timeout, signal } = options;
  const job: Job<number> = {
    executable,
    stderr: "forget",
    result: ({ code }) => code,
    ...(timeout !== undefined && { timeout }),
    ...(signal !== undefined && { signal }),
  };
  return run(reactor, options, job);
}

/**
 * Run a program, and take all: what it writes, where to, and what it exits with.
 *
 * @returns Fires when the program has ended and nobody holds its output any more. Fails with
 * `SpawnError`; with `ProcessSignalledError`, which has the output so far; with
 * `ProcessOutputLimitError`, `ProcessTimeoutError`. Cancelled (or aborted): it is terminated.
 * @throws {TypeError} @throws {RangeError} As `spawnProcess`.
 *
 * @example
 * ```ts
 * import { getProcessOutputAndValue } from "sennit/internet";
 * import { NodeReactor } from "sennit/reactors";
 *
 * await using reactor = new NodeReactor();
 * const options = { args: ["b"], stdinBytes: "a\nb\n" };
 * const { out, code } = await getProcessOutputAndValue(reactor, "grep", options);
 * console.log(out.toString(), code); // b, 0
 * ```
 */
export function getProcessOutputAndValue(
  reactor: IReactorProcess & IReactorTime,
  executable: string,
  options: ProcessOutputAndValueOptions = {},
): Deferred<ProcessOutputAndValue> {
  return run(reactor, options, { ...options, executable, stderr: "keep", result: (all) => all });
}

/** One run. */
interface Job<Result> {
  readonly executable: string;
  /** What becomes of the standard error; `"forget"` forgets the standard output too. */
  readonly stderr: "keep" | "merge" | "refuse" | "forget";
  readonly maxBytes?: number;
  readonly timeout?: number;
  readonly stdinBytes?: Uint8Array | string;
  readonly signal?: AbortSignal | undefined;
  readonly result: (all: ProcessOutputAndValue) => Result;
}

function run<Result>(
  reactor: IReactorProcess & IReactorTime,
  options: ProcessValueOptions,
  job: Job<Result>,
): Deferred<Result> {
  const { executable, signal } = job;
  const { args = [], env, path, uid, gid, processGroup, killTimeout } = options;
  checkAtLeast0("timeout", job.timeout ?? 0);
  checkAtLeast0("maxBytes", job.maxBytes ?? 0);
  if (signal?.aborted === true) return fail(cancelled(executable, signal));
  const gathering = new Gathering(reactor, job);
  const child = reactor.spawnProcess(gathering, executable, {
    args: [executable, ...args],
    endAtStop: true,
    ...(env !== undefined && { env }),
    ...(path !== undefined && { path }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(processGroup !== undefined && { processGroup }),
    ...(killTimeout !== undefined && { killTimeout }),
  });
  gathering.watch(child);
  return cancelOnAbort(gathering.result, signal);
}

function cancelled(executable: string, signal: AbortSignal | undefined): Error {
  return new CancelledError(`Running ${executable} was cancelled`, abortCause(signal));
}

/** Gathers what one program writes. */
class Gathering<Result> extends ProcessProtocol {
  readonly result: Deferred<Result>;
  readonly #reactor: IReactorProcess & IReactorTime;
  readonly #job: Job<Result>;
  readonly #maxBytes: number;
  readonly #out: Buffer[] = [];
  readonly #err: Buffer[] = [];
  #bytes = 0;
  /** Output was cut short: by the reactor's stop. */
  #cutShort: Failure | undefined;
  #alarm: IDelayedCall | undefined;
  #ended: Deferred<void> | undefined;

  constructor(reactor: IReactorProcess & IReactorTime, job: Job<Result>) {
    super();
    this.#reactor = reactor;
    this.#job = job;
    this.#maxBytes = job.maxBytes ?? OUTPUT_BYTES_MAX;
    this.result = new Deferred<Result>(() => {
      this.#giveUp(cancelled(job.executable, job.signal));
    });
  }

  /** It has been started. */
  watch(child: IProcessTransport): void {
    this.transport = child;
    const { timeout, executable, stdinBytes } = this.#job;
    if (stdinBytes !== undefined) child.write(stdinBytes);
    child.closeStdin();
    if (timeout === undefined) return;
    this.#alarm = this.#reactor.callLater(timeout, () => {
      this.#giveUp(new ProcessTimeoutError(executable, timeout));
    });
  }

  override outReceived(data: Buffer): void {
    if (this.#job.stderr !== "forget") this.#take(this.#out, data);
  }

  override errReceived(data: Buffer): void {
    const { stderr, executable } = this.#job;
    if (stderr === "keep") this.#take(this.#err, data);
    else if (stderr === "merge") this.#take(this.#out, data);
    else if (stderr === "refuse" && !this.result.called) {
      this.#ended = new Deferred<void>();
      this.#fail(new UnexpectedStderrError(executable, data, this.#ended));
      this.transport.loseConnection(); // As Twisted does: it may go on and finish its work.
    }
  }

  #take(pieces: Buffer[], data: Buffer): void {
    if (this.result.called) return;
    this.#bytes += data.length;
    if (this.#bytes <= this.#maxBytes) pieces.push(data);
    else this.#giveUp(new ProcessOutputLimitError(this.#job.executable, this.#maxBytes));
  }

  /** The result is this error: the program is in the way now. */
  #giveUp(error: Error): void {
    this.#fail(error);
    this.transport.loseConnection();
    void this.transport.terminate().addErrback((failure) => {
      log.failure("{executable} cannot be ended", failure, { executable: this.#job.executable });
    });
  }

  #fail(error: unknown): void {
    if (this.#alarm?.active === true) this.#alarm.cancel();
    if (!this.result.called) this.result.errback(error);
  }

  override childConnectionLost(childFD: number, reason: Failure): void {
    if (childFD !== 0 && !reason.is(ConnectionDone)) this.#cutShort = reason;
  }

  override processEnded(reason: Failure): void {
    if (this.#alarm?.active === true) this.#alarm.cancel();
    if (!this.result.called) this.#end(reason);
    this.#ended?.callback();
  }

  #end(reason: Failure): void {
    const { executable, result } = this.#job;
    const output = { out: Buffer.concat(this.#out), err: Buffer.concat(this.#err) };
    const { value } = reason;
    if (this.#cutShort !== undefined) this.#fail(this.#cutShort);
    else if (value instanceof ProcessDone) this.result.callback(result({ ...output, code: 0 }));
    else if (!(value instanceof ProcessTerminated)) this.#fail(reason);
    else if (value.signal !== undefined) {
      this.#fail(new ProcessSignalledError(executable, value.signal, output));
    } else this.result.callback(result({ ...output, code: value.exitCode ?? 0 }));
  }
}

function checkAtLeast0(name: string, value: number): void {
  if (value >= 0) return;
  throw new RangeError(`Cannot use ${name}: expected at least 0, got ${String(value)}`);
}
