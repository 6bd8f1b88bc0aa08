/**
 * TLS on top of a transport, whatever that is.
 *
 * @module
 */
import type { ConnectionLimits } from "../../../internet/interfaces-reactor.ts";
import type { TLSLayer, TLSLimits } from "../../../internet/interfaces-tls.ts";
import type { IStreamTransport } from "../../../internet/interfaces-transport.ts";
import { checkedLimits } from "../../base/limits.ts";
import { TransportLayer } from "../../base/tls-layer.ts";
import { TransportConduit } from "../../base/transport-conduit.ts";
import type { SimulatedSystem } from "../system.ts";
import { SimulatedTransport } from "../tcp/transport.ts";
import { SimulatedTLSConduit } from "./tls-conduit.ts";
import type { TLSWanted } from "./tls-wanted.ts";

/** What is wanted of a layer. */
interface LayerWanted extends TLSWanted {
  readonly limits: TLSLimits & ConnectionLimits;
}

/**
 * See `IReactorSSL.layerTLS`.
 *
 * @throws {RangeError} A limit that is none. @throws {Error} Keys that do not fit.
 */
export function layerSimulatedTLS(
  system: SimulatedSystem,
  lower: IStreamTransport,
  wanted: LayerWanted,
): TLSLayer {
  const { options } = wanted;
  const limits = checkedLimits(wanted.limits);
  const below = new TransportConduit(lower);
  const conduit = new SimulatedTLSConduit({ reactor: system, lower: below, options, limits });
  const addresses = { peer: lower.getPeer(), host: lower.getHost() };
  const transport = new SimulatedTransport({ reactor: system, conduit, limits, ...addresses });
  return new TransportLayer(transport, below);
}
