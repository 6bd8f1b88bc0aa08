/**
 * Where a text stops being JSON, and what should have stood there.
 *
 *     {"a": }        at 6: a value
 *
 * `JSON.parse` says what is wrong, but not always where, and each version in other words. This is
 * slower, and asked only when that has failed.
 *
 * Spec: RFC 8259 §2 to §7.
 *
 * @module
 */

/** See the top of this file. */
export interface JSONFault {
  /** Characters before it. */
  readonly position: number;
  /** What was expected, in words. */
  readonly expected: string;
}

type Expected = "value" | "value or ]" | "name" | "name or }" | "colon" | "comma" | "text" | "end";

const WORDS: Readonly<Record<Expected, string>> = {
  value: "a value",
  "value or ]": 'a value or "]"',
  name: "a name in quotes",
  "name or }": 'a name in quotes or "}"',
  colon: '":"',
  comma: '"," or the end of a list or object',
  text: "the rest of a text in quotes",
  end: "the end",
};

const BLANK = /[\t\n\r ]*/uy;
const NUMBER_OR_WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?|true|false|null/uy;
const TEXT = /[ !#-[\]-\u{10ffff}]*/uy;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/uy;

/** Reads a text from its front. It keeps the depth itself: no text is too deep for it. */
class FaultFinder {
  readonly #text: string;
  #at = 0;
  #expected: Expected = "value";
  /** What will close the lists and objects that are open. */
  readonly #closers: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  find(): JSONFault | undefined {
    for (;;) {
      this.#take(BLANK);
      if (this.#expected === "end" && this.#at === this.#text.length) return undefined;
      if (!this.#step()) return { position: this.#at, expected: WORDS[this.#expected] };
    }
  }

  /** Take the next token, if it is one that may stand here. */
  #step(): boolean {
    switch (this.#expected) {
      case "value or ]":
        return this.#close("]") || this.#value();
      case "value":
        return this.#value();
      case "name or }":
        return this.#close("}") || this.#name();
      case "name":
        return this.#name();
      case "colon":
        return this.#mark(":", "value");
      case "comma":
        return this.#comma();
      default:
        return false;
    }
  }

  #value(): boolean {
    if (this.#mark("[", "value or ]")) this.#closers.push("]");
    else if (this.#mark("{", "name or }")) this.#closers.push("}");
    else if (this.#string() || this.#take(NUMBER_OR_WORD)) this.#afterValue();
    else return false;
    return true;
  }

  #name(): boolean {
    if (!this.#string()) return false;
    this.#expected = "colon";
    return true;
  }

  #comma(): boolean {
    const closer = this.#closers.at(-1) ?? "";
    return this.#mark(",", closer === "}" ? "name" : "value") || this.#close(closer);
  }

  #close(closer: string): boolean {
    if (this.#text.charAt(this.#at) !== closer) return false;
    this.#at += 1;
    this.#closers.pop();
    this.#afterValue();
    return true;
  }

  #afterValue(): void {
    this.#expected = this.#closers.length === 0 ? "end" : "comma";
  }

  #mark(character: string, next: Expected): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    this.#expected = next;
    return true;
  }

  /** A bad one is left where it is bad: there no value begins. */
  #string(): boolean {
    if (this.#text.charAt(this.#at) !== '"') return false;
    this.#at += 1;
    do this.#take(TEXT);
    while (this.#take(ESCAPE));
    if (this.#text.charAt(this.#at) === '"') {
      this.#at += 1;
      return true;
    }
    this.#expected = "text";
    return false;
  }

  /** @returns Was there any of it? */
  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const length = pattern.exec(this.#text)?.[0].length ?? 0;
    this.#at += length;
    return length > 0;
  }
}

/** See the top of this file; `undefined`: it is JSON. */
export function findJSONFault(text: string): JSONFault | undefined {
  return new FaultFinder(text).find();
}
