/**
 * A hundred steps, one after the other: a generator or an async function over Deferreds, or an
 * async function over promises. And a thousand tasks that take turns.
 *
 *     node bench/micro/steps.mjs inline|inline-wait|await|promise|cooperator|async OPERATIONS
 *
 * Each step adds one; the sum is checked at the end. A step of the first four is one wait for a
 * result that is there; of the last two, one turn of one task.
 *
 * @module
 */
import assert from "node:assert/strict";
import { load } from "../lib/sennit.mjs";

const STEPS = 100;
const TASKS = 1000;
const DONE = Promise.resolve();

const [kind, operations] = [process.argv[2], Number(process.argv[3])];
const { inlineCallbacks, succeed, wait } = await load("sennit/defer");
const { Cooperator } = await load("sennit/internet");
const { NodeReactor } = await load("sennit/reactors");

let sum = 0;

/** What is measured, by name: each takes STEPS steps (times TASKS) and resolves when done. */
const KINDS = {
  inline: inlineCallbacks(function* () {
    for (let step = 0; step < STEPS; step += 1) sum += yield succeed(1);
  }),
  "inline-wait": inlineCallbacks(function* () {
    for (let step = 0; step < STEPS; step += 1) sum += yield* wait(succeed(1));
  }),
  await: async () => {
    for (let step = 0; step < STEPS; step += 1) sum += await succeed(1);
  },
  promise: async () => {
    for (let step = 0; step < STEPS; step += 1) sum += await Promise.resolve(1);
  },
  cooperator: () => {
    const cooperator = new Cooperator({ clock: new NodeReactor() });
    const done = Array.from({ length: TASKS }, () => cooperator.cooperate(work()).whenDone());
    return Promise.all(done);
  },
  async: () => Promise.all(Array.from({ length: TASKS }, taskOfPromises)),
};

function* work() {
  for (let step = 0; step < STEPS; step += 1) {
    sum += 1;
    yield;
  }
}

async function taskOfPromises() {
  for (let step = 0; step < STEPS; step += 1) {
    sum += 1;
    await DONE;
  }
}

const stepsEach = kind === "cooperator" || kind === "async" ? STEPS * TASKS : STEPS;
const rounds = Math.ceil(operations / stepsEach);

async function repeat(count) {
  for (let round = 0; round < count; round += 1) await KINDS[kind]();
}

const warmUp = Math.ceil(rounds / 10);
await repeat(warmUp);
const before = process.cpuUsage();
await repeat(rounds);
const { user, system } = process.cpuUsage(before);
assert.equal(sum, (warmUp + rounds) * stepsEach);
console.log(JSON.stringify({ nanoseconds: ((user + system) * 1000) / (rounds * stepsEach) }));
process.exit(0);
