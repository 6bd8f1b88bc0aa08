/**
 * A transport as the stream that `node:http2` wants.
 *
 *     transport ─▶ receive ─▶ node:http2
 *     transport ◀─ write ◀─── node:http2, which waits while the transport is full
 *
 * Differs from the Duplex of `sennit/streams`: what is written is done with as soon as the
 * transport has room for more, without a Deferred for each piece; its end is the connection's; and
 * so is a GOAWAY that is sent for an error.
 *
 * @module
 */
import { Duplex } from "node:stream";
import type { IPushProducer, IStreamTransport } from "../../internet/interfaces-transport.ts";
import { GoawayScanner } from "./goaway-scanner.ts";

type Done = (error?: Error | null) => void;

/** Bytes that may wait for `node:http2` to take them. */
const MARK = 65_536;

/** See the top of this file. */
export class HTTP2Wire extends Duplex implements IPushProducer {
  readonly #transport: IStreamTransport;
  readonly #fullChanged: (isFull: boolean) => void;
  readonly #scanner = new GoawayScanner();
  #full = false;
  #readPaused = false;
  #waiting: Done | undefined;
  #left = false;

  /** @param fullChanged Told after a write that fills the transport, and when that is empty. */
  constructor(transport: IStreamTransport, fullChanged: (isFull: boolean) => void) {
    super({ highWaterMark: MARK });
    this.#transport = transport;
    this.#fullChanged = fullChanged;
    transport.registerProducer(this, true);
  }

  /** Bytes from the peer. */
  receive(data: Buffer): void {
    if (this.#left || this.push(data)) return;
    this.#readPaused = true;
    this.#transport.pauseProducing();
  }

  override _read(): void {
    if (!this.#readPaused) return;
    this.#readPaused = false;
    this.#transport.resumeProducing();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#transport.write(chunk);
    this.#written(this.#scanner.scan(chunk), done);
  }

  override _writev(parts: readonly { readonly chunk: Buffer }[], done: Done): void {
    const chunks = parts.map((part) => part.chunk);
    this.#transport.writeSequence(chunks);
    const hasEnded = chunks.some((chunk) => this.#scanner.scan(chunk));
    this.#written(hasEnded, done);
  }

  #written(hasEnded: boolean, done: Done): void {
    if (hasEnded) this.#leave();
    if (!this.#full) {
      done();
      return;
    }
    this.#waiting = done;
    this.#fullChanged(true);
  }

  override _final(done: Done): void {
    this.#leave();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#leave();
    done(error);
  }

  /** What was written goes out; then the connection is closed. */
  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#transport.unregisterProducer();
    this.#transport.loseConnection();
  }

  // -- The transport's producer

  pauseProducing(): void {
    this.#full = true;
  }

  resumeProducing(): void {
    this.#full = false;
    this.#fullChanged(false);
    const done = this.#waiting;
    this.#waiting = undefined;
    done?.();
  }

  /** The connection is gone: its protocol destroys this. */
  stopProducing(): void {}
}
