/**
 * Patterns of paths.
 *
 *     /users/me            static: this segment and no other
 *     /users/:id           a parameter: any one segment that is not empty
 *     /files/*path         the rest: one segment or more, joined by slashes; may be empty
 *
 * Segments are compared and handed over decoded. `/users` and `/users/` are two paths.
 *
 * @module
 */
import { quote } from "../../core/text.ts";

/** The names of a pattern's parameters. */
export type ParamName<Pattern extends string> = Pattern extends `${infer Segment}/${infer Rest}`
  ? ParamName<Segment> | ParamName<Rest>
  : Pattern extends `:${infer Name}` | `*${infer Name}`
    ? Name
    : never;

/** The parameters of a pattern, by name: those of `/users/:id` are `{ readonly id: string }`. */
export type PathParams<Pattern extends string> = string extends Pattern
  ? Readonly<Record<string, string>>
  : { readonly [Name in ParamName<Pattern>]: string };

/** One segment of a pattern. */
export interface PatternSegment {
  readonly kind: "static" | "param" | "rest";
  /** The text of a static one; the name of another. */
  readonly text: string;
}

/** As names of variables are, so that they can be taken apart by name. */
const NAME = /^[A-Za-z_]\w*$/u;
/** What no path holds: it would begin a query or a fragment. */
const NOT_IN_PATH = /[?#]/u;

/**
 * Read a pattern.
 *
 * @throws {TypeError} It does not begin with a slash; a name is none, or comes twice; something
 * follows the rest.
 */
export function parsePattern(pattern: string): readonly PatternSegment[] {
  const bad = (expected: string): TypeError =>
    new TypeError(`Cannot route ${quote(pattern)}: expected ${expected}`);
  if (!pattern.startsWith("/")) throw bad("a slash in front");
  if (NOT_IN_PATH.test(pattern)) throw bad('a path without "?" and "#"');
  const segments = pattern.slice(1).split("/").map(parseSegment);
  const names = segments.filter(({ kind }) => kind !== "static").map(({ text }) => text);
  const wrong = names.find((name) => !NAME.test(name) || name === "__proto__");
  if (wrong !== undefined) throw bad(`a name of letters and digits, got ${quote(wrong)}`);
  if (new Set(names).size < names.length) throw bad("each name once");
  if (segments.slice(0, -1).some(({ kind }) => kind === "rest")) throw bad("nothing behind the *");
  return segments;
}

function parseSegment(segment: string): PatternSegment {
  if (segment.startsWith(":")) return { kind: "param", text: segment.slice(1) };
  if (segment.startsWith("*")) return { kind: "rest", text: segment.slice(1) };
  return { kind: "static", text: segment };
}
