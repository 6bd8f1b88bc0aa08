/**
 * Entity tags: names of one state of a representation.
 *
 *     "abc"       strong: the same tag, the same bytes
 *     W/"abc"     weak: the same tag, as good as the same
 *
 * Spec: RFC 9110 §8.8.3 (a backslash in a tag is a backslash: it is no quoted string), §8.8.3.2
 * (comparison), §13.1.1 and §13.1.2 (lists).
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { ValueReader } from "./value-reader.ts";

/** One state of a representation. */
export interface EntityTag {
  readonly weak: boolean;
  /** What stands between the quotes. */
  readonly tag: string;
}

const TAG = /^[\x21\x23-\x7e\x80-\xff]*$/u;

/**
 * Read the value of `ETag`, or an entity tag of `If-Range`.
 *
 * @example
 * ```ts
 * import { isWeakMatch, parseEntityTag } from "sennit/http";
 *
 * const weak = parseEntityTag('W/"v1"');
 * const strong = parseEntityTag('"v1"');
 * if (weak && strong) console.log(isWeakMatch(weak, strong)); // true
 * console.log(parseEntityTag("v1")); // undefined
 * ```
 */
export function parseEntityTag(text: string): EntityTag | undefined {
  const reader = new ValueReader(text);
  const tag = readTag(reader);
  return reader.isAtEnd ? tag : undefined;
}

/** Read the value of `If-Match` or `If-None-Match`; `*` is any state at all. */
export function parseEntityTags(text: string): "*" | readonly EntityTag[] | undefined {
  if (text === "*") return "*";
  const reader = new ValueReader(text);
  return reader.list(() => readTag(reader));
}

function readTag(reader: ValueReader): EntityTag | undefined {
  const weak = reader.take("W");
  if (weak && !reader.take("/")) return undefined;
  const tag = reader.opaqueTag();
  return tag === undefined ? undefined : { weak, tag };
}

/**
 * The tag as it stands in a field.
 *
 * @throws {TypeError} It has a quote, whitespace, a control character, or one beyond Latin-1.
 */
export function formatEntityTag({ weak, tag }: EntityTag): string {
  if (!TAG.test(tag)) {
    throw new TypeError(
      `Cannot write entity tag ${quote(tag)}: expected Latin-1 text without quotes and spaces`,
    );
  }
  return `${weak ? "W/" : ""}"${tag}"`;
}

/** Do both name the same bytes? Never so when one is weak. For `If-Match` and `If-Range`. */
export function isStrongMatch(one: EntityTag, other: EntityTag): boolean {
  return !one.weak && !other.weak && one.tag === other.tag;
}

/** Is one as good as the other? For `If-None-Match`. */
export function isWeakMatch(one: EntityTag, other: EntityTag): boolean {
  return one.tag === other.tag;
}
