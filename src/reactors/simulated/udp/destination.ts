/**
 * Where datagrams go, as the network of a simulation understands it.
 *
 * Every host has two interfaces: `lo`, which is itself, and `eth0`, on which all hosts are.
 *
 * @module
 */
import { ipFamily } from "../../../internet/ip-family.ts";
import type { Machine } from "../machine.ts";
import { isLoopback } from "../network.ts";
import type { Cast, InterfaceName } from "./datagram-table.ts";

/** All hosts of a link, of the hosts' own network, and of `lo`: RFC 919 §7. */
const BROADCAST: ReadonlySet<string> = new Set([
  "255.255.255.255",
  "10.255.255.255",
  "127.255.255.255",
]);
const MAPPED = "::ffff:";

/** Is it for one host, a group (RFC 1112 §4, RFC 4291 §2.7), or all hosts? */
export function castOf(host: string): Cast {
  if (host.includes(":")) return /^ff/iu.test(host) ? "group" : "one";
  if (BROADCAST.has(host)) return "all";
  const first = Number.parseInt(host, 10);
  return first >= 224 && first < 240 ? "group" : "one";
}

/** The one way to write an address that is used here: without a zone. */
export function canonical(host: string): string {
  const percent = host.indexOf("%");
  const address = percent < 0 ? host : host.slice(0, percent);
  if (!address.includes(":")) return address;
  if (address.toLowerCase().startsWith(MAPPED) && address.includes(".")) {
    return address.toLowerCase();
  }
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** The zone of an address, empty if it has none: RFC 4007 §11. */
export function zoneOf(host: string): string {
  const percent = host.indexOf("%");
  return percent < 0 ? "" : host.slice(percent + 1);
}

/** The IPv4 address in an IPv6 one that stands for it (RFC 4291 §2.5.5.2); any other as it is. */
export function unmapped(host: string): string {
  return host.startsWith(MAPPED) && host.includes(".") ? host.slice(MAPPED.length) : host;
}

/** The IPv6 address that stands for an IPv4 one. */
export function mapped(host: string): string {
  return MAPPED + host;
}

/**
 * An interface by its name, by its zone or by one of its addresses; empty for the one on which the
 * other hosts are.
 *
 * @throws {Error} There is no such interface.
 */
export function interfaceOf(machine: Machine, text: string): InterfaceName {
  const name = text.startsWith("::%") ? zoneOf(text) : text;
  if (name === "" || name === "eth0" || machine.hasAddress(name)) return "eth0";
  if (name === "lo" || (ipFamily(name) !== 0 && isLoopback(name))) return "lo";
  throw new Error(`this machine has no interface ${JSON.stringify(text)}`);
}

/** Does no router pass it on? RFC 919 §7, RFC 5771 §4, RFC 4291 §2.7. */
export function staysOnLink(host: string, cast: Cast): boolean {
  if (cast === "one") return false;
  return cast === "all" || host.startsWith("224.0.0.") || host.startsWith("ff02:");
}

/** Does it not even leave its host? RFC 4291 §2.7. */
export function staysOnHost(host: string): boolean {
  return host.startsWith("ff01:");
}

/** This host itself, in the family of an address. */
export function loopbackOf(host: string): string {
  return host.includes(":") ? "::1" : "127.0.0.1";
}
