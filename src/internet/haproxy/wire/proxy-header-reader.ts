/**
 * Bytes in, one header out, however the bytes were cut.
 *
 * The first byte tells the versions apart, and each byte is held against what may stand there, so
 * that a stranger is known by the first byte that is wrong.
 *
 * Spec: haproxy.org/download/1.8/doc/proxy-protocol.txt, §2.1 and §2.2; all sections named in
 * this folder are of it. After: twisted.protocols.haproxy (V1Parser, V2Parser). Differs: a header
 * may arrive in pieces of any size (there, less than 8 or 16 bytes at first was an error); more
 * than two addresses in a line, ports that are none, a wrong checksum, broken TLVs are refused;
 * TLVs are read.
 *
 * @module
 */
import { assert } from "../../../core/assert.ts";
import { quote } from "../../../core/text.ts";
import { ProxyHeaderError } from "./errors.ts";
import type { ProxyHeader } from "./proxy-header.ts";
import { decodeLine, findLineEnd, LINE_BYTES_MAX, LINE_START } from "./version-1.ts";
import { decodeBlock, findLength, HEAD_BYTES, SIGNATURE } from "./version-2.ts";

/** Options of {@link ProxyHeaderReader}. */
export interface ProxyHeaderOptions {
  /**
   * The longest header of version 2 in bytes, 16 to 65,551. Default: 4,096. The format has room for
   * 65,551, which would all be held for a peer that is not known yet; real headers keep below 600
   * (the spec wants them to fit into one segment), and some clouds need a little more. A line of
   * version 1 has at most 107 bytes, always.
   */
  readonly maxHeaderBytes?: number;
}

/** A header, and what came behind it. */
export interface ProxyHeaderReceived {
  readonly header: ProxyHeader;
  /** The connection's own first bytes, a view of what was received last; may be empty. */
  readonly rest: Buffer;
}

const MAX_HEADER_BYTES = 4096;
/** The length is a field of two bytes. */
const LENGTH_MAX = HEAD_BYTES + 65_535;
const EMPTY = Buffer.alloc(0);
const ROOM_FIRST = 128;

/** The bound itself, if it is one. @throws {RangeError} Not a whole number from 16 to 65,551. */
export function checkedHeaderBytes(max: number = MAX_HEADER_BYTES): number {
  if (Number.isInteger(max) && max >= HEAD_BYTES && max <= LENGTH_MAX) return max;
  throw new RangeError(
    `Cannot set maxHeaderBytes to ${String(max)}: expected a whole number from ` +
      `${String(HEAD_BYTES)} to ${String(LENGTH_MAX)}`,
  );
}

/**
 * Reads the header of one connection. It holds at most `maxHeaderBytes` (and never less than a
 * line's 107).
 *
 * @example
 * ```ts
 * import { ProxyHeaderReader } from "sennit/internet";
 *
 * const reader = new ProxyHeaderReader();
 * reader.receive(Buffer.from("PROXY TCP4 192.0.2.7 198.51.")); // undefined: receive more
 * const received = reader.receive(Buffer.from("100.1 56324 443\r\nGET / HTTP/1.1\r\n"));
 * console.log(received?.header.route, received?.rest.toString());
 * ```
 */
export class ProxyHeaderReader {
  readonly #max: number;
  /** What was received so far, if that was not enough: the first `#length` bytes of it. */
  #room: Buffer = EMPTY;
  #length = 0;
  #spent = false;

  /** @throws {RangeError} A `maxHeaderBytes` that there cannot be. */
  constructor(options: ProxyHeaderOptions = {}) {
    this.#max = checkedHeaderBytes(options.maxHeaderBytes);
  }

  /** How many bytes of an unfinished header it holds. */
  get bufferedBytes(): number {
    return this.#length;
  }

  /**
   * The peer sent this. Nothing of it is kept when this returns a header.
   *
   * @returns The header, once it is whole; the reader is then spent.
   * @throws {ProxyHeaderError} There is no header, or a broken one; the reader is then spent.
   */
  receive(bytes: Buffer): ProxyHeaderReceived | undefined {
    assert(!this.#spent, "a ProxyHeaderReader reads one header: make another one");
    const before = this.#length;
    const all = before === 0 ? bytes : this.#keep(bytes);
    let read: ReturnType<typeof readHeader>;
    try {
      read = readHeader(all, this.#max);
    } catch (error) {
      this.#end();
      throw error;
    }
    if (read !== undefined) {
      this.#end();
      return { header: read.header, rest: bytes.subarray(read.length - before) };
    }
    if (before === 0) this.#keep(bytes);
    return undefined;
  }

  /**
   * The peer will send no more.
   *
   * @throws {ProxyHeaderError} A header has begun and is not whole. Nothing at all is no error:
   * some look whether anybody listens, and go away.
   */
  receiveEnd(): void {
    const length = this.#length;
    this.#end();
    if (length > 0)
      throw new ProxyHeaderError(`the connection ended after ${String(length)} bytes`);
  }

  #keep(bytes: Buffer): Buffer {
    const limit = Math.max(this.#max, LINE_BYTES_MAX);
    const wanted = Math.min(this.#length + bytes.length, limit);
    if (wanted > this.#room.length) {
      const room = Buffer.allocUnsafe(Math.min(Math.max(2 * wanted, ROOM_FIRST), limit));
      this.#room.copy(room, 0, 0, this.#length);
      this.#room = room;
    }
    bytes.copy(this.#room, this.#length, 0, wanted - this.#length);
    this.#length = wanted;
    return this.#room.subarray(0, wanted);
  }

  #end(): void {
    this.#spent = true;
    this.#room = EMPTY;
    this.#length = 0;
  }
}

/** The header that `bytes` begin with, and its length; `undefined` if it is not whole. */
function readHeader(
  bytes: Buffer,
  max: number,
): { readonly header: ProxyHeader; readonly length: number } | undefined {
  const [first] = bytes;
  if (first === undefined) return undefined;
  if (first === SIGNATURE[0]) {
    checkStart(bytes, SIGNATURE);
    const length = findLength(bytes, max);
    if (length === undefined || bytes.length < length) return undefined;
    return { header: decodeBlock(bytes.subarray(0, length)), length };
  }
  checkStart(bytes, LINE_START);
  const length = findLineEnd(bytes);
  return length === undefined
    ? undefined
    : { header: decodeLine(bytes.subarray(0, length)), length };
}

/** @throws {ProxyHeaderError} `bytes`, as far as they go, are not `start`. */
function checkStart(bytes: Buffer, start: Buffer): void {
  const end = Math.min(bytes.length, start.length);
  for (let at = 0; at < end; at += 1) {
    if (bytes[at] !== start[at]) {
      const got = quote(bytes.toString("latin1", 0, at + 1));
      throw new ProxyHeaderError(`expected "PROXY" or the signature of version 2, got ${got}`);
    }
  }
}
