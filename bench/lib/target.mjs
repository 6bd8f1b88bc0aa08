/**
 * Targets: what a ratio of ours to theirs has to be.
 *
 * @module
 */
import { ratioOf } from "./statistics.mjs";

/**
 * @typedef {object} Target
 * @property {number} [atMost] The ratio may not be above this.
 * @property {number} [atLeast] The ratio may not be below this.
 *
 * @typedef {object} Verdict
 * @property {string} name What was compared, for the list of what falls short.
 * @property {{ median: number, least: number, greatest: number }} ratio
 * @property {boolean | undefined} isMet `undefined` where there is no target.
 */

/**
 * Compare the median of the rounds' ratios with a target.
 *
 * @param {string} name
 * @param {readonly (number | undefined)[]} ours
 * @param {readonly (number | undefined)[]} theirs
 * @param {Target} [target]
 * @returns {Verdict | undefined} `undefined` when one of the two was not measured.
 */
export function judge(name, ours, theirs, target) {
  const ratio = ratioOf(ours, theirs);
  if (ratio === undefined) return undefined;
  return { name, ratio, isMet: target === undefined ? undefined : isMet(ratio.median, target) };
}

function isMet(ratio, { atMost = Number.POSITIVE_INFINITY, atLeast = 0 }) {
  return ratio <= atMost && ratio >= atLeast;
}

/**
 * `≤ 1.10`, for headings and cells; empty where there is none.
 *
 * @param {Target} [target]
 */
export function inWords(target) {
  if (target === undefined) return "";
  const { atMost, atLeast } = target;
  return atMost === undefined ? `≥ ${atLeast.toFixed(2)}` : `≤ ${atMost.toFixed(2)}`;
}
