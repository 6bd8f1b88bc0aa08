/**
 * TLS on top of a transport, whatever that is.
 *
 * After: twisted.protocols.tls.TLSMemoryBIOProtocol, whose transport half this is.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import { ConnectionDone } from "../../internet/errors.ts";
import type { ITLSTransport, TLSLayer } from "../../internet/interfaces-tls.ts";
import type { IProtocol } from "../../internet/interfaces-transport.ts";
import type { ConduitTransport } from "./conduit-transport.ts";
import type { TransportConduit } from "./transport-conduit.ts";

/** See the top of this file. */
export class TransportLayer implements TLSLayer {
  readonly #transport: ConduitTransport;
  readonly #below: TransportConduit;
  #readEnded = false;

  /** @param below What `transport` moves its bytes with, at the bottom of all layers. */
  constructor(transport: ConduitTransport, below: TransportConduit) {
    this.#transport = transport;
    this.#below = below;
  }

  get transport(): ITLSTransport {
    return this.#transport;
  }

  begin(protocol: IProtocol): void {
    this.#transport.begin(protocol);
  }

  dataReceived(data: Buffer): void {
    this.#below.owner?.bytesReceived(data);
  }

  readConnectionLost(): void {
    if (this.#readEnded) return;
    this.#readEnded = true;
    this.#below.owner?.endReceived();
  }

  connectionLost(reason: Failure): void {
    // An end in good order may still have bytes in front of it that nobody has read.
    if (reason.value instanceof ConnectionDone) this.readConnectionLost();
    else this.#below.owner?.connectionFailed(reason.value);
  }
}
