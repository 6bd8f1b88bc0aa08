/**
 * What a connection speaks when it speaks HTTP/1 no more: WebSocket, HTTP/2, the bytes of a tunnel.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import {
  type IHalfCloseableProtocol,
  type IProtocol,
  type IStreamTransport,
  providesDrain,
  providesHalfClose,
} from "../../internet/interfaces-transport.ts";

/** The place of a protocol that takes a connection over. */
export class Successor {
  #protocol: IProtocol | undefined;
  readonly #drainsAtOnce: boolean;

  /** @param drainsAtOnce The server is stopping already: who takes over is told when it has. */
  constructor(drainsAtOnce = false) {
    this.#drainsAtOnce = drainsAtOnce;
  }

  /** Has it taken over? */
  get started(): boolean {
    return this.#protocol !== undefined;
  }

  /**
   * Hand the connection over, and what came of it already. An error of the protocol ends the
   * connection, as anywhere, and is thrown on.
   */
  start(protocol: IProtocol, transport: IStreamTransport, rest: Buffer): void {
    this.#protocol = protocol;
    // Nothing is delivered before we return; a protocol that pauses at once stays paused.
    transport.resumeProducing();
    try {
      protocol.makeConnection(transport);
      if (rest.length > 0 && !transport.disconnecting) protocol.dataReceived(rest);
      if (this.#drainsAtOnce) this.drain(transport);
    } catch (error) {
      transport.abortConnection();
      throw error;
    }
  }

  /** The same, if it survives half a close. */
  get halfCloseable(): IHalfCloseableProtocol | undefined {
    return providesHalfClose(this.#protocol) ? this.#protocol : undefined;
  }

  dataReceived(data: Buffer): void {
    this.#protocol?.dataReceived(data);
  }

  connectionLost(reason: Failure): void {
    this.#protocol?.connectionLost(reason);
  }

  /** Finish by itself if it can; else the connection is lost. */
  drain(transport: IStreamTransport): void {
    if (providesDrain(this.#protocol)) this.#protocol.drain();
    else transport.loseConnection();
  }
}
