/**
 * The command that runs a failure again: to be copied.
 *
 * @module
 */
import type { SimSettings } from "./settings.ts";

/** Without the token: `sennit sim replay bank.sim.ts --faults swarm`. */
export function replayCommandOf({ file, optionWords }: SimSettings): string {
  return `sennit sim replay ${forShell(file)}${optionWords}`;
}

/** A word as a shell reads it. */
export function forShell(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
