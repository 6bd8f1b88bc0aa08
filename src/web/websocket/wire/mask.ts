/**
 * What a client does to its payloads, so that nobody on the way takes them for something else.
 *
 * Masking and unmasking are the same: each byte is XORed with one of four, in turn.
 *
 * Spec: RFC 6455 §5.3.
 *
 * @module
 */

/** How many bytes a masking key has. */
export const MASK_BYTES = 4;

/** From here on a view of whole words pays: 3x at 16 KiB, nothing at 256 bytes (Node 20). */
const WORDS_FROM = 256;

/** Four bytes and the word that they are, in the order of the machine. */
const KEY = new Uint8Array(MASK_BYTES);
const KEY_WORD = new Int32Array(KEY.buffer);

/**
 * Mask or unmask `bytes[from, to)`, in place.
 *
 * @param maskFrom How many bytes of the same payload came before `from`.
 */
export function applyMask(
  bytes: Uint8Array,
  from: number,
  to: number,
  mask: Uint8Array,
  maskFrom = 0,
): void {
  if (to - from < WORDS_FROM) {
    maskBytes(bytes, from, to, mask, maskFrom);
    return;
  }
  const start = from + (-(bytes.byteOffset + from) & 3);
  const count = (to - start) >>> 2;
  const end = start + 4 * count;
  const turn = maskFrom + start - from;
  maskBytes(bytes, from, start, mask, maskFrom);
  maskWords(new Int32Array(bytes.buffer, bytes.byteOffset + start, count), mask, turn);
  maskBytes(bytes, end, to, mask, turn);
}

function maskBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  mask: Uint8Array,
  turn: number,
): void {
  const a = mask[turn & 3] ?? 0;
  const b = mask[(turn + 1) & 3] ?? 0;
  const c = mask[(turn + 2) & 3] ?? 0;
  const d = mask[(turn + 3) & 3] ?? 0;
  let at = from;
  // Four at a time: 2x to 5x of one at a time with an index into the mask (Node 20).
  for (const last = to - 3; at < last; at += 4) {
    bytes[at] = (bytes[at] ?? 0) ^ a;
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ b;
    bytes[at + 2] = (bytes[at + 2] ?? 0) ^ c;
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ d;
  }
  if (at < to) bytes[at] = (bytes[at] ?? 0) ^ a;
  if (at + 1 < to) bytes[at + 1] = (bytes[at + 1] ?? 0) ^ b;
  if (at + 2 < to) bytes[at + 2] = (bytes[at + 2] ?? 0) ^ c;
}

function maskWords(words: Int32Array, mask: Uint8Array, turn: number): void {
  for (let at = 0; at < MASK_BYTES; at += 1) KEY[at] = mask[(turn + at) & 3] ?? 0;
  const key = KEY_WORD[0] ?? 0;
  for (let at = 0; at < words.length; at += 1) words[at] = (words[at] ?? 0) ^ key;
}
