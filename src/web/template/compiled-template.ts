/**
 * The fixed parts of a template, read once.
 *
 * @module
 */
import type { Hole } from "./hole.ts";
import { HoleScanner } from "./hole-scanner.ts";

/** Fixed parts, and the holes between them: one hole less than parts. */
export interface CompiledTemplate {
  readonly strings: readonly string[];
  readonly holes: readonly Hole[];
}

const compiled = new WeakMap<TemplateStringsArray, CompiledTemplate>();

/**
 * The template of a tagged literal; the same object each time.
 *
 * @throws {TypeError} A value stands where it cannot be made safe, or that is no tagged literal.
 */
export function compiledTemplate(strings: TemplateStringsArray): CompiledTemplate {
  const known = compiled.get(strings);
  if (known !== undefined) return known;
  const made = compile(strings);
  compiled.set(strings, made);
  return made;
}

function compile(strings: TemplateStringsArray): CompiledTemplate {
  const scanner = new HoleScanner();
  const parts: string[] = [];
  const holes: Hole[] = [];
  for (const [at, text] of checkedStrings(strings).entries()) {
    scanner.feed(text);
    const isBehindFlag = holes.at(-1)?.kind === "flag";
    parts.push(isBehindFlag ? text.slice(1) : text); // The mark behind a flag.
    if (at === strings.length - 1) break;
    const hole = scanner.hole();
    holes.push(hole);
    if (hole.kind === "flag") parts.push((parts.pop() ?? "").replace(/\?[^?]*$/u, ""));
  }
  scanner.end();
  return { strings: parts, holes };
}

/** What came as data is no template, though it may look like one. */
function checkedStrings(strings: TemplateStringsArray): readonly string[] {
  const isLiteral = Array.isArray(strings) && Object.isFrozen(strings) && "raw" in strings;
  if (isLiteral && strings.every((part: unknown) => typeof part === "string")) return strings;
  throw new TypeError("Cannot read a template: expected html`…`, without broken escapes");
}
