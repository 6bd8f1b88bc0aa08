/**
 * Deferred against Promise.
 *
 * @module
 */
import { compareRows } from "../lib/comparison.mjs";
import { runMicro } from "../lib/micro.mjs";
import { inTurns } from "../lib/rounds.mjs";

const LABELS = { unit: "CPU ns per operation", ours: "Deferred", theirs: "Promise" };

const ROWS = [
  {
    name: "make, three callbacks, fire",
    pick: (result) => result.nanoseconds,
    target: { atMost: 1 },
  },
];

/** @type {import("../run.mjs").Suite["run"]} */
export async function run({ rounds, isQuick, unavailable }) {
  const operations = isQuick ? 500_000 : 2_000_000;
  const measure = (kind) => () => runMicro("deferred.mjs", [kind, operations]);
  const { results, failed } = await inTurns({ title: "Deferred", rounds, unavailable }, [
    { label: LABELS.ours, isOurs: true, measure: measure("deferred") },
    { label: LABELS.theirs, measure: measure("promise") },
  ]);
  return { ...compareRows(LABELS, ROWS, results), failed };
}
