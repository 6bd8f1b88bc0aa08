/**
 * A connection through a proxy, as the protocol behind it sees it.
 *
 * @module
 */
import { type IAddress, IPv4Address, IPv6Address, UNIXAddress } from "../addresses.ts";
import type { IProtocol, IStreamTransport } from "../interfaces-transport.ts";
import { type ReadingControl, TransportWrapper } from "../wrapping/transport-wrapper.ts";
import type { ProxyHeader, ProxyRoute } from "./wire/proxy-header.ts";

/** A transport that knows a PROXY header. Probe with {@link providesProxyHeader}. */
export interface IProxiedTransport extends IStreamTransport {
  /** All that the proxy said: the name that the client asked for, its certificate, and so on. */
  readonly proxyHeader: ProxyHeader;
}

/** Did it come through a proxy that said so? */
export function providesProxyHeader(value: unknown): value is IProxiedTransport {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "proxyHeader") === "object"
  );
}

/** The two ends of a connection. */
export interface ConnectionEnds {
  readonly peer: IAddress;
  readonly host: IAddress;
}

/** Who is connected with whom: by the header, or by the transport where the header does not say. */
export function endsOf({ route }: ProxyHeader, transport: IStreamTransport): ConnectionEnds {
  if (route === undefined) return { peer: transport.getPeer(), host: transport.getHost() };
  return { peer: addressOf(route, "source"), host: addressOf(route, "destination") };
}

function addressOf(route: ProxyRoute, end: "source" | "destination"): IAddress {
  if (route.family === "UNIX") return new UNIXAddress(route[end]);
  const { host, port } = route[end];
  const type = route.transport === "STREAM" ? "TCP" : "UDP";
  return route.family === "INET"
    ? new IPv4Address(type, host, port)
    : new IPv6Address(type, host, port);
}

/** What a {@link ProxiedTransport} is made of. */
export interface ProxiedTransportParts {
  readonly lower: IStreamTransport;
  readonly protocol: IProtocol;
  readonly control: ReadingControl;
  readonly header: ProxyHeader;
  readonly ends: ConnectionEnds;
}

/** See the top of this file. */
export class ProxiedTransport extends TransportWrapper implements IProxiedTransport {
  readonly proxyHeader: ProxyHeader;
  readonly #ends: ConnectionEnds;

  constructor({ lower, protocol, control, header, ends }: ProxiedTransportParts) {
    super(lower, protocol, control);
    this.proxyHeader = header;
    this.#ends = ends;
  }

  /** The client, as the proxy sees it. */
  override getPeer(): IAddress {
    return this.#ends.peer;
  }

  /** Where the client connected to. */
  override getHost(): IAddress {
    return this.#ends.host;
  }
}
