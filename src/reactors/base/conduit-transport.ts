/**
 * A transport whose bytes a {@link Conduit} moves, and which can begin to speak TLS.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import type { ConnectionLimits } from "../../internet/interfaces-reactor.ts";
import {
  type ITLSClientOptions,
  type ITLSServerOptions,
  type ITLSTransport,
  providesUnprocessed,
  type RawCertificate,
  type TLSLimits,
  type TLSSession,
} from "../../internet/interfaces-tls.ts";
import { TLSNotPossibleError } from "../../internet/tls/errors.ts";
import {
  type Conduit,
  type ConduitOwner,
  isSecure,
  type SecureConduit,
  type SecureParts,
} from "./conduit.ts";
import type { ReactorBase } from "./reactor-base.ts";
import { type Ended, StreamTransport } from "./stream-transport.ts";

/** What a transport is made of. */
export interface TransportParts {
  readonly reactor: ReactorBase;
  readonly conduit: Conduit;
  readonly peer: IAddress;
  readonly host: IAddress;
  readonly limits: ConnectionLimits;
  /** Called once, after the protocol's `connectionLost`. */
  readonly ended?: Ended;
}

/** See the top of this file. A kind of transport knows how its reactor speaks TLS. */
export abstract class ConduitTransport
  extends StreamTransport
  implements ITLSTransport, ConduitOwner
{
  readonly #reactor: ReactorBase;
  readonly #peer: IAddress;
  readonly #host: IAddress;
  #conduit: Conduit;
  #tls: SecureConduit | undefined;
  /** `startTLS` was called, and what was written before is not out yet. */
  #upgrading = false;

  constructor({ reactor, conduit, peer, host, limits, ended }: TransportParts) {
    super(reactor, limits, ended);
    this.#reactor = reactor;
    this.#peer = peer;
    this.#host = host;
    this.#conduit = conduit;
    conduit.owner = this;
    if (isSecure(conduit)) this.#tls = conduit;
  }

  /** @throws {RangeError} A timeout that is none. @throws {Error} Keys that do not fit. */
  protected abstract checkTLS(
    options: ITLSServerOptions | ITLSClientOptions,
    limits: TLSLimits,
  ): void;
  /** TLS on top of a conduit. @throws As {@link ConduitTransport.checkTLS}. */
  protected abstract makeTLS(parts: SecureParts): SecureConduit;

  getPeer(): IAddress {
    return this.#peer;
  }

  getHost(): IAddress {
    return this.#host;
  }

  protected sendBytes(chunks: readonly Uint8Array[]): boolean {
    return this.#conduit.send(chunks);
  }

  protected startReading(): void {
    if (!this.#upgrading) this.#conduit.startReading();
  }

  protected stopReading(): void {
    this.#conduit.stopReading();
  }

  protected shutdownWriting(): void {
    this.#conduit.shutdown();
  }

  protected closeConnection(): void {
    this.#conduit.close();
  }

  protected resetConnection(): void {
    this.#conduit.reset();
  }

  protected dropConnection(): void {
    this.#conduit.drop();
  }

  // -- TLS

  startTLS(options: ITLSServerOptions | ITLSClientOptions, limits: TLSLimits = {}): void {
    if (!this.connected || this.disconnecting || this.#upgrading) {
      const why = this.#upgrading ? "TLS is being started already" : "the connection is ending";
      throw new TLSNotPossibleError(`Cannot start TLS on ${this.toString()}: ${why}`);
    }
    if (!this.writable) {
      const why = "our half of it is closed";
      throw new TLSNotPossibleError(`Cannot start TLS on ${this.toString()}: ${why}`);
    }
    this.checkTLS(options, limits);
    const { protocol } = this;
    // First: if it throws, nothing has begun.
    const unprocessed = providesUnprocessed(protocol) ? protocol.clearLineBuffer() : undefined;
    // Read on, and what came glued behind the command would pass for what the peer said in private.
    this.#upgrading = true;
    this.#conduit.stopReading();
    this.setBarrier(() => this.#upgrade(options, limits, unprocessed));
  }

  #upgrade(
    options: ITLSServerOptions | ITLSClientOptions,
    limits: TLSLimits,
    unprocessed: Uint8Array | undefined,
  ): void {
    this.#upgrading = false;
    const parts = { reactor: this.#reactor, lower: this.#conduit, options, limits };
    try {
      this.#tls = this.makeTLS({ ...parts, unprocessed });
    } catch (error) {
      // The server's settings have changed since they were checked.
      this.#conduit.drop();
      this.connectionFailed(Failure.of(error).value);
      return;
    }
    this.#tls.owner = this;
    this.#conduit = this.#tls;
    if (this.wanted) this.#conduit.startReading();
  }

  get secure(): boolean {
    return this.#upgrading || this.#tls !== undefined;
  }

  get tlsSession(): TLSSession | undefined {
    return this.#tls?.session;
  }

  get negotiatedProtocol(): string | undefined {
    return this.tlsSession?.negotiatedProtocol;
  }

  getPeerCertificate(): RawCertificate | undefined {
    return this.tlsSession?.peerCertificate;
  }
}
