/**
 * The fields of one line, each of the type that it must have.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { RecordingFormatError } from "./recording-error.ts";

const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/u;

/** See the top of this file. Every method throws {@link RecordingFormatError}. */
export class Fields {
  readonly #line: number;
  readonly #record: object;

  constructor(line: number, record: unknown) {
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      throw new RecordingFormatError(line, `expected an object, got ${shown(record)}`);
    }
    this.#line = line;
    this.#record = record;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#record, name);
  }

  text(name: string): string {
    const value = this.#get(name);
    return typeof value === "string" ? value : this.refuse(name, "a text");
  }

  textOrNone(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  flag(name: string): boolean {
    const value = this.#get(name);
    return typeof value === "boolean" ? value : this.refuse(name, "true or false");
  }

  /** From `least` up. */
  number(name: string, least = 0): number {
    const value = this.#get(name);
    const isOne = typeof value === "number" && Number.isFinite(value) && value >= least;
    return isOne ? value : this.refuse(name, `a number, at least ${String(least)}`);
  }

  numberOrNone(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  /** A whole number. */
  count(name: string): number {
    const value = this.number(name);
    return Number.isInteger(value) ? value : this.refuse(name, "a whole number");
  }

  base64(name: string): Buffer {
    const text = this.text(name);
    return BASE64.test(text) ? Buffer.from(text, "base64") : this.refuse(name, "base64");
  }

  oneOf<const Value extends string>(name: string, values: readonly Value[]): Value {
    const found = values.find((value) => value === this.#get(name));
    return found ?? this.refuse(name, `one of ${values.join(", ")}`);
  }

  /** The fields of a field. */
  inside(name: string): Fields {
    return new Fields(this.#line, this.#get(name));
  }

  refuse(name: string, expected: string): never {
    const got = this.has(name) ? shown(this.#get(name)) : "nothing";
    throw new RecordingFormatError(this.#line, `expected ${expected} in "${name}", got ${got}`);
  }

  #get(name: string): unknown {
    return this.has(name) ? Reflect.get(this.#record, name) : undefined;
  }
}

function shown(value: unknown): string {
  return quote(typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing"));
}
