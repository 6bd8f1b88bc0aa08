/**
 * A transport in front of another one: everything goes through, and a subclass changes what it is
 * for.
 *
 *     protocol ◀─▶ TransportWrapper ──▶ the real transport
 *
 * The wrapper has the capabilities that the lower transport has, and no others: what only some
 * transports can do is a getter here, which gives nothing where the lower one has nothing. So
 * `providesTCP`, `providesTLS` and their like answer for the wrapper as for the real one, and a
 * connection pays for none of it: one call more for each of the protocol's own calls, no memory but
 * the wrapper.
 *
 * After: the transport's half of twisted.protocols.policies.ProtocolWrapper. Differs: it passes on
 * half-closing, TCP's switches, TLS and `drained`.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { IAddress } from "../addresses.ts";
import { type ITLSTransport, providesTLS, type TLSSession } from "../interfaces-tls.ts";
import {
  type IProtocol,
  type IPullProducer,
  type IPushProducer,
  type IStreamTransport,
  type ITCPTransport,
  providesTCP,
} from "../interfaces-transport.ts";

/**
 * Who decides whether bytes are delivered. The lower transport itself, unless somebody in between
 * still holds some of them.
 */
export type ReadingControl = Pick<
  IStreamTransport,
  "pauseProducing" | "resumeProducing" | "loseConnection" | "abortConnection"
>;

/** See the top of this file. */
export class TransportWrapper implements IStreamTransport {
  /** The protocol that talks to this wrapper, not the lower transport's own. */
  readonly protocol: IProtocol;
  /** What everything goes through to. */
  protected readonly lower: IStreamTransport;
  readonly #control: ReadingControl;

  /** @param control Asked in the lower transport's place to pause, resume and end. */
  constructor(lower: IStreamTransport, protocol: IProtocol, control: ReadingControl = lower) {
    this.lower = lower;
    this.protocol = protocol;
    this.#control = control;
  }

  // -- Writing

  write(data: Uint8Array | string): void {
    this.lower.write(data);
  }

  writeSequence(data: Iterable<Uint8Array | string>): void {
    this.lower.writeSequence(data);
  }

  loseWriteConnection(): void {
    this.lower.loseWriteConnection();
  }

  drained(): Deferred<void> {
    return this.lower.drained();
  }

  get bufferedBytes(): number {
    return this.lower.bufferedBytes;
  }

  get droppedBytes(): number {
    return this.lower.droppedBytes;
  }

  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    if (streaming) this.lower.registerProducer(producer, true);
    else this.lower.registerProducer(producer, false);
  }

  unregisterProducer(): void {
    this.lower.unregisterProducer();
  }

  // -- Reading

  pauseProducing(): void {
    this.#control.pauseProducing();
  }

  resumeProducing(): void {
    this.#control.resumeProducing();
  }

  stopProducing(): void {
    this.#control.loseConnection();
  }

  // -- Ending

  loseConnection(): void {
    this.#control.loseConnection();
  }

  abortConnection(): void {
    this.#control.abortConnection();
  }

  get connected(): boolean {
    return this.lower.connected;
  }

  get disconnecting(): boolean {
    return this.lower.disconnecting;
  }

  get disconnected(): boolean {
    return this.lower.disconnected;
  }

  // -- Addresses

  getPeer(): IAddress {
    return this.lower.getPeer();
  }

  getHost(): IAddress {
    return this.lower.getHost();
  }

  // -- TCP, where the lower transport is TCP

  /** See `ITCPTransport.getTcpNoDelay`. */
  get getTcpNoDelay(): ITCPTransport["getTcpNoDelay"] | undefined {
    const { lower } = this;
    return providesTCP(lower) ? () => lower.getTcpNoDelay() : undefined;
  }

  /** See `ITCPTransport.setTcpNoDelay`. */
  get setTcpNoDelay(): ITCPTransport["setTcpNoDelay"] | undefined {
    const { lower } = this;
    return providesTCP(lower) ? (enabled) => lower.setTcpNoDelay(enabled) : undefined;
  }

  /** See `ITCPTransport.getTcpKeepAlive`. */
  get getTcpKeepAlive(): ITCPTransport["getTcpKeepAlive"] | undefined {
    const { lower } = this;
    return providesTCP(lower) ? () => lower.getTcpKeepAlive() : undefined;
  }

  /** See `ITCPTransport.setTcpKeepAlive`. */
  get setTcpKeepAlive(): ITCPTransport["setTcpKeepAlive"] | undefined {
    const { lower } = this;
    if (!providesTCP(lower)) return undefined;
    return (enabled, initialDelay) => lower.setTcpKeepAlive(enabled, initialDelay);
  }

  // -- TLS, where the lower transport can speak it

  /** See `ITLSTransport.startTLS`: TLS begins below, for all that goes through here. */
  get startTLS(): ITLSTransport["startTLS"] | undefined {
    const { lower } = this;
    return providesTLS(lower) ? (options, limits) => lower.startTLS(options, limits) : undefined;
  }

  /** See `ITLSTransport.getPeerCertificate`. */
  get getPeerCertificate(): ITLSTransport["getPeerCertificate"] | undefined {
    const { lower } = this;
    return providesTLS(lower) ? () => lower.getPeerCertificate() : undefined;
  }

  /** See `ITLSTransport.secure`. */
  get secure(): boolean {
    return providesTLS(this.lower) && this.lower.secure;
  }

  /** See `ITLSTransport.tlsSession`. */
  get tlsSession(): TLSSession | undefined {
    return providesTLS(this.lower) ? this.lower.tlsSession : undefined;
  }

  /** See `ITLSTransport.negotiatedProtocol`. */
  get negotiatedProtocol(): string | undefined {
    return this.tlsSession?.negotiatedProtocol;
  }

  // -- For people

  toString(): string {
    const facts = [this.getPeer(), this.lower.getPeer()].map(String);
    return `${this.constructor.name}(${facts.join(", over ")})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
