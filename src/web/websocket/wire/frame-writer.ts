/**
 * Frames, from values to bytes.
 *
 * Spec: RFC 6455 §5.2 (layout), §5.3 (masking), §5.4 (fragments), §5.5 (control frames), §7.4
 * (close codes), RFC 7692 §6 (RSV1).
 *
 * @module
 */
import { isSendableCloseCode } from "./close-codes.ts";
import { applyMask, MASK_BYTES } from "./mask.ts";
import { CONTROL_BYTES_MAX, OPCODE, type FrameType } from "./opcodes.ts";

/** Options of {@link writeFrame}. */
export interface FrameOptions {
  /** Is it the last frame of its message? Default: `true`. */
  readonly fin?: boolean;
  /** Is it the first frame of a message that is compressed (RSV1)? Default: `false`. */
  readonly compressed?: boolean;
  /**
   * A client's masking key: four bytes that nobody can foretell, new ones for each frame (§5.3). A
   * server gives none.
   */
  readonly mask?: Uint8Array | undefined;
}

const FIN = 0x80;
const RSV1 = 0x40;
const MASK = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const WORD = 2 ** 32;
/** Up to here a copy costs less than a second piece on its way through the transport. */
const JOINED_BYTES_MAX = 1024;
/** A control frame's room without the code. */
const REASON_BYTES_MAX = CONTROL_BYTES_MAX - 2;

/**
 * One frame, in one piece or two: head and payload.
 *
 * Bytes of more than 1,024 are not copied if there is no mask: they are the second piece itself,
 * and may not be changed until they are sent. With a mask they are always copied.
 *
 * @param payload Text goes out as UTF-8. The parts of a text in several frames may be cut anywhere,
 * but then in bytes.
 * @throws {RangeError} A control frame of more than 125 bytes, in fragments or compressed; a
 * continuation that says it is compressed; a mask that has not four bytes.
 */
export function writeFrame(
  type: FrameType,
  payload: Uint8Array | string,
  options: FrameOptions = {},
): readonly Uint8Array[] {
  const { fin = true, compressed = false, mask } = options;
  const length = typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
  check(type, length, options);
  // Text has to be written somewhere in any case.
  const isJoined = typeof payload === "string" || mask !== undefined || length <= JOINED_BYTES_MAX;
  const at = headBytes(length) + (mask === undefined ? 0 : MASK_BYTES);
  const frame = Buffer.allocUnsafe(at + (isJoined ? length : 0));
  frame[0] = OPCODE[type] | (fin ? FIN : 0) | (compressed ? RSV1 : 0);
  writeLength(frame, length, mask === undefined ? 0 : MASK);
  if (mask !== undefined) frame.set(mask, at - MASK_BYTES);
  if (typeof payload === "string") frame.write(payload, at);
  else if (isJoined) frame.set(payload, at);
  else return [frame, payload];
  if (mask !== undefined) applyMask(frame, at, frame.length, mask);
  return [frame];
}

/**
 * What a close frame carries.
 *
 * @param code Without one it carries nothing, and the peer is told 1005.
 * @param reason For people; at most 123 bytes of UTF-8.
 * @throws {RangeError} A code that may not be sent, a reason that is too long or has no code.
 */
export function closePayload(code?: number, reason = ""): Buffer {
  const text = Buffer.from(reason);
  if (code === undefined ? text.length > 0 : !isSendableCloseCode(code)) {
    throw new RangeError(
      "Cannot close a WebSocket: expected a code of 1000 to 1003, 1007 to 1014 or " +
        `3000 to 4999, got ${String(code)}`,
    );
  }
  if (text.length > REASON_BYTES_MAX) {
    throw new RangeError(
      `Cannot close a WebSocket: expected a reason of at most ${String(REASON_BYTES_MAX)} ` +
        `bytes, got ${String(text.length)}`,
    );
  }
  if (code === undefined) return text;
  return Buffer.concat([Uint8Array.of(code >>> 8, code & 0xff), text]);
}

function check(type: FrameType, length: number, options: FrameOptions): void {
  const { fin = true, compressed = false, mask } = options;
  if (OPCODE[type] >= OPCODE.close && (length > CONTROL_BYTES_MAX || !fin)) {
    throw new RangeError(
      `Cannot write a ${type} frame: expected at most ${String(CONTROL_BYTES_MAX)} bytes in ` +
        `one frame, got ${fin ? String(length) : "a fragment"}`,
    );
  }
  if (compressed && type !== "text" && type !== "binary") {
    throw new RangeError(`Cannot write a ${type} frame: expected it not to be compressed`);
  }
  if (mask !== undefined && mask.length !== MASK_BYTES) {
    throw new RangeError(
      `Cannot write a ${type} frame: expected a mask of ${String(MASK_BYTES)} bytes, ` +
        `got ${String(mask.length)}`,
    );
  }
}

/** How many bytes a head has without its mask. */
function headBytes(length: number): number {
  if (length < LENGTH_16) return 2;
  return length < 0x1_0000 ? 4 : 10;
}

/** Write it in its shortest form. */
function writeLength(frame: Buffer, length: number, maskBit: number): void {
  if (length < LENGTH_16) frame[1] = maskBit | length;
  else if (length < 0x1_0000) {
    frame[1] = maskBit | LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = maskBit | LENGTH_64;
    frame.writeUInt32BE(Math.floor(length / WORD), 2);
    frame.writeUInt32BE(length % WORD, 6);
  }
}
