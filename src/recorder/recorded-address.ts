/**
 * Addresses in the header of a recording: the kind, a space, and what the address prints.
 *
 *     IPv4 127.0.0.1:8023      IPv6 [fe80::1%eth0]:80      UNIX /run/app.sock
 *     hostname example.com:80  none stream
 *
 * @module
 */
import {
  HostnameAddress,
  type IAddress,
  IPv4Address,
  IPv6Address,
  NoAddress,
  UNIXAddress,
} from "../internet/addresses.ts";

/** `host:port`, of which the host may stand in brackets and have a zone. */
const PLACE = /^\[?(?<host>.*?)(?:%(?<zone>[^\]]*))?\]?:(?<port>\d+)$/u;

/** The text for a header. Flow labels are not kept. */
export function addressToText(address: IAddress): string {
  const text = address instanceof UNIXAddress ? address.name : address.toString();
  return `${address.kind} ${text}`;
}

/** The address again; what is no such text becomes a `NoAddress` with that label. */
export function addressFromText(text: string): IAddress {
  const [kind = "", ...words] = text.split(" ");
  const rest = words.join(" ");
  if (kind === "UNIX") return new UNIXAddress(rest);
  if (kind === "none") return new NoAddress(rest);
  const { host, zone = "", port } = PLACE.exec(rest)?.groups ?? {};
  if (host === undefined) return new NoAddress(text);
  if (kind === "IPv4") return new IPv4Address("TCP", host, Number(port));
  if (kind === "IPv6") return new IPv6Address("TCP", host, Number(port), 0, zone);
  return kind === "hostname" ? new HostnameAddress(host, Number(port)) : new NoAddress(text);
}
