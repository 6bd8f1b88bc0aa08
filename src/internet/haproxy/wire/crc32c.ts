/**
 * The checksum of a version 2 header.
 *
 * Spec: RFC 4960 Appendix B (CRC32c, the polynomial of Castagnoli, reflected); RFC 3720 §B.4 has
 * values to compare with.
 *
 * @module
 */

/** The remainders of the sixteen half bytes: headers are short, a table of 256 would not pay. */
const TABLE = [
  0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
  0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
] as const;

/** @param holeAt Where four bytes begin that count as zeros: the place of the checksum itself. */
export function crc32c(bytes: Uint8Array, holeAt = bytes.length): number {
  let crc = 0xff_ff_ff_ff;
  for (const [at, byte] of bytes.entries()) {
    crc ^= at >= holeAt && at < holeAt + 4 ? 0 : byte;
    crc = (crc >>> 4) ^ (TABLE[crc & 15] ?? 0);
    crc = (crc >>> 4) ^ (TABLE[crc & 15] ?? 0);
  }
  return ~crc >>> 0;
}
