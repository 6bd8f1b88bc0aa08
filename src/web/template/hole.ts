/**
 * Where in a page a value stands, and so what it may be.
 *
 * @module
 */

/** Between tags, or in a title or a textarea. */
interface TextHole {
  readonly kind: "text";
}

/** In a quoted attribute. `style`: one that is read as CSS. */
interface AttributeHole {
  readonly kind: "attribute" | "style";
}

/** In a quoted attribute that is a URL. */
export interface URLHole {
  readonly kind: "url";
  /** Is it the first one of its attribute? */
  readonly isFirst: boolean;
  /** What stands before it in the attribute, to the hole before it. */
  readonly before: string;
  /** What stands behind it in the attribute, to the next hole. */
  readonly after: string;
}

/** The whole value of `?name="…"`: the attribute is there or is not. */
interface FlagHole {
  readonly kind: "flag";
  readonly name: string;
}

/** A place in a template where a value comes. */
export type Hole = TextHole | AttributeHole | URLHole | FlagHole;
