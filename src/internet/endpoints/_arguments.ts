/**
 * The fields of one description, matched with the names that its prefix knows.
 *
 * A field stands at its place or under its name. An empty one is as good as left out, so that
 * `tcp:80::10` can give a backlog without an interface.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { EndpointDescriptionError } from "./description-error.ts";

/** What a prefix takes. */
export interface ArgumentSyntax {
  /** For messages: `tcp server endpoint`. */
  readonly what: string;
  /** How to write one. */
  readonly usage: string;
  /** Every name, in the order of the places. */
  readonly names: readonly string[];
}

/** The field has sixteen bits (RFC 9293 §3.1). */
const PORT_MAX = 65_535;
const WHOLE_NUMBER = /^\d+$/u;
const SECONDS = /^\d+(\.\d+)?$/u;

/** Reads the fields of one description; every refusal is an {@link EndpointDescriptionError}. */
export class EndpointArguments {
  readonly #syntax: ArgumentSyntax;
  readonly #values = new Map<string, string>();

  /** @throws {EndpointDescriptionError} Too many fields, an unknown name, or one given twice. */
  constructor(
    syntax: ArgumentSyntax,
    positional: readonly string[],
    keywords: ReadonlyMap<string, string>,
  ) {
    this.#syntax = syntax;
    this.#takePositional(positional);
    this.#takeKeywords(keywords);
  }

  #takePositional(positional: readonly string[]): void {
    for (const [at, value] of positional.entries()) {
      const name = this.#syntax.names[at];
      if (name === undefined) this.refuse(`argument ${quote(value)} is one too many`);
      this.#values.set(name, value);
    }
  }

  #takeKeywords(keywords: ReadonlyMap<string, string>): void {
    const { names } = this.#syntax;
    for (const [name, value] of keywords) {
      if (!names.includes(name)) {
        this.refuse(`unknown keyword ${quote(name)}; known are ${names.join(", ")}`);
      }
      if (this.#values.has(name)) this.refuse(`${name} is given twice, by place and by name`);
      this.#values.set(name, value);
    }
  }

  /** The text under `name`, or `undefined` if it was left out. */
  optional(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === "" ? undefined : value;
  }

  /** The text under `name`. @throws {EndpointDescriptionError} It was left out. */
  required(name: string): string {
    return this.optional(name) ?? this.refuse(`${name} is missing`);
  }

  /** A port number. Names of services are not looked up. @throws {EndpointDescriptionError} */
  port(name: string): number {
    return this.#whole(name, this.required(name), PORT_MAX);
  }

  /** A whole number up to `max`, if given. @throws {EndpointDescriptionError} It is none. */
  wholeNumber(name: string, max: number): number | undefined {
    const text = this.optional(name);
    return text === undefined ? undefined : this.#whole(name, text, max);
  }

  #whole(name: string, text: string, max: number): number {
    const value = WHOLE_NUMBER.test(text) ? Number(text) : Number.NaN;
    if (value <= max) return value;
    const range = `a whole number from 0 to ${String(max)}`;
    return this.refuse(`expected ${name} to be ${range}, got ${quote(text)}`);
  }

  /** Seconds, fractions allowed, if given. @throws {EndpointDescriptionError} It is none. */
  seconds(name: string): number | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    if (SECONDS.test(text)) return Number(text);
    return this.refuse(`expected ${name} to be a number of seconds, got ${quote(text)}`);
  }

  /** Throw, with the way to write it right, and the error that made it known, if there was one. */
  refuse(problem: string, cause?: unknown): never {
    const { what, usage } = this.#syntax;
    throw new EndpointDescriptionError(
      `Cannot read ${what}: ${problem}; write ${usage}, and a colon inside a value as \\:`,
      cause === undefined ? undefined : { cause },
    );
  }
}
