/**
 * Slow attacks: what a user of the web notices while 1,000 connections send their heads or bodies,
 * or read their answers, as slowly as they can.
 *
 * The attacks come from `slowhttptest`, the user is `wrk` with four connections. Two servers run in
 * a round, one in peace and one under attack.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Child, LOAD_CORE, SERVER_CORE } from "../lib/processes.mjs";
import { figures, inTurns } from "../lib/rounds.mjs";
import { packageFolder } from "../lib/sennit.mjs";
import { markdownTable, medianCell, ratioCell } from "../lib/table.mjs";
import { inWords, judge } from "../lib/target.mjs";
import { webCommandOf } from "../lib/web-peers.mjs";

const START_SECONDS = 15;
const CONNECTIONS = 1000;
/** Seconds until all of them stand. */
const RISE_SECONDS = 3;
const FOLDER = path.join(packageFolder, "build", "bench", "files");
const TARGET = { atMost: 2 };

const ATTACKS = [
  { name: "slow heads", flags: ["-H", "-i", "1"] },
  { name: "slow bodies", flags: ["-B", "-i", "1", "-s", "8192", "-t", "POST"], url: "/upload" },
  {
    name: "slow readers",
    flags: ["-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "32", "-k", "3"],
    url: "/100k.bin",
  },
];

function attackCommand({ flags, url = "/" }, port, seconds) {
  const rate = ["-c", String(CONNECTIONS), "-r", String(CONNECTIONS / 2), "-l", String(seconds)];
  return ["slowhttptest", ...flags, ...rate, "-p", "3", "-u", `http://127.0.0.1:${port}${url}`];
}

/** All that a command prints, to its end. */
async function outputOf(command, seconds) {
  const child = new Child(command, LOAD_CORE);
  const lines = [];
  try {
    for (;;) lines.push(await child.nextLine(seconds + 15));
  } catch {
    // It has ended: what it printed tells how.
  } finally {
    await child.stop();
  }
  return lines.join("\n");
}

const UNITS = { us: 1e-6, ms: 1e-3, s: 1 };

/** The latency at two places of its distribution, in seconds. */
async function latencies(port, seconds) {
  const url = `http://127.0.0.1:${port}/`;
  const text = await outputOf(["wrk", "-t1", "-c4", `-d${seconds}s`, "--latency", url], seconds);
  const at = (percent) => {
    const [, value, unit] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`, "u").exec(text) ?? [];
    return Number(value) * UNITS[unit];
  };
  const result = { median: at(50), late: at(99) };
  if (Number.isFinite(result.median) && !/Socket errors|Non-2xx/u.test(text)) return result;
  throw new Error(`wrk said ${text.slice(0, 300)}`);
}

async function measure(attack, isUnderAttack, seconds) {
  const server = new Child([...webCommandOf("sennit"), FOLDER], SERVER_CORE);
  let attacker;
  try {
    const port = await server.nextLine(START_SECONDS);
    await latencies(port, 1); // Hot code compiled.
    if (isUnderAttack) {
      attacker = new Child(attackCommand(attack, port, RISE_SECONDS + seconds + 5), LOAD_CORE);
      await latencies(port, RISE_SECONDS);
    }
    return await latencies(port, seconds);
  } finally {
    attacker?.kill();
    await attacker?.stop();
    await server.stop();
  }
}

/** @type {import("../run.mjs").Suite["run"]} */
export async function run({ rounds, seconds, unavailable }) {
  if (spawnSync("slowhttptest", ["-h"]).error !== undefined) {
    throw new Error("the attacks come from slowhttptest: apt-get install slowhttptest wrk");
  }
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path.join(FOLDER, "100k.bin"), Buffer.alloc(102_400, "sennit"));
  const failed = new Map();
  const verdicts = [];
  const rows = [];
  for (const attack of ATTACKS) {
    const contestants = [false, true].map((isUnderAttack) => ({
      label: isUnderAttack ? "attack" : "peace",
      isOurs: true,
      measure: () => measure(attack, isUnderAttack, seconds),
    }));
    const turns = await inTurns({ title: attack.name, rounds, unavailable }, contestants);
    for (const [label, error] of turns.failed) failed.set(`${attack.name}, ${label}`, error);
    for (const { name, pick } of [
      { name: "median", pick: ({ median }) => median * 1e6 },
      { name: "99th percentile", pick: ({ late }) => late * 1e6 },
    ]) {
      const [attacked, peace] = ["attack", "peace"].map((label) =>
        figures(turns.results, label, pick),
      );
      const title = `${attack.name}, ${name}`;
      const verdict = judge(`${title}: attack / peace`, attacked, peace, TARGET);
      verdicts.push(verdict);
      rows.push([title, medianCell(peace), medianCell(attacked), ratioCell(verdict)]);
    }
  }
  const headings = ["latency, µs", "in peace", "under attack", `ratio (${inWords(TARGET)})`];
  return { text: markdownTable(headings, rows), verdicts, failed };
}
