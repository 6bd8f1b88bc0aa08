/**
 * From a header to its bytes: for clients, proxies and tests.
 *
 * Spec: §2.1, §2.2. Differs: version 2 ends in the checksum, where one is wanted, and has the
 * other TLVs in a fixed order.
 *
 * @module
 */
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from "../../../core/ip-address.ts";
import { quote } from "../../../core/text.ts";
import { crc32c } from "./crc32c.ts";
import type {
  ProxyHeader,
  ProxyInternetAddress,
  ProxyInternetRoute,
  ProxyRoute,
  ProxySSL,
  ProxyTLV,
} from "./proxy-header.ts";
import {
  CHECKSUM_BYTES,
  NON_ASCII,
  SSL_FLAG,
  SSL_HEAD,
  SSL_TYPE,
  TYPE,
  UNIQUE_ID_MAX,
} from "./tlvs.ts";
import { LINE_START } from "./version-1.ts";
import {
  COMMAND,
  FAMILY,
  HEAD_BYTES,
  PATH_BYTES,
  SIGNATURE,
  TRANSPORT,
  VERSION,
} from "./version-2.ts";

const TWO_BYTES_MAX = 65_535;
const BYTE_MAX = 255;
const EMPTY = Buffer.alloc(0);

/**
 * The bytes of `header`, to be sent before everything else, in one write.
 *
 * Version 1 knows TCP and nothing else; a header without a route is `UNKNOWN` there, and `UNSPEC`
 * in version 2.
 *
 * @throws {RangeError} It says what its version cannot, or more than there is room for.
 *
 * @example
 * ```ts
 * import { encodeProxyHeader } from "sennit/internet";
 *
 * const bytes = encodeProxyHeader({
 *   version: 1,
 *   command: "PROXY",
 *   route: {
 *     family: "INET",
 *     transport: "STREAM",
 *     source: { host: "192.0.2.7", port: 56_324 },
 *     destination: { host: "198.51.100.1", port: 443 },
 *   },
 * });
 * console.log(bytes.toString()); // PROXY TCP4 192.0.2.7 198.51.100.1 56324 443
 * ```
 */
export function encodeProxyHeader(header: ProxyHeader): Buffer {
  return header.version === 1 ? encodeLine(header) : encodeBlock(header);
}

function refuse(problem: string): never {
  throw new RangeError(`Cannot encode a PROXY header: ${problem}`);
}

// -- Version 1

function encodeLine({ version: _version, command, route, ...extensions }: ProxyHeader): Buffer {
  if (command === "LOCAL") refuse("version 1 has no LOCAL");
  if (Object.values(extensions).some((value) => value !== undefined && value !== false)) {
    refuse("version 1 has room for a route and nothing else");
  }
  if (route === undefined) return Buffer.concat([LINE_START, Buffer.from("UNKNOWN\r\n")]);
  if (route.family === "UNIX" || route.transport !== "STREAM") refuse("version 1 knows only TCP");
  const protocol = route.family === "INET" ? "TCP4" : "TCP6";
  const hosts = [route.source, route.destination].map(({ host }) => canonical(route.family, host));
  const ports = [route.source, route.destination].map(({ port }) => String(checkedPort(port)));
  const line = [protocol, ...hosts, ...ports].join(" ");
  return Buffer.concat([LINE_START, Buffer.from(`${line}\r\n`)]);
}

function canonical(family: ProxyInternetRoute["family"], host: string): string {
  const bytes = hostBytes(family, host);
  return family === "INET" ? formatIPv4(bytes) : formatIPv6(bytes);
}

function hostBytes(family: ProxyInternetRoute["family"], host: string): Buffer {
  const bytes = family === "INET" ? parseIPv4(host) : parseIPv6(host);
  return bytes ?? refuse(`expected an address of ${family}, got ${quote(host)}`);
}

function checkedPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= TWO_BYTES_MAX) return port;
  return refuse(`expected a port from 0 to 65535, got ${String(port)}`);
}

// -- Version 2

function encodeBlock(header: ProxyHeader): Buffer {
  const { command, route } = header;
  const rest = Buffer.concat([encodeRoute(route), encodeExtensions(header)]);
  if (command === "LOCAL" && rest.length > 0) refuse("a LOCAL header says nothing but that");
  if (rest.length > TWO_BYTES_MAX) refuse(`it has ${String(rest.length)} bytes behind its head`);
  const head = Buffer.alloc(HEAD_BYTES);
  SIGNATURE.copy(head);
  head.writeUInt8(VERSION * 16 + COMMAND[command], SIGNATURE.length);
  head.writeUInt8(formOf(route), SIGNATURE.length + 1);
  head.writeUInt16BE(rest.length, SIGNATURE.length + 2);
  const bytes = Buffer.concat([head, rest]);
  if (header.checksum === true) {
    // It stands last: see encodeExtensions.
    const at = bytes.length - CHECKSUM_BYTES;
    bytes.writeUInt32BE(crc32c(bytes, at), at);
  }
  return bytes;
}

function formOf(route: ProxyRoute | undefined): number {
  return route === undefined ? 0 : FAMILY[route.family] * 16 + TRANSPORT[route.transport];
}

function encodeRoute(route: ProxyRoute | undefined): Buffer {
  if (route === undefined) return EMPTY;
  if (route.family === "UNIX") {
    return Buffer.concat([encodePath(route.source), encodePath(route.destination)]);
  }
  const ends = [route.source, route.destination];
  const hosts = ends.map(({ host }) => hostBytes(route.family, host));
  return Buffer.concat([...hosts, ...ends.map(encodePort)]);
}

function encodePort({ port }: ProxyInternetAddress): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(checkedPort(port));
  return bytes;
}

function encodePath(path: string): Buffer {
  const bytes = Buffer.alloc(PATH_BYTES);
  if (Buffer.byteLength(path) > PATH_BYTES) refuse(`expected a path of at most 108 bytes`);
  const isAbstract = path.startsWith("\0");
  // The zeros behind a name are no part of it, and a path ends at its first one.
  if (isAbstract ? path.endsWith("\0") : path.includes("\0")) {
    refuse(`expected a path that can be told from its padding, got ${quote(path)}`);
  }
  bytes.write(path);
  return bytes;
}

function encodeExtensions(header: ProxyHeader): Buffer {
  const { alpn, authority, uniqueID, ssl, networkNamespace, tlvs = [], checksum } = header;
  if (uniqueID !== undefined && uniqueID.length > UNIQUE_ID_MAX) {
    refuse(`expected at most ${String(UNIQUE_ID_MAX)} bytes of id, got ${String(uniqueID.length)}`);
  }
  return Buffer.concat([
    encodeTLV(TYPE.alpn, alpn),
    encodeTLV(TYPE.authority, authority),
    encodeTLV(TYPE.uniqueID, uniqueID),
    encodeTLV(TYPE.ssl, ssl && encodeSSL(ssl)),
    encodeTLV(TYPE.networkNamespace, checkedASCII(networkNamespace)),
    ...encodeOthers(tlvs, TYPE),
    encodeTLV(TYPE.checksum, checksum === true ? Buffer.alloc(CHECKSUM_BYTES) : undefined),
  ]);
}

function encodeSSL(ssl: ProxySSL): Buffer {
  const head = Buffer.alloc(SSL_HEAD);
  head.writeUInt8(
    (ssl.secure ? SSL_FLAG.secure : 0) +
      (ssl.certificateOnConnection ? SSL_FLAG.certificateOnConnection : 0) +
      (ssl.certificateInSession ? SSL_FLAG.certificateInSession : 0),
  );
  head.writeUInt32BE(ssl.verify, 1);
  return Buffer.concat([
    head,
    encodeTLV(SSL_TYPE.version, checkedASCII(ssl.version)),
    encodeTLV(SSL_TYPE.commonName, ssl.commonName),
    encodeTLV(SSL_TYPE.cipher, checkedASCII(ssl.cipher)),
    encodeTLV(SSL_TYPE.signatureAlgorithm, checkedASCII(ssl.signatureAlgorithm)),
    encodeTLV(SSL_TYPE.keyAlgorithm, checkedASCII(ssl.keyAlgorithm)),
    ...encodeOthers(ssl.tlvs ?? [], SSL_TYPE),
  ]);
}

function encodeOthers(
  tlvs: readonly ProxyTLV[],
  known: Readonly<Record<string, number>>,
): readonly Buffer[] {
  const taken = new Set(Object.values(known));
  return tlvs.map(({ type, value }) => {
    if (taken.has(type)) refuse(`TLV ${String(type)} has a field of its own`);
    return encodeTLV(type, value);
  });
}

function encodeTLV(type: number, value: Uint8Array | string | undefined): Buffer {
  if (value === undefined) return EMPTY;
  if (!Number.isInteger(type) || type < 0 || type > BYTE_MAX) {
    refuse(`expected a TLV's type from 0 to 255, got ${String(type)}`);
  }
  const bytes = Buffer.from(value);
  if (bytes.length > TWO_BYTES_MAX) refuse(`TLV ${String(type)} is too long`);
  const head = Buffer.from([type, bytes.length >> 8, bytes.length & BYTE_MAX]);
  return Buffer.concat([head, bytes]);
}

function checkedASCII(text: string | undefined): string | undefined {
  if (text === undefined || !NON_ASCII.test(text)) return text;
  return refuse(`expected printable ASCII, got ${quote(text)}`);
}
