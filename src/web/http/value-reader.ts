/**
 * Reads a field's value from left to right: tokens, quoted strings, parameters, lists.
 *
 *     text/html; charset="utf-8" , W/"x"
 *     token      token quoted    , what a caller knows better
 *
 * Each method takes what it is named after and says so, or takes nothing and gives `undefined` (the
 * composed ones may stop in the middle then: the value is bad). None throws, and each takes time
 * linear in what it reads.
 *
 * Spec: RFC 9110 §5.6.1 (lists, with empty elements), §5.6.2 (tokens), §5.6.3 (whitespace), §5.6.4
 * (quoted strings), §5.6.6 (parameters). A character is a byte (Latin-1), as the wire hands over.
 *
 * @module
 */
const WHITESPACE = /[ \t]+/uy;
const TOKEN = /[\w!#$%&'*+.^`|~-]+/uy;
/** RFC 9110 §11.2: what Base64 and its like are written with. */
const TOKEN68 = /[\w.~+/-]+=*/uy;
/** What may stand in a quoted string as it is. */
const QUOTED_TEXT = /[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]+/uy;
const QUOTED_PAIR = /\\[\t \x21-\x7e\x80-\xff]/uy;
/** RFC 9110 §8.8.3. */
const OPAQUE_TAG = /"[\x21\x23-\x7e\x80-\xff]*"/uy;
/** Where there may be a parameter and is none. */
const NO_PARAMETER = new Set([";", ",", ""]);

/** See the top of this file. */
export class ValueReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Characters taken so far. */
  get position(): number {
    return this.#at;
  }

  /** Go back to an earlier {@link ValueReader.position}. */
  rewind(position: number): void {
    this.#at = position;
  }

  /** The next character, not taken; empty at the end. */
  peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** Is `character` the next one? Then it is taken. */
  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  /** Take spaces and tabs, if there are any. */
  skipWhitespace(): void {
    this.#match(WHITESPACE);
  }

  token(): string | undefined {
    return this.#match(TOKEN);
  }

  token68(): string | undefined {
    return this.#match(TOKEN68);
  }

  /** A quoted string, without its quotes and with `\x` as `x`. */
  quotedString(): string | undefined {
    const start = this.#at;
    if (!this.take('"')) return undefined;
    let text = "";
    for (;;) {
      text += this.#match(QUOTED_TEXT) ?? "";
      if (this.take('"')) return text;
      const pair = this.#match(QUOTED_PAIR);
      if (pair === undefined) {
        this.#at = start;
        return undefined;
      }
      text += pair.slice(1);
    }
  }

  /** What stands between the quotes of an entity tag: no spaces, and a backslash is a backslash. */
  opaqueTag(): string | undefined {
    return this.#match(OPAQUE_TAG)?.slice(1, -1);
  }

  /** `token / quoted-string`: the two ways to write one and the same value. */
  value(): string | undefined {
    return this.token() ?? this.quotedString();
  }

  /**
   * `[ parameter ] *( OWS ";" OWS [ parameter ] )`, `parameter` being `token "=" value`. Names are
   * in lower case.
   *
   * @returns `undefined` also when a name comes twice: which one counts, nobody could say.
   */
  parameters(): ReadonlyMap<string, string> | undefined {
    const found = new Map<string, string>();
    do {
      this.skipWhitespace();
      if (NO_PARAMETER.has(this.peek())) continue;
      const name = this.token()?.toLowerCase();
      if (name === undefined || found.has(name) || !this.take("=")) return undefined;
      const value = this.value();
      if (value === undefined) return undefined;
      found.set(name, value);
      this.skipWhitespace();
    } while (this.take(";"));
    return found;
  }

  /** Elements up to the end, with commas between them. Empty elements are left out. */
  list<Element>(read: () => Element | undefined): readonly Element[] | undefined {
    const found: Element[] = [];
    for (;;) {
      this.skipEmptyElements();
      if (this.isAtEnd) return found;
      const element = read();
      if (element === undefined) return undefined;
      found.push(element);
      this.skipWhitespace();
      if (!this.isAtEnd && !this.take(",")) return undefined;
    }
  }

  /** Take whitespace and commas, if there are any. */
  skipEmptyElements(): void {
    do this.skipWhitespace();
    while (this.take(","));
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
