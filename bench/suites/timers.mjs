/**
 * `callLater` and `cancel` against `setTimeout` and `clearTimeout`, among a million live timers.
 *
 * @module
 */
import { compareRows } from "../lib/comparison.mjs";
import { runMicro } from "../lib/micro.mjs";
import { inTurns } from "../lib/rounds.mjs";

const LIVE = 1_000_000;
const LABELS = { unit: "CPU ns per operation", ours: "callLater", theirs: "setTimeout" };
const AT_LEAST_AS_FAST = { atMost: 1 };

const ROWS = [
  {
    name: "make and cancel, random delays",
    pick: (result) => result.random,
    target: AT_LEAST_AS_FAST,
  },
  {
    name: "make and cancel, equal delays",
    pick: (result) => result.equal,
    target: AT_LEAST_AS_FAST,
  },
  { name: "cancel one of the million, make another", pick: (result) => result.replace },
  { name: "make the million", pick: (result) => result.make },
];

/** @type {import("../run.mjs").Suite["run"]} */
export async function run({ rounds, isQuick, unavailable }) {
  const pairs = isQuick ? 500_000 : 2_000_000;
  const measure = (kind) => () => runMicro("timers.mjs", [kind, LIVE, pairs]);
  const { results, failed } = await inTurns({ title: "timers", rounds, unavailable }, [
    { label: LABELS.ours, isOurs: true, measure: measure("sennit") },
    { label: LABELS.theirs, measure: measure("node") },
  ]);
  return { ...compareRows(LABELS, ROWS, results), failed };
}
