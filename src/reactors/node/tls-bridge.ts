/**
 * A conduit as the stream that `node:tls` can sit on.
 *
 * @module
 */
import { Duplex } from "node:stream";
import type { Conduit, ConduitOwner } from "../base/conduit.ts";

type Done = (error?: Error | null) => void;

/** See the top of this file. */
export class TLSBridge extends Duplex implements ConduitOwner {
  readonly #lower: Conduit;
  #written: Done | undefined;
  #closing = false;
  #closed = false;
  #ended = false;

  constructor(lower: Conduit) {
    super({ allowHalfOpen: true });
    this.#lower = lower;
    lower.owner = this;
  }

  /** What ends next ends for good: close what is below, instead of half of it. */
  closeAtEnd(): void {
    this.#closing = true;
    if (this.#ended) this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lower.close();
    this.push(null); // Nothing comes any more.
  }

  // -- From above

  override _read(): void {
    this.#lower.startReading();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(parts: readonly { readonly chunk: Buffer }[], done: Done): void {
    this.#send(
      parts.map((part) => part.chunk),
      done,
    );
  }

  #send(chunks: readonly Uint8Array[], done: Done): void {
    if (this.#lower.send(chunks)) done();
    else this.#written = done;
  }

  override _final(done: Done): void {
    this.#ended = true;
    if (this.#closing) this.#close();
    else this.#lower.shutdown();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    if (!this.#closed) this.#lower.drop();
    this.#closed = true;
    done(error);
  }

  // -- From below

  bytesReceived(data: Buffer): void {
    if (!this.push(data)) this.#lower.stopReading();
  }

  endReceived(): void {
    this.push(null);
  }

  connectionFailed(error: Error): void {
    this.#closed = true;
    this.destroy(error);
  }

  bytesSent(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  /** That of the TLS below, if it is one. */
  handshakeDone(): void {}
}
