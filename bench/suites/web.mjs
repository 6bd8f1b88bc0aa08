/**
 * The web: CPU time of the server for one request, with `wrk` as the client.
 *
 * Every measurement has a server process of its own.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { webCommandOf, webLabels } from "../lib/web-peers.mjs";
import { Child, LOAD_CORE, SERVER_CORE } from "../lib/processes.mjs";
import { figures, inTurns } from "../lib/rounds.mjs";
import { packageFolder } from "../lib/sennit.mjs";
import { markdownTable, medianCell, ratioCell } from "../lib/table.mjs";
import { inWords, judge } from "../lib/target.mjs";

/** Seconds that a server has to start. */
const START_SECONDS = 15;
/** Seconds of load before the window: hot code compiled. */
const WARM_UP_SECONDS = 1;
const TICKS_PER_SECOND = 100;
const FOLDER = path.join(packageFolder, "build", "bench", "files");
const FILES = { "100k.bin": 102_400, "100m.bin": 104_857_600 };

/** What a browser sends. */
const TEN_HEADERS = [
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
  "Cache-Control: no-cache",
  "Cookie: session=6f1c0d7e5e1f4b7f; theme=dark",
  "Referer: http://127.0.0.1/index.html",
  "Sec-Fetch-Dest: empty",
  "Sec-Fetch-Mode: cors",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
];

const SMALL = ["sennit", "node:http", "Fastify", "Hono", "Twisted", "Bun"];
const SMALL_TARGETS = [
  { other: "node:http", target: { atMost: 1 / 1.5 } },
  { other: "Fastify", target: { atMost: 1 / 1.6 } },
  { other: "Hono" },
  { other: "Twisted", target: { atMost: 1 / 6 } },
  { other: "Bun" },
];
const FILE_PEERS = ["sennit", "node:http", "Twisted", "Bun"];
const FILE_TARGETS = [{ other: "node:http", target: { atMost: 1 } }, { other: "Twisted" }];

const CELLS = [
  { name: "13 bytes", url: "/", connections: 50, peers: SMALL, ratios: SMALL_TARGETS },
  {
    name: "13 bytes, 1,000 connections",
    url: "/",
    connections: 1000,
    peers: ["sennit", "node:http", "Fastify", "Hono", "Twisted", "Bun"],
    ratios: SMALL_TARGETS,
  },
  {
    name: "JSON, router, 10 header fields",
    url: "/api/users/42",
    headers: TEN_HEADERS,
    connections: 50,
    peers: SMALL,
    ratios: SMALL_TARGETS,
  },
  {
    name: "POST of 10 KB",
    url: "/upload",
    post: 10_240,
    connections: 50,
    peers: SMALL,
    ratios: SMALL_TARGETS,
  },
  {
    name: "file of 100 KB",
    url: "/100k.bin",
    connections: 50,
    peers: FILE_PEERS,
    ratios: FILE_TARGETS,
  },
  {
    name: "file of 100 MB",
    url: "/100m.bin",
    connections: 4,
    peers: FILE_PEERS,
    ratios: FILE_TARGETS,
  },
];

/** User and system time of a process, in seconds. */
function cpuSecondsOf(pid) {
  // The name of the program may hold blanks and brackets.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /su, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function makeFiles() {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, size] of Object.entries(FILES)) {
    const file = path.join(FOLDER, name);
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.size !== size) writeFileSync(file, Buffer.alloc(size, "sennit"));
  }
  writeFileSync(
    path.join(FOLDER, "post.lua"),
    `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/octet-stream"\n` +
      `wrk.body = string.rep("x", ${CELLS.find(({ post }) => post !== undefined).post})\n`,
  );
}

function wrkCommand(cell, port, seconds) {
  const options = ["-t1", `-c${cell.connections}`, `-d${seconds}s`, "--timeout", "10s"];
  for (const header of cell.headers ?? []) options.push("-H", header);
  if (cell.post !== undefined) options.push("-s", path.join(FOLDER, "post.lua"));
  return ["wrk", ...options, `http://127.0.0.1:${port}${cell.url}`];
}

/** Run `wrk` to its end. */
async function load(cell, port, seconds) {
  const child = new Child(wrkCommand(cell, port, seconds), LOAD_CORE);
  const lines = [];
  try {
    for (;;) lines.push(await child.nextLine(seconds + 15));
  } catch {
    // It has ended: what it printed tells how.
  } finally {
    await child.stop();
  }
  const text = lines.join("\n");
  const requests = Number(/(\d+) requests in/u.exec(text)?.[1] ?? 0);
  const problem = /Socket errors:.*|Non-2xx.*/u.exec(text)?.[0];
  // What is under way at the end of the window is given up: large answers are.
  const isCutOff = cell.url.endsWith("100m.bin") && problem?.startsWith("Socket") === true;
  if (requests === 0 || (problem !== undefined && !isCutOff)) {
    throw new Error(problem ?? `wrk said ${text.slice(0, 200)}`);
  }
  return requests;
}

async function measure(command, cell, seconds) {
  const server = new Child([...command, FOLDER], SERVER_CORE);
  try {
    const port = await server.nextLine(START_SECONDS);
    await load(cell, port, WARM_UP_SECONDS);
    const before = cpuSecondsOf(server.pid);
    const requests = await load(cell, port, seconds);
    return { requests, seconds, serverCpuSeconds: cpuSecondsOf(server.pid) - before };
  } finally {
    await server.stop();
  }
}

const cpuPerRequest = (result) => (result.serverCpuSeconds * 1e6) / result.requests;
const perSecond = (result) => result.requests / result.seconds;

function rowsOf(cell, results) {
  const ours = figures(results, "sennit", cpuPerRequest);
  const verdicts = cell.ratios.map(({ other, target }) => {
    const theirs = figures(results, other, cpuPerRequest);
    return judge(`${cell.name}: sennit / ${other}`, ours, theirs, target);
  });
  const cpu = webLabels.map((label) => medianCell(figures(results, label, cpuPerRequest)));
  const rate = webLabels.map((label) => medianCell(figures(results, label, perSecond)));
  const ratios = cell.ratios.map(({ other, target }, at) => {
    const wanted = target === undefined ? "" : ` (${inWords(target)})`;
    return [cell.name, `${other}${wanted}`, ratioCell(verdicts[at])];
  });
  return { verdicts, cpu: [cell.name, ...cpu], rate: [cell.name, ...rate], ratios };
}

function tablesOf(rows) {
  return [
    "CPU time of the server, user and system, µs per request:",
    markdownTable(
      ["answer", ...webLabels],
      rows.map(({ cpu }) => cpu),
    ),
    "The same as ratios, sennit to others:",
    markdownTable(
      ["answer", "beside", "ratio"],
      rows.flatMap(({ ratios }) => ratios).filter(([, , ratio]) => ratio !== "–"),
    ),
    "Requests per second:",
    markdownTable(
      ["answer", ...webLabels],
      rows.map(({ rate }) => rate),
    ),
  ].join("\n\n");
}

/** @type {import("../run.mjs").Suite["run"]} */
export async function run({ rounds, seconds, isQuick, unavailable }) {
  if (spawnSync("wrk", ["--version"]).error !== undefined) {
    throw new Error("the load comes from wrk: apt-get install wrk");
  }
  makeFiles();
  const commands = new Map();
  const skipped = new Map();
  for (const label of webLabels) {
    try {
      commands.set(label, webCommandOf(label));
    } catch (error) {
      skipped.set(label, error);
    }
  }
  const failed = new Map();
  const rows = [];
  for (const cell of CELLS.filter((_, at) => !isQuick || at % 2 === 0)) {
    const contestants = cell.peers
      .filter((label) => commands.has(label))
      .map((label) => ({
        label,
        isOurs: label === "sennit",
        measure: () => measure(commands.get(label), cell, seconds),
      }));
    const turns = await inTurns({ title: cell.name, rounds, unavailable }, contestants);
    for (const [label, error] of turns.failed) failed.set(label, error);
    rows.push(rowsOf(cell, turns.results));
  }
  return {
    text: tablesOf(rows),
    verdicts: rows.flatMap(({ verdicts }) => verdicts),
    skipped,
    failed,
  };
}
