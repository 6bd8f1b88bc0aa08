/**
 * Node's words for addresses, in ours.
 *
 * @module
 */
import type { Socket } from "node:net";
import { type IAddress, IPv4Address, IPv6Address, NoAddress } from "../../internet/addresses.ts";

/** An address as sockets and servers tell it. */
export function tcpAddress(host: string | undefined, port: number | undefined): IAddress {
  if (host === undefined || port === undefined) return new NoAddress("(closed socket)");
  if (!host.includes(":")) return new IPv4Address("TCP", host, port);
  const zone = host.indexOf("%");
  if (zone < 0) return new IPv6Address("TCP", host, port);
  return new IPv6Address("TCP", host.slice(0, zone), port, 0, host.slice(zone + 1));
}

/**
 * The other end of a socket of TCP; no address if it is gone. Asked of the handle, because what the
 * socket itself says it also keeps, for each connection.
 */
export function tcpPeer(socket: Socket): IAddress {
  const handle: unknown = Reflect.get(socket, "_handle");
  const ask: unknown =
    typeof handle === "object" && handle !== null ? Reflect.get(handle, "getpeername") : undefined;
  if (typeof ask !== "function") return tcpAddress(socket.remoteAddress, socket.remotePort);
  const peer: { address?: unknown; port?: unknown } = {};
  Reflect.apply(ask, handle, [peer]);
  const { address, port } = peer;
  return typeof address === "string" && typeof port === "number"
    ? tcpAddress(address, port)
    : tcpAddress(undefined, undefined);
}
