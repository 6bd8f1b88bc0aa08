/**
 * Addresses from their text, and back: `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`.
 *
 * @module
 */
import { IPv4Address, IPv6Address } from "../addresses.ts";
import type { IPAddress } from "../interfaces-resolver.ts";
import { ipFamily } from "../ip-family.ts";

/** The parts of an address that its text does not tell. */
interface AddressParts {
  readonly portNumber?: number;
  readonly transportSemantics?: IPAddress["type"];
}

/** The address that `text` is; `undefined` if it is none. IPv6 comes without brackets. */
export function addressFromLiteral(text: string, parts: AddressParts = {}): IPAddress | undefined {
  const { portNumber = 0, transportSemantics = "TCP" } = parts;
  const family = ipFamily(text);
  if (family === 0) return undefined;
  if (family === 4) return new IPv4Address(transportSemantics, text, portNumber);
  const [host = "", zone = ""] = text.split("%");
  return new IPv6Address(transportSemantics, host, portNumber, 0, zone);
}

/** As `connectTCP` wants it: with the zone, without brackets. The inverse of the above. */
export function literalFromAddress(address: IPAddress): string {
  const zone = address.kind === "IPv6" && address.scopeID !== "" ? `%${address.scopeID}` : "";
  return `${address.host}${zone}`;
}
