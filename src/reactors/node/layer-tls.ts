/**
 * TLS on top of a transport, whatever that is.
 *
 * @module
 */
import type { ConnectionLimits } from "../../internet/interfaces-reactor.ts";
import type { TLSLayer, TLSLimits } from "../../internet/interfaces-tls.ts";
import type { IStreamTransport } from "../../internet/interfaces-transport.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { TransportLayer } from "../base/tls-layer.ts";
import { TransportConduit } from "../base/transport-conduit.ts";
import { NodeTransport } from "./node-transport.ts";
import { TLSConduit, type TLSWanted } from "./tls-conduit.ts";

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
  const transport = new NodeTransport({ reactor, conduit, limits, ...addresses });
  return new TransportLayer(transport, below);
}
