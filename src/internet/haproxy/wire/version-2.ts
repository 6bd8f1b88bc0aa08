/**
 * Version 2: a block of bytes.
 *
 *     0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A    signature
 *     version and command | family and transport | length (2)
 *     addresses, as the family has them | TLVs …              "length" bytes
 *
 * Spec: §2.2. What a LOCAL header says beside its length is skipped, as the spec has it. Differs:
 * where the family is unspecified, TLVs are taken if the rest is TLVs (HAProxy sends such headers);
 * of addresses in an unknown form nothing is read.
 *
 * @module
 */
import { formatIPv4, formatIPv6 } from "../../../core/ip-address.ts";
import { ProxyHeaderError } from "./errors.ts";
import type { ProxyHeader, ProxyInternetAddress, ProxyRoute } from "./proxy-header.ts";
import { areTLVs, decodeTLVs } from "./tlvs.ts";

/** How every header begins. */
export const SIGNATURE: Buffer = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
/** Everything before the addresses. */
export const HEAD_BYTES = 16;
/** A UNIX path, filled up with zeros. */
export const PATH_BYTES = 108;
export const VERSION = 2;

export const COMMAND = { LOCAL: 0, PROXY: 1 } as const;
export const FAMILY = { UNSPEC: 0, INET: 1, INET6: 2, UNIX: 3 } as const;
export const TRANSPORT = { UNSPEC: 0, STREAM: 1, DGRAM: 2 } as const;

const VERSION_AT = 12;
const FAMILY_AT = 13;
const LENGTH_AT = 14;

/** Bytes of the two addresses, by family. */
const ADDRESS_BYTES = new Map<number, number>([
  [FAMILY.INET, 12],
  [FAMILY.INET6, 36],
  [FAMILY.UNIX, 2 * PATH_BYTES],
]);

/**
 * How long the header is that begins `bytes`; `undefined` if that is still to come. Each field is
 * looked at as soon as it is there.
 *
 * @throws {ProxyHeaderError} A field has no meaning, or it says more than `max` bytes.
 */
export function findLength(bytes: Buffer, max: number): number | undefined {
  if (bytes.length <= VERSION_AT) return undefined;
  const isLocal = checkVersion(bytes.readUInt8(VERSION_AT));
  if (bytes.length <= FAMILY_AT) return undefined;
  const addressBytes = isLocal ? 0 : checkFamily(bytes.readUInt8(FAMILY_AT));
  if (bytes.length < HEAD_BYTES) return undefined;
  const length = bytes.readUInt16BE(LENGTH_AT);
  if (length < addressBytes) {
    const wanted = String(addressBytes);
    throw new ProxyHeaderError(`expected ${wanted} bytes of addresses, got ${String(length)}`);
  }
  if (HEAD_BYTES + length > max) {
    const got = String(HEAD_BYTES + length);
    throw new ProxyHeaderError(`expected at most ${String(max)} bytes, got ${got}`);
  }
  return HEAD_BYTES + length;
}

/** @returns Is it LOCAL? */
function checkVersion(byte: number): boolean {
  const version = byte >> 4;
  const command = byte & 15;
  if (version !== VERSION) throw new ProxyHeaderError(`expected version 2, got ${String(version)}`);
  if (command > COMMAND.PROXY) {
    throw new ProxyHeaderError(`expected command 0 or 1, got ${String(command)}`);
  }
  return command === COMMAND.LOCAL;
}

/** @returns How many bytes of addresses there must be. */
function checkFamily(byte: number): number {
  const family = byte >> 4;
  const transport = byte & 15;
  if (family > FAMILY.UNIX) {
    throw new ProxyHeaderError(`expected a family from 0 to 3, got ${String(family)}`);
  }
  if (transport > TRANSPORT.DGRAM) {
    throw new ProxyHeaderError(`expected a transport from 0 to 2, got ${String(transport)}`);
  }
  return transport === TRANSPORT.UNSPEC ? 0 : (ADDRESS_BYTES.get(family) ?? 0);
}

/**
 * Read a whole header that {@link findLength} has found.
 *
 * @throws {ProxyHeaderError} What follows the addresses is broken.
 */
export function decodeBlock(bytes: Buffer): ProxyHeader {
  if ((bytes.readUInt8(VERSION_AT) & 15) === COMMAND.LOCAL) return { version: 2, command: "LOCAL" };
  const form = bytes.readUInt8(FAMILY_AT);
  const route = decodeRoute(bytes, form);
  const tlvsAt = HEAD_BYTES + (route === undefined ? 0 : (ADDRESS_BYTES.get(form >> 4) ?? 0));
  if (route !== undefined) {
    return { version: 2, command: "PROXY", route, ...decodeTLVs(bytes, tlvsAt) };
  }
  // "The receiver should ignore address information", of which nobody knows how long it is.
  const isReadable = form === 0 && areTLVs(bytes, tlvsAt);
  return { version: 2, command: "PROXY", ...(isReadable && decodeTLVs(bytes, tlvsAt)) };
}

function decodeRoute(bytes: Buffer, form: number): ProxyRoute | undefined {
  const family = form >> 4;
  if (family === FAMILY.UNSPEC || (form & 15) === TRANSPORT.UNSPEC) return undefined;
  const transport = (form & 15) === TRANSPORT.STREAM ? "STREAM" : "DGRAM";
  const block = bytes.subarray(HEAD_BYTES);
  if (family === FAMILY.UNIX) {
    const source = decodePath(block.subarray(0, PATH_BYTES));
    const destination = decodePath(block.subarray(PATH_BYTES, 2 * PATH_BYTES));
    return { family: "UNIX", transport, source, destination };
  }
  const width = family === FAMILY.INET ? 4 : 16;
  return {
    family: family === FAMILY.INET ? "INET" : "INET6",
    transport,
    source: decodeAddress(block, 0, width),
    destination: decodeAddress(block, 1, width),
  };
}

/** @param which 0 for the source, 1 for the destination: both hosts come before both ports. */
function decodeAddress(block: Buffer, which: 0 | 1, width: 4 | 16): ProxyInternetAddress {
  const host = block.subarray(which * width, (which + 1) * width);
  return {
    host: width === 4 ? formatIPv4(host) : formatIPv6(host),
    port: block.readUInt16BE(2 * width + 2 * which),
  };
}

/** A path ends at its first zero; an abstract name begins with one, and ends before the last. */
function decodePath(bytes: Buffer): string {
  const end = bytes[0] === 0 ? bytes.findLastIndex((byte) => byte !== 0) + 1 : bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}
