/**
 * Node's words for addresses, in ours.
 *
 * @module
 */
import { type IAddress, IPv4Address, IPv6Address, NoAddress } from "../../internet/addresses.ts";

/** An address as sockets and servers tell it. */
export function tcpAddress(host: string | undefined, port: number | undefined): IAddress {
  if (host === undefined || port === undefined) return new NoAddress("(closed socket)");
  if (!host.includes(":")) return new IPv4Address("TCP", host, port);
  const zone = host.indexOf("%");
  if (zone < 0) return new IPv6Address("TCP", host, port);
  return new IPv6Address("TCP", host.slice(0, zone), port, 0, host.slice(zone + 1));
}
