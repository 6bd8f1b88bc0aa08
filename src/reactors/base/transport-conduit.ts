/**
 * Any transport as a conduit, for what is layered on top of it.
 *
 * @module
 */
import type { IStreamTransport } from "../../internet/interfaces-transport.ts";
import type { Conduit, ConduitOwner } from "./conduit.ts";

/** Bytes that the transport may hold before we wait: as many as pause a push producer. */
const HELD_MAX = 65_536;

/** See the top of this file. The transport's own protocol says what it is told. */
export class TransportConduit implements Conduit {
  owner: ConduitOwner | undefined;
  readonly #transport: IStreamTransport;

  constructor(transport: IStreamTransport) {
    this.#transport = transport;
  }

  send(chunks: readonly Uint8Array[]): boolean {
    const transport = this.#transport;
    transport.writeSequence(chunks);
    if (transport.bufferedBytes <= HELD_MAX) return true;
    void transport.drained().addCallbacks(
      () => this.owner?.bytesSent(),
      () => undefined, // It is gone, and says so itself.
    );
    return false;
  }

  startReading(): void {
    this.#transport.resumeProducing();
  }

  stopReading(): void {
    this.#transport.pauseProducing();
  }

  shutdown(): void {
    this.#transport.loseWriteConnection();
  }

  close(): void {
    this.#transport.loseConnection();
  }

  reset(): void {
    this.#transport.abortConnection();
  }

  /** In good order: what was sent last tells the peer why. The transport sees that it ends. */
  drop(): void {
    this.#transport.loseConnection();
  }
}
