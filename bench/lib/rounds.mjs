/**
 * Measuring in turn: A B C, A B C, … so that what changes on the machine meanwhile changes all.
 *
 * @module
 */
import { note } from "./progress.mjs";

/**
 * @template Result
 * @typedef {object} Contestant
 * @property {string} label
 * @property {boolean} [isOurs]
 * @property {() => Promise<Result>} measure Rejects when it cannot run: it then sits out the rest.
 */

/**
 * @template Result
 * @param {{ title: string, rounds: number, unavailable?: string | undefined }} options
 *   `unavailable`: why those that are ours cannot run.
 * @param {readonly Contestant<Result>[]} contestants
 * @returns {Promise<{ results: Map<string, (Result | undefined)[]>, failed: Map<string, Error> }>}
 *   By label: what each round gave, and why some gave nothing.
 */
export async function inTurns({ title, rounds, unavailable }, contestants) {
  const results = new Map(contestants.map(({ label }) => [label, []]));
  const failed = new Map();
  for (const { label, isOurs } of contestants) {
    if (isOurs && unavailable !== undefined) failed.set(label, new Error(unavailable));
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { label, measure } of contestants) {
      if (failed.has(label)) continue;
      note(`${title}, round ${round + 1} of ${rounds}: ${label}`);
      try {
        results.get(label)[round] = await measure();
      } catch (error) {
        failed.set(label, error);
        note(`${title}: ${label} failed: ${error.message}\n`);
      }
    }
  }
  return { results, failed };
}

/**
 * One figure of every round, `undefined` where the round gave nothing.
 *
 * @template Result
 * @param {Map<string, (Result | undefined)[]>} results
 * @param {string} label
 * @param {(result: Result) => number} pick
 */
export function figures(results, label, pick) {
  const rounds = results.get(label) ?? [];
  return rounds.map((result) => (result === undefined ? undefined : pick(result)));
}
