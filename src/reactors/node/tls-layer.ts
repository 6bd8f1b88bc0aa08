/**
 * TLS on top of a transport, whatever that is.
 *
 * After: twisted.protocols.tls.TLSMemoryBIOProtocol, whose transport half this is.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import { ConnectionDone } from "../../internet/errors.ts";
import type { ConnectionLimits } from "../../internet/interfaces-reactor.ts";
import type { ITLSTransport, TLSLayer, TLSLimits } from "../../internet/interfaces-tls.ts";
import type { IProtocol, IStreamTransport } from "../../internet/interfaces-transport.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { ConduitTransport } from "./conduit-transport.ts";
import { TLSConduit, type TLSWanted } from "./tls-conduit.ts";
import { TransportConduit } from "./transport-conduit.ts";

/** What is wanted of a layer. */
interface LayerWanted extends TLSWanted {
  readonly limits: TLSLimits & ConnectionLimits;
}

/**
 * See `IReactorSSL.layerTLS`.
 *
 * @throws {RangeError} A limit that is none. @throws {Error} Keys that do not fit.
 */
export function layerTLS(
  reactor: ReactorBase,
  lower: IStreamTransport,
  wanted: LayerWanted,
): TLSLayer {
  const { options } = wanted;
  const limits = checkedLimits(wanted.limits);
  const below = new TransportConduit(lower);
  const conduit = new TLSConduit({ reactor, lower: below, options, limits });
  const addresses = { peer: lower.getPeer(), host: lower.getHost() };
  return new Layer(new ConduitTransport({ reactor, conduit, limits, ...addresses }), below);
}

class Layer implements TLSLayer {
  readonly #transport: ConduitTransport;
  readonly #below: TransportConduit;
  #readEnded = false;

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
