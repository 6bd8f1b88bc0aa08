/**
 * What attributes are for, and which values may stand in them.
 *
 * Spec: WHATWG HTML (which attributes are URLs, and which are read as something else); WHATWG URL
 * §4.4 (a URL's scheme is what remains without the controls and blanks before it, and without tabs
 * and line ends anywhere).
 *
 * @module
 */

/** What an attribute is read as; a message: no value may come into it. */
export type AttributeUse = "attribute" | "style" | "url" | { readonly refused: string };

const URLS = new Set([
  "action",
  "background",
  "cite",
  "data",
  "formaction",
  "href",
  "longdesc",
  "manifest",
  "ping",
  "poster",
  "src",
  "xlink:href",
]);
/** Those of SVG that set an attribute of another element, which may be a URL. */
const ANIMATION = /^(?:animate|set) (?:attributename|by|from|to|values)$/u;

const OPAQUE_SCHEME = /^(?:javascript|vbscript|data):/iu;
const PICTURE = /^data:image\/(?:avif|gif|jpeg|png|webp)[;,]/iu;
/** Numbers, lengths, keywords, colours: nothing that ends a declaration or loads anything. */
const STYLE = /^[\w .,%#+*-]*$/u;

/** What the attribute `name` of the element `tag` is read as; both in lower case. */
export function attributeUse(tag: string, name: string): AttributeUse {
  if (name.startsWith("on")) {
    return { refused: "it is a script; put the value into a data- attribute" };
  }
  if (name === "srcdoc") return { refused: "it is a page of its own" };
  if (ANIMATION.test(`${tag} ${name}`)) return { refused: "it may become a URL" };
  if (name === "style") return "style";
  return URLS.has(name) ? "url" : "attribute";
}

/** Does a browser that follows it stay out of scripts? Pictures in `data:` are let through. */
export function isHarmlessURL(url: string): boolean {
  // oxlint-disable-next-line no-control-regex -- These are what browsers leave out.
  const read = url.replaceAll(/[\t\n\r]/gu, "").replace(/^[\u0000-\u0020]+/u, "");
  return !OPAQUE_SCHEME.test(read) || PICTURE.test(read);
}

/** Can it stand in a declaration of CSS, and be its value and nothing else? */
export function isHarmlessStyle(value: string): boolean {
  return STYLE.test(value);
}
