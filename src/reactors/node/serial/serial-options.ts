/**
 * The options of serial ports, checked where they come in, in the words of the package.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import type { SerialPortOptions } from "../../../internet/interfaces-serial.ts";
import { checkedLimits } from "../../base/limits.ts";
import type { SerialOpenOptions } from "./serial-library.ts";

/** Seconds without progress, on any line. */
const CLOSE_TIMEOUT = 30;
/** Progress is seen in steps of so many bytes. */
const STEP_BYTES = 131_072;
/** Bits of a character on the line, at most: start, eight, parity, two stops. */
const CHARACTER_BITS = 12;

const CHOICES = {
  dataBits: [5, 6, 7, 8],
  parity: ["none", "even", "odd", "mark", "space"],
  stopBits: [1, 1.5, 2],
} as const;

/** The options themselves, with a `closeTimeout` that fits the line. @throws {RangeError} */
export function checkedSerial(path: string, options: SerialPortOptions): SerialPortOptions {
  checkedLimits(options);
  if (path === "") throw new RangeError("Cannot open a serial port: expected a path, got none");
  const { baudRate = 9600, closeTimeout } = options;
  checkedBaudRate(baudRate);
  for (const [name, choices] of Object.entries(CHOICES)) {
    const given: unknown = Reflect.get(options, name);
    if (given === undefined || choices.some((choice) => choice === given)) continue;
    const expected = choices.join(", ");
    throw new RangeError(`Cannot use ${name}: expected one of ${expected}, got ${quote(given)}`);
  }
  const step = (STEP_BYTES * CHARACTER_BITS) / baudRate;
  return { ...options, closeTimeout: closeTimeout ?? CLOSE_TIMEOUT + step };
}

/** @throws {RangeError} Not a whole number above 0. */
export function checkedBaudRate(baudRate: number): void {
  if (Number.isInteger(baudRate) && baudRate > 0) return;
  throw new RangeError(`Cannot use baudRate: expected bits a second, got ${String(baudRate)}`);
}

/** Defaults filled in. */
export function openOptions(path: string, options: SerialPortOptions): SerialOpenOptions {
  const { xonxoff = false } = options;
  return {
    path,
    baudRate: options.baudRate ?? 9600,
    dataBits: options.dataBits ?? 8,
    parity: options.parity ?? "none",
    stopBits: options.stopBits ?? 1,
    rtscts: options.rtscts ?? false,
    xon: xonxoff,
    xoff: xonxoff,
    lock: options.exclusive ?? true,
    hupcl: options.hangUpOnClose ?? true,
  };
}
