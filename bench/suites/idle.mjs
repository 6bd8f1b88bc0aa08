/**
 * Idle connections: what each costs the server's memory.
 *
 * The resident memory of a server process with ten thousand connections that have said nothing,
 * less what it had before. Descriptors: some more than ten thousand for each of two processes.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { commandOf, LABELS } from "../lib/peers.mjs";
import { Child, LOAD_CORE, SERVER_CORE } from "../lib/processes.mjs";
import { figures, inTurns } from "../lib/rounds.mjs";
import { markdownTable, medianCell, ratioCell } from "../lib/table.mjs";
import { inWords, judge } from "../lib/target.mjs";

const CONNECTIONS = 10_000;
const PEERS = ["sennit", "node"];
const TARGET = { atMost: 1.3 };
const START_SECONDS = 15;
const CONNECT_SECONDS = 60;
/** Seconds that a server gets to come to rest before it is looked at. */
const REST_SECONDS = 2;
const CLIENT = fileURLToPath(new URL("../load/idle.mjs", import.meta.url));

/** Resident memory of a process, in bytes. */
function residentBytes(pid) {
  const line = /^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  return Number(line[1]) * 1024;
}

async function hold(port, count) {
  const client = new Child([process.execPath, CLIENT, port, String(count)], LOAD_CORE);
  await client.nextLine(CONNECT_SECONDS);
  await sleep(REST_SECONDS * 1000);
  return client;
}

async function measure(name) {
  const server = new Child(commandOf(name), SERVER_CORE);
  try {
    const port = await server.nextLine(START_SECONDS);
    // Code that runs for the first time takes memory as well.
    await (await hold(port, 100)).stop();
    const before = residentBytes(server.pid);
    const clients = await hold(port, CONNECTIONS);
    const after = residentBytes(server.pid);
    await clients.stop();
    return (after - before) / CONNECTIONS;
  } finally {
    await server.stop();
  }
}

/** @type {import("../run.mjs").Suite["run"]} */
export async function run({ rounds, unavailable }) {
  const contestants = PEERS.map((name) => ({
    label: LABELS[name],
    isOurs: name === "sennit",
    measure: () => measure(name),
  }));
  const { results, failed } = await inTurns({ title: "idle", rounds, unavailable }, contestants);
  const [mine, other] = PEERS.map((name) => figures(results, LABELS[name], (bytes) => bytes));
  const verdict = judge("idle: sennit / node:net", mine, other, TARGET);
  const heading = `sennit / node:net (${inWords(TARGET)})`;
  const row = [`${CONNECTIONS} idle`, medianCell(mine), medianCell(other), ratioCell(verdict)];
  const text = [
    "Resident memory of the server, bytes a connection:",
    markdownTable(["connections", "sennit", "node:net", heading], [row]),
  ].join("\n\n");
  return { text, verdicts: verdict === undefined ? [] : [verdict], skipped: new Map(), failed };
}
