/**
 * The base class of protocols: what people subclass to talk to a peer.
 *
 * After: twisted.internet.protocol.Protocol. Differs: before a connection is made, `transport` is
 * one that drops what is written, so it is never undefined.
 *
 * @module
 */
import { succeed } from "../defer/combinators.ts";
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import { type IAddress, NoAddress } from "./addresses.ts";
import type { ILoggingContext, IProtocol, IStreamTransport } from "./interfaces-transport.ts";

const NOWHERE = new NoAddress("not connected");

/** The transport of a protocol that has none yet: takes everything, sends nothing. */
class NotConnected implements IStreamTransport {
  readonly protocol = undefined;
  readonly connected = false;
  readonly disconnecting = false;
  readonly disconnected = false;
  readonly bufferedBytes = 0;
  readonly droppedBytes = 0;
  write(): void {}
  writeSequence(): void {}
  loseConnection(): void {}
  abortConnection(): void {}
  loseWriteConnection(): void {}
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
  getPeer(): IAddress {
    return NOWHERE;
  }
  getHost(): IAddress {
    return NOWHERE;
  }
}

const NOT_CONNECTED = new NotConnected();

/**
 * Talks to one peer. Override `dataReceived`, and whatever else you need; see {@link IProtocol} for
 * who calls what, when.
 *
 * @example
 * ```ts
 * import { Protocol } from "sennit/internet";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Buffer): void {
 *     this.transport.write(data);
 *   }
 * }
 * ```
 */
export class Protocol implements IProtocol, ILoggingContext {
  /** The connection. Before `connectionMade` it drops what is written. */
  transport: IStreamTransport = NOT_CONNECTED;
  /** The factory that built this, when it was a factory of one class. */
  factory: object | undefined = undefined;

  /** Called by the transport; override {@link Protocol.connectionMade} instead. */
  makeConnection(transport: IStreamTransport): void {
    this.transport = transport;
    this.connectionMade();
  }

  /** The connection is there. */
  connectionMade(): void {}

  /** Some bytes, however the network cut them; they are yours. */
  dataReceived(_data: Buffer): void {}

  /** The end; nothing is called after it. */
  connectionLost(_reason: Failure): void {}

  /** How log lines of this connection begin: the name of the class. */
  logPrefix(): string {
    return this.constructor.name;
  }
}
