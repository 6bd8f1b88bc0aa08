/**
 * Version 1: one line of text.
 *
 *     PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 CR LF
 *     PROXY UNKNOWN whatever CR LF
 *
 * Spec: §2.1. Differs: nothing. An IPv6 address may end in a dotted quad, as `inet_ntop` writes
 * those that stand for IPv4 addresses, and so HAProxy.
 *
 * @module
 */
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from "../../../core/ip-address.ts";
import { quote } from "../../../core/text.ts";
import { ProxyHeaderError } from "./errors.ts";
import type { ProxyHeader, ProxyInternetAddress, ProxyInternetRoute } from "./proxy-header.ts";

/** The whole line with its CR LF (§2.1). */
export const LINE_BYTES_MAX = 107;
/** How every line begins. */
export const LINE_START: Buffer = Buffer.from("PROXY ");

const CR = 13;
const LF = 10;
const PORT = /^(?:0|[1-9]\d{0,4})$/u;
const PORT_MAX = 65_535;

/**
 * Where the line that begins `bytes` ends, behind its LF; `undefined` if that is still to come.
 *
 * @throws {ProxyHeaderError} It is too long, or has a CR or LF alone.
 */
export function findLineEnd(bytes: Buffer): number | undefined {
  const end = Math.min(bytes.length, LINE_BYTES_MAX);
  for (let at = LINE_START.length; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === LF) throw new ProxyHeaderError("expected CR LF at the end of the line, got LF");
    if (byte === CR) {
      const next = at + 1;
      if (next === LINE_BYTES_MAX) break;
      if (next === bytes.length) return undefined;
      if (bytes[next] === LF) return next + 1;
      throw new ProxyHeaderError("expected CR LF at the end of the line, got CR");
    }
  }
  if (bytes.length < LINE_BYTES_MAX) return undefined;
  throw new ProxyHeaderError(`expected a line of at most ${String(LINE_BYTES_MAX)} bytes`);
}

/**
 * Read a whole line, given with its end.
 *
 * @throws {ProxyHeaderError} It breaks the grammar.
 */
export function decodeLine(bytes: Buffer): ProxyHeader {
  const line = bytes.toString("latin1", 0, bytes.length - 2);
  const fields = line.split(" ");
  const [, protocol = "", source = "", destination = "", sourcePort = "", destinationPort = ""] =
    fields;
  // "The receiver must ignore anything presented before the CRLF."
  if (protocol === "UNKNOWN") return { version: 1, command: "PROXY" };
  if (protocol !== "TCP4" && protocol !== "TCP6") {
    throw new ProxyHeaderError(`expected TCP4, TCP6 or UNKNOWN, got ${quote(protocol)}`);
  }
  if (fields.length !== 6) {
    throw new ProxyHeaderError(`expected two addresses and two ports, got ${quote(line)}`);
  }
  const family = protocol === "TCP4" ? "INET" : "INET6";
  const route: ProxyInternetRoute = {
    family,
    transport: "STREAM",
    source: decodeAddress(family, source, sourcePort),
    destination: decodeAddress(family, destination, destinationPort),
  };
  return { version: 1, command: "PROXY", route };
}

function decodeAddress(
  family: ProxyInternetRoute["family"],
  host: string,
  port: string,
): ProxyInternetAddress {
  const bytes = family === "INET" ? parseIPv4(host) : parseIPv6(host);
  if (bytes === undefined) {
    const wanted = family === "INET" ? "an IPv4 address" : "an IPv6 address";
    throw new ProxyHeaderError(`expected ${wanted}, got ${quote(host)}`);
  }
  if (!PORT.test(port) || Number(port) > PORT_MAX) {
    throw new ProxyHeaderError(`expected a port from 0 to 65535, got ${quote(port)}`);
  }
  return {
    host: family === "INET" ? formatIPv4(bytes) : formatIPv6(bytes),
    port: Number(port),
  };
}
