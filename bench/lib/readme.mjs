/**
 * Results in `README.md`, each suite's between its own two markers.
 *
 *     <!-- bench:tcp -->
 *     … replaced …
 *     <!-- /bench:tcp -->
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";

const README = new URL("../README.md", import.meta.url);

/**
 * Replace what stands between a suite's markers.
 *
 * @param {string} suite
 * @param {string} text
 * @throws {Error} The markers are not there.
 */
export function writeResults(suite, text) {
  const [opening, closing] = [`<!-- bench:${suite} -->`, `<!-- /bench:${suite} -->`];
  const before = readFileSync(README, "utf8");
  const [from, to] = [before.indexOf(opening), before.indexOf(closing)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${opening} … ${closing}`);
  const head = before.slice(0, from + opening.length);
  writeFileSync(README, `${head}\n${text.trim()}\n${before.slice(to)}`);
}
