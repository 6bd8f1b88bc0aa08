/**
 * The contracts between transports, protocols, producers and consumers. The comments are the
 * specification; every transport, ours or yours, keeps them (`describeTransport` in
 * `sennit/testing`).
 *
 * After: twisted.internet.interfaces. Differs: `write` takes text (as UTF-8); writes after
 * `loseConnection` or after the end are dropped and counted; `drained()` for async code.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import type { IAddress } from "./addresses.ts";

/** Somebody who makes bytes for a consumer and can be told to stop. */
export interface IProducer {
  /** The consumer is gone: make no more. Called at most once, and nothing after it. */
  stopProducing(): void;
}

/** Makes bytes by itself until paused. Register with `streaming: true`. */
export interface IPushProducer extends IProducer {
  /** Enough for now. May be called from inside your own `write`. */
  pauseProducing(): void;
  /** Go on. Never called from inside `write`. */
  resumeProducing(): void;
}

/** Makes bytes only when asked. Register with `streaming: false`. */
export interface IPullProducer extends IProducer {
  /** Write ONE chunk now (or later), or unregister. Asked again each time the buffer is empty. */
  resumeProducing(): void;
}

/** Takes bytes and tells their producer when to stop and go on. */
export interface IConsumer {
  /**
   * Put a producer in charge of what is written. A pull producer is asked for its first chunk at
   * once. If the consumer is already gone, `producer.stopProducing()` is called at once instead.
   *
   * @throws {ProducerAlreadyRegisteredError} There is one already: unregister it first.
   */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** The same for a producer that is asked. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  /** The producer has no more. A `loseConnection` that waited for it goes on. */
  unregisterProducer(): void;
  /** Queue bytes. Never sends and never calls back a protocol before it returns. */
  write(data: Uint8Array | string): void;
}

/** One end of a connection, as its protocol sees it. */
export interface ITransport {
  /**
   * Queue bytes for the peer. A string is UTF-8. The bytes are the transport's until they are
   * flushed: do not change them. Nothing is sent before this returns; the writes of one turn leave
   * together. After `loseConnection` (unless a producer is registered), after
   * `loseWriteConnection` and after the end, the bytes are dropped and counted in `droppedBytes`.
   *
   * @throws {TypeError} Neither bytes nor text.
   */
  write(data: Uint8Array | string): void;
  /** `write` each of them, in order. */
  writeSequence(data: Iterable<Uint8Array | string>): void;
  /**
   * Close in good order: stop reading now, flush, wait for a registered producer, close. The
   * protocol hears `connectionLost(ConnectionDone)` in a later turn. Idempotent. Without
   * progress for `closeTimeout` seconds it is aborted.
   */
  loseConnection(): void;
  /** Close at once: what is queued is dropped, the peer sees a reset where the platform can. */
  abortConnection(): void;
  /** Who is at the other end; still known after the end. */
  getPeer(): IAddress;
  /** Our own end. */
  getHost(): IAddress;
  /** The protocol that this transport talks to. */
  readonly protocol: IProtocol | undefined;
  /** `connectionMade` has been called and `connectionLost` has not. */
  readonly connected: boolean;
  /** `loseConnection` was called: nothing more is received. */
  readonly disconnecting: boolean;
  /** `connectionLost` has been called. */
  readonly disconnected: boolean;
  /** Bytes written that the platform has not taken yet. */
  readonly bufferedBytes: number;
  /** Bytes written too late to be sent. */
  readonly droppedBytes: number;
}

/** A stream with both directions under control: TCP, UNIX, and what wraps them. */
export interface IStreamTransport extends ITransport, IConsumer {
  /** Flush, then close our sending half; the peer sees end-of-file. Reading goes on. */
  loseWriteConnection(): void;
  /**
   * Stop reading: no `dataReceived` until `resumeProducing`. A peer's close is not noticed either.
   */
  pauseProducing(): void;
  /** Read again; never delivers before it returns. Nothing happens while disconnecting. */
  resumeProducing(): void;
  /** The same as `loseConnection`: a transport is a producer of what it receives. */
  stopProducing(): void;
  /**
   * For async code: fires when everything written so far has been handed to the platform; at once
   * if nothing is waiting. Fails with the connection's reason if it ends first.
   */
  drained(): Deferred<void>;
}

/** TCP's own switches. */
export interface ITCPTransport extends IStreamTransport {
  /** Are small pieces sent at once? */
  getTcpNoDelay(): boolean;
  /**
   * Send small pieces at once (`true`, the default here: the writes of one turn leave together
   * anyway), or let Nagle's algorithm hold them back until earlier ones are acknowledged.
   */
  setTcpNoDelay(enabled: boolean): void;
  /** Is an idle connection probed? */
  getTcpKeepAlive(): boolean;
  /** Probe an idle connection; `initialDelay` in seconds, 0 leaves the system's. */
  setTcpKeepAlive(enabled: boolean, initialDelay?: number): void;
}

/**
 * The code that talks to a peer. The transport calls, in this order: `makeConnection` (which sets
 * `transport` and calls `connectionMade`) once, `dataReceived` any number of times and never
 * re-entered, `connectionLost` exactly once, then nothing. An exception from any of them is logged
 * and ends this connection with that exception as the reason.
 */
export interface IProtocol {
  /** Set by a factory that makes its protocols from a class. */
  factory?: object | undefined;
  /** Called by the transport, once: keep it, and call `connectionMade`. */
  makeConnection(transport: IStreamTransport): void;
  /** The connection is there. */
  connectionMade(): void;
  /** Some bytes, however the network cut them. They are yours to keep. */
  dataReceived(data: Buffer): void;
  /** The end, with a typed reason: `ConnectionDone`, `ConnectionLost`, `ConnectionAborted`, … */
  connectionLost(reason: Failure): void;
}

/** A protocol that lives on when one direction has ended. Probe with {@link providesHalfClose}. */
export interface IHalfCloseableProtocol {
  /** The peer will send no more. We may go on writing. */
  readConnectionLost(): void;
  /** `loseWriteConnection` is done: the peer has been told that we send no more. */
  writeConnectionLost(): void;
}

/** A protocol that can finish what is in hand when its service stops. */
export interface IDrainable {
  /** Say goodbye and lose the connection soon. After the service's deadline it is aborted. */
  drain(): void;
}

/** Something that names itself in log lines. */
export interface ILoggingContext {
  /** How its log lines begin: a short name. */
  logPrefix(): string;
}

function has<Name extends string>(
  value: unknown,
  name: Name,
): value is Record<Name, (...args: never) => unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    name in value &&
    typeof Reflect.get(value, name) === "function"
  );
}

/**
 * A protocol that is a layer (TLS on any transport, say): the protocol that people mean has a
 * transport of its own. Ports and connectors lose connections there, so that each layer ends in
 * good order.
 */
export interface ILayer {
  /** The transport of the protocol above; `undefined` while there is none. */
  readonly upperTransport: ITransport | undefined;
}

/** Has the transport TCP's switches? */
export function providesTCP(value: unknown): value is ITCPTransport {
  return has(value, "setTcpNoDelay") && has(value, "setTcpKeepAlive");
}

/** Does it survive half a close? */
export function providesHalfClose(value: unknown): value is IHalfCloseableProtocol {
  return has(value, "readConnectionLost") && has(value, "writeConnectionLost");
}

/** Can it finish by itself? */
export function providesDrain(value: unknown): value is IDrainable {
  return has(value, "drain");
}

/** Is it a layer, with a transport on top of it? */
export function providesLayer(value: unknown): value is ILayer {
  return typeof value === "object" && value !== null && "upperTransport" in value;
}

/** The transport of the protocol that people mean, whatever the layers in between. */
export function topTransport(transport: ITransport): ITransport {
  const { protocol } = transport;
  const upper = providesLayer(protocol) ? protocol.upperTransport : undefined;
  return upper === undefined ? transport : topTransport(upper);
}

/** Has it a name for logs? */
export function providesLoggingContext(value: unknown): value is ILoggingContext {
  return has(value, "logPrefix");
}
