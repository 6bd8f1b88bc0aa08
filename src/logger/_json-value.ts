/**
 * Any value as one that JSON can hold.
 *
 *     plain objects, arrays     themselves, as deep and as long as the bounds allow
 *     Map, Set                  array of pairs, array
 *     bytes                     { bytes: 3, hex: "0d0a41" }
 *     Error                     { type, message, code, stack, causes }
 *     bigint, symbol, function  text
 *     other objects             what their toJSON gives, or else their text
 *     what cannot be read       text that says so
 *
 * Objects of classes are not opened: they may hold half the program, and its passwords.
 *
 * @module
 */
import { safeString } from "../core/text.ts";
import { attempt } from "./_error-chain.ts";
import { errorRecord } from "./_error-record.ts";
import { isLoggedFailure } from "./_logged-failure.ts";

/** What JSON can hold. */
export type JSONValue =
  | string
  | number
  | boolean
  | null
  | readonly JSONValue[]
  | { readonly [key: string]: JSONValue };

/** Ours: enough for any message, and far from the depth at which the stack ends. */
const DEPTH_MAX = 12;
/** Ours: a list of all connections may be logged by mistake; the log must survive it. */
const LIST_MAX = 1000;
/** Ours: as above, for lists of lists. */
const VALUES_MAX = 10_000;
/** Ours: a whole packet fits; a file does not. `bytes` tells the true length. */
const HEX_BYTES_MAX = 4096;

/** The value, made safe for JSON. Never throws. */
export function jsonValue(value: unknown): JSONValue {
  return new Conversion().of(value);
}

/** `String(value)` for objects that have a text of their own, `[object Name]` for others. */
export function instanceText(value: object): string {
  if (Reflect.get(value, "toString") !== Object.prototype.toString) return ownText(value);
  return `[object ${className(value)}]`;
}

/** Whether an object is a plain record, made by a literal or by `JSON.parse`. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** One conversion: it knows where it is in the value and how much it has seen. */
class Conversion {
  readonly #ancestors: object[] = [];
  #valuesLeft = VALUES_MAX;

  of(value: unknown): JSONValue {
    return attempt(
      () => this.#of(value),
      (error) => `(cannot be read: ${safeString(error)})`,
    );
  }

  #of(value: unknown): JSONValue {
    if (value === null || value === undefined) return null;
    if (typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
    if (typeof value === "function") return functionText(value);
    if (typeof value === "object") return this.#ofObject(value);
    return ownText(value);
  }

  #ofObject(value: object): JSONValue {
    if (this.#ancestors.includes(value)) return "(circular)";
    if (this.#ancestors.length === DEPTH_MAX) return "(too deep)";
    this.#ancestors.push(value);
    try {
      return this.#ofContents(value);
    } finally {
      this.#ancestors.pop();
    }
  }

  #ofContents(value: object): JSONValue {
    if (Array.isArray(value) || value instanceof Set) return this.#list(value);
    if (value instanceof Map) return this.#list(value);
    if (value instanceof ArrayBuffer) return hexRecord(new Uint8Array(value));
    if (ArrayBuffer.isView(value)) {
      return hexRecord(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
    if (value instanceof Error) return errorRecord(value);
    if (isLoggedFailure(value)) return errorRecord(value.value);
    return this.#ofRecordOrInstance(value);
  }

  #ofRecordOrInstance(value: object): JSONValue {
    if ("toJSON" in value && typeof value.toJSON === "function") {
      const made: unknown = Reflect.apply(value.toJSON, value, []);
      return this.of(made);
    }
    return isPlainObject(value) ? this.#record(value) : instanceText(value);
  }

  #list(values: Iterable<unknown>): JSONValue {
    const list: JSONValue[] = [];
    for (const value of values) {
      if (!this.#hasRoomIn(list)) return [...list, "(and more)"];
      list.push(this.of(value));
    }
    return list;
  }

  #record(value: object): JSONValue {
    const entries: [string, JSONValue][] = [];
    for (const key of Object.keys(value)) {
      if (!this.#hasRoomIn(entries)) {
        entries.push(["(and more)", true]);
        break;
      }
      entries.push([key, this.#property(value, key)]);
    }
    return Object.fromEntries(entries);
  }

  /** A getter that throws spoils its own property, not the record. */
  #property(value: object, key: string): JSONValue {
    return attempt(
      () => this.of(Reflect.get(value, key)),
      (error) => `(cannot be read: ${safeString(error)})`,
    );
  }

  /** Whether one more value may be converted; counts it. */
  #hasRoomIn(list: readonly unknown[]): boolean {
    this.#valuesLeft -= 1;
    return this.#valuesLeft >= 0 && list.length < LIST_MAX;
  }
}

/** May throw what the value's own `toString` throws. */
function ownText(value: unknown): string {
  return String(value);
}

function functionText(value: { readonly name: unknown }): string {
  return `[Function: ${safeString(value.name)}]`;
}

function className(value: object): string {
  const maker: unknown = Reflect.get(value, "constructor");
  return typeof maker === "function" && maker.name !== "" ? maker.name : "Object";
}

function hexRecord(bytes: Uint8Array): JSONValue {
  const shown = bytes.subarray(0, HEX_BYTES_MAX);
  const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { bytes: bytes.length, hex };
}
