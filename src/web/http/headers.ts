/**
 * The fields of a message: names without regard to case, several values in order.
 *
 * After: twisted.web.http_headers.Headers. Differs: text, not bytes; a value that would break out
 * of its line is a TypeError, where Twisted puts blanks; `get` joins values as RFC 9110 §5.2 has
 * it.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { FieldList } from "./wire/fields.ts";
import { checkField, formatFields } from "./wire/head-writer.ts";

/** What {@link Headers} can be made of: pairs (a `Map`, the web's `Headers`), or an object. */
export type HeadersInit =
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | readonly string[]>>;

const NO_FIELDS: FieldList = [];

/**
 * See the top of this file.
 *
 * @example
 * ```ts
 * import { Headers } from "sennit/web";
 *
 * const headers = new Headers({ Vary: ["Accept", "Cookie"] });
 * headers.addRawHeader("vary", "Origin");
 * console.log(headers.get("VARY")); // Accept, Cookie, Origin
 * console.log(headers.getRawHeaders("Vary")); // [ 'Accept', 'Cookie', 'Origin' ]
 * ```
 */
export class Headers implements Iterable<readonly [string, string]> {
  /** Name, value, name, value; names in lower case. Shared until it is changed. */
  #list = NO_FIELDS;
  /** The same, when it is ours alone. */
  #own: string[] | undefined;

  /** @throws {TypeError} A name that is no token, or a value with control characters. */
  constructor(init?: HeadersInit) {
    if (init === undefined) return;
    const pairs = isPairs(init) ? init : pairsOf(init);
    for (const [name, value] of pairs) this.addRawHeader(name, value);
  }

  /** The fields of a message that was read: shared, and not checked again. */
  static of(list: FieldList): Headers {
    const headers = new Headers();
    headers.#list = list;
    return headers;
  }

  /** Name, value, name, value; names in lower case. Not to be changed. */
  get list(): FieldList {
    return this.#list;
  }

  /** How many fields there are; one that is repeated counts each time. */
  get size(): number {
    return this.#list.length / 2;
  }

  /** All values of a field, joined with commas (`"; "` for Cookie); `undefined` without one. */
  get(name: string): string | undefined {
    const lower = name.toLowerCase();
    const list = this.#list;
    let joined: string | undefined;
    for (let at = 0; at < list.length; at += 2) {
      if (list[at] !== lower) continue;
      const value = list[at + 1] ?? "";
      // Since HTTP/2 a client may send its cookies in several fields (RFC 9113 §8.2.3).
      const between = lower === "cookie" ? "; " : ", ";
      joined = joined === undefined ? value : joined + between + value;
    }
    return joined;
  }

  /** The values of a field, one for each time it was sent; `undefined` without one. */
  getRawHeaders(name: string): string[] | undefined {
    const lower = name.toLowerCase();
    const values: string[] = [];
    for (let at = 0; at < this.#list.length; at += 2) {
      if (this.#list[at] === lower) values.push(this.#list[at + 1] ?? "");
    }
    return values.length === 0 ? undefined : values;
  }

  /** Is there such a field? */
  hasHeader(name: string): boolean {
    const lower = name.toLowerCase();
    for (let at = 0; at < this.#list.length; at += 2) if (this.#list[at] === lower) return true;
    return false;
  }

  /** Put these values in the place of those that a field has. @throws {TypeError} See above. */
  setRawHeaders(name: string, values: readonly string[]): void {
    for (const value of values) checkField(name, value);
    this.removeHeader(name);
    for (const value of values) this.addRawHeader(name, value);
  }

  /** Put this value in the place of those that a field has. @throws {TypeError} See above. */
  set(name: string, value: string): void {
    const lower = checkField(name, value);
    const own = this.#mine();
    const at = fieldAt(own, lower, 0);
    if (at === -1) {
      own.push(lower, value);
      return;
    }
    own[at + 1] = value;
    removeFrom(own, lower, at + 2);
  }

  /** Add a value to those that a field has. @throws {TypeError} See above. */
  addRawHeader(name: string, value: string): void {
    this.#mine().push(checkField(name, value), value);
  }

  /**
   * Put another's fields in the place of those of the same names here; a field that the other has
   * several times has them all. What may stand several times by its nature (`Set-Cookie`, `Vary`)
   * is added.
   */
  merge(other: Headers): void {
    if (this.#list.length === 0) {
      this.#list = other.#list;
      this.#own = undefined;
      // Whoever changes either makes a list of its own first.
      other.#own = undefined;
      return;
    }
    for (const name of new Set(other.#list.filter((_, at) => at % 2 === 0))) {
      if (name !== "set-cookie" && name !== "vary") this.removeHeader(name);
    }
    this.#mine().push(...other.#list);
  }

  /** Take a field away, all its values. */
  removeHeader(name: string): void {
    const lower = name.toLowerCase();
    if (this.hasHeader(lower)) removeFrom(this.#mine(), lower, 0);
  }

  /** Names in lower case, each once, with their values. */
  *getAllRawHeaders(): IterableIterator<[string, string[]]> {
    const names = new Set(this.#list.filter((_, at) => at % 2 === 0));
    for (const name of names) yield [name, this.getRawHeaders(name) ?? []];
  }

  /** Names in lower case with one value each, in order. */
  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (let at = 0; at < this.#list.length; at += 2) {
      yield [this.#list[at] ?? "", this.#list[at + 1] ?? ""];
    }
  }

  /** The same fields, to be changed apart. */
  copy(): Headers {
    this.#own = undefined; // From now on whoever changes it makes a list of its own first.
    return Headers.of(this.#list);
  }

  toString(): string {
    return `Headers(${formatFields(this.#list).trimEnd().replaceAll("\r\n", "; ")})`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  #mine(): string[] {
    if (this.#own === undefined) {
      this.#own = [...this.#list];
      this.#list = this.#own;
    }
    return this.#own;
  }
}

function isPairs(init: HeadersInit): init is Iterable<readonly [string, string]> {
  return Symbol.iterator in init;
}

function* pairsOf(
  init: Readonly<Record<string, string | readonly string[]>>,
): IterableIterator<readonly [string, string]> {
  for (const [name, values] of Object.entries(init)) {
    if (typeof values === "string") yield [name, values];
    else for (const value of values) yield [name, value];
  }
}

function fieldAt(list: FieldList, name: string, from: number): number {
  for (let at = from; at < list.length; at += 2) if (list[at] === name) return at;
  return -1;
}

function removeFrom(list: string[], name: string, from: number): void {
  for (let at = fieldAt(list, name, from); at !== -1; at = fieldAt(list, name, at)) {
    list.splice(at, 2);
  }
}
