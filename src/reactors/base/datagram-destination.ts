/**
 * Datagrams and where they go, checked where they come in.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { IPv4Address, IPv6Address } from "../../internet/addresses.ts";
import { InvalidAddressError, MessageLengthError } from "../../internet/datagram-errors.ts";
import type { DatagramDestination, UDPAddress } from "../../internet/interfaces-udp.ts";
import { ipFamily } from "../../internet/ip-family.ts";

/** What an IP packet holds, less the headers (RFC 768, RFC 791 §3.1, RFC 8200 §4.5). */
const BYTES_MAX = { 4: 65_507, 6: 65_527 } as const;

/** The family of a port. */
export type Family = 4 | 6;

/** Bytes that fit into a datagram. @throws {TypeError} @throws {MessageLengthError} */
export function checkedDatagram(data: unknown, family: Family): Uint8Array {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`Cannot write a datagram: expected bytes or text, got ${quote(data)}`);
  }
  const limit = BYTES_MAX[family];
  if (bytes.length > limit) throw new MessageLengthError(bytes.length, limit);
  return bytes;
}

/** Several pieces as one. */
export function joined(pieces: Iterable<Uint8Array | string>): Uint8Array {
  return Buffer.concat(
    Array.from(pieces, (one) => (typeof one === "string" ? Buffer.from(one) : one)),
  );
}

/** An IP address of that family. @throws {InvalidAddressError} It is something else. */
export function checkedHost(what: string, host: string, family: Family): string {
  if (ipFamily(host) === family) return host;
  throw new InvalidAddressError(what, host, `an IPv${String(family)} address`);
}

/** The host that a datagram goes to, with its zone. @throws {InvalidAddressError} */
export function checkedDestination(
  { host, scopeID = "" }: DatagramDestination,
  family: Family,
): string {
  const what = "write a datagram";
  if (family === 4) {
    return host === "<broadcast>" ? "255.255.255.255" : checkedHost(what, host, 4);
  }
  const whole = scopeID === "" || host.includes("%") ? host : `${host}%${scopeID}`;
  return checkedHost(what, whole, 6);
}

/** A port that something can be sent to. @throws {RangeError} */
export function checkedRemotePort(port: number): number {
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port;
  throw new RangeError(`Cannot use port ${String(port)}: expected a whole number from 1 to 65535`);
}

/** The family that an interface to bind says. @throws {InvalidAddressError} It says none. */
export function familyOfInterface(host: string): Family {
  const family = host === "" ? 4 : ipFamily(host);
  if (family !== 0) return family;
  throw new InvalidAddressError("listen", host, "an IP address of this machine, or none");
}

/** Host and port as an address. */
export function udpAddress(host: string, port: number): UDPAddress {
  if (!host.includes(":")) return new IPv4Address("UDP", host, port);
  const zone = host.indexOf("%");
  if (zone < 0) return new IPv6Address("UDP", host, port);
  return new IPv6Address("UDP", host.slice(0, zone), port, 0, host.slice(zone + 1));
}
