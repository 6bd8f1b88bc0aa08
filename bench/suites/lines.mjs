/**
 * Lines on a socket: `LineReceiver` against `node:readline`.
 *
 * @module
 */
import { compile } from "../lib/compile.mjs";
import { microCommand } from "../lib/micro.mjs";
import { Child, LOAD_CORE, SERVER_CORE } from "../lib/processes.mjs";
import { figures, inTurns } from "../lib/rounds.mjs";
import { markdownTable, medianCell, ratioCell } from "../lib/table.mjs";
import { inWords, judge } from "../lib/target.mjs";

/** Seconds that a receiver has to start, and then to receive. */
const START_SECONDS = 15;
const RECEIVE_SECONDS = 60;

const THEIRS = "readline";
const KINDS = [
  { label: "LineReceiver", kind: "line-receiver", isOurs: true, target: { atLeast: 1 } },
  { label: "LineReceiver, to text", kind: "line-receiver-text", isOurs: true },
  { label: THEIRS, kind: "readline" },
];

/** Enough lines for a second or two of `readline`. */
const SIZES = [
  { bytes: 60, lines: 4_000_000 },
  { bytes: 1024, lines: 1_000_000 },
];

async function measure(sender, kind, bytes, lines) {
  const warmUp = lines / 4;
  const receiver = new Child(microCommand("lines.mjs", [kind, bytes, warmUp, lines]), SERVER_CORE);
  let load;
  try {
    const port = await receiver.nextLine(START_SECONDS);
    load = new Child([sender, port, String(bytes), String(warmUp + lines)], LOAD_CORE);
    return JSON.parse(await receiver.nextLine(RECEIVE_SECONDS));
  } finally {
    await load?.stop();
    await receiver.stop();
  }
}

const rate = (result) => result.rate;

/** Rate and CPU time of one kind, and its rate over that of `readline`. */
function rowOf(bytes, { label, isOurs, target }, results) {
  const name = `${bytes} B lines, ${label}`;
  const rates = figures(results, label, rate);
  const verdict = isOurs
    ? judge(`${name} / ${THEIRS}`, rates, figures(results, THEIRS, rate), target)
    : undefined;
  const cpu = figures(results, label, (result) => result.cpuMicros);
  const cells = [name, medianCell(rates), medianCell(cpu), ratioCell(verdict), inWords(target)];
  return { cells, verdict };
}

/** @type {import("../run.mjs").Suite["run"]} */
export async function run({ rounds, isQuick, unavailable }) {
  const sender = compile("load/line-send.c");
  const failed = new Map();
  const rows = [];
  for (const { bytes, lines } of SIZES) {
    const title = `${bytes} B lines`;
    const total = isQuick ? lines / 4 : lines;
    const contestants = KINDS.map(({ label, kind, isOurs }) => ({
      label,
      isOurs,
      measure: () => measure(sender, kind, bytes, total),
    }));
    const turns = await inTurns({ title, rounds, unavailable }, contestants);
    for (const [label, reason] of turns.failed) failed.set(label, reason);
    rows.push(...KINDS.map((kind) => rowOf(bytes, kind, turns.results)));
  }
  const headings = ["receiver", "lines/s", "CPU µs / 1,000 lines", `rate / ${THEIRS}`, "target"];
  const table = rows.map(({ cells }) => cells);
  return {
    text: markdownTable(headings, table),
    verdicts: rows.map(({ verdict }) => verdict),
    failed,
  };
}
