/**
 * Bytes over one pipe of a child.
 *
 * @module
 */
import { SocketConduit } from "../socket-conduit.ts";

/** See the top of this file. */
export class PipeConduit extends SocketConduit {
  /** At once: what is sent lies with the child already, and nobody on the way could lose it. */
  override close(): void {
    this.socket.destroy();
  }
}
