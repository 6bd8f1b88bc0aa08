/**
 * One end of a stream connection: the contract of `IStreamTransport`, once for every platform.
 * A kind of transport extends this: it moves bytes, and nothing else.
 *
 *     write ─▶ queue ─▶ (end of the turn) sendBytes ─▶ platform ─▶ bytesSent ─▶ queue empty?
 *                                                     resume the producer, or finish a close ◀─┘
 *
 * After: twisted.internet.abstract.FileDescriptor and tcp.Connection. Differs: a peer that ends its
 * half still gets what was written before; an exception in a protocol or producer ends the
 * connection with that exception; closing and buffering are bounded.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import {
  ConnectionAborted,
  ConnectionClosed,
  ConnectionDone,
  ConnectionLost,
  ConnectionTimedOut,
  SendBufferFullError,
} from "../../internet/errors.ts";
import type { ConnectionLimits, IDelayedCall } from "../../internet/interfaces-reactor.ts";
import {
  type IProtocol,
  type IPullProducer,
  type IPushProducer,
  type IStreamTransport,
  providesHalfClose,
} from "../../internet/interfaces-transport.ts";
import { providesHandshakeListener } from "../../internet/interfaces-tls.ts";
import { Logger } from "../../logger/logger.ts";
import { PAUSE_MARK, ProducerSlot } from "./producer-slot.ts";
import { protocolName } from "./protocol-name.ts";
import type { Closable, ReactorBase } from "./reactor-base.ts";
import { SendQueue } from "./send-queue.ts";

const log = new Logger({ namespace: "sennit.transport" });

/** Bytes handed to the platform at a time (Twisted's `SEND_LIMIT`): the steps of progress. */
const SEND_LIMIT = 131_072;
/** Ours: long enough for a slow line, short enough that a dead peer does not hold a shutdown. */
const CLOSE_TIMEOUT = 30;
/** Ours: far above what any producer leaves, far below what hurts. */
const BUFFERED_BYTES_MAX = 64 * 1024 * 1024;

/** Called once, after the protocol's `connectionLost`. */
export type Ended = (reason: Failure, transport: StreamTransport) => void;

/** See the top of this file. */
export abstract class StreamTransport implements IStreamTransport, Closable {
  readonly #reactor: ReactorBase;
  readonly #closeTimeout: number;
  readonly #bufferedMax: number;
  #protocol: IProtocol | undefined;
  #connected = false;
  #disconnecting = false;
  #disconnected = false;
  /** Why it ends; `connectionLost` is on its way. */
  #reason: Failure | undefined;
  /** `loseWriteConnection` was called; then: our end-of-file is out. */
  #writeEnd: "open" | "asked" | "shut" = "open";
  #readEnded = false;
  #readPaused = false;
  #pass: (() => void) | undefined;
  readonly #queue = new SendQueue();
  #droppedBytes = 0;
  #flushAsked = false;
  readonly #producer = new ProducerSlot();
  #resumeAsked = false;
  #drained: Deferred<void>[] | undefined;
  #closeAlarm: IDelayedCall | undefined;
  /** Counts what the platform has taken, so that the close alarm sees progress. */
  #sends = 0;
  readonly #ended: Ended | undefined;
  #over: Deferred<void> | undefined;

  constructor(reactor: ReactorBase, limits: ConnectionLimits = {}, ended?: Ended) {
    this.#reactor = reactor;
    this.#closeTimeout = limits.closeTimeout ?? CLOSE_TIMEOUT;
    this.#bufferedMax = limits.maxBufferedBytes ?? BUFFERED_BYTES_MAX;
    this.#ended = ended;
  }

  // -- What a kind of transport does

  abstract getPeer(): IAddress;
  abstract getHost(): IAddress;

  /**
   * Send all of `chunks`, in order. `true`: the platform has taken them, and the array may be used
   * again. `false`: it will call {@link StreamTransport.bytesSent} when it has, in a later turn.
   */
  protected abstract sendBytes(chunks: readonly Uint8Array[]): boolean;
  /** Let bytes come. */
  protected abstract startReading(): void;
  /** No `bytesReceived` and no `endReceived` from now on. */
  protected abstract stopReading(): void;
  /** Everything is sent: tell the peer that no more comes. */
  protected abstract shutdownWriting(): void;
  /** Everything is sent: close in good order. What the peer still sends is nobody's. */
  protected abstract closeConnection(): void;
  /** Close at once; with a reset, where there is such a thing. */
  protected abstract resetConnection(): void;
  /** Close at once, without a reset where that can be: the reactor stops. */
  protected abstract dropConnection(): void;

  // -- What a kind of transport tells

  /** The connection is there: hand it to its protocol. @returns Is it still there after that? */
  begin(protocol: IProtocol): boolean {
    this.#protocol = protocol;
    this.#connected = true;
    this.#reactor.opened(this);
    this.#guard("connectionMade", () => protocol.makeConnection(this));
    if (this.wanted) this.startReading();
    return this.#reason === undefined;
  }

  /** Bytes have come, and are the protocol's. */
  bytesReceived(data: Buffer): void {
    if (!this.#connected || this.#disconnecting || this.#reason !== undefined) return;
    try {
      this.#protocol?.dataReceived(data);
    } catch (error) {
      this.#broken("dataReceived", error);
    }
  }

  /** The peer will send no more. */
  endReceived(): void {
    if (!this.#connected || this.#readEnded || this.#reason !== undefined) return;
    this.#readEnded = true;
    if (this.#disconnecting) return;
    const protocol = this.#protocol;
    if (providesHalfClose(protocol)) {
      this.#guard("readConnectionLost", () => protocol.readConnectionLost());
      this.#endIfBothEnded();
      return;
    }
    // Nobody here goes on alone: flush what was written before, and close.
    this.#disconnecting = true;
    this.#stopProducer();
    this.#closeSoon();
  }

  /** The platform says the connection is gone. A `ConnectionClosed` is the reason as it is. */
  connectionFailed(error: Error): void {
    const reason =
      error instanceof ConnectionClosed
        ? error
        : new ConnectionLost(`Connection was lost: ${error.message}`, { cause: error });
    this.#end(new Failure(reason));
  }

  /** The platform has agreed with the peer on TLS. */
  handshakeDone(): void {
    const protocol = this.#protocol;
    if (this.#reason !== undefined || !providesHandshakeListener(protocol)) return;
    this.#guard("handshakeCompleted", () => protocol.handshakeCompleted());
  }

  /** What {@link StreamTransport.sendBytes} was given is with the platform now. */
  bytesSent(): void {
    this.#queue.sent();
    this.#sends += 1;
    this.flush();
  }

  /** Send what is queued. The reactor calls it at the end of the turn. */
  flush(): void {
    this.#flushAsked = false;
    const queue = this.#queue;
    while (queue.waiting && !queue.sending && this.#reason === undefined) {
      if (!this.sendBytes(queue.take(SEND_LIMIT))) return;
      queue.sent();
      this.#sends += 1;
    }
    if (queue.sending || this.#reason !== undefined) return;
    if (queue.atBarrier) this.#passBarrier();
    else this.#emptied();
  }

  /** Call `pass` after what was written before, when the platform has taken that: maybe at once. */
  protected setBarrier(pass: () => void): void {
    this.#queue.setBarrier();
    this.#pass = pass;
    if (this.#queue.atBarrier) this.#passBarrier();
    else this.flush();
  }

  #passBarrier(): void {
    const pass = this.#pass;
    this.#pass = undefined;
    this.#queue.passBarrier();
    pass?.();
    this.flush();
  }

  /** All that was written is with the platform. */
  #emptied(): void {
    const waiting = this.#drained;
    if (waiting !== undefined) {
      this.#drained = undefined;
      for (const one of waiting) one.callback();
    }
    if (this.#producer.occupied) {
      if (this.#producer.paused) this.#resumeLater();
    } else if (this.#disconnecting) this.#closeSoon();
    else if (this.#writeEnd === "asked") this.#shutSoon();
  }

  // -- Writing

  write(data: Uint8Array | string): void {
    const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : data;
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`Cannot write a ${typeof data}: expected bytes or text`);
    }
    if (bytes.length === 0) return;
    if (!this.writable) {
      this.#droppedBytes += bytes.length;
      return;
    }
    if (this.bufferedBytes > this.#bufferedMax) {
      this.#droppedBytes += bytes.length;
      this.#abort(new SendBufferFullError(this.bufferedBytes, this.#bufferedMax));
      return;
    }
    this.#queue.push(bytes);
    if (!this.#flushAsked && !this.#queue.sending) {
      this.#flushAsked = true;
      this.#reactor.soonFlush(this);
    }
    if (this.bufferedBytes > PAUSE_MARK) this.#pauseProducer();
    if (this.#disconnecting) this.#watchClose();
  }

  /** May more be written? */
  protected get writable(): boolean {
    if (!this.#connected || this.#reason !== undefined || this.#writeEnd === "shut") return false;
    return (!this.#disconnecting && this.#writeEnd === "open") || this.#producer.occupied;
  }

  writeSequence(data: Iterable<Uint8Array | string>): void {
    for (const one of data) this.write(one);
  }

  drained(): Deferred<void> {
    if (this.#reason !== undefined) return fail(this.#reason);
    if (this.bufferedBytes === 0) return succeed(undefined);
    const deferred = new Deferred<void>();
    this.#drained ??= [];
    this.#drained.push(deferred);
    return deferred;
  }

  // -- Producers

  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    if (!this.writable) {
      producer.stopProducing();
      return;
    }
    this.#producer.register(producer, streaming);
    if (streaming) this.#producer.pauseAbove(this.bufferedBytes);
    else producer.resumeProducing();
  }

  unregisterProducer(): void {
    this.#producer.clear();
    if (this.bufferedBytes > 0) return;
    if (this.#disconnecting) this.#closeSoon();
    else if (this.#writeEnd === "asked") this.#shutSoon();
  }

  /** Is there a push producer that was asked to pause, and not to go on again? */
  protected get producerHeldBack(): boolean {
    return this.#producer.heldBack;
  }

  #pauseProducer(): void {
    this.#guard("pauseProducing", () => this.#producer.pauseAbove(this.bufferedBytes));
  }

  /** In a later pass, so that a producer that always has more does not keep other I/O waiting. */
  #resumeLater(): void {
    if (this.#resumeAsked) return;
    this.#resumeAsked = true;
    this.#reactor.later(() => {
      this.#resumeAsked = false;
      if (!this.#producer.paused || this.bufferedBytes > 0 || this.#reason !== undefined) return;
      this.#guard("resumeProducing", () => this.#producer.resume());
    });
  }

  #stopProducer(): void {
    if (!this.#producer.occupied) return;
    this.#reactor.contain(() => this.#producer.stop(), "stopProducing failed");
  }

  // -- Reading

  pauseProducing(): void {
    this.#readPaused = true;
    if (this.#reason === undefined && this.#connected) this.stopReading();
  }

  resumeProducing(): void {
    this.#readPaused = false;
    if (this.wanted) this.startReading();
  }

  stopProducing(): void {
    this.loseConnection();
  }

  /** Are bytes wanted now? */
  protected get wanted(): boolean {
    return (
      this.#connected && !this.#disconnecting && !this.#readPaused && this.#reason === undefined
    );
  }

  // -- Ending

  loseConnection(): void {
    if (!this.#connected || this.#disconnecting || this.#reason !== undefined) return;
    this.#disconnecting = true;
    this.stopReading();
    if (this.bufferedBytes > 0) this.#watchClose();
    else this.#closeSoon();
  }

  /** Close, in a later turn, if nothing stands against it by then. */
  #closeSoon(): void {
    this.#reactor.soon(() => {
      if (this.#reason !== undefined || !this.#disconnecting) return;
      if (this.#producer.occupied) return;
      if (this.bufferedBytes > 0) {
        this.#watchClose();
        return;
      }
      this.closeConnection();
      this.#end(new Failure(new ConnectionDone()));
    });
  }

  /** While closing: no step of what is sent taken in `closeTimeout` seconds, and it is dropped. */
  #watchClose(): void {
    if (this.#closeAlarm !== undefined) return;
    const sends = this.#sends;
    this.#closeAlarm = this.#reactor.callLater(this.#closeTimeout, () => {
      this.#closeAlarm = undefined;
      if (this.bufferedBytes === 0) return;
      if (this.#sends !== sends) this.#watchClose();
      else this.#abort(new ConnectionTimedOut("close", this.#closeTimeout));
    });
  }

  loseWriteConnection(): void {
    if (!this.writable || this.#disconnecting || this.#writeEnd !== "open") return;
    this.#writeEnd = "asked";
    if (this.bufferedBytes === 0) this.#shutSoon();
  }

  #shutSoon(): void {
    this.#reactor.soon(() => {
      if (this.#writeEnd !== "asked" || this.#disconnecting || this.#reason !== undefined) return;
      if (this.#producer.occupied || this.bufferedBytes > 0) return;
      this.#writeEnd = "shut";
      this.shutdownWriting();
      const protocol = this.#protocol;
      if (providesHalfClose(protocol)) {
        this.#guard("writeConnectionLost", () => protocol.writeConnectionLost());
      }
      this.#endIfBothEnded();
    });
  }

  /** Each side has said its last word: there is nothing left of the connection. */
  #endIfBothEnded(): void {
    if (!this.#readEnded || this.#writeEnd !== "shut" || this.#reason !== undefined) return;
    this.closeConnection();
    this.#end(new Failure(new ConnectionDone()));
  }

  abortConnection(): void {
    this.#abort(new ConnectionAborted());
  }

  #abort(error: Error): void {
    if (!this.#connected || this.#reason !== undefined) return;
    this.resetConnection();
    this.#end(new Failure(error));
  }

  /** The reactor stops. */
  closeAtStop(reason: Failure): Deferred<void> {
    const over = new Deferred<void>();
    if (this.#disconnected) return succeed(undefined);
    this.#over = over;
    if (this.#reason === undefined) {
      this.dropConnection();
      this.#end(reason);
    }
    return over;
  }

  /** A protocol or producer threw: log it, and drop this connection alone. */
  #broken(where: string, error: unknown): void {
    const failure = Failure.of(error);
    log.failure("{prefix}: error in {where}; the connection is dropped", failure, {
      prefix: this.#logPrefix(),
      where,
    });
    if (this.#reason !== undefined || !this.#connected) return;
    this.resetConnection();
    this.#end(failure);
  }

  #guard(where: string, f: () => void): void {
    try {
      f();
    } catch (error) {
      this.#broken(where, error);
    }
  }

  /** The one way out: from here on nothing is read or sent, and `connectionLost` is on its way. */
  #end(reason: Failure): void {
    if (!this.#connected || this.#reason !== undefined) return;
    this.#reason = reason;
    this.#droppedBytes += this.#queue.clear();
    if (this.#closeAlarm?.active === true) this.#closeAlarm.cancel();
    this.#closeAlarm = undefined;
    this.#reactor.soon(() => this.#tellLost(reason));
  }

  #tellLost(reason: Failure): void {
    this.#stopProducer();
    this.#connected = false;
    this.#disconnected = true;
    this.#guard("connectionLost", () => this.#protocol?.connectionLost(reason));
    for (const one of this.#drained?.splice(0) ?? []) one.errback(reason);
    this.#reactor.closed(this);
    this.#ended?.(reason, this);
    this.#over?.callback();
  }

  // -- For people

  get protocol(): IProtocol | undefined {
    return this.#protocol;
  }

  get connected(): boolean {
    return this.#connected;
  }

  get disconnecting(): boolean {
    return this.#disconnecting;
  }

  get disconnected(): boolean {
    return this.#disconnected;
  }

  get bufferedBytes(): number {
    return this.#queue.bytes;
  }

  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  #logPrefix(): string {
    return `${protocolName(this.#protocol)},${this.getPeer().toString()}`;
  }

  toString(): string {
    const state = this.#disconnected ? "closed" : this.#disconnecting ? "closing" : "open";
    const facts = [this.getPeer().toString(), state, `${String(this.bufferedBytes)} bytes queued`];
    return `${this.constructor.name}(${facts.join(", ")})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
