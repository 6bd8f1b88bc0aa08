/**
 * UDP echo: CPU time of the server for one datagram.
 *
 * Every measurement has a server process and a load process of its own.
 *
 * @module
 */
import { compile } from "../lib/compile.mjs";
import { commandOf } from "../lib/peers.mjs";
import { Child, LOAD_CORE, runForJson, SERVER_CORE } from "../lib/processes.mjs";
import { figures, inTurns } from "../lib/rounds.mjs";
import { markdownTable, medianCell, ratioCell } from "../lib/table.mjs";
import { inWords, judge } from "../lib/target.mjs";

/** Seconds that a server has to start. */
const START_SECONDS = 15;
/** Seconds beyond the window in which the load client ends by itself, or is broken. */
const LOAD_GRACE_SECONDS = 25;
/** Seconds of load before the window: hot code compiled. */
const WARM_UP_SECONDS = 0.6;
/** Of all datagrams: beyond this a queue was full all the time, and something else was measured. */
const LOSS_SHARE_MAX = 0.01;

const PEERS = [
  { name: "sennit-udp", label: "sennit" },
  { name: "node-dgram", label: "node:dgram" },
  { name: "twisted-udp", label: "Twisted" },
];

const RATIOS = [
  { mine: "sennit", other: "node:dgram", target: { atMost: 1.15 } },
  { mine: "sennit", other: "Twisted" },
];

/** Few enough in flight for the kernel's receive buffer to hold all of them. */
const CELLS = [
  { size: 64, clients: 50, inFlight: 1 },
  { size: 64, clients: 4, inFlight: 16 },
  { size: 1024, clients: 50, inFlight: 1 },
  { size: 1024, clients: 4, inFlight: 16 },
];

function nameOf({ size, clients, inFlight }) {
  const bytes = size % 1024 === 0 ? `${size / 1024} KiB` : `${size} B`;
  return `${bytes}, ${clients} clients, ${inFlight} in flight`;
}

/** Start a server, load it, end it. */
async function measure(command, client, cell, seconds) {
  const server = new Child(command, SERVER_CORE);
  try {
    const port = await server.nextLine(START_SECONDS);
    const load = {
      host: "127.0.0.1",
      port,
      size: cell.size,
      clients: cell.clients,
      "in-flight": cell.inFlight,
      seconds,
      "warm-up": WARM_UP_SECONDS,
      "server-pid": server.pid,
    };
    const words = Object.entries(load).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const result = await runForJson([client, ...words], {
      core: LOAD_CORE,
      seconds: WARM_UP_SECONDS + seconds + LOAD_GRACE_SECONDS,
    });
    if (result.errors > 0) throw new Error(`${result.errors} datagrams came back wrong`);
    if (result.lost > result.messages * LOSS_SHARE_MAX) throw new Error(`${result.lost} lost`);
    return result;
  } finally {
    await server.stop();
  }
}

const cpuPerDatagram = (result) => (result.serverCpuSeconds * 1e6) / result.messages;
const perSecond = (result) => result.messages / result.seconds;

function rowOf(cell, results, labels, ratios) {
  const verdicts = ratios.map(({ mine, other, target }) => {
    const [ours, theirs] = [mine, other].map((label) => figures(results, label, cpuPerDatagram));
    return judge(`UDP ${nameOf(cell)}: ${mine} / ${other}`, ours, theirs, target);
  });
  const cpu = labels.map((label) => medianCell(figures(results, label, cpuPerDatagram)));
  const rates = labels.map((label) => medianCell(figures(results, label, perSecond)));
  return {
    verdicts,
    cpu: [nameOf(cell), ...cpu, ...verdicts.map(ratioCell)],
    rate: [nameOf(cell), ...rates],
  };
}

function tablesOf(rows, labels, ratios) {
  const compared = ratios.map(({ mine, other, target }) => {
    const wanted = target === undefined ? "" : ` (${inWords(target)})`;
    return `${mine} / ${other}${wanted}`;
  });
  return [
    "CPU time of the server, user and system, µs per datagram:",
    markdownTable(
      ["echo", ...labels, ...compared],
      rows.map(({ cpu }) => cpu),
    ),
    "Datagrams per second:",
    markdownTable(
      ["echo", ...labels],
      rows.map(({ rate }) => rate),
    ),
  ].join("\n\n");
}

/** Commands of the peers that can be had, and why the others cannot. */
function prepare() {
  const commands = new Map();
  const skipped = new Map();
  for (const { name, label } of PEERS) {
    try {
      commands.set(label, commandOf(name));
    } catch (error) {
      skipped.set(label, error);
    }
  }
  return { commands, skipped };
}

/** @type {import("../run.mjs").Suite["run"]} */
export async function run({ rounds, seconds, isQuick, unavailable }) {
  const client = compile("load/udp-load.c");
  const { commands, skipped } = prepare();
  const labels = [...commands.keys()];
  const ratios = RATIOS.filter(({ mine, other }) => commands.has(mine) && commands.has(other));
  const failed = new Map();
  const rows = [];
  for (const cell of CELLS.filter(({ inFlight }) => !isQuick || inFlight === 1)) {
    const contestants = labels.map((label) => ({
      label,
      isOurs: label === "sennit",
      measure: () => measure(commands.get(label), client, cell, seconds),
    }));
    const turns = await inTurns({ title: nameOf(cell), rounds, unavailable }, contestants);
    for (const [label, error] of turns.failed) failed.set(label, error);
    rows.push(rowOf(cell, turns.results, labels, ratios));
  }
  return {
    text: tablesOf(rows, labels, ratios),
    verdicts: rows.flatMap(({ verdicts }) => verdicts),
    skipped,
    failed,
  };
}
