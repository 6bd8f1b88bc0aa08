/**
 * What people and rooms may be called.
 *
 * @module
 */

/** What is wrong with a name. */
export type NameProblem = "empty" | "too-long" | "odd-characters";

/**
 * Letters and digits of any script; marks, hyphens and underscores behind the first. Nothing that
 * is not to be seen, as some letters are.
 */
const NAME = /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u;

/** A name as it will be shown: one form of writing where Unicode has several. */
export function tidyName(text: string): string {
  return text.trim().normalize("NFC");
}

/** What is wrong with `name`, if anything: it may have up to `charactersMax` characters. */
export function nameProblem(name: string, charactersMax: number): NameProblem | undefined {
  if (name === "") return "empty";
  // The cheap comparison first: what comes in may be a thousand bytes long.
  if (name.length > 2 * charactersMax || Array.from(name).length > charactersMax) return "too-long";
  return NAME.test(name) ? undefined : "odd-characters";
}

/**
 * What two names have in common when they are the same to a reader: case and width do not count.
 */
export function nameKey(name: string): string {
  // Up, then down: ß and SS, and both small sigmas, come out the same.
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}
