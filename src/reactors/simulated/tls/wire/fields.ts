/**
 * The fields of a message: numbers and texts, one after the other, and zeros up to the size that
 * such a message has.
 *
 * @module
 */
import { Alert, Violation } from "./violation.ts";

/** Writes fields. */
export class FieldWriter {
  readonly #parts: Buffer[] = [];

  /** A whole number of `bytes` bytes. */
  number(value: number, bytes: 1 | 2 | 4): this {
    const part = Buffer.alloc(bytes);
    part.writeUIntBE(value, 0, bytes);
    this.#parts.push(part);
    return this;
  }

  /** A text of up to 65,535 bytes. */
  text(value: string): this {
    const bytes = Buffer.from(value, "utf8");
    this.number(bytes.length, 2);
    this.#parts.push(bytes);
    return this;
  }

  /** Texts, and how many there are. */
  texts(values: readonly string[]): this {
    this.number(values.length, 2);
    for (const value of values) this.text(value);
    return this;
  }

  /** Numbers of two bytes, and how many there are. */
  numbers(values: readonly number[]): this {
    this.number(values.length, 2);
    for (const value of values) this.number(value, 2);
    return this;
  }

  /** All of it, in `size` bytes or, if it takes more, in as many as it takes. */
  sized(size: number): Buffer {
    const used = this.#parts.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat(this.#parts, Math.max(size, used));
  }
}

/** Reads fields. Each method throws a {@link Violation} where there are not enough bytes. */
export class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** A whole number of `bytes` bytes. */
  number(bytes: 1 | 2 | 4): number {
    return this.#take(bytes).readUIntBE(0, bytes);
  }

  text(): string {
    return this.#take(this.number(2)).toString("utf8");
  }

  texts(): readonly string[] {
    return Array.from({ length: this.#count() }, () => this.text());
  }

  numbers(): readonly number[] {
    return Array.from({ length: this.#count() }, () => this.number(2));
  }

  /** Each has two bytes at least, so that no peer has us make a long list of nothing. */
  #count(): number {
    const count = this.number(2);
    if (this.#at + 2 * count > this.#bytes.length) throw tooShort();
    return count;
  }

  #take(bytes: number): Buffer {
    const end = this.#at + bytes;
    if (end > this.#bytes.length) throw tooShort();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function tooShort(): Violation {
  return new Violation("LENGTH_MISMATCH", Alert.decodeError);
}
