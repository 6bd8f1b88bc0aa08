/**
 * Round trips to another thread: `deferToThread`, or the pool library called directly.
 *
 *     node bench/micro/threads.mjs sennit|sennit-function|piscina ROUND-TRIPS
 *
 * A task adds two numbers, so that the way there and back is all there is. ROUND-TRIPS are made one
 * after the other, and then again with 64 under way. Both pools have two threads at most, and the
 * library's own defaults otherwise. Sums are checked. CPU time is the process's, all threads.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { load } from "../lib/sennit.mjs";

const IN_FLIGHT = 64;
const THREADS = 2;

/** The task, for sennit. */
export function add(a, b) {
  return a + b;
}

/** The task, for the library: one argument. */
export default function addPair([a, b]) {
  return a + b;
}

/** The ways, with one shape: call the task, and give something to await. */
async function wayOf(kind) {
  if (kind === "piscina") {
    const { Piscina } = await import("piscina");
    const filename = fileURLToPath(import.meta.url);
    const pool = new Piscina({ filename, minThreads: 0, maxThreads: THREADS, idleTimeout: 10_000 });
    return (a, b) => pool.run([a, b]);
  }
  const { NodeReactor } = await load("sennit/reactors");
  const { deferToThread } = await load("sennit/internet");
  const reactor = new NodeReactor();
  reactor.suggestThreadPoolSize(THREADS);
  const task = kind === "sennit" ? { module: new URL(import.meta.url), export: "add" } : add;
  return (a, b) => deferToThread(reactor, task, a, b);
}

/** Make `count` round trips with `lanes` under way. @returns Rate, and CPU time of one. */
async function measure(call, count, lanes) {
  let begun = 0;
  async function lane() {
    while (begun < count) {
      const number = begun;
      begun += 1;
      assert.equal(await call(number, 1), number + 1);
    }
  }
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - before) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { rate: count / seconds, cpuMicros: (user + system) / count };
}

async function main() {
  const [kind, count] = [process.argv[2], Number(process.argv[3])];
  const call = await wayOf(kind);
  await measure(call, count / 4, 1);
  const one = await measure(call, count, 1);
  await measure(call, count / 4, IN_FLIGHT);
  const many = await measure(call, count, IN_FLIGHT);
  console.log(JSON.stringify({ one, many }));
  process.exit(0);
}

if (isMainThread) await main();
