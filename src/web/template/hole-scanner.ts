/**
 * Reads the fixed parts of a template as a browser does, to know where its values stand.
 *
 *     <p class="note ${a}">${b}</p>
 *                    attribute  text
 *
 * Where escaping cannot make a value safe, there is no hole: that is a TypeError when the template
 * is first used, whatever the value.
 *
 * Spec: WHATWG HTML §13.2.5 (tokenization). It reads as much of it as tells tags, attributes,
 * comments and elements of raw text apart. What browsers read in two ways is refused.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { attributeUse } from "./attribute-rules.ts";
import type { Hole } from "./hole.ts";

type State = "data" | "tag" | "value" | "raw" | "title";

/** Nothing in them is markup, and no value can be escaped; `noscript`: in browsers with scripts. */
const RAW = new Set([
  "iframe",
  "noembed",
  "noframes",
  "noscript",
  "plaintext",
  "script",
  "style",
  "xmp",
]);
/** Nothing in them is a tag; values are escaped as between tags. */
const TITLES = new Set(["textarea", "title"]);

const COMMENT = /<!--(?:-?>|[\s\S]*?--!?>)/uy;
const DECLARATION = /<(?:[!?]|\/[^A-Za-z])[^>]*>/uy;
const TAG = /<(?<slash>\/?)(?<name>[A-Za-z][^\t\n\f\r />]*)/uy;
const BLANKS = /[\t\n\f\r /]+/uy;
const ATTRIBUTE = /=?[^\t\n\f\r />=]+|=/uy;
const EQUALS = /[\t\n\f\r ]*=[\t\n\f\r ]*/uy;
const UNQUOTED = /[^\t\n\f\r >]+/uy;
/** What begins as markup and may go on in the value behind it. */
const OPEN = /<(?:$|[!/?A-Za-z])/u;

/** See the top of this file. Feed it the fixed parts, with `hole()` in between, and `end()` it. */
export class HoleScanner {
  #state: State = "data";
  /** The element whose tag or text it is in, in lower case. */
  #element = "";
  #isEndTag = false;
  #attribute = "";
  /** The mark that ends the attribute's value. */
  #mark = "";
  /** Of the attribute's value: what stands there since the last hole, and how many holes so far. */
  #value = "";
  #holes = 0;
  /** The last hole, if it is in the attribute that is being read: what follows it is not known. */
  #open: { after: string } | undefined;

  /** The next fixed part. @throws {TypeError} It cannot be read in one way. */
  feed(text: string): void {
    for (let at = 0; at < text.length; ) at = this.#step(text, at);
  }

  /** A value comes here. @throws {TypeError} None may. */
  hole(): Hole {
    switch (this.#state) {
      case "data":
      case "title":
        return { kind: "text" };
      case "value":
        return this.#attributeHole();
      case "raw":
        throw refusal(`in <${this.#element}>`, "nothing there can be escaped");
      default:
        throw refusal(
          `in the tag <${this.#element}>`,
          'expected it in an attribute between quotes, name="${value}", or ?name="${flag}"',
        );
    }
  }

  /** That was the last part. @throws {TypeError} It ends in the middle of something. */
  end(): void {
    if (this.#state === "data") return;
    const where = this.#state === "raw" || this.#state === "title" ? "text" : "tag";
    throw new TypeError(`Cannot read a template: it ends in the ${where} of <${this.#element}>`);
  }

  #step(text: string, at: number): number {
    switch (this.#state) {
      case "data":
        return this.#data(text, at);
      case "tag":
        return this.#tag(text, at);
      case "value":
        return this.#quoted(text, at);
      default:
        return this.#content(text, at);
    }
  }

  // -- Between tags

  #data(text: string, from: number): number {
    const at = text.indexOf("<", from);
    if (at === -1) return text.length;
    const passed = match(COMMENT, text, at) ?? declaration(text, at);
    if (passed !== undefined) return at + passed.length;
    const tag = groups(TAG, text, at);
    if (tag === undefined) {
      if (!OPEN.test(text.slice(at, at + 2))) return at + 1;
      throw refusal(
        `behind ${quote(text.slice(at, at + 20))}`,
        "no tag and no comment may hold it",
      );
    }
    const { slash = "", name = "" } = tag;
    this.#element = name.toLowerCase();
    this.#isEndTag = slash !== "";
    this.#state = "tag";
    return at + 1 + slash.length + name.length;
  }

  // -- In a tag

  #tag(text: string, at: number): number {
    const blanks = match(BLANKS, text, at);
    if (blanks !== undefined) return at + blanks.length;
    if (text.charAt(at) === ">") {
      this.#state = this.#isEndTag ? "data" : contentOf(this.#element);
      return at + 1;
    }
    const name = match(ATTRIBUTE, text, at) ?? "";
    const end = at + name.length;
    const equals = match(EQUALS, text, end);
    if (equals === undefined) return end;
    return this.#beginValue(name.toLowerCase(), text, end + equals.length);
  }

  #beginValue(name: string, text: string, at: number): number {
    const mark = text.charAt(at);
    if (mark === '"' || mark === "'") {
      this.#attribute = name;
      this.#mark = mark;
      this.#value = "";
      this.#holes = 0;
      this.#state = "value";
      return at + 1;
    }
    const end = at + (match(UNQUOTED, text, at)?.length ?? 0);
    if (end < text.length) return end;
    throw refusal(`for ${name}`, `expected quotes around it: ${name}="\${value}"`);
  }

  #quoted(text: string, from: number): number {
    const at = text.indexOf(this.#mark, from);
    const end = at === -1 ? text.length : at;
    this.#value += text.slice(from, end);
    if (this.#open !== undefined) this.#open.after = this.#value;
    if (at === -1) return end;
    this.#endValue();
    return end + 1;
  }

  #endValue(): void {
    const isFlag = this.#attribute.startsWith("?");
    if (isFlag && (this.#holes !== 1 || this.#value !== "")) {
      throw new TypeError(`Cannot read ${this.#attribute}: expected one value, and nothing beside`);
    }
    this.#open = undefined;
    this.#state = "tag";
  }

  #attributeHole(): Hole {
    const name = this.#attribute;
    const before = this.#value;
    const isFirst = this.#holes === 0;
    this.#value = "";
    this.#holes += 1;
    if (name.startsWith("?")) return flagHole(name, isFirst && before === "");
    const use = attributeUse(this.#element, name);
    if (typeof use === "object") throw refusal(`into ${name}`, use.refused);
    if (use !== "url") return { kind: use };
    if (isFirst) checkBeginning(name, before);
    const hole = { kind: use, isFirst, before, after: "" };
    this.#open = hole;
    return hole;
  }

  // -- In an element whose text is no markup

  #content(text: string, from: number): number {
    const rest = text.slice(from);
    const end = new RegExp(`</${this.#element}(?=[\\t\\n\\f\\r />])`, "iu").exec(rest);
    const content = end === null ? rest : rest.slice(0, end.index);
    this.#checkContent(content);
    if (end === null) return text.length;
    this.#state = "tag";
    this.#isEndTag = true;
    return from + end.index + end[0].length;
  }

  /** What a browser may read otherwise, depending on what is around. */
  #checkContent(content: string): void {
    const isTitle = this.#state === "title";
    const odd = (isTitle ? /<[!/?A-Za-z]/u : /<!--/u).exec(content)?.[0];
    if (odd === undefined) return;
    const place = `<${this.#element}>`;
    throw new TypeError(`Cannot read a template: expected ${place} without ${quote(odd)} in it`);
  }
}

function flagHole(name: string, isAlone: boolean): Hole {
  if (isAlone && /^\?(?!on)[a-z][a-z\d-]*$/u.test(name))
    return { kind: "flag", name: name.slice(1) };
  throw new TypeError(`Cannot read ${name}: expected ?name, and one value between the quotes`);
}

/** The fixed beginning of a URL must settle its scheme, or leave all of it to the value. */
function checkBeginning(name: string, before: string): void {
  const isSettled = /^[\w+.-]*[:/?#]/u.test(before) && !/^(?:javascript|vbscript):/iu.test(before);
  if (before === "" || isSettled) return;
  throw refusal(`into ${name}`, `behind ${quote(before)} it could become a script`);
}

function contentOf(element: string): State {
  if (RAW.has(element)) return "raw";
  return TITLES.has(element) ? "title" : "data";
}

function declaration(text: string, at: number): string | undefined {
  return text.startsWith("<!--", at) ? undefined : match(DECLARATION, text, at);
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function groups(pattern: RegExp, text: string, at: number): Record<string, string> | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.groups;
}

function refusal(where: string, why: string): TypeError {
  return new TypeError(`Cannot put a value ${where}: ${why}`);
}
