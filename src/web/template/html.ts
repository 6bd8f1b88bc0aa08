/**
 * HTML as tagged literals, with values escaped by where they stand, and waited for where they are
 * not there yet.
 *
 *     html`<p title="${a}">${b}</p>`        a in an attribute, b between tags
 *
 * After: twisted.web.template, whose Deferreds anywhere inside and whose escaping by position it
 * keeps. Differs: literals, where there are XML files and tag objects.
 *
 * @module
 */
import type { PageStream, StreamBeginning } from "../server/answer.ts";
import { type CompiledTemplate, compiledTemplate } from "./compiled-template.ts";
import { TEMPLATE, VALUES } from "./fragment.ts";
import { type Awaited, HTMLRenderer } from "./html-renderer.ts";
import { attended, isThenable } from "./thenable.ts";

/**
 * What can be written between tags. Lists are written one after the other, of whatever is in them;
 * nothing is written for `null`, `undefined` and `false`. In an attribute: text and numbers, or a
 * promise of them.
 */
export type HTMLValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | HTML
  | PromiseLike<HTMLValue>
  | Iterable<HTMLValue>
  | AsyncIterable<HTMLValue>;

/**
 * A piece of HTML, made by {@link html}: to be returned from a resource, to be put into another
 * one, to be iterated over, or, when nothing in it has to be waited for, to be made a string.
 */
export class HTML implements PageStream {
  /** @internal */
  readonly [TEMPLATE]: CompiledTemplate;
  /** @internal */
  readonly [VALUES]: readonly unknown[];

  /** @internal */
  constructor(template: CompiledTemplate, values: readonly unknown[]) {
    this[TEMPLATE] = template;
    this[VALUES] = values;
  }

  /** What a server says that it is. */
  get contentType(): string {
    return "text/html; charset=utf-8";
  }

  /**
   * Write what can be written without waiting, up to some 16 KiB.
   *
   * @throws {TypeError} A value that cannot be written.
   */
  begin(): StreamBeginning {
    const renderer = new HTMLRenderer(this);
    const awaited = renderer.run();
    const text = renderer.take();
    return { text, rest: renderer.isOver ? undefined : piecesOf(renderer, awaited) };
  }

  /** The page in pieces, at the reader's pace. */
  [Symbol.asyncIterator](): AsyncIterator<string, void, undefined> {
    return piecesOf(new HTMLRenderer(this), undefined);
  }

  /** The whole of it. @throws {TypeError} There is something in it to wait for. */
  toString(): string {
    const renderer = new HTMLRenderer(this);
    let text = "";
    while (!renderer.isOver) {
      if (renderer.run() !== undefined) {
        throw new TypeError(
          "Cannot make HTML a string: a value in it comes later; iterate over it",
        );
      }
      text += renderer.take();
    }
    return text;
  }
}

async function* piecesOf(
  renderer: HTMLRenderer,
  first: Awaited | undefined,
): AsyncGenerator<string, void, undefined> {
  try {
    let awaited = first;
    while (!renderer.isOver) {
      if (awaited !== undefined) renderer.resume(await awaited);
      awaited = renderer.run();
      const text = renderer.take();
      if (text !== "") yield text;
    }
  } finally {
    await renderer.close();
  }
}

/**
 * A template. Values may be text, numbers, other templates, lists, and Deferreds, promises and
 * async iterables of all these, which are written in order as they come.
 *
 * | a value in | is |
 * |---|---|
 * | `<p>${x}</p>` | escaped |
 * | `title="${x}"` | escaped; text or a number |
 * | `href="${x}"` and the like | escaped; `about:invalid` in the place of a script |
 * | `style="${x}"` | letters, digits, blanks and `.,%#+*-`; else `unset` |
 * | `?checked="${x}"` | no value: the attribute is there if `x` is true |
 * | `title=${x}`, `<${x}>`, `onclick="${x}"`, comments, `<script>`, `<style>` | refused |
 *
 * A template ends where it has begun, between tags; the elements need not be whole.
 *
 * @throws {TypeError} A value stands where it cannot be made safe. It is known when the template is
 * used first, whatever the values are.
 *
 * @example
 * ```ts
 * import { html } from "sennit/web";
 *
 * const names = ["Ada", "Grace & Co"];
 * const page = html`<ul title="${"<all>"}">${names.map((name) => html`<li>${name}</li>`)}</ul>`;
 * console.log(String(page));
 * // <ul title="&lt;all&gt;"><li>Ada</li><li>Grace &amp; Co</li></ul>
 * ```
 *
 * @example
 * ```ts
 * import { html, Resource } from "sennit/web";
 *
 * async function slowly(): Promise<string> {
 *   return "42"; // from a database, say
 * }
 *
 * class Report extends Resource {
 *   render_GET() {
 *     return html`<h1>Report</h1><p>${slowly()}</p>`; // The heading is sent at once.
 *   }
 * }
 * ```
 */
export function html(strings: TemplateStringsArray, ...values: readonly HTMLValue[]): HTML {
  return new HTML(compiledTemplate(strings), values.map(listened));
}

const NO_HOLES: CompiledTemplate["holes"] = [];

/**
 * HTML that is written as it is. Whoever has made it is trusted with everything a page can do:
 * never a visitor.
 */
export function raw(trusted: string): HTML {
  return new HTML({ strings: [trusted], holes: NO_HOLES }, []);
}

/** Promises that fail before their turn must not count as unhandled. */
function listened(value: unknown): unknown {
  if (typeof value !== "object") return value;
  if (isThenable(value)) return attended(value);
  if (!Array.isArray(value)) return value;
  const items: readonly unknown[] = value;
  return items.some((item) => isThenable(item) || Array.isArray(item))
    ? items.map(listened)
    : items;
}
