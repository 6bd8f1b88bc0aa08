/**
 * A connection to a process: its standard output and input are what is received and sent.
 *
 *     sendBytes ─▶ standard input          standard output ─▶ bytesReceived
 *
 *     its output ends ─▶ our writing is flushed and its input closed ─▶ it exits ─▶ connectionLost
 *     we close        ─▶ connectionLost; it exits, or is terminated in the background
 *
 * It stands on a process of the reactor that it belongs to, whatever kind that is.
 *
 * After: twisted.internet.endpoints (_WrapIProtocol, _ProcessEndpointTransport). Differs: it is a
 * whole stream transport, with half-closing, aborting, pauses and limits.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { ConnectionDone } from "../../internet/errors.ts";
import type { IProcessTransport } from "../../internet/interfaces-process.ts";
import type { ConnectionLimits, IDelayedCall } from "../../internet/interfaces-reactor.ts";
import {
  type IPullProducer,
  type IPushProducer,
  providesHalfClose,
} from "../../internet/interfaces-transport.ts";
import { ProcessDone } from "../../internet/process-errors.ts";
import { Logger } from "../../logger/logger.ts";
import type { ReactorBase } from "./reactor-base.ts";
import { StreamTransport } from "./stream-transport.ts";

const log = new Logger({ namespace: "sennit.process" });

/** Seconds for a process to exit when its connection is closed: as a connection has to flush. */
const EXIT_TIMEOUT = 30;

/** What a {@link ProcessConnection} is made of. */
export interface ProcessConnectionParts {
  readonly process: IProcessTransport;
  /** The descriptors of the process whose bytes are received. */
  readonly outputs: Iterable<number>;
  /** Does it lead a group, which ends with it? */
  readonly isGroup: boolean;
  readonly limits: ConnectionLimits;
  readonly ended: (reason: Failure) => void;
}

/** See the top of this file. Its owner, the protocol of the process, tells it what happens. */
export class ProcessConnection extends StreamTransport {
  readonly #reactor: ReactorBase;
  readonly #process: IProcessTransport;
  readonly #isGroup: boolean;
  readonly #exitTimeout: number;
  readonly #outputs: Set<number>;
  #producer: IPushProducer | undefined;
  /** Why nobody reads what we write any more. */
  #inputLost: Failure | undefined;
  /** Bytes that had been handed to us, and that nobody has read. */
  #unread = 0;
  /** `loseWriteConnection` was called. */
  #isLastWritten = false;
  #exit: Failure | undefined;
  #alarm: IDelayedCall | undefined;

  constructor(reactor: ReactorBase, parts: ProcessConnectionParts) {
    super(reactor, parts.limits, parts.ended);
    this.#reactor = reactor;
    this.#process = parts.process;
    this.#isGroup = parts.isGroup;
    this.#exitTimeout = parts.limits.closeTimeout ?? EXIT_TIMEOUT;
    this.#outputs = new Set(parts.outputs);
    this.stopReading(); // Until there is a protocol.
  }

  getPeer(): IAddress {
    return this.#process.getPeer();
  }

  getHost(): IAddress {
    return this.#process.getHost();
  }

  // -- What its owner tells

  /** Bytes that the process wrote to `fd`. @returns Were they received? */
  output(fd: number, data: Buffer): boolean {
    if (!this.#outputs.has(fd)) return false;
    this.bytesReceived(data);
    return true;
  }

  /** A pipe of the process is closed. */
  pipeLost(fd: number, reason: Failure): void {
    if (fd === 0) this.#loseInput(reason);
    if (!this.#outputs.delete(fd) || this.#outputs.size > 0) return;
    // A protocol that goes on alone may have more to write, for as long as it likes.
    if (providesHalfClose(this.protocol) && !this.#isLastWritten) this.endReceived();
    else if (this.#exit === undefined) {
      this.#forgetProducer();
      this.loseWriteConnection();
      this.#awaitExit();
    }
    this.#finish();
  }

  /** The process has exited. */
  exited(reason: Failure): void {
    this.#exit = reason;
    if (this.#alarm?.active === true) this.#alarm.cancel();
    this.#finish();
  }

  /**
   * Nobody reads what we write: it is dropped from now on. That is not the end, as it would be on a
   * socket: a program that has read enough may still have much to say.
   */
  #loseInput(reason: Failure): void {
    this.#inputLost = reason;
    this.#forgetProducer();
    if (this.#outputs.size > 0) this.loseWriteConnection();
    else this.#awaitExit(); // With both halves ended there would be nothing left to tell of it.
  }

  #forgetProducer(): void {
    const producer = this.#producer;
    if (producer === undefined) return;
    this.unregisterProducer();
    this.#reactor.contain(() => producer.stopProducing(), "stopProducing failed");
  }

  /** It has exited and all is read: the end. */
  #finish(): void {
    const exit = this.#exit;
    if (exit === undefined || this.#outputs.size > 0) return;
    this.#process.loseConnection();
    if (!exit.is(ProcessDone)) this.connectionFailed(exit.value);
    // A protocol with halves hears of the peer's, and of the end behind it.
    this.endReceived();
    this.connectionFailed(new ConnectionDone());
  }

  /** It has no reason to live on. */
  #awaitExit(): void {
    if (this.#exit !== undefined || this.#alarm !== undefined) return;
    this.#alarm = this.#reactor.callLater(this.#exitTimeout, () => {
      void this.#process.terminate().addErrback((failure) => {
        log.failure("{process} cannot be ended", failure, { process: this.getPeer().toString() });
      });
    });
  }

  // -- What a kind of transport does

  protected sendBytes(chunks: readonly Uint8Array[]): boolean {
    const process = this.#process;
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (this.#inputLost === undefined) process.writeSequence(chunks);
    if (process.bufferedBytes === 0) {
      this.#unread += bytes; // It is closed, or is just being closed.
      return true;
    }
    const sent = (): void => this.bytesSent();
    void process.drained().addCallbacks(sent, () => {
      this.#unread += bytes;
      sent();
    });
    return false;
  }

  override drained(): Deferred<void> {
    return super.drained().addCallback(() => {
      if (this.#unread > 0) this.#inputLost?.raiseException();
    });
  }

  override get droppedBytes(): number {
    return super.droppedBytes + this.#unread;
  }

  protected startReading(): void {
    for (const fd of this.#outputs) this.#process.resumeChildFD(fd);
  }

  protected stopReading(): void {
    for (const fd of this.#outputs) this.#process.pauseChildFD(fd);
  }

  protected shutdownWriting(): void {
    this.#process.closeStdin();
  }

  protected closeConnection(): void {
    this.#process.loseConnection();
    this.#awaitExit();
  }

  protected resetConnection(): void {
    this.#reactor.contain(() => {
      if (this.#exit !== undefined) return;
      if (this.#isGroup) this.#process.signalGroup("KILL");
      else this.#process.signalProcess("KILL");
    }, "A process cannot be killed");
    this.#process.loseConnection();
  }

  /** The reactor stops, and terminates the process itself. */
  protected dropConnection(): void {
    this.#process.loseConnection();
  }

  override loseWriteConnection(): void {
    this.#isLastWritten = true;
    super.loseWriteConnection();
  }

  // -- Producers: one is let go of when nobody reads any more

  /** See `IConsumer.registerProducer`. */
  override registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  override registerProducer(producer: IPullProducer, streaming: false): void;
  override registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    const before = this.#producer;
    const known: IPushProducer = {
      pauseProducing: () => producer.pauseProducing(),
      resumeProducing: () => producer.resumeProducing(),
      stopProducing: () => {
        if (this.#producer === known) this.#producer = undefined;
        producer.stopProducing();
      },
    };
    this.#producer = known; // First: a pull producer is asked at once, and may unregister itself.
    try {
      if (streaming) super.registerProducer(known, true);
      else super.registerProducer(known, false);
    } catch (error) {
      this.#producer = before;
      throw error;
    }
  }

  override unregisterProducer(): void {
    this.#producer = undefined;
    super.unregisterProducer();
  }
}
