/**
 * The base class of process protocols: what people subclass to talk to a child.
 *
 * After: twisted.internet.protocol.ProcessProtocol. Differs: before there is a process, `transport`
 * is one that drops what is written, so it is never undefined.
 *
 * @module
 */
import { succeed } from "../defer/combinators.ts";
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import { type IAddress, NoAddress } from "./addresses.ts";
import type { IProcessProtocol, IProcessTransport } from "./interfaces-process.ts";
import type { ILoggingContext } from "./interfaces-transport.ts";
import { ProcessExitedAlready, ProcessFeatureError } from "./process-errors.ts";

const NOWHERE = new NoAddress("no process");

/** The transport of a protocol that has none yet: takes everything, sends nothing. */
class NotStarted implements IProcessTransport {
  readonly pid = undefined;
  readonly bufferedBytes = 0;
  readonly droppedBytes = 0;
  readonly isTerminal = false;
  readonly protocol = undefined;
  write(): void {}
  writeSequence(): void {}
  writeToChild(): void {}
  closeStdin(): void {}
  closeStdout(): void {}
  closeStderr(): void {}
  closeChildFD(): void {}
  loseConnection(): void {}
  pauseChildFD(): void {}
  resumeChildFD(): void {}
  pauseProducing(): void {}
  resumeProducing(): void {}
  stopProducing(): void {}
  registerProducer(producer: { stopProducing(): void }): void {
    producer.stopProducing();
  }
  unregisterProducer(): void {}
  drained(): Deferred<void> {
    return succeed(undefined);
  }
  signalProcess(): void {
    throw new ProcessExitedAlready("Cannot signal a process: it has not been started");
  }
  signalGroup(): void {
    this.signalProcess();
  }
  terminate(): Deferred<void> {
    return succeed(undefined);
  }
  setWindowSize(): void {
    throw new ProcessFeatureError("Cannot set a window size: the process has not been started");
  }
  getPeer(): IAddress {
    return NOWHERE;
  }
  getHost(): IAddress {
    return NOWHERE;
  }
}

const NOT_STARTED = new NotStarted();

/**
 * Talks to one process. Override what you need; see {@link IProcessProtocol} for who calls what,
 * when.
 *
 * @example
 * ```ts
 * import { Deferred, type Failure } from "sennit/defer";
 * import { ProcessDone, ProcessProtocol } from "sennit/internet";
 * import { NodeReactor } from "sennit/reactors";
 *
 * class WordCount extends ProcessProtocol {
 *   readonly result = new Deferred<string>();
 *   #output = "";
 *
 *   override connectionMade(): void {
 *     this.transport.write("one two three\n");
 *     this.transport.closeStdin();
 *   }
 *
 *   override outReceived(data: Buffer): void {
 *     this.#output += data.toString();
 *   }
 *
 *   override processEnded(reason: Failure): void {
 *     if (reason.is(ProcessDone)) this.result.callback(this.#output.trim());
 *     else this.result.errback(reason);
 *   }
 * }
 *
 * await using reactor = new NodeReactor();
 * const counting = new WordCount();
 * reactor.spawnProcess(counting, "wc", { args: ["wc", "-w"] });
 * console.log(await counting.result); // 3
 * ```
 */
export class ProcessProtocol implements IProcessProtocol, ILoggingContext {
  /** The process. Before `connectionMade` it drops what is written. */
  transport: IProcessTransport = NOT_STARTED;

  /** Called by the transport; override {@link ProcessProtocol.connectionMade} instead. */
  makeConnection(process: IProcessTransport): void {
    this.transport = process;
    this.connectionMade();
  }

  /** The process has begun. */
  connectionMade(): void {}

  /** Bytes from a descriptor of the child. Here: 1 is `outReceived`, 2 is `errReceived`. */
  childDataReceived(childFD: number, data: Buffer): void {
    if (childFD === 1) this.outReceived(data);
    else if (childFD === 2) this.errReceived(data);
  }

  /** Bytes from its standard output; they are yours. */
  outReceived(_data: Buffer): void {}

  /** Bytes from its standard error; they are yours. */
  errReceived(_data: Buffer): void {}

  /** A pipe is closed. Here: 0, 1 and 2 have methods of their own. */
  childConnectionLost(childFD: number, reason: Failure): void {
    if (childFD === 0) this.inConnectionLost(reason);
    else if (childFD === 1) this.outConnectionLost(reason);
    else if (childFD === 2) this.errConnectionLost(reason);
  }

  /** Its standard input is closed: by us, or it will read no more. */
  inConnectionLost(_reason: Failure): void {}

  /** Its standard output is closed. */
  outConnectionLost(_reason: Failure): void {}

  /** Its standard error is closed. */
  errConnectionLost(_reason: Failure): void {}

  /** It has exited; output may still be on its way. */
  processExited(_reason: Failure): void {}

  /** It has exited and all is read: the last call. */
  processEnded(_reason: Failure): void {}

  /** How log lines of this process begin: the name of the class. */
  logPrefix(): string {
    return this.constructor.name;
  }
}
