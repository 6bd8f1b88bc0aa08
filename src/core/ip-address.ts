/**
 * Internet addresses: text to bytes, and back.
 *
 *     192.0.2.1        4 bytes       2001:db8::1   16 bytes      ::ffff:192.0.2.1   16 bytes
 *
 * Spec: RFC 4291 §2.2 (what may be written), RFC 5952 §4 and §5 (what we write). Differs: leading
 * zeros in a dotted quad are refused, because some read them as octal; no zones (`%eth0`), which
 * are not part of the address.
 *
 * @module
 */

const QUAD_PART = /^(?:0|[1-9]\d{0,2})$/u;
const GROUP = /^[\da-f]{1,4}$/iu;
const GROUPS = 8;
/** How an IPv4 address begins that is written as IPv6 (RFC 4291 §2.5.5.2): ten zeros and this. */
const MAPPED_GROUP = 0xff_ff;
const MAPPED_AT = 5;

/** The four bytes of a dotted quad; `undefined` if it is none. */
export function parseIPv4(text: string): Buffer | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => QUAD_PART.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? Buffer.from(numbers) : undefined;
}

/** The sixteen bytes of an IPv6 address; `undefined` if it is none. */
export function parseIPv6(text: string): Buffer | undefined {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return undefined;
  const before = parseGroups(head, tail === undefined);
  const after = tail === undefined ? [] : parseGroups(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const missing = GROUPS - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const bytes = Buffer.alloc(2 * GROUPS);
  for (const [at, group] of before.entries()) bytes.writeUInt16BE(group, 2 * at);
  for (const [at, group] of after.entries()) {
    bytes.writeUInt16BE(group, 2 * (before.length + missing + at));
  }
  return bytes;
}

/** @param isLast A dotted quad may end them. */
function parseGroups(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    const quad = isLast && at === parts.length - 1 ? parseIPv4(part) : undefined;
    if (quad !== undefined) groups.push(quad.readUInt16BE(0), quad.readUInt16BE(2));
    else if (GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** The dotted quad of four bytes. */
export function formatIPv4(bytes: Uint8Array): string {
  return bytes.join(".");
}

/** Sixteen bytes as RFC 5952 §4 has it; an IPv4 address inside keeps its dots (§5). */
export function formatIPv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: GROUPS },
    (_, at) => (bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0),
  );
  if (isMapped(groups)) return `::ffff:${formatIPv4(bytes.subarray(12))}`;
  const { start, length } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  // One group of zeros is not shortened (§4.2.2).
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, MAPPED_AT).every((one) => one === 0) && groups[MAPPED_AT] === MAPPED_GROUP;
}

/** The longest run of zeros, the first of those that are equally long (§4.2.3). */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [at, group] of groups.entries()) {
    if (group !== 0) start = at + 1;
    else if (at + 1 - start > best.length) best = { start, length: at + 1 - start };
  }
  return best;
}

/** The IPv4 address that an IPv6 address stands for (`::ffff:192.0.2.1`), if it does. */
export function mappedIPv4(bytes: Buffer): Buffer | undefined {
  const isFour =
    bytes.length === 2 * GROUPS &&
    bytes.readUInt16BE(2 * MAPPED_AT) === MAPPED_GROUP &&
    bytes.subarray(0, 2 * MAPPED_AT).every((byte) => byte === 0);
  return isFour ? bytes.subarray(12) : undefined;
}
