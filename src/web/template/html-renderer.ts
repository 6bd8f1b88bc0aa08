/**
 * Writes a fragment, from its beginning to its end, waiting where it must.
 *
 *     run() ─▶ take() what there is ─▶ await what run() gave, resume() ─▶ run() …
 *
 * What is nested lies on a stack of its own, so that pages may be as deep as they want to a bound.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { escapeHTML } from "../server/error-page.ts";
import { isHarmlessStyle, isHarmlessURL } from "./attribute-rules.ts";
import { type Fragment, isFragment, TEMPLATE, VALUES } from "./fragment.ts";
import type { Hole, URLHole } from "./hole.ts";
import { attended, isThenable } from "./thenable.ts";

/** Characters after which it pauses: what streams then can wait for a slow client. */
const PIECE = 16_384;
/** Templates within lists within templates: more is a circle. */
const DEPTH_MAX = 1000;
/** What stands for a URL that would be a script, and for a style that would be more than one. */
const REFUSED_URL = "about:invalid#refused";
const REFUSED_STYLE = "unset";
const TEXT: Hole = { kind: "text" };

/** A fragment in the middle of being written. */
interface FragmentFrame {
  readonly kind: "fragment";
  readonly fragment: Fragment;
  /** The next of its fixed parts. */
  at: number;
  /** What the attribute holds so far, if it is a URL. */
  url: string;
}

/** What is on the stack. */
type Frame =
  | FragmentFrame
  | { readonly kind: "list"; readonly items: Iterator<unknown> }
  | { readonly kind: "stream"; readonly items: AsyncIterator<unknown> };

/** What comes later: what is to be done once it is there. */
export type Awaited = Promise<() => void>;

/** See the top of this file. */
export class HTMLRenderer {
  readonly #stack: Frame[] = [];
  #text = "";
  #awaited: Awaited | undefined;

  constructor(fragment: Fragment) {
    this.#push({ kind: "fragment", fragment, at: 0, url: "" });
  }

  /** Is it written to its end? */
  get isOver(): boolean {
    return this.#stack.length === 0 && this.#awaited === undefined;
  }

  /** Write on: to the end, to a good piece, or to what must be awaited, which is returned. */
  run(): Awaited | undefined {
    while (this.#awaited === undefined && this.#text.length < PIECE) {
      const frame = this.#stack.at(-1);
      if (frame === undefined) return undefined;
      if (frame.kind === "fragment") this.#writeOn(frame);
      else if (frame.kind === "list") this.#writeNext(frame.items);
      else this.#awaitNext(frame.items);
    }
    return this.#awaited;
  }

  /** What was awaited has come: this is what it gave. */
  resume(goOn: () => void): void {
    this.#awaited = undefined;
    goOn();
  }

  /** What was written since the last time. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  /** No more is wanted: iterators that are open are told, the innermost first. */
  async close(): Promise<void> {
    for (const frame of this.#stack.splice(0).toReversed()) {
      if (frame.kind !== "fragment") await frame.items.return?.();
    }
  }

  #push(frame: Frame): void {
    if (this.#stack.length === DEPTH_MAX) {
      throw new RangeError(`Cannot write HTML: expected at most ${String(DEPTH_MAX)} levels`);
    }
    this.#stack.push(frame);
  }

  #writeOn(frame: FragmentFrame): void {
    const { strings, holes } = frame.fragment[TEMPLATE];
    const { at } = frame;
    this.#text += strings[at] ?? "";
    const hole = holes[at];
    frame.at = at + 1;
    if (hole === undefined) this.#stack.pop();
    else this.#put(frame.fragment[VALUES][at], hole, frame);
  }

  #writeNext(iterator: Iterator<unknown>): void {
    const { done, value } = iterator.next();
    if (done === true) this.#stack.pop();
    else this.#put(value, TEXT, undefined);
  }

  #awaitNext(iterator: AsyncIterator<unknown>): void {
    this.#await(iterator.next(), ({ done, value }) => {
      if (done === true) this.#stack.pop();
      else this.#put(value, TEXT, undefined);
    });
  }

  #await<T>(later: PromiseLike<T>, use: (value: T) => void): void {
    this.#awaited = attended(Promise.resolve(later).then((value) => () => use(value)));
  }

  #put(value: unknown, hole: Hole, frame: FragmentFrame | undefined): void {
    if (isThenable(value)) this.#await(value, (result) => this.#put(result, hole, frame));
    else if (hole.kind === "text") this.#putText(value);
    else if (hole.kind === "flag") this.#text += isOn(value) ? hole.name : "";
    else this.#putAttribute(textOf(value, "an attribute"), hole, frame);
  }

  #putText(value: unknown): void {
    if (typeof value !== "object" || value === null) {
      this.#text += escapeHTML(textOf(value, "HTML"));
    } else if (isFragment(value)) {
      this.#push({ kind: "fragment", fragment: value, at: 0, url: "" });
    } else if (!ArrayBuffer.isView(value) && isIterable(value)) {
      this.#push({ kind: "list", items: value[Symbol.iterator]() });
    } else if (isAsyncIterable(value)) {
      this.#push({ kind: "stream", items: value[Symbol.asyncIterator]() });
    } else textOf(value, "HTML"); // Throws.
  }

  #putAttribute(text: string, hole: Hole, frame: FragmentFrame | undefined): void {
    let shown = text;
    if (hole.kind === "style" && !isHarmlessStyle(text)) shown = REFUSED_STYLE;
    if (hole.kind === "url" && frame !== undefined) shown = checkedURL(text, hole, frame);
    this.#text += escapeHTML(shown);
  }
}

/** The whole of the attribute counts, however many values it is made of. */
function checkedURL(text: string, hole: URLHole, frame: FragmentFrame): string {
  const before = (hole.isFirst ? "" : frame.url) + hole.before;
  const isHarmless = isHarmlessURL(before + text + hole.after);
  const shown = isHarmless ? text : before === "" ? REFUSED_URL : "";
  frame.url = before + shown;
  return shown;
}

function isOn(value: unknown): boolean {
  return typeof value === "string" ? value !== "" : Boolean(value);
}

/** @throws {TypeError} It has no text, or none that anybody wants to read. */
function textOf(value: unknown, place: string): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "true" : "";
    case "undefined":
      return "";
    default:
      if (value === null) return "";
  }
  throw new TypeError(`Cannot put a ${kindOf(value)} into ${place}: ${quote(value)}`);
}

function kindOf(value: unknown): string {
  return value instanceof Object ? value.constructor.name : typeof value;
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}
