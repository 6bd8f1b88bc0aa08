/**
 * A table of two columns and their ratio.
 *
 * @module
 */
import { figures } from "./rounds.mjs";
import { markdownTable, medianCell, ratioCell } from "./table.mjs";
import { inWords, judge } from "./target.mjs";

/**
 * @typedef {object} ComparisonRow
 * @property {string} name
 * @property {(result: Record<string, number>) => number} pick
 * @property {import("./target.mjs").Target} [target]
 */

/**
 * @param {{ unit: string, ours: string, theirs: string }} labels The last two are contestants'.
 * @param {readonly ComparisonRow[]} rows
 * @param {Map<string, unknown[]>} results
 */
export function compareRows({ unit, ours, theirs }, rows, results) {
  const verdicts = [];
  const cells = rows.map(({ name, pick, target }) => {
    const [mine, other] = [figures(results, ours, pick), figures(results, theirs, pick)];
    const verdict = judge(`${name}: ${ours} / ${theirs}`, mine, other, target);
    verdicts.push(verdict);
    return [name, medianCell(mine), medianCell(other), ratioCell(verdict), inWords(target)];
  });
  const headings = [unit, ours, theirs, `${ours} / ${theirs}`, "target"];
  return { text: markdownTable(headings, cells), verdicts };
}
