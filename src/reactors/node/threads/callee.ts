/**
 * What is to be called in another thread, as one string: short to send, and a key as it is.
 *
 *     m file:///app/work.js LF resize      a function of a module
 *     f resize LF (image) => …             a function that goes along as its own source
 *     n progress                           a name that a pool exposes
 *
 * @module
 */

/** See the top of this file. Neither a URL nor a name has a line feed. */
export type Callee = string;

/** A callee, taken apart. */
export type CalleeParts =
  | { readonly kind: "module"; readonly module: string; readonly name: string }
  | { readonly kind: "source"; readonly source: string; readonly name: string }
  | { readonly kind: "name"; readonly name: string };

/** @param module A URL, from `href`. */
export function moduleCallee(module: string, name: string): Callee {
  return `m${module}\n${name}`;
}

/** @param name Empty when it has none. */
export function sourceCallee(source: string, name: string): Callee {
  return `f${name.replaceAll("\n", " ")}\n${source}`;
}

/** A name that a pool exposes. */
export function namedCallee(name: string): Callee {
  return `n${name}`;
}

/** Take it apart. */
export function partsOf(callee: Callee): CalleeParts {
  if (callee.startsWith("n")) return { kind: "name", name: callee.slice(1) };
  const end = callee.indexOf("\n");
  const [first, rest] = [callee.slice(1, end), callee.slice(end + 1)];
  return callee.startsWith("m")
    ? { kind: "module", module: first, name: rest }
    : { kind: "source", source: rest, name: first };
}

/** `resize`, `a function`, `resize of file:///app/work.js`: for messages. */
export function nameOf(callee: Callee): string {
  const parts = partsOf(callee);
  if (parts.kind === "module") return `${parts.name} of ${parts.module}`;
  return parts.name === "" ? "a function" : parts.name;
}
