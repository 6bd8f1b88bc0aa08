/**
 * Interfaces for groups, as libuv wants them: an address over IPv4, a zone over IPv6.
 *
 * libuv takes a zone that there is not for none at all, and joins somewhere else without a word: so
 * zones are looked up here.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import { ipFamily } from "../../internet/ip-family.ts";
import type { Family } from "../base/datagram-destination.ts";

/**
 * An interface by one of its addresses or by its name; empty for the system's choice.
 *
 * @throws {Error} This machine has no such interface, or it has no address of that family.
 */
export function systemInterface(text: string, family: Family): string {
  if (family === 4) return text === "" ? "0.0.0.0" : interface4(text);
  return text === "" ? "::" : `::%${zoneOf(text)}`;
}

function interface4(text: string): string {
  if (ipFamily(text) === 4) return text; // The system itself refuses one that is not its own.
  const address = networkInterfaces()[text]?.find((one) => one.family === "IPv4")?.address;
  if (address !== undefined) return address;
  throw new Error(`this machine has no interface ${JSON.stringify(text)} with an IPv4 address`);
}

function zoneOf(text: string): string {
  const all = Object.entries(networkInterfaces());
  const percent = text.indexOf("%");
  const isAddress = percent < 0 && ipFamily(text) === 6;
  const wanted = percent < 0 ? text : text.slice(percent + 1);
  const found = isAddress
    ? all.find(([, addresses = []]) => addresses.some((one) => isSame(one.address, text)))
    : all.find(([name]) => name === wanted);
  if (found !== undefined) return found[0];
  throw new Error(`this machine has no interface ${JSON.stringify(text)} with an IPv6 address`);
}

/** Two ways to write one IPv6 address. The system writes them short, people may not. */
function isSame(short: string, written: string): boolean {
  return short === new URL(`http://[${written}]`).hostname.slice(1, -1);
}
