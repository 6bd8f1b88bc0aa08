/**
 * Steps one after the other, and tasks that take turns: Deferreds against promises.
 *
 * @module
 */
import { runMicro } from "../lib/micro.mjs";
import { figures, inTurns } from "../lib/rounds.mjs";
import { markdownTable, medianCell, ratioCell } from "../lib/table.mjs";
import { judge } from "../lib/target.mjs";

/** Who is measured against whom; without a target, the ratio is for information. */
const STEPS = [
  { label: "inlineCallbacks, yield d", kind: "inline", against: "async, await promise" },
  {
    label: "inlineCallbacks, yield* wait(d)",
    kind: "inline-wait",
    against: "async, await promise",
  },
  { label: "async, await d", kind: "await", against: "async, await promise" },
  { label: "async, await promise", kind: "promise" },
  { label: "Cooperator, 1,000 tasks", kind: "cooperator", against: "1,000 async functions" },
  { label: "1,000 async functions", kind: "async" },
];
const CONTEXT = [
  { label: "trackContext() on, none stored", kind: "on", against: "contexts not tracked" },
  { label: "trackContext() on, one stored", kind: "used", against: "contexts not tracked" },
  { label: "contexts not tracked", kind: "off" },
];

function rowOf({ label, against }, results) {
  const pick = (result) => result.nanoseconds;
  const mine = figures(results, label, pick);
  const verdict =
    against === undefined ? undefined : judge(label, mine, figures(results, against, pick));
  return [label, medianCell(mine), against ?? "–", ratioCell(verdict)];
}

async function tableOf(title, rows, script, count, { rounds, unavailable }) {
  const sides = rows.map(({ label, kind }) => ({
    label,
    isOurs: true,
    measure: () => runMicro(script, [kind, count]),
  }));
  const { results, failed } = await inTurns({ title, rounds, unavailable }, sides);
  const headings = [title, "CPU ns", "against", "ratio"];
  const cells = rows.map((row) => rowOf(row, results));
  return { text: markdownTable(headings, cells), failed };
}

/** @type {import("../run.mjs").Suite["run"]} */
export async function run(options) {
  const count = options.isQuick ? 1_000_000 : 4_000_000;
  const steps = await tableOf("a step", STEPS, "steps.mjs", count, options);
  const context = await tableOf(
    "make, three callbacks, fire",
    CONTEXT,
    "context.mjs",
    count / 4,
    options,
  );
  return {
    text: `${steps.text}\n\n${context.text}`,
    verdicts: [],
    failed: new Map([...steps.failed, ...context.failed]),
  };
}
