/**
 * The variables that a function uses and does not declare, as far as its source tells for certain.
 *
 * The engine's own parser is asked, so that nothing of the language is told a second time here: in
 * turn each name of the source is replaced by a word, everywhere, and the result compiled. Nothing
 * is run.
 *
 *     \u0074his    compiles: then the name stands only where any name may (x.name, { name: 1 },
 *                  text), for an escaped keyword is no expression
 *     this         compiles: then the name is not declared (let this), nor assigned to
 *     this.t       compiles: then the name is not declared, but may be assigned to
 *     arguments    compiles: then the name is not declared; { name } and labels are allowed
 *
 * A name for which the first fails and one of the others compiles is used and never declared. In
 * text and regular expressions the words mean the same to the parser, at both of their ends, so
 * they do not mislead it. A name that is declared anywhere is taken as declared everywhere: what is
 * missed so is found when the function runs.
 *
 * @module
 */
import { Script } from "node:vm";

/** Names, but for what follows a backslash, a hash, or a digit. */
const NAME =
  /(?<![\\#\p{ID_Continue}$\u200C\u200D])[\p{ID_Start}$_][\p{ID_Continue}$\u200C\u200D]*/gu;
/** A name does not go on here. */
const END = String.raw`(?![\p{ID_Continue}$])`;
const ANY_NAME = "\\u0074his";
const UNDECLARED = ["this", "this.t"] as const;
const UNDECLARED_OR_LABEL = "arguments";

/** Does it compile, in strict mode? */
export function compiles(code: string): boolean {
  try {
    return new Script(`"use strict"; ${code}`) instanceof Script;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * The first variable that a function surely takes from around it.
 *
 * @param source An expression: the source of a function.
 * @param isGlobal Is there such a name in the thread?
 */
export function freeVariable(
  source: string,
  isGlobal: (name: string) => boolean,
): string | undefined {
  const names = new Set(source.match(NAME));
  return [...names].find((name) => !isGlobal(name) && isFree(name, source));
}

function isFree(name: string, source: string): boolean {
  const own = name.replaceAll("$", String.raw`\$`);
  // Reserved words cannot be declared at all; `typeof name` asks whether there is such a variable.
  if (!compiles(`var ${name}`) || new RegExp(`typeof[\\s(]+${own}${END}`, "u").test(source))
    return false;
  const compilesWith = (word: string): boolean =>
    compiles(`(${source.replaceAll(NAME, (one) => (one === name ? word : one))})`);
  if (compilesWith(ANY_NAME)) return false;
  if (UNDECLARED.some(compilesWith)) return true;
  return !new RegExp(`${own}\\s*:`, "u").test(source) && compilesWith(UNDECLARED_OR_LABEL);
}
