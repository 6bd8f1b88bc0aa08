/**
 * Transports on Node streams.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { type IAddress, NoAddress } from "../../internet/addresses.ts";
import type { ConnectStreamOptions, StreamHalves } from "../../internet/interfaces-streams.ts";
import type { IProtocol, IStreamTransport } from "../../internet/interfaces-transport.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { NodeTransport } from "./node-transport.ts";
import { DuplexConduit } from "./duplex-conduit.ts";

/** See `IReactorStreams.connectStream`. */
export function connectStream(
  reactor: ReactorBase,
  stream: Duplex | StreamHalves,
  { protocol, options }: { readonly protocol: IProtocol; readonly options: ConnectStreamOptions },
): IStreamTransport {
  const limits = checkedLimits(options);
  const halves = areHalves(stream) ? stream : { readable: stream, writable: stream };
  const { readable, writable } = halves;
  const conduit = new DuplexConduit({ reactor, readable, writable, shared: true, lingers: true });
  const peer = addressOf(options.peer);
  const host = addressOf(options.host);
  const transport = new NodeTransport({ reactor, conduit, peer, host, limits });
  transport.begin(protocol);
  return transport;
}

/** A Duplex has these names too, for booleans. */
function areHalves(stream: Duplex | StreamHalves): stream is StreamHalves {
  return typeof stream.readable === "object" && typeof stream.writable === "object";
}

function addressOf(given: IAddress | string = "stream"): IAddress {
  return typeof given === "string" ? new NoAddress(given) : given;
}
