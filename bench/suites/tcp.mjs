/**
 * TCP echo: CPU time of the server for one message, and messages a second.
 *
 * Every measurement has a server process and a load process of its own.
 *
 * @module
 */
import { compile } from "../lib/compile.mjs";
import { commandOf, LABELS } from "../lib/peers.mjs";
import { Child, LOAD_CORE, runForJson, SERVER_CORE } from "../lib/processes.mjs";
import { figures, inTurns } from "../lib/rounds.mjs";
import { median } from "../lib/statistics.mjs";
import { markdownTable, medianCell, number, ratioCell } from "../lib/table.mjs";
import { inWords, judge } from "../lib/target.mjs";

/** Seconds that a server has to start. */
const START_SECONDS = 15;
/** Seconds beyond the window in which the load client ends by itself, or is broken. */
const LOAD_GRACE_SECONDS = 25;
/** Seconds of load before the window: connections made, hot code compiled. */
const WARM_UP_SECONDS = 0.6;
/** From here on the load client, not the server, may be what limits the rate. */
const BUSY_SHARE = 0.95;
/** Below this neither of the two had its core for itself. */
const DISTURBED_SHARE = 0.8;

/** What is set against what. The last has no target: it says what is in reach on `node:net`. */
const RATIOS = [
  { mine: "sennit", other: "node", target: { atMost: 1.1 } },
  { mine: "sennit", other: "twisted", target: { atMost: 0.55 } },
  { mine: "node", other: "twisted" },
];

/** A server that did not print its port. */
class NotStarted extends Error {}

/**
 * @typedef {{ size: number, connections: number, inFlight: number, kind?: string }} Cell
 * `kind`: of messages, for a client that knows several.
 *
 * @param {import("../lib/options.mjs").Options} options
 * @returns {Cell[]}
 */
function cellsOf({ sizes, connections: counts, inFlight: depths, isQuick }) {
  const cells = [];
  for (const size of sizes) {
    for (const connections of counts) {
      for (const inFlight of depths) cells.push({ size, connections, inFlight });
    }
  }
  // The easiest and the hardest cell of each size say most.
  const isOuter = ({ connections, inFlight }) =>
    (connections === Math.min(...counts)) === (inFlight === Math.min(...depths));
  return isQuick ? cells.filter(isOuter) : cells;
}

function nameOf({ size, connections, inFlight, kind }) {
  const bytes = size % 1024 === 0 ? `${size / 1024} KiB` : `${size} B`;
  const what = kind === undefined ? bytes : `${bytes} of ${kind}`;
  return `${what}, ${number(connections)} connections, ${inFlight} in flight`;
}

/** Start a server, load it, end it. */
async function measure(command, client, cell, seconds) {
  const server = new Child(command, SERVER_CORE);
  try {
    const port = await server.nextLine(START_SECONDS).catch((error) => {
      throw new NotStarted(error.message, { cause: error });
    });
    const load = loadOptions(cell, { port, seconds, "server-pid": server.pid });
    const result = await runForJson([client, ...load], {
      core: LOAD_CORE,
      seconds: WARM_UP_SECONDS + seconds + LOAD_GRACE_SECONDS,
    });
    if (result.errors > 0) throw new Error(`${result.errors} errors: ${result.firstError}`);
    if (result.messages === 0) throw new Error("not one message came back");
    return result;
  } finally {
    await server.stop();
  }
}

function loadOptions({ size, connections, inFlight, kind }, more) {
  const kinds = kind === undefined ? {} : { kind };
  const load = { host: "127.0.0.1", size, connections, "in-flight": inFlight, ...kinds, ...more };
  const all = Object.entries({ ...load, "warm-up": WARM_UP_SECONDS });
  return all.flatMap(([name, value]) => [`--${name}`, String(value)]);
}

const cpuPerMessage = (result) => (result.serverCpuSeconds * 1e6) / result.messages;

/** CPU time of each peer, and the ratios. */
function cpuRow(cell, results, names, ratios) {
  const cpuOf = (name) => figures(results, LABELS[name], cpuPerMessage);
  const verdicts = ratios.map(({ mine, other, target }) => {
    const what = `${nameOf(cell)}: ${LABELS[mine]} / ${LABELS[other]}`;
    return judge(what, cpuOf(mine), cpuOf(other), target);
  });
  const cells = names.map((name) => medianCell(cpuOf(name)));
  return { cells: [nameOf(cell), ...cells, ...verdicts.map(ratioCell)], verdicts };
}

/** What limited the rate, if it was not the server. */
function markOf(results) {
  const present = results.filter((result) => result !== undefined);
  if (present.length === 0) return "";
  const client = median(present.map((one) => one.clientCpuSeconds / one.seconds));
  const server = median(present.map((one) => one.serverCpuSeconds / one.seconds));
  if (client > BUSY_SHARE) return "†";
  return Math.max(client, server) < DISTURBED_SHARE ? "‡" : "";
}

/** Messages a second of each peer, and how late the late ones are. */
function rateRow(cell, results, names) {
  const cells = names.map((name) => {
    const of = (pick) => figures(results, LABELS[name], pick);
    const rounds = results.get(LABELS[name]) ?? [];
    if (rounds.length === 0) return medianCell([]);
    const rate = medianCell(of((result) => result.messages / result.seconds));
    return `${rate}${markOf(rounds)}, ${medianCell(of((result) => result.p99 / 1000))} ms`;
  });
  return [nameOf(cell), ...cells];
}

/** Commands of the peers that can be had, and why the others cannot. */
function prepare(names) {
  const commands = new Map();
  const skipped = new Map();
  for (const name of names) {
    try {
      commands.set(name, commandOf(name));
    } catch (error) {
      skipped.set(LABELS[name], error);
    }
  }
  return { commands, skipped };
}

function tablesOf(rows, names, ratios) {
  const labels = names.map((name) => LABELS[name]);
  const compared = ratios.map(({ mine, other, target }) => {
    const wanted = target === undefined ? "" : ` (${inWords(target)})`;
    return `${LABELS[mine]} / ${LABELS[other]}${wanted}`;
  });
  return [
    "CPU time of the server, user and system, µs per message:",
    markdownTable(["echo", ...labels, ...compared], rows.cpu),
    "Messages per second, and the 99th percentile of the round trip († the load client was the\n" +
      "limit, not the server; ‡ neither was busy all the time: something else ran as well):",
    markdownTable(["echo", ...labels], rows.rate),
  ].join("\n\n");
}

/**
 * Measure every cell with every server.
 *
 * @param {import("../lib/options.mjs").Options} options
 * @param {object} plan
 * @param {string} plan.client The load program.
 * @param {readonly string[]} plan.peers
 * @param {typeof RATIOS} plan.ratios
 * @param {readonly Cell[]} plan.cells
 */
export async function echo(options, { client, peers, ratios: wanted, cells }) {
  const { rounds, seconds, unavailable } = options;
  const { commands, skipped } = prepare(peers);
  const names = [...commands.keys()];
  const ratios = wanted.filter(({ mine, other }) => commands.has(mine) && commands.has(other));
  const rows = { cpu: [], rate: [] };
  const verdicts = [];
  const failed = new Map();
  for (const cell of cells) {
    const contestants = names
      .filter((name) => !(failed.get(LABELS[name]) instanceof NotStarted))
      .map((name) => ({
        label: LABELS[name],
        isOurs: name.startsWith("sennit"),
        measure: () => measure(commands.get(name), client, cell, seconds),
      }));
    const turns = await inTurns({ title: nameOf(cell), rounds, unavailable }, contestants);
    for (const [label, error] of turns.failed) failed.set(label, error);
    const row = cpuRow(cell, turns.results, names, ratios);
    rows.cpu.push(row.cells);
    verdicts.push(...row.verdicts);
    rows.rate.push(rateRow(cell, turns.results, names));
  }
  return { text: tablesOf(rows, names, ratios), verdicts, skipped, failed };
}

/** @type {import("../run.mjs").Suite["run"]} */
export function run(options) {
  const client = compile("load/echo-load.c");
  const cells = cellsOf(options);
  return echo(options, { client, peers: options.peers, ratios: RATIOS, cells });
}
