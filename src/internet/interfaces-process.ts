/**
 * The contracts of child processes.
 *
 *     makeConnection ─┬─▶ childDataReceived … ─▶ childConnectionLost (each once) ─┬─▶ processEnded
 *                     └─▶ processExited ──────────────────────────────────────────┘
 *
 * After: twisted.internet.interfaces (IReactorProcess, IProcessTransport, IProcessProtocol).
 * Differs: `connectionMade` comes in a later turn; a program that cannot be started never makes a
 * connection, and ends with `SpawnError`; a missing `env` inherits; reading from one descriptor can
 * be paused; `childConnectionLost` tells why; the reactor tells `processEnded` when it stops.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import type { IAddress } from "./addresses.ts";
import { type Capability, capability } from "./capabilities.ts";
import type { IClientFactory, IConnector } from "./interfaces-factory.ts";
import type { ConnectionLimits } from "./interfaces-reactor.ts";
import type { IConsumer, IPushProducer } from "./interfaces-transport.ts";

/** A signal, with or without its `SIG`; or its number. */
export type ProcessSignal =
  | "TERM"
  | "KILL"
  | "INT"
  | "HUP"
  | "QUIT"
  | "STOP"
  | "CONT"
  | "USR1"
  | "USR2"
  | NodeJS.Signals
  | number;

/**
 * What a descriptor of the child is, seen from here: `"r"`, we read what it writes; `"w"`, we write
 * what it reads; a number, it is our own descriptor of that number.
 */
export type ChildFD = "r" | "w" | number;

/** A terminal for a child. */
export interface TerminalOptions {
  /** Characters in a line. Default: 80. */
  readonly columns?: number;
  /** Lines. Default: 24. */
  readonly rows?: number;
  /** What the child finds in `TERM`. Default: what its environment says, else `xterm`. */
  readonly name?: string;
}

/** Options of {@link IReactorProcess.spawnProcess}, and of those that start one process. */
export interface ProcessOptions extends ConnectionLimits {
  /**
   * What the program finds in its `argv`, whose first element is its own name, whatever that is.
   * Default: the executable alone. With a PTY the first element is the executable in any case.
   */
  readonly args?: readonly string[];
  /**
   * Its environment; what is `undefined` in it is left out. Default: `undefined`, which is a copy
   * of ours; `{}` is an empty one. An executable without a slash is looked for in the `PATH` that
   * it says.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Its working directory. Default: ours. */
  readonly path?: string;
  /** Whom it runs as; for root. Default: as we do. */
  readonly uid?: number;
  /** The group it runs as; for root. Default: as we do. */
  readonly gid?: number;
  /**
   * Make it the leader of a process group (and session) of its own. Signals of our terminal
   * (Ctrl-C) do not reach it then, and {@link IProcessTransport.signalGroup} reaches all that it
   * starts. Default: `false`.
   */
  readonly processGroup?: boolean;
  /**
   * Seconds from TERM to KILL in {@link IProcessTransport.terminate}. Default: 5.
   */
  readonly killTimeout?: number;
  /**
   * What becomes of it when the reactor stops, besides that its pipes are closed. `false`: it is
   * left alone. `true`: it is terminated, and the reactor waits for it. Default: `false`.
   */
  readonly endAtStop?: boolean;
}

/** Options of {@link IReactorProcess.spawnProcess}. */
export interface SpawnProcessOptions extends ProcessOptions {
  /**
   * Its descriptors. Those from 3 that are not named are closed in the child; of 0, 1 and 2 they
   * are `/dev/null`. Pipes are UNIX socket pairs. Default: `{ 0: "w", 1: "r", 2: "r" }`.
   */
  readonly childFDs?: Readonly<Record<number, ChildFD>>;
  /**
   * Give it a terminal: 0, 1 and 2 are one descriptor, what it writes is `outReceived`, and it
   * leads a process group. Needs the package `@lydell/node-pty`, or `node-pty`. Its environment
   * always has `TERM` and `PWD`. Default: `false`.
   */
  readonly usePTY?: boolean | TerminalOptions;
}

/** What to do with what a process writes to its standard error, when a protocol speaks with it. */
export type StandardErrorBehavior = "log" | "drop" | "merge";

/** Options of {@link IReactorProcess.connectProcess}. */
export interface ConnectProcessOptions extends Omit<ProcessOptions, "endAtStop"> {
  /**
   * Its standard error: `"log"` writes it to the log, `"drop"` forgets it, `"merge"` hands it to
   * the protocol among what comes from the standard output. Default: `"log"`.
   */
  readonly standardError?: StandardErrorBehavior;
}

/**
 * A process, as its protocol sees it. Writing is to its standard input; it is a consumer there, and
 * a producer of what it writes.
 */
export interface IProcessTransport extends IConsumer, IPushProducer {
  /** Its number; `undefined` if it could not be started. Still known after its end. */
  readonly pid: number | undefined;
  /** Who is told. */
  readonly protocol: IProcessProtocol | undefined;
  /**
   * Write to its standard input, as `writeToChild(0, data)`. It can be used as soon as
   * `spawnProcess` has returned. The bytes are the transport's until they are flushed; nothing is
   * sent before this returns. Without a standard input, and after its end, they are dropped and
   * counted.
   *
   * @throws {TypeError} Neither bytes nor text.
   */
  write(data: Uint8Array | string): void;
  /** `write` each of them, in order. */
  writeSequence(data: Iterable<Uint8Array | string>): void;
  /**
   * Write to any descriptor that is `"w"`. @throws {RangeError} There never was such a one.
   * @throws {TypeError} Neither bytes nor text.
   */
  writeToChild(childFD: number, data: Uint8Array | string): void;
  /** Bytes written, to all descriptors, that the platform has not taken yet. */
  readonly bufferedBytes: number;
  /** Bytes written too late to be sent. */
  readonly droppedBytes: number;
  /**
   * For async code: fires when all that was written to that descriptor is with the platform. Fails
   * with the reason if its end comes first.
   */
  drained(childFD?: number): Deferred<void>;
  /** `closeChildFD(0)`. */
  closeStdin(): void;
  /** `closeChildFD(1)`. */
  closeStdout(): void;
  /** `closeChildFD(2)`. */
  closeStderr(): void;
  /**
   * Close our end of that descriptor. What was written goes out first, however long the child takes
   * to read it, and a producer is waited for. `childConnectionLost` comes in a later turn. Closed
   * already, or never there: nothing happens. With a PTY nothing happens at all: write `"\x04"`.
   */
  closeChildFD(childFD: number): void;
  /**
   * Close all of them; what does not go out within `closeTimeout` seconds is dropped. The process
   * finds the end of its input, and nobody who reads its output: most end of that, none must.
   */
  loseConnection(): void;
  /** Stop reading from that descriptor: the child soon waits when it writes. */
  pauseChildFD(childFD: number): void;
  /** Read again. */
  resumeChildFD(childFD: number): void;
  /** Stop reading from all of them. */
  pauseProducing(): void;
  /** Read from all of them again. */
  resumeProducing(): void;
  /** The same as `loseConnection`. */
  stopProducing(): void;
  /**
   * Send it a signal.
   *
   * @throws {ProcessExitedAlready} It has exited, or never began.
   * @throws {ProcessSignalError} The system does not let us.
   * @throws {TypeError} No such signal.
   */
  signalProcess(signal: ProcessSignal): void;
  /**
   * Send a signal to its whole process group; also when itself has exited and others of it live on,
   * until `processEnded`.
   *
   * @throws {ProcessFeatureError} It has no group of its own: see `processGroup`.
   * @throws {ProcessExitedAlready} Nobody is left in it.
   * @throws {ProcessSignalError} The system does not let us.
   */
  signalGroup(signal: ProcessSignal): void;
  /**
   * End it: TERM, and KILL when it has not exited within `killTimeout` seconds; to its group, if it
   * has one of its own. Its pipes stay open. Idempotent.
   *
   * @returns Fires when it has exited, after `processExited`. Fails with `ConnectionTimedOut` when
   * not even KILL has ended it within 5 seconds (or `killTimeout`, if that is longer), with
   * `ProcessSignalError` when it cannot be signalled.
   */
  terminate(): Deferred<void>;
  /** Has it a terminal? */
  readonly isTerminal: boolean;
  /** Tell it, and its terminal, of another size. @throws {ProcessFeatureError} No terminal. */
  setWindowSize(columns: number, rows: number): void;
  /** The process, for logs: it has no address. */
  getPeer(): IAddress;
  /** Our own end, which has no address either. */
  getHost(): IAddress;
}

/**
 * The code that talks to a process. An exception from any of these is logged; from all but the last
 * two it also ends the process: its pipes are closed, and it is terminated.
 */
export interface IProcessProtocol {
  /** It has begun. Called by the transport, once: keep it, and call `connectionMade`. */
  makeConnection(process: IProcessTransport): void;
  /** It has written some bytes, cut anyhow. They are yours to keep. */
  childDataReceived(childFD: number, data: Buffer): void;
  /**
   * A pipe is closed, by whomever. Once for each; with a PTY once, for 1.
   *
   * @param reason `ConnectionDone`, or why bytes may have been lost.
   */
  childConnectionLost(childFD: number, reason: Failure): void;
  /**
   * It has exited: `ProcessDone` or `ProcessTerminated`. Output may still be on its way. Or it
   * never began: `SpawnError`, and then nothing else is called but `processEnded`.
   */
  processExited(reason: Failure): void;
  /**
   * It has exited and all its pipes are closed; a grandchild that holds one delays this. The last
   * call, with the reason of `processExited`. When the reactor stops and leaves the process running
   * it comes without `processExited`, with `ConnectionLost`.
   */
  processEnded(reason: Failure): void;
}

/** Child processes. */
export interface IReactorProcess {
  /**
   * Start a program. It runs when this returns, or the transport has no `pid` and its protocol will
   * hear why. The reactor's own end leaves it running, unless `endAtStop` says otherwise.
   *
   * @param executable A path; or a name, which is looked for in `PATH`.
   * @throws {TypeError} An argument that cannot be handed to a program: a NUL in it.
   * @throws {RangeError} A limit or descriptor that is none.
   * @throws {OptionalPackageError} A PTY, without the package for it.
   * @throws {ReactorNotRunning} The reactor is closing what is open: it would be closed at once.
   */
  spawnProcess(
    processProtocol: IProcessProtocol,
    executable: string,
    options?: SpawnProcessOptions,
  ): IProcessTransport;
  /**
   * Start a program, and let a protocol speak with it over its standard input and output, as over
   * any connection; see `ProcessEndpoint`. It is the connection's: terminated when that was closed
   * and it has not exited within `closeTimeout` seconds, killed when that is aborted, terminated
   * when the reactor stops.
   */
  connectProcess(
    executable: string,
    factory: IClientFactory,
    options?: ConnectProcessOptions,
  ): IConnector;
}
/** Asks whether a reactor provides processes. */
export const IReactorProcess: Capability<IReactorProcess> = capability("IReactorProcess");
