/**
 * Answers of XML-RPC, from values to XML.
 *
 * Whole numbers are written as `int`, or as `i8` when they need it; others as `double`, in decimal
 * digits alone, as the specification has it.
 *
 * Spec: as for the decoder.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type { Fault } from "./xmlrpc-values.ts";

const DEPTH_MAX = 60;
const HEAD = '<?xml version="1.0"?>\n<methodResponse>';
const TAIL = "</methodResponse>\n";
const ESCAPABLE = /[&<>\r]/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\r": "&#13;", // As it is, a reader would take it for a line feed.
};
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * What a procedure has returned.
 *
 * @throws {TypeError} A value has no form in XML-RPC: `undefined`, `null` unless that is allowed, a
 * class's instance, text with control characters.
 * @throws {RangeError} A number has none, or there are more than 60 lists within each other.
 */
export function encodeResponse(value: unknown, allowNil: boolean): string {
  const encoded = new Encoder(allowNil).value(value, 0);
  return `${HEAD}<params><param>${encoded}</param></params>${TAIL}`;
}

/** A fault. */
export function encodeFault(fault: Fault): string {
  return `${HEAD}<fault>${new Encoder(false).value(faultStruct(fault), 0)}</fault>${TAIL}`;
}

/** A fault as a struct. */
export function faultStruct({ faultCode, faultString }: Fault): Readonly<Record<string, unknown>> {
  // A fault is what is left to say: it must not fail for what somebody's message holds.
  return { faultCode, faultString: faultString.replaceAll(new RegExp(FORBIDDEN, "gu"), "?") };
}

class Encoder {
  readonly #allowNil: boolean;

  constructor(allowNil: boolean) {
    this.#allowNil = allowNil;
  }

  value(value: unknown, depth: number): string {
    return `<value>${this.#typed(value, depth)}</value>`;
  }

  #typed(value: unknown, depth: number): string {
    switch (typeof value) {
      case "string":
        return `<string>${text(value)}</string>`;
      case "number":
        return number(value);
      case "bigint":
        if (BigInt.asIntN(64, value) === value) return `<i8>${String(value)}</i8>`;
        throw new RangeError(`Cannot write ${quote(value)} in XML-RPC: expected 64 bits`);
      case "boolean":
        return `<boolean>${value ? "1" : "0"}</boolean>`;
      case "object":
        return value === null ? this.#nil() : this.#object(value, depth + 1);
      default:
        throw new TypeError(`Cannot write ${quote(value)} in XML-RPC`);
    }
  }

  #nil(): string {
    if (this.#allowNil) return "<nil/>";
    throw new TypeError("Cannot write null in XML-RPC: allowNil was not said");
  }

  #object(value: object, depth: number): string {
    if (depth > DEPTH_MAX)
      throw new RangeError(`Cannot write more than ${String(DEPTH_MAX)} levels`);
    if (Array.isArray(value)) {
      const items: readonly unknown[] = value;
      const data = items.map((item) => this.value(item, depth)).join("");
      return `<array><data>${data}</data></array>`;
    }
    if (value instanceof Date) return date(value);
    if (value instanceof Uint8Array) {
      return `<base64>${Buffer.from(value).toString("base64")}</base64>`;
    }
    if (isPlain(value)) return this.#struct(value, depth);
    throw new TypeError(`Cannot write ${quote(value)} in XML-RPC: expected a plain object`);
  }

  /** Members that are `undefined` are left out, as JSON leaves them out. */
  #struct(struct: object, depth: number): string {
    const members = Object.entries(struct).map(([name, value]: readonly [string, unknown]) =>
      value === undefined
        ? ""
        : `<member><name>${text(name)}</name>${this.value(value, depth)}</member>`,
    );
    return `<struct>${members.join("")}</struct>`;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Reflect.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function text(value: string): string {
  if (FORBIDDEN.test(value)) {
    throw new TypeError(`Cannot write ${quote(value)} in XML: it has characters that XML has not`);
  }
  return value.replaceAll(ESCAPABLE, (one) => ESCAPES[one] ?? one);
}

function number(value: number): string {
  if (Number.isSafeInteger(value)) {
    const type = Math.trunc(value) === (value | 0) ? "int" : "i8";
    return `<${type}>${String(value)}</${type}>`;
  }
  if (Number.isFinite(value)) return `<double>${decimal(value)}</double>`;
  throw new RangeError(`Cannot write ${String(value)} in XML-RPC: expected a finite number`);
}

/** Without an exponent: `1.5e-7` is `0.00000015`. */
function decimal(value: number): string {
  const [digits = "", exponent] = String(value).split("e");
  if (exponent === undefined) return digits.includes(".") ? digits : `${digits}.0`;
  const sign = digits.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = digits.replace("-", "").split(".");
  const by = Number(exponent);
  if (by < 0) return `${sign}0.${"0".repeat(-by - 1)}${whole}${fraction}`;
  return `${sign}${whole}${fraction.padEnd(by, "0")}.0`;
}

function date(value: Date): string {
  if (Number.isNaN(value.getTime()))
    throw new RangeError("Cannot write an invalid Date in XML-RPC");
  const iso = value.toISOString();
  if (iso.length > 24) throw new RangeError(`Cannot write ${iso} in XML-RPC: expected four digits`);
  return `<dateTime.iso8601>${iso.slice(0, 19).replaceAll("-", "")}</dateTime.iso8601>`;
}
