/**
 * As much of DER as is needed to look at a value without a library: tag, length, content.
 *
 *     30 82 01 0a …      SEQUENCE, 266 bytes
 *
 * Spec: X.690 §8.1, §10.1.
 *
 * @module
 */

/** One value of a DER encoding. */
export interface DERValue {
  /** The identifier octet: 0x30 for a SEQUENCE, 0x02 for an INTEGER. */
  readonly tag: number;
  readonly content: Buffer;
  /** Where the next value begins. */
  readonly end: number;
}

/** More bytes of length than this are more bytes of content than a buffer holds. */
const LENGTH_BYTES_MAX = 4;

/** The value at `start`; `undefined` if there is none, or it is cut short, or its tag is long. */
export function readDER(bytes: Buffer, start = 0): DERValue | undefined {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const from = start + 2 + lengthBytes;
  if (first === 0x80 || lengthBytes > LENGTH_BYTES_MAX || from > bytes.length) return undefined;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(start + 2, lengthBytes);
  const end = from + length;
  return end > bytes.length ? undefined : { tag, content: bytes.subarray(from, end), end };
}

/** What {@link readDER} makes of all the values in `bytes`; `undefined` if one is cut short. */
export function readAllDER(bytes: Buffer): readonly DERValue[] | undefined {
  const values: DERValue[] = [];
  for (let at = 0; at < bytes.length; at = values.at(-1)?.end ?? bytes.length) {
    const value = readDER(bytes, at);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** The tags of text, and how each is encoded (X.680 §41). */
const STRINGS: ReadonlyMap<number, "utf8" | "latin1" | "utf16be"> = new Map([
  [0x0c, "utf8"], // UTF8String
  [0x12, "latin1"], // NumericString
  [0x13, "latin1"], // PrintableString
  [0x14, "latin1"], // T61String, which everybody takes for Latin-1
  [0x16, "latin1"], // IA5String
  [0x1a, "latin1"], // VisibleString
  [0x1e, "utf16be"], // BMPString
]);

/** The text in a value; `undefined` if it is none. */
export function textOfDER({ tag, content }: DERValue): string | undefined {
  const encoding = STRINGS.get(tag);
  if (encoding !== "utf16be") return encoding && content.toString(encoding);
  const whole = content.subarray(0, content.length - (content.length % 2));
  return Buffer.from(whole).swap16().toString("utf16le");
}

/** The dotted number in the content of an OBJECT IDENTIFIER (X.690 §8.19). */
export function oidOfDER(content: Buffer): string {
  const numbers: bigint[] = [];
  let number = 0n;
  for (const byte of content) {
    number = (number << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(number);
      number = 0n;
    }
  }
  const [head = 0n, ...others] = numbers;
  const first = head < 80n ? head / 40n : 2n;
  return [first, head - first * 40n, ...others].join(".");
}
