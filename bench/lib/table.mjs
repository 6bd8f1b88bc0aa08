/**
 * Tables in Markdown, and what stands in their cells.
 *
 * @module
 */
import { median } from "./statistics.mjs";

/** A cell that has nothing to say. */
const NOTHING = "–";

/**
 * @param {readonly string[]} headings
 * @param {readonly (readonly string[])[]} rows The first column is text, the others are numbers.
 */
export function markdownTable(headings, rows) {
  const widths = headings.map((heading, column) =>
    Math.max(4, heading.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells) =>
    `| ${cells.map((cell, column) => pad(cell, widths[column], column)).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(headings), line(rule), ...rows.map(line)].join("\n");
}

function pad(cell, width, column) {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/**
 * Three significant digits, thousands set apart.
 *
 * @param {number} value
 */
export function number(value) {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}

/**
 * The median of what the rounds gave.
 *
 * @param {readonly (number | undefined)[]} values
 */
export function medianCell(values) {
  const present = values.filter((value) => value !== undefined);
  return present.length === 0 ? NOTHING : number(median(present));
}

/**
 * `1.041 (1.02 to 1.09), met`: median, range, and how it stands to the target.
 *
 * @param {import("./target.mjs").Verdict | undefined} verdict
 */
export function ratioCell(verdict) {
  if (verdict === undefined) return NOTHING;
  const { ratio, isMet } = verdict;
  const range = `(${ratio.least.toFixed(2)} to ${ratio.greatest.toFixed(2)})`;
  const middle = ratio.median.toFixed(3);
  if (isMet === undefined) return `${middle} ${range}`;
  return isMet ? `${middle} ${range}, met` : `**${middle}** ${range}, **short**`;
}
