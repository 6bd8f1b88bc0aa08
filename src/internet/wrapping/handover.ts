/**
 * A protocol that reads how a connection begins, and then hands it over to another protocol.
 *
 *     begun ── beginningReceived … ──▶ handed over ── everything goes on to the other protocol
 *
 * The other protocol must not notice: its `connectionMade` comes once, then what the transport told
 * before and only it was to hear (a finished handshake), then the bytes behind the beginning, if it
 * has not paused or closed in `connectionMade`, then whatever comes. Its capabilities count as this
 * one's: half-closing is there if it is there, `drain`, `handshakeCompleted` and `clearLineBuffer`
 * reach it. Where bytes wait for it, `startTLS` takes them, as it takes what any protocol has not
 * processed.
 *
 * After: the protocol's half of twisted.protocols.policies.ProtocolWrapper. Differs: the wrapped
 * protocol may come later; capabilities go through.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import { Logger } from "../../logger/logger.ts";
import type { IDelayedCall, IReactorTime } from "../interfaces-reactor.ts";
import {
  type IHandshakeListener,
  type IUnprocessedBytes,
  providesHandshakeListener,
  providesUnprocessed,
} from "../interfaces-tls.ts";
import {
  type IDrainable,
  type IHalfCloseableProtocol,
  type ILayer,
  type ILoggingContext,
  type IProtocol,
  type IStreamTransport,
  providesDrain,
  providesHalfClose,
  providesLoggingContext,
} from "../interfaces-transport.ts";
import type { ReadingControl } from "./transport-wrapper.ts";

const log = new Logger({ namespace: "sennit.transport" });

const EMPTY = Buffer.alloc(0);

/** See the top of this file. */
export abstract class Handover
  implements
    IProtocol,
    IDrainable,
    IHandshakeListener,
    ILoggingContext,
    IUnprocessedBytes,
    ILayer,
    ReadingControl
{
  readonly #reactor: IReactorTime;
  #transport: IStreamTransport | undefined;
  #wrapped: IProtocol | undefined;
  #upper: IStreamTransport | undefined;
  /** Bytes for the wrapped protocol, which has paused or is not through `connectionMade`. */
  #held: Buffer = EMPTY;
  #paused = false;
  #delivery: IDelayedCall | undefined;
  /** What the wrapped protocol threw where no transport could see it. */
  #thrown: Failure | undefined;
  #handshakeDone = false;

  constructor(reactor: IReactorTime) {
    this.#reactor = reactor;
  }

  // -- For subclasses

  /** The connection is there. */
  protected abstract begun(transport: IStreamTransport): void;
  /** Bytes before the connection is handed over. */
  protected abstract beginningReceived(data: Buffer, transport: IStreamTransport): void;
  /** The connection has ended before it was handed over. */
  protected abstract endedEarly(reason: Failure, transport: IStreamTransport): void;
  /** TLS is agreed on, and nobody has the connection yet. */
  protected handshakeCompletedEarly(_transport: IStreamTransport): void {}

  /**
   * From here on, the connection is `wrapped`'s. Call it once, last in `beginningReceived`.
   *
   * @param transport What `wrapped` will talk to: made with this as its `control`.
   * @param rest Bytes that have come and are for `wrapped`.
   */
  protected handOver(wrapped: IProtocol, transport: IStreamTransport, rest: Buffer): void {
    this.#wrapped = wrapped;
    this.#upper = transport;
    this.#held = rest;
    wrapped.makeConnection(transport);
    if (this.#handshakeDone && providesHandshakeListener(wrapped)) wrapped.handshakeCompleted();
    if (!this.#paused) this.#deliver(wrapped);
  }

  /** The protocol that has the connection, once it has it. */
  get wrappedProtocol(): IProtocol | undefined {
    return this.#wrapped;
  }

  /** What that protocol talks to: ports list it as the connection, once there is one. */
  get upperTransport(): IStreamTransport | undefined {
    return this.#upper;
  }

  // -- What the transport tells

  makeConnection(transport: IStreamTransport): void {
    this.#transport = transport;
    this.connectionMade();
  }

  connectionMade(): void {
    if (this.#transport !== undefined) this.begun(this.#transport);
  }

  dataReceived(data: Buffer): void {
    const wrapped = this.#wrapped;
    if (wrapped === undefined) {
      if (this.#transport !== undefined) this.beginningReceived(data, this.#transport);
    } else if (this.#held.length === 0) wrapped.dataReceived(data);
    else this.#held = Buffer.concat([this.#held, data]);
  }

  /** A getter, because it is there only if the wrapped protocol has it. */
  get readConnectionLost(): IHalfCloseableProtocol["readConnectionLost"] | undefined {
    const wrapped = this.#wrapped;
    return providesHalfClose(wrapped) ? () => wrapped.readConnectionLost() : undefined;
  }

  /** A getter, because it is there only if the wrapped protocol has it. */
  get writeConnectionLost(): IHalfCloseableProtocol["writeConnectionLost"] | undefined {
    const wrapped = this.#wrapped;
    return providesHalfClose(wrapped) ? () => wrapped.writeConnectionLost() : undefined;
  }

  connectionLost(reason: Failure): void {
    this.#drop();
    if (this.#wrapped !== undefined) this.#wrapped.connectionLost(this.#thrown ?? reason);
    else if (this.#transport !== undefined) this.endedEarly(reason, this.#transport);
  }

  handshakeCompleted(): void {
    const wrapped = this.#wrapped;
    if (providesHandshakeListener(wrapped)) wrapped.handshakeCompleted();
    if (wrapped !== undefined || this.#transport === undefined) return;
    this.#handshakeDone = true;
    this.handshakeCompletedEarly(this.#transport);
  }

  /** What the wrapped protocol has not processed, and what it has not been given yet. */
  clearLineBuffer(): Buffer {
    const held = this.#held;
    this.#held = EMPTY;
    const wrapped = this.#wrapped;
    const before = providesUnprocessed(wrapped) ? wrapped.clearLineBuffer() : EMPTY;
    return Buffer.concat([before, held]);
  }

  /** A connection that nobody has yet has nothing to finish. */
  drain(): void {
    if (providesDrain(this.#wrapped)) this.#wrapped.drain();
    else this.loseConnection();
  }

  /** Who has the connection, by its own word. */
  logPrefix(): string {
    const wrapped = this.#wrapped;
    if (wrapped === undefined) return this.constructor.name;
    return providesLoggingContext(wrapped) ? wrapped.logPrefix() : wrapped.constructor.name;
  }

  // -- What the wrapped protocol asks for, as long as bytes may wait for it here

  pauseProducing(): void {
    this.#paused = true;
    this.#transport?.pauseProducing();
  }

  resumeProducing(): void {
    this.#paused = false;
    if (this.#held.length === 0) this.#transport?.resumeProducing();
    // Never before this returns. The transport keeps its pause, so that nothing comes in between.
    else this.#delivery ??= this.#reactor.callLater(0, () => this.#deliverLate());
  }

  loseConnection(): void {
    this.#drop();
    this.#transport?.loseConnection();
  }

  abortConnection(): void {
    this.#drop();
    this.#transport?.abortConnection();
  }

  #deliver(wrapped: IProtocol): void {
    const held = this.#held;
    this.#held = EMPTY;
    if (held.length > 0) wrapped.dataReceived(held);
  }

  #deliverLate(): void {
    this.#delivery = undefined;
    const wrapped = this.#wrapped;
    // Its owner may have ended the connection without asking here.
    const isOpen = this.#transport?.connected === true && !this.#transport.disconnecting;
    if (wrapped === undefined || this.#paused || !isOpen) return;
    try {
      this.#deliver(wrapped);
    } catch (error) {
      this.#broken(error);
      return;
    }
    if (!this.#paused) this.#transport?.resumeProducing();
  }

  /** What a transport does with an exception that it sees. */
  #broken(error: unknown): void {
    this.#thrown = Failure.of(error);
    log.failure("{prefix}: error in dataReceived; the connection is dropped", this.#thrown, {
      prefix: this.logPrefix(),
    });
    this.#transport?.abortConnection();
  }

  /** Nothing that is held will be delivered. */
  #drop(): void {
    this.#held = EMPTY;
    if (this.#delivery?.active === true) this.#delivery.cancel();
    this.#delivery = undefined;
  }
}
