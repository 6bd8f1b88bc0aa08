/**
 * Which addresses are meant: for lists of those who are trusted.
 *
 * @module
 */
import { mappedIPv4, parseIPv4, parseIPv6 } from "../core/ip-address.ts";
import { quote } from "../core/text.ts";
import { type IAddress, IPv4Address, IPv6Address, UNIXAddress } from "./addresses.ts";

/** The first `bits` bits of these bytes. */
interface Range {
  readonly bytes: Buffer;
  readonly bits: number;
}

const PREFIX = /^\d{1,3}$/u;
/** How UNIX sockets are named in a list: who may connect to one, its file's mode says. */
const UNIX = "unix:";
/** The bits of `::ffff:0:0/96`, in which IPv4 addresses are. */
const MAPPED_BITS = 96;

/**
 * A list of addresses and of ranges in CIDR notation.
 *
 *     192.0.2.1   10.0.0.0/8   ::1   2001:db8::/32   unix:
 *
 * An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`, as sockets of both families say it)
 * is the same as without. `::/0` is every IPv6 address and no IPv4 address.
 */
export class AddressRanges {
  readonly #ranges: readonly Range[];
  readonly #unix: boolean;

  /** @throws {RangeError} An entry is neither an address, nor a range, nor `unix:`. */
  constructor(entries: Iterable<string>) {
    const all = [...entries];
    this.#unix = all.includes(UNIX);
    this.#ranges = all.filter((entry) => entry !== UNIX).map(parseRange);
  }

  /** Is the host of `address` among them? Ports and zones do not matter. */
  has(address: IAddress): boolean {
    if (address instanceof UNIXAddress) return this.#unix;
    const bytes = bytesOf(address);
    return bytes !== undefined && this.#ranges.some((range) => isInside(bytes, range));
  }
}

function bytesOf(address: IAddress): Buffer | undefined {
  if (address instanceof IPv4Address) return parseIPv4(address.host);
  if (!(address instanceof IPv6Address)) return undefined;
  const bytes = parseIPv6(address.host);
  return bytes && (mappedIPv4(bytes) ?? bytes);
}

function parseRange(entry: string): Range {
  const [host = "", prefix, more] = entry.split("/");
  const bytes = parseIPv4(host) ?? parseIPv6(host);
  if (bytes === undefined || more !== undefined) return refuse(entry);
  const longest = bytes.length * 8;
  if (prefix !== undefined && !PREFIX.test(prefix)) return refuse(entry);
  const bits = prefix === undefined ? longest : Number(prefix);
  if (bits > longest) return refuse(entry);
  const mapped = bits >= MAPPED_BITS ? mappedIPv4(bytes) : undefined;
  return mapped === undefined ? { bytes, bits } : { bytes: mapped, bits: bits - MAPPED_BITS };
}

function refuse(entry: string): never {
  throw new RangeError(
    `Cannot read ${quote(entry)}: expected an IP address, a range such as 10.0.0.0/8, or ${UNIX}`,
  );
}

function isInside(bytes: Buffer, range: Range): boolean {
  if (bytes.length !== range.bytes.length) return false;
  const whole = range.bits >> 3;
  if (bytes.compare(range.bytes, 0, whole, 0, whole) !== 0) return false;
  const rest = range.bits & 7;
  if (rest === 0) return true;
  return bytes.readUInt8(whole) >> (8 - rest) === range.bytes.readUInt8(whole) >> (8 - rest);
}
