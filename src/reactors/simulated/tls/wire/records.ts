/**
 * Records: the frames in which everything of TLS travels. They have the sizes of real ones.
 *
 *     in clear          type  version  length  up to 16 KiB
 *     since TLS 1.3      23   version  length  up to 16 KiB  type  tag
 *     before             type  version  length  number  up to 16 KiB  tag
 *
 * Nothing is secret here: what is inside can be read, so that traces can. The tag stands for what
 * cryptography proves: these bytes are from that end of this connection, they are next, and nobody
 * has changed them.
 *
 * Spec: RFC 8446 §5, RFC 5246 §6.2 (with an AEAD cipher, RFC 5288 §3).
 *
 * @module
 */
import { Alert, Violation } from "./violation.ts";

/** What is in a record (RFC 8446 §5.1). */
export const RecordType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** Versions as they travel. */
export const WireVersion = { TLS1_0: 0x0301, TLS1_2: 0x0303, TLS1_3: 0x0304 } as const;

/** One of both ends. */
export type Side = "client" | "server";

/** What both ends of a connection know, and nobody else. */
export interface RecordKeys {
  /** What was agreed on. */
  readonly version: number;
  /** The numbers that both have drawn for this connection. */
  readonly client: number;
  readonly server: number;
}

/** A record that has come, opened. */
export interface TLSRecord {
  readonly type: number;
  readonly data: Buffer;
}

/** The most that one record holds. */
const PLAINTEXT_MAX = 16_384;
/** The most by which a protected one may be larger (RFC 5246 §6.2.3). */
const EXPANSION_MAX = 2048;
const HEADER = 5;
const NONCE = 8;
const TAG = 16;
const MAJOR = 3;

/** How one direction is protected. */
class Protection {
  readonly keys: RecordKeys;
  readonly #side: Side;
  #sequence = 0;

  constructor(keys: RecordKeys, side: Side) {
    this.keys = keys;
    this.#side = side;
  }

  get isModern(): boolean {
    return this.keys.version >= WireVersion.TLS1_3;
  }

  /** Bytes that a record has beside what is inside. */
  get overhead(): number {
    return this.isModern ? 1 + TAG : NONCE + TAG;
  }

  /** Make the fragment of the next record. @param out As long as it takes. */
  close(type: number, content: Uint8Array, out: Buffer): void {
    const begin = this.isModern ? 0 : NONCE;
    if (!this.isModern) out.writeBigUInt64BE(BigInt(this.#sequence), 0);
    out.set(content, begin);
    if (this.isModern) out.writeUInt8(type, content.length);
    this.#tag(type, content).copy(out, out.length - TAG);
  }

  /** What is in the next fragment. @throws {Violation} It is not from that end, or not next. */
  open(type: number, fragment: Buffer): TLSRecord {
    const length = fragment.length - this.overhead;
    if (length >= 0) {
      const begin = this.isModern ? 0 : NONCE;
      const isNext = this.isModern || fragment.readBigUInt64BE(0) === BigInt(this.#sequence);
      const data = fragment.subarray(begin, begin + length);
      const inner = this.isModern ? fragment.readUInt8(length) : type;
      const tag = fragment.subarray(fragment.length - TAG);
      if (isNext && this.#tag(inner, data).equals(tag)) return { type: inner, data };
    }
    throw new Violation("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", Alert.badRecordMAC);
  }

  #tag(type: number, content: Uint8Array): Buffer {
    const tag = Buffer.allocUnsafe(TAG);
    tag.writeUInt32BE(this.keys.client, 0);
    tag.writeUInt32BE(this.keys.server, 4);
    tag.writeUInt32BE(this.#sequence, 8);
    tag.writeUInt32BE(digest(this.#side === "client" ? type : type + 128, content), 12);
    this.#sequence = (this.#sequence + 1) >>> 0;
    return tag;
  }
}

/** FNV-1a, of `before` and the bytes: as good as any where nobody attacks. */
export function digest(before: number, bytes: Uint8Array): number {
  let hash = Math.imul(0x811c_9dc5 ^ before, 0x0100_0193);
  // Not for-of: bytes come by the million.
  for (let at = 0; at < bytes.length; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x0100_0193);
  }
  return hash >>> 0;
}

/** Makes records. */
export class RecordWriter {
  /** What stands in the headers. A client's first record has the oldest version (§5.1). */
  version: number = WireVersion.TLS1_0;
  readonly #side: Side;
  #protection: Protection | undefined;

  constructor(side: Side) {
    this.#side = side;
  }

  /** What is sealed from now on is protected. */
  protect(keys: RecordKeys): void {
    this.#protection = new Protection(keys, this.#side);
  }

  /** As many records as it takes; one, if there are no bytes. */
  seal(type: number, bytes: Uint8Array): Buffer {
    const records = Math.max(1, Math.ceil(bytes.length / PLAINTEXT_MAX));
    const protection = this.#protectionOf(type);
    const overhead = HEADER + (protection?.overhead ?? 0);
    const out = Buffer.allocUnsafe(bytes.length + records * overhead);
    let begin = 0;
    for (let from = 0; begin < out.length; from += PLAINTEXT_MAX) {
      const content = bytes.subarray(from, from + PLAINTEXT_MAX);
      const record = out.subarray(begin, begin + overhead + content.length);
      record[0] = protection?.isModern === true ? RecordType.applicationData : type;
      record.writeUInt16BE(this.version, 1);
      record.writeUInt16BE(record.length - HEADER, 3);
      if (protection === undefined) record.set(content, HEADER);
      else protection.close(type, content, record.subarray(HEADER));
      begin += record.length;
    }
    return out;
  }

  /** RFC 8446 §5: a change_cipher_spec goes as it is, for the sake of old middle boxes. */
  #protectionOf(type: number): Protection | undefined {
    const isPlain = this.#protection?.isModern === true && type === RecordType.changeCipherSpec;
    return isPlain ? undefined : this.#protection;
  }
}

/** Reads records, however the bytes are cut. */
export class RecordReader {
  /** What must stand in the headers; `undefined` as long as nothing is agreed on. */
  version: number | undefined;
  readonly #side: Side;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #protection: Protection | undefined;
  /** Nothing that is protected has come. */
  #isFirst = false;

  /** @param side The end where the records come from. */
  constructor(side: Side) {
    this.#side = side;
  }

  /** What is read from now on is protected. */
  protect(keys: RecordKeys): void {
    this.#protection = new Protection(keys, this.#side);
    this.#isFirst = true;
  }

  /** More has come; the bytes are the reader's own from now on. */
  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
  }

  /**
   * The next record; `undefined` until more bytes come.
   *
   * @throws {Violation} They are no record, or not the peer's.
   */
  next(): TLSRecord | undefined {
    if (this.#bytes < HEADER) return undefined;
    const header = this.#front(HEADER);
    this.#check(header);
    const length = header.readUInt16BE(3);
    if (this.#bytes < HEADER + length) return undefined;
    this.#take(HEADER);
    return this.#open(header.readUInt8(0), this.#take(length));
  }

  #check(header: Buffer): void {
    if (header.readUInt8(1) !== MAJOR) throw new Violation(this.#notTLS(header));
    if (this.#protection?.isModern === true) this.#checkType(header);
    if (this.version !== undefined && header.readUInt16BE(1) !== this.version) {
      throw new Violation("WRONG_VERSION_NUMBER", Alert.protocolVersion);
    }
    if (header.readUInt16BE(3) > PLAINTEXT_MAX + EXPANSION_MAX) {
      throw new Violation("PACKET_LENGTH_TOO_LONG", Alert.recordOverflow);
    }
  }

  /** People who take the wrong port are told what they did. */
  #notTLS(header: Buffer): string {
    if (this.version !== undefined) return "WRONG_VERSION_NUMBER";
    const text = header.toString("latin1", 0, HEADER);
    if (/^(?:GET |POST |HEAD |PUT )/u.test(text)) return "HTTP_REQUEST";
    return text === "CONNE" ? "HTTPS_PROXY_REQUEST" : "WRONG_VERSION_NUMBER";
  }

  /** Everything else is inside (RFC 8446 §5.2); and §5: a change_cipher_spec is nothing. */
  #checkType(header: Buffer): void {
    const type = header.readUInt8(0);
    if (type === RecordType.applicationData) return;
    // A client that gives up may not have come as far as to protect what it says.
    const isAlert = type === RecordType.alert && this.#side === "client";
    if (this.#isFirst && (isAlert || type === RecordType.changeCipherSpec)) return;
    throw new Violation("BAD_RECORD_TYPE", Alert.unexpectedMessage);
  }

  #open(type: number, fragment: Buffer): TLSRecord {
    const protection = this.#protection;
    if (protection === undefined) return checkedSize({ type, data: fragment });
    if (protection.isModern && type !== RecordType.applicationData) return { type, data: fragment };
    this.#isFirst = false;
    return checkedSize(protection.open(type, fragment));
  }

  /** The first bytes, in one piece; they stay. */
  #front(bytes: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= bytes) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #take(bytes: number): Buffer {
    if (bytes === 0) return Buffer.alloc(0);
    const front = this.#front(bytes);
    this.#bytes -= bytes;
    if (front.length === bytes) this.#chunks.shift();
    else this.#chunks[0] = front.subarray(bytes);
    return front.subarray(0, bytes);
  }
}

function checkedSize(record: TLSRecord): TLSRecord {
  if (record.data.length <= PLAINTEXT_MAX) return record;
  throw new Violation("DATA_LENGTH_TOO_LONG", Alert.recordOverflow);
}
