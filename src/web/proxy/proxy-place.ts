/**
 * Where a forward proxy may connect to.
 *
 * A proxy sits inside: who may use it can reach what it can reach, the machine's own services and
 * the neighbours' included. What counts is the address that a name has come to, not the name, which
 * is whatever its owner says at that moment.
 *
 * Spec: the IANA registries of special-purpose addresses (RFC 6890), RFC 9110 §17.1.
 *
 * @module
 */
import { AddressRanges } from "../../internet/address-ranges.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { ConnectError } from "../../internet/errors.ts";
import type { IPAddress } from "../../internet/interfaces-resolver.ts";

/** A place that a client wants to be connected to. */
export interface ProxyPlace {
  /** As the client wrote it, in lower case and without brackets. */
  readonly host: string;
  readonly port: number;
  /** What the name has come to: the connection is made to it, and not to another one. */
  readonly address: IPAddress;
}

/** The proxy does not connect to there. */
export class ForbiddenPlaceError extends ConnectError {
  readonly code = "ERR_CONNECT_FORBIDDEN_PLACE";
}

/** Addresses that mean something else, or nothing, on other networks. */
const SPECIAL = new AddressRanges([
  ..."0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12".split(" "),
  ..."192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15".split(" "),
  ..."198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4".split(" "),
  // Teredo and ORCHID; documentation; 6to4, in which any IPv4 address may be; documentation.
  ..."2001::/23 2001:db8::/32 2002::/16 3fff::/20".split(" "),
]);
/** All of IPv4, and what of IPv6 is given to networks. */
const GLOBAL = new AddressRanges(["0.0.0.0/0", "2000::/3"]);

/** Is it an address of the internet: not this machine, not a private network, nothing special? */
export function isPublicAddress(address: IAddress): boolean {
  return GLOBAL.has(address) && !SPECIAL.has(address);
}

/** The web, and nothing else: ports 80 and 443 of public addresses. */
export function isPublicWeb({ port, address }: ProxyPlace): boolean {
  return (port === 80 || port === 443) && isPublicAddress(address);
}
