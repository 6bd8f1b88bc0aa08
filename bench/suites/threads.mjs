/**
 * Round trips to another thread: `deferToThread` against the pool library called directly.
 *
 * @module
 */
import { runMicro } from "../lib/micro.mjs";
import { figures, inTurns } from "../lib/rounds.mjs";
import { markdownTable, medianCell, ratioCell } from "../lib/table.mjs";
import { inWords, judge } from "../lib/target.mjs";

const THEIRS = "piscina";
/** The library's tasks are modules, so that a module is what is set against them. */
const OURS = [
  { label: "deferToThread, module", kind: "sennit", hasTarget: true },
  { label: "deferToThread, function", kind: "sennit-function" },
];

const MODES = [
  { name: "one by one", pick: (result) => result.one },
  { name: "64 under way", pick: (result) => result.many },
];
const RATE = { atLeast: 0.85 };
const CPU = { atMost: 1.15 };

function rowOf(mode, { label, hasTarget = false }, results) {
  const pickRate = (result) => mode.pick(result).rate;
  const pickCpu = (result) => mode.pick(result).cpuMicros;
  const name = `${mode.name}, ${label}`;
  const [rates, cpus] = [figures(results, label, pickRate), figures(results, label, pickCpu)];
  const isOurs = label !== THEIRS;
  const against = (what, mine, pick, target) =>
    isOurs
      ? judge(
          `${name}, ${what}`,
          mine,
          figures(results, THEIRS, pick),
          hasTarget ? target : undefined,
        )
      : undefined;
  const verdicts = [against("rate", rates, pickRate, RATE), against("CPU", cpus, pickCpu, CPU)];
  const cells = [name, medianCell(rates), medianCell(cpus), ...verdicts.map(ratioCell)];
  return { cells, verdicts };
}

/** @type {import("../run.mjs").Suite["run"]} */
export async function run({ rounds, isQuick, unavailable }) {
  const count = isQuick ? 20_000 : 60_000;
  const measure = (kind) => () => runMicro("threads.mjs", [kind, count]);
  const { results, failed } = await inTurns({ title: "threads", rounds, unavailable }, [
    ...OURS.map(({ label, kind }) => ({ label, isOurs: true, measure: measure(kind) })),
    { label: THEIRS, measure: measure(THEIRS) },
  ]);
  const all = [...OURS, { label: THEIRS }];
  const rows = MODES.flatMap((mode) => all.map((one) => rowOf(mode, one, results)));
  const headings = [
    "round trips",
    "a second",
    "CPU µs each",
    `rate / ${THEIRS} (${inWords(RATE)})`,
    `CPU / ${THEIRS} (${inWords(CPU)})`,
  ];
  return {
    text: markdownTable(
      headings,
      rows.map(({ cells }) => cells),
    ),
    verdicts: rows.flatMap(({ verdicts }) => verdicts),
    failed,
  };
}
