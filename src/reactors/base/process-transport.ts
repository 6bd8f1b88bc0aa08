/**
 * A child process: the contract of `IProcessTransport`, once for every platform. A kind of process
 * extends this: it starts the program, signals it, and tells of its exit.
 *
 *     started ─▶ (soon) makeConnection ─▶ … each pipe closes ─┐
 *         └─▶ exited ─▶ processExited ────────────────────────┴─▶ processEnded
 *     notStarted ─▶ (soon) processExited ─▶ processEnded
 *
 * Each pipe is a {@link StreamTransport}, which does the buffering; here is what they share.
 *
 * After: twisted.internet.process.Process. Differs: an exception in the protocol ends the process;
 * `loseConnection` closes every pipe, not only the first three; buffering and closing are bounded.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import { type IAddress, NoAddress } from "../../internet/addresses.ts";
import { ConnectionLost, ReactorNotRunning } from "../../internet/errors.ts";
import type {
  IProcessProtocol,
  IProcessTransport,
  ProcessSignal,
} from "../../internet/interfaces-process.ts";
import {
  type IPullProducer,
  type IPushProducer,
  providesLoggingContext,
} from "../../internet/interfaces-transport.ts";
import {
  ProcessDone,
  ProcessExitedAlready,
  ProcessFeatureError,
  ProcessTerminated,
  type ProcessTermination,
  type SpawnError,
} from "../../internet/process-errors.ts";
import { Logger } from "../../logger/logger.ts";
import { ChildPipe, type OpenedPipe, type PipeOwner } from "./child-pipe.ts";
import type { Closable, ReactorBase } from "./reactor-base.ts";
import { checkWindow, type SpawnOrder } from "./spawn-order.ts";
import { Termination } from "./termination.ts";

const log = new Logger({ namespace: "sennit.process" });

/** See the top of this file. */
export abstract class ProcessTransport implements IProcessTransport, Closable {
  readonly #reactor: ReactorBase;
  readonly #protocol: IProcessProtocol;
  readonly #order: SpawnOrder;
  readonly #termination: Termination;
  #pid: number | undefined;
  /** Those that are open. */
  readonly #pipes = new Map<number, ChildPipe>();
  /** Dropped by pipes that are closed, or because there was none. */
  #droppedBytes = 0;
  /** How it has exited, or why it never began. */
  #exit: Failure | undefined;
  /** What the protocol threw: it is told no more of what comes, but of the ends. */
  #thrown: Error | undefined;
  /** The reactor has stopped, and does not wait for it. */
  #left: Failure | undefined;
  #ended = false;
  #over: Deferred<void> | undefined;

  /** @throws {ReactorNotRunning} The reactor is closing what is open. */
  constructor(reactor: ReactorBase, protocol: IProcessProtocol, order: SpawnOrder) {
    if (reactor.closing) {
      throw new ReactorNotRunning("Cannot start a process: the reactor closes all that is open");
    }
    this.#reactor = reactor;
    this.#protocol = protocol;
    this.#order = order;
    this.#termination = new Termination(
      reactor,
      {
        signal: (signal) => this.#signal(signal, order.processGroup),
        leavesOthers: () => this.#isGroupAlive(),
      },
      order.killTimeout,
    );
  }

  // -- What a kind of process does

  /**
   * Send a signal to the process or to the group it leads; 0 only asks whether one could.
   *
   * @throws {ProcessExitedAlready} Nobody is there. @throws {ProcessSignalError} We may not.
   * @throws {TypeError} No such signal.
   */
  protected abstract kill(signal: string | number, isForGroup: boolean): void;
  /** It is left running: nothing of ours waits for it any more. */
  protected abstract release(): void;
  /** The terminal has another size. Called only if there is one. */
  protected abstract resize(columns: number, rows: number): void;

  // -- What a kind of process tells

  /** It runs. Called from the constructor. */
  protected started(pid: number, pipes: Iterable<OpenedPipe>): void {
    this.#pid = pid;
    this.#reactor.opened(this);
    for (const opened of pipes) {
      const pipe = new ChildPipe(opened, this.#owner);
      this.#pipes.set(pipe.fd, pipe);
      pipe.transport.begin(pipe);
    }
    this.#reactor.soon(() => {
      this.#guard("connectionMade", () => this.#protocol.makeConnection(this));
    });
  }

  /** It could not be started. Called from the constructor, or in a later turn. */
  protected notStarted(error: SpawnError): void {
    this.#reactor.opened(this);
    this.#exit = new Failure(error);
    this.#reactor.soon(() => this.#tellExit(new Failure(error)));
  }

  /** It has exited. Called once, in a later turn. */
  protected exited(how: ProcessTermination): void {
    if (this.#exit !== undefined) return;
    const cause = this.#thrown === undefined ? {} : { cause: this.#thrown };
    const isDone = how.exitCode === 0 && how.signal === undefined;
    const error = isDone ? new ProcessDone(undefined, cause) : new ProcessTerminated(how, cause);
    this.#exit = new Failure(error);
    if (!this.#ended) this.#tellExit(this.#exit);
    this.#termination.exited();
  }

  #tellExit(reason: Failure): void {
    this.#reactor.contain(
      () => this.#protocol.processExited(reason),
      this.#message("processExited"),
    );
    this.#endIfOver();
  }

  #endIfOver(): void {
    const reason = this.#exit ?? this.#left;
    if (this.#ended || reason === undefined || this.#pipes.size > 0) return;
    this.#ended = true;
    this.#reactor.contain(() => this.#protocol.processEnded(reason), this.#message("processEnded"));
    this.#reactor.closed(this);
    this.#over?.callback();
  }

  // -- What the pipes tell

  readonly #owner: PipeOwner = {
    pipeReceived: (pipe, data) => this.#received(pipe, data),
    pipeLost: (pipe, reason) => this.#lost(pipe, reason),
    logPrefix: () => this.#logPrefix(),
  };

  #received(pipe: ChildPipe, data: Buffer): void {
    if (this.#thrown !== undefined) return;
    this.#guard("childDataReceived", () => this.#protocol.childDataReceived(pipe.fd, data));
  }

  #lost(pipe: ChildPipe, reason: Failure): void {
    this.#pipes.delete(pipe.fd);
    this.#droppedBytes += pipe.transport.droppedBytes;
    this.#guard("childConnectionLost", () => this.#protocol.childConnectionLost(pipe.fd, reason));
    this.#endIfOver();
  }

  #guard(where: string, f: () => void): void {
    const failure = this.#reactor.contain(f, this.#message(where));
    if (failure === undefined || this.#thrown !== undefined) return;
    this.#thrown = failure.value;
    for (const pipe of this.#pipes.values()) pipe.transport.abortConnection();
    if (this.#exit === undefined) void this.#terminateAnyway();
  }

  #message(where: string): string {
    return `${this.#logPrefix()}: error in ${where}`;
  }

  // -- Writing

  get #stdin(): ChildPipe | undefined {
    return this.#pipes.get(this.isTerminal ? 1 : 0);
  }

  write(data: Uint8Array | string): void {
    this.#writeTo(this.#stdin, data);
  }

  writeSequence(data: Iterable<Uint8Array | string>): void {
    for (const one of data) this.write(one);
  }

  writeToChild(childFD: number, data: Uint8Array | string): void {
    this.#writeTo(this.#writer(childFD, "write to"), data);
  }

  #writeTo(pipe: ChildPipe | undefined, data: Uint8Array | string): void {
    if (typeof data !== "string" && !(data instanceof Uint8Array)) {
      throw new TypeError(`Cannot write a ${typeof data}: expected bytes or text`);
    }
    if (pipe === undefined) this.#droppedBytes += Buffer.byteLength(data);
    else pipe.transport.write(data);
  }

  /** The pipe to that descriptor, if it is open. @throws {RangeError} There never was one. */
  #writer(fd: number, what: string): ChildPipe | undefined {
    if (this.isTerminal && fd >= 0 && fd <= 2) return this.#stdin;
    if (fd !== 0 && this.#order.childFDs.get(fd) !== "w") {
      throw new RangeError(`Cannot ${what} descriptor ${String(fd)} of a child: it is not "w"`);
    }
    return this.#pipes.get(fd);
  }

  drained(childFD = 0): Deferred<void> {
    const pipe = this.#writer(childFD, "wait for");
    if (pipe !== undefined) return pipe.transport.drained();
    return fail(new Failure(new ConnectionLost(`Descriptor ${String(childFD)} is closed`)));
  }

  get bufferedBytes(): number {
    return this.#sum((pipe) => pipe.transport.bufferedBytes);
  }

  get droppedBytes(): number {
    return this.#droppedBytes + this.#sum((pipe) => pipe.transport.droppedBytes);
  }

  #sum(of: (pipe: ChildPipe) => number): number {
    return [...this.#pipes.values()].reduce((sum, pipe) => sum + of(pipe), 0);
  }

  /** See `IConsumer.registerProducer`: it produces the standard input. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    const stdin = this.#stdin;
    if (stdin === undefined) producer.stopProducing();
    else if (streaming) stdin.transport.registerProducer(producer, true);
    else stdin.transport.registerProducer(producer, false);
  }

  unregisterProducer(): void {
    this.#stdin?.transport.unregisterProducer();
  }

  // -- Reading

  pauseChildFD(childFD: number): void {
    const pipe = this.#pipes.get(childFD);
    if (pipe?.reads === true) pipe.transport.pauseProducing();
  }

  resumeChildFD(childFD: number): void {
    const pipe = this.#pipes.get(childFD);
    if (pipe?.reads === true) pipe.transport.resumeProducing();
  }

  pauseProducing(): void {
    for (const fd of this.#pipes.keys()) this.pauseChildFD(fd);
  }

  resumeProducing(): void {
    for (const fd of this.#pipes.keys()) this.resumeChildFD(fd);
  }

  stopProducing(): void {
    this.loseConnection();
  }

  // -- Closing

  closeStdin(): void {
    this.closeChildFD(0);
  }

  closeStdout(): void {
    this.closeChildFD(1);
  }

  closeStderr(): void {
    this.closeChildFD(2);
  }

  closeChildFD(childFD: number): void {
    if (!this.isTerminal) this.#pipes.get(childFD)?.close();
  }

  loseConnection(): void {
    for (const pipe of this.#pipes.values()) pipe.transport.loseConnection();
  }

  // -- Ending

  signalProcess(signal: ProcessSignal): void {
    this.#checkBegun();
    if (this.#exit !== undefined) {
      throw new ProcessExitedAlready(`Cannot signal ${this.toString()}: it has exited`);
    }
    this.#signal(signal, false);
  }

  signalGroup(signal: ProcessSignal): void {
    this.#checkBegun();
    if (!this.#order.processGroup) {
      throw new ProcessFeatureError(
        `Cannot signal the group of ${this.toString()}: it is in ours; use processGroup`,
      );
    }
    if (this.#exit !== undefined && this.#ended) {
      throw new ProcessExitedAlready(`Cannot signal the group of ${this.toString()}: it has ended`);
    }
    this.#signal(signal, true);
  }

  #checkBegun(): void {
    if (this.#pid !== undefined) return;
    throw new ProcessExitedAlready(`Cannot signal ${this.toString()}: it was never started`);
  }

  #signal(signal: ProcessSignal, isForGroup: boolean): void {
    const hasShortName = typeof signal === "string" && !signal.startsWith("SIG");
    this.kill(hasShortName ? `SIG${signal}` : signal, isForGroup);
  }

  #isGroupAlive(): boolean {
    if (!this.#order.processGroup) return false;
    try {
      this.kill(0, true);
      return true;
    } catch {
      // Nobody, or nobody of ours.
      return false;
    }
  }

  terminate(): Deferred<void> {
    return this.#exit === undefined ? this.#termination.begin() : succeed(undefined);
  }

  /** Terminate it; that it cannot be is logged. */
  #terminateAnyway(): Deferred<void> {
    return this.terminate().addErrback((failure) => {
      log.failure("{process} cannot be ended", failure, { process: this.toString() });
    });
  }

  /** The reactor stops, and closes the pipes. */
  closeAtStop(reason: Failure): Deferred<void> {
    if (this.#ended) return succeed(undefined);
    this.#over ??= new Deferred<void>();
    const over = this.#over;
    if (this.#exit === undefined && this.#order.endAtStop) {
      void this.#terminateAnyway().addCallback(() => this.#leave(reason));
    } else this.#leave(reason);
    return over;
  }

  #leave(reason: Failure): void {
    if (this.#ended) return;
    this.#left = reason;
    if (this.#exit === undefined) this.release();
    // Not from inside: a protocol may be at work, and stop the reactor.
    this.#reactor.soon(() => this.#endIfOver());
  }

  // -- Terminals

  get isTerminal(): boolean {
    return this.#order.terminal !== undefined;
  }

  setWindowSize(columns: number, rows: number): void {
    checkWindow(columns, rows);
    if (!this.isTerminal) {
      const message = `Cannot set the window size of ${this.toString()}: it has no terminal`;
      throw new ProcessFeatureError(message);
    }
    if (this.#pipes.size > 0) this.resize(columns, rows);
  }

  // -- For people

  get pid(): number | undefined {
    return this.#pid;
  }

  get protocol(): IProcessProtocol {
    return this.#protocol;
  }

  getPeer(): IAddress {
    return new NoAddress(this.#name());
  }

  getHost(): IAddress {
    return new NoAddress("this process");
  }

  #name(): string {
    const { executable } = this.#order;
    return this.#pid === undefined ? executable : `${executable}[${String(this.#pid)}]`;
  }

  /** How log lines begin: the protocol's own name, and the process. */
  #logPrefix(): string {
    const protocol = this.#protocol;
    let name = "(no name)";
    this.#reactor.contain(() => {
      if (providesLoggingContext(protocol)) name = protocol.logPrefix();
    }, "Error in logPrefix");
    return `${name},${this.#name()}`;
  }

  toString(): string {
    const state = this.#exit !== undefined ? "exited" : "running";
    const facts = [this.#name(), state, `${String(this.bufferedBytes)} bytes queued`];
    return `${this.constructor.name}(${facts.join(", ")})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
