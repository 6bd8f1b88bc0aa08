/**
 * Node's functions of chance, from the program's own.
 *
 * @module
 */

/** Where chance comes from, and how a callback comes later. */
export interface VirtualChance {
  /** From 0 to just below 1. */
  random(): number;
  /** Calls in so many seconds, by the program whose code runs. */
  readonly timers: { callLater(seconds: number, f: () => void): unknown };
}

/** `crypto.randomBytes(count)`. */
export function randomBytes(one: VirtualChance, count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count);
  for (let at = 0; at < count; at += 1) bytes[at] = Math.floor(one.random() * 256);
  return bytes;
}

/** `crypto.randomUUID()`. */
export function randomUUID(one: VirtualChance): string {
  const bytes = randomBytes(one, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6); // RFC 9562 §5.4.
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const text = bytes.toString("hex");
  const parts = [[0, 8], [8, 12], [12, 16], [16, 20], [20]] as const;
  return parts.map(([from, to]) => text.slice(from, to)).join("-");
}

/** `crypto.randomInt([min, ]max[, callback])`. */
export function randomInt(one: VirtualChance, args: readonly unknown[]): number | undefined {
  const [first, second] = args;
  const [low, high] = typeof second === "number" ? [Number(first), second] : [0, Number(first)];
  const made = low + Math.floor(one.random() * (high - low));
  const callback = args.at(-1);
  if (typeof callback !== "function") return made;
  one.timers.callLater(0, () => callback(null, made));
  return undefined;
}

/**
 * `crypto.getRandomValues(into)` and `randomFillSync(into, ...place)`.
 *
 * @param place From which element on, and how many; all by default.
 */
export function fillRandomly(
  one: VirtualChance,
  into: unknown,
  place: readonly unknown[] = [],
): unknown {
  const isView = ArrayBuffer.isView(into);
  if (!isView && !(into instanceof ArrayBuffer)) {
    throw new TypeError(`Cannot fill a ${typeof into} with chance: expected a buffer`);
  }
  const view = isView
    ? new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
    : new Uint8Array(into);
  const unit = isView && !(into instanceof DataView) ? bytesOfElement(into) : 1;
  const [offset = 0, size] = place;
  const from = Number(offset) * unit;
  const to = size === undefined ? view.length : from + Number(size) * unit;
  const part = view.subarray(from, to);
  part.set(randomBytes(one, part.length));
  return into;
}

function bytesOfElement(array: object): number {
  return Number(Reflect.get(array, "BYTES_PER_ELEMENT"));
}

/** `crypto.randomFill(into[, offset[, size]], callback)`. */
export function randomFill(one: VirtualChance, [into, ...others]: readonly unknown[]): undefined {
  fillRandomly(one, into, others.slice(0, -1));
  const callback = others.at(-1);
  if (typeof callback === "function") one.timers.callLater(0, () => callback(null, into));
}
