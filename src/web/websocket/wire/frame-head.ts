/**
 * What stands before the payload of each frame.
 *
 *     byte 0    FIN RSV1 RSV2 RSV3, opcode (4 bits)
 *     byte 1    MASK, length (7 bits): 0 to 125, or 126 or 127
 *     then      the length in 2 bytes after 126, in 8 after 127
 *     then      the masking key in 4 bytes, if MASK is set
 *
 * Spec: RFC 6455 §5.2 (layout), §5.1 (who masks), §5.5 (control frames), RFC 7692 §6 (RSV1).
 *
 * @module
 */
import { CLOSE_CODE } from "./close-codes.ts";
import { WebSocketProtocolError } from "./errors.ts";
import { MASK_BYTES } from "./mask.ts";
import { CONTROL_BYTES_MAX, OPCODE } from "./opcodes.ts";

/** Which end of the connection somebody is: clients mask what they send, servers do not. */
export type Role = "server" | "client";

/** The greatest head: two bytes, eight of length, four of mask. */
const HEAD_BYTES_MAX = 14;

const FIN = 0x80;
const RSV1 = 0x40;
const RSV2_RSV3 = 0x30;
const MASK = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const WORD = 2 ** 32;

/** Reads one head after the other. Its fields hold when {@link FrameHead.isWhole} says so. */
export class FrameHead {
  /** Is it the last frame of its message? */
  fin = false;
  /** Is it the first frame of a compressed message? */
  compressed = false;
  opcode: number = OPCODE.continuation;
  /** Bytes of payload. Beyond 2 ** 53 not exact, and then too much for everyone. */
  length = 0;
  readonly mask = new Uint8Array(MASK_BYTES);
  /** Does the peer mask its payloads? */
  readonly masked: boolean;

  readonly #mayCompress: boolean;
  readonly #bytes = Buffer.alloc(HEAD_BYTES_MAX);
  #have = 0;
  #need = 2;

  /** @param role Who reads. */
  constructor(role: Role, mayCompress: boolean) {
    this.masked = role === "server";
    this.#mayCompress = mayCompress;
  }

  /** Has all of it come? */
  get isWhole(): boolean {
    return this.#have === this.#need;
  }

  get isControl(): boolean {
    return this.opcode >= OPCODE.close;
  }

  /** Begin with the next head. */
  reset(): void {
    this.#have = 0;
    this.#need = 2;
  }

  /**
   * Read on in `chunk`, at `from`.
   *
   * @returns Where it stopped: behind the head if it is whole, otherwise at the chunk's end.
   * @throws {WebSocketProtocolError} With close code 1002.
   */
  receive(chunk: Buffer, from: number): number {
    let at = from;
    while (this.#have < this.#need && at < chunk.length) {
      this.#bytes[this.#have] = chunk[at] ?? 0;
      this.#have += 1;
      at += 1;
      if (this.#have === 2) this.#begin(this.#bytes[0] ?? 0, this.#bytes[1] ?? 0);
    }
    if (this.#have === this.#need) this.#end();
    return at;
  }

  #begin(first: number, second: number): void {
    this.fin = (first & FIN) !== 0;
    this.compressed = (first & RSV1) !== 0;
    this.opcode = first & 0x0f;
    this.length = second & 0x7f;
    this.#check(first, (second & MASK) !== 0);
    const lengthBytes = this.length === LENGTH_16 ? 2 : this.length === LENGTH_64 ? 8 : 0;
    this.#need = 2 + lengthBytes + (this.masked ? MASK_BYTES : 0);
  }

  /** Everything that can be wrong with the first two bytes. */
  #check(first: number, masked: boolean): void {
    const { opcode, length } = this;
    if (opcode > OPCODE.pong || (opcode > OPCODE.binary && opcode < OPCODE.close)) {
      throw headError(`expected opcode 0, 1, 2, 8, 9 or 10, got ${String(opcode)}`);
    }
    const isData = opcode === OPCODE.text || opcode === OPCODE.binary;
    if ((first & RSV2_RSV3) !== 0 || (this.compressed && !(this.#mayCompress && isData))) {
      throw headError(`expected no reserved bits, got ${String((first >> 4) & 7)}`);
    }
    if (masked !== this.masked) {
      throw headError(`expected ${this.masked ? "a masked" : "an unmasked"} one`);
    }
    if (opcode < OPCODE.close) return;
    if (!this.fin) throw headError("expected a control frame in one piece, got a fragment");
    if (length > CONTROL_BYTES_MAX) {
      throw headError("expected at most 125 bytes in a control frame, got more");
    }
  }

  #end(): void {
    if (this.length === LENGTH_16) this.#setLength(this.#bytes.readUInt16BE(2), LENGTH_16);
    else if (this.length === LENGTH_64) this.#setLength(this.#length64(), 0x1_0000);
    if (!this.masked) return;
    const at = this.#need - MASK_BYTES;
    for (let turn = 0; turn < MASK_BYTES; turn += 1) {
      this.mask[turn] = this.#bytes[at + turn] ?? 0;
    }
  }

  #length64(): number {
    const high = this.#bytes.readUInt32BE(2);
    if (high >= 2 ** 31) throw headError("expected a length below 2 ** 63, got its top bit set");
    return high * WORD + this.#bytes.readUInt32BE(6);
  }

  /** @throws {WebSocketProtocolError} It would have fitted into fewer bytes. */
  #setLength(length: number, least: number): void {
    if (length < least) {
      throw headError(`expected the shortest form of length ${String(length)}, got a longer one`);
    }
    this.length = length;
  }
}

function headError(problem: string): WebSocketProtocolError {
  return new WebSocketProtocolError(
    `Cannot read a WebSocket frame: ${problem}`,
    CLOSE_CODE.protocolError,
  );
}
