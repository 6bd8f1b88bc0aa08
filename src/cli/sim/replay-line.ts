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

/** A longer one fills the screen of whoever wants to copy it. */
const TOKEN_MAX = 1000;

/** With the token of what is left of a run, or of the whole run, if that one is too long. */
export function replayCommandFor(settings: SimSettings, left: string, whole: string): string {
  const command = `${replayCommandOf(settings)} --token`;
  if (left.length <= TOKEN_MAX || whole.length >= left.length) return `${command} ${left}`;
  const length = `${String(left.length)} characters long`;
  return `${command} ${whole}  (the whole run: the token of what is left is ${length})`;
}

/** A word as a shell reads it. */
export function forShell(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
