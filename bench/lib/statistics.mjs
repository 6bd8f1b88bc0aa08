/**
 * The little statistics that the tables need: medians, and ratios of what was measured in turn.
 *
 * @module
 */

/**
 * The middle value; the mean of the two middle ones where their number is even.
 *
 * @param {readonly number[]} values
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Ours over theirs, round by round: what disturbs one round disturbs both of its numbers, so the
 * ratio is steadier than either.
 *
 * @param {readonly (number | undefined)[]} ours One value a round; `undefined` where it failed.
 * @param {readonly (number | undefined)[]} theirs
 * @returns Median, least and greatest of the ratios, or `undefined` when no round has both.
 */
export function ratioOf(ours, theirs) {
  const ratios = [];
  for (const [round, value] of ours.entries()) {
    const other = theirs[round];
    if (value !== undefined && other !== undefined && other > 0) ratios.push(value / other);
  }
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), least: Math.min(...ratios), greatest: Math.max(...ratios) };
}
