/**
 * What may stand behind the addresses of a version 2 header: types, lengths and values.
 *
 *     type (1) | length (2) | value …        any number of times
 *
 *     SSL: flags (1) | verify (4) | type (1) | length (2) | value …
 *
 * Spec: §2.2, §2.2.1 to §2.2.8. Differs: a type that has a meaning may stand there once, since of
 * two names or checksums nobody could say which one counts.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import { crc32c } from "./crc32c.ts";
import { ProxyHeaderError } from "./errors.ts";
import type { ProxyHeader, ProxySSL, ProxyTLV } from "./proxy-header.ts";

/** The types of a header (§2.2). */
export const TYPE = {
  alpn: 0x01,
  authority: 0x02,
  checksum: 0x03,
  noop: 0x04,
  uniqueID: 0x05,
  ssl: 0x20,
  networkNamespace: 0x30,
} as const;

/** The types inside of the SSL value (§2.2.6). */
export const SSL_TYPE = {
  version: 0x21,
  commonName: 0x22,
  cipher: 0x23,
  signatureAlgorithm: 0x24,
  keyAlgorithm: 0x25,
} as const;

/** Bits of the SSL value's flags (§2.2.6). */
export const SSL_FLAG = { secure: 1, certificateOnConnection: 2, certificateInSession: 4 } as const;

/** §2.2.5. */
export const UNIQUE_ID_MAX = 128;
/** Type and length. */
const TLV_HEAD = 3;
/** Flags and verdict. */
export const SSL_HEAD = 5;
export const CHECKSUM_BYTES = 4;

/** What US-ASCII text must not hold: control characters are no text. */
export const NON_ASCII = /[^\u0020-\u007e]/u;

/** What a header says beside its route. */
export type ProxyExtensions = Omit<ProxyHeader, "version" | "command" | "route">;

/** One TLV, where it was found. */
interface Found extends ProxyTLV {
  /** Where its value begins. */
  readonly at: number;
}

function split(bytes: Buffer, from: number): Found[] {
  const found: Found[] = [];
  let at = from;
  while (at < bytes.length) {
    if (at + TLV_HEAD > bytes.length) throw new ProxyHeaderError("a TLV ends inside its head");
    const type = bytes.readUInt8(at);
    const length = bytes.readUInt16BE(at + 1);
    at += TLV_HEAD;
    if (at + length > bytes.length) {
      throw new ProxyHeaderError(`TLV ${hex(type)} of ${String(length)} bytes ends too late`);
    }
    // A copy: what is kept of a header must not hold the chunk that it came in.
    found.push({ type, value: Buffer.from(bytes.subarray(at, at + length)), at });
    at += length;
  }
  return found;
}

/** Do TLVs fill the bytes from `from` to the end? Says nothing about their values. */
export function areTLVs(bytes: Buffer, from: number): boolean {
  let at = from;
  while (at + TLV_HEAD <= bytes.length) at += TLV_HEAD + bytes.readUInt16BE(at + 1);
  return at === bytes.length;
}

function hex(type: number): string {
  return `0x${type.toString(16).padStart(2, "0")}`;
}

/** TLVs by type, each of `known` at most once; the rest in order. */
class Sorted {
  readonly #known = new Map<number, Found>();
  readonly rest: ProxyTLV[] = [];

  constructor(all: readonly Found[], known: Readonly<Record<string, number>>) {
    const types = new Set(Object.values(known));
    for (const one of all) {
      if (one.type === TYPE.noop && types.has(one.type)) continue;
      if (!types.has(one.type)) this.rest.push({ type: one.type, value: one.value });
      else if (this.#known.has(one.type)) {
        throw new ProxyHeaderError(`TLV ${hex(one.type)} is there twice`);
      } else this.#known.set(one.type, one);
    }
  }

  get(type: number): Found | undefined {
    return this.#known.get(type);
  }

  utf8(type: number): string | undefined {
    const found = this.get(type);
    if (found === undefined) return undefined;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(found.value);
    } catch (cause) {
      throw new ProxyHeaderError(`expected UTF-8 in TLV ${hex(type)}`, { cause });
    }
  }

  ascii(type: number): string | undefined {
    const text = this.get(type)?.value.toString("latin1");
    if (text === undefined || !NON_ASCII.test(text)) return text;
    throw new ProxyHeaderError(`expected printable ASCII in TLV ${hex(type)}, got ${quote(text)}`);
  }
}

/**
 * Read the TLVs that fill `header` from `from` to its end.
 *
 * @param header The whole header, over which the checksum goes.
 * @throws {ProxyHeaderError} They do not fit, or say what they must not.
 */
export function decodeTLVs(header: Buffer, from: number): ProxyExtensions {
  const sorted = new Sorted(split(header, from), TYPE);
  const alpn = sorted.get(TYPE.alpn)?.value;
  const authority = sorted.utf8(TYPE.authority);
  const uniqueID = checkedUniqueID(sorted.get(TYPE.uniqueID)?.value);
  const ssl = decodeSSL(sorted.get(TYPE.ssl)?.value);
  const networkNamespace = sorted.ascii(TYPE.networkNamespace);
  const checksum = verifyChecksum(header, sorted.get(TYPE.checksum));
  return {
    ...(alpn !== undefined && { alpn }),
    ...(authority !== undefined && { authority }),
    ...(uniqueID !== undefined && { uniqueID }),
    ...(ssl !== undefined && { ssl }),
    ...(networkNamespace !== undefined && { networkNamespace }),
    ...(checksum && { checksum }),
    ...(sorted.rest.length > 0 && { tlvs: sorted.rest }),
  };
}

function checkedUniqueID(value: Buffer | undefined): Buffer | undefined {
  if (value === undefined || value.length <= UNIQUE_ID_MAX) return value;
  const max = String(UNIQUE_ID_MAX);
  throw new ProxyHeaderError(`expected at most ${max} bytes of id, got ${String(value.length)}`);
}

/** §2.2.3: over the whole header, with zeros where the checksum stands. */
function verifyChecksum(header: Buffer, found: Found | undefined): boolean {
  if (found === undefined) return false;
  if (found.value.length !== CHECKSUM_BYTES) {
    throw new ProxyHeaderError(`expected a checksum of 4 bytes, got ${String(found.value.length)}`);
  }
  if (crc32c(header, found.at) === found.value.readUInt32BE()) return true;
  throw new ProxyHeaderError("its checksum does not fit: something changed it on its way");
}

function decodeSSL(value: Buffer | undefined): ProxySSL | undefined {
  if (value === undefined) return undefined;
  if (value.length < SSL_HEAD) {
    throw new ProxyHeaderError(`expected at least 5 bytes about TLS, got ${String(value.length)}`);
  }
  const flags = value.readUInt8();
  const sorted = new Sorted(split(value, SSL_HEAD), SSL_TYPE);
  const version = sorted.ascii(SSL_TYPE.version);
  const commonName = sorted.utf8(SSL_TYPE.commonName);
  const cipher = sorted.ascii(SSL_TYPE.cipher);
  const signatureAlgorithm = sorted.ascii(SSL_TYPE.signatureAlgorithm);
  const keyAlgorithm = sorted.ascii(SSL_TYPE.keyAlgorithm);
  return {
    secure: (flags & SSL_FLAG.secure) !== 0,
    certificateOnConnection: (flags & SSL_FLAG.certificateOnConnection) !== 0,
    certificateInSession: (flags & SSL_FLAG.certificateInSession) !== 0,
    verify: value.readUInt32BE(1),
    ...(version !== undefined && { version }),
    ...(commonName !== undefined && { commonName }),
    ...(cipher !== undefined && { cipher }),
    ...(signatureAlgorithm !== undefined && { signatureAlgorithm }),
    ...(keyAlgorithm !== undefined && { keyAlgorithm }),
    ...(sorted.rest.length > 0 && { tlvs: sorted.rest }),
  };
}
