/**
 * Timers among a million others: `callLater` and `cancel`, or `setTimeout` and `clearTimeout`.
 *
 *     node bench/micro/timers.mjs sennit|node LIVE PAIRS
 *
 * LIVE timers of 10 to 1000 s are made and stay. Then PAIRS are made and cancelled, of random
 * delays and of one delay; and PAIRS of the living are cancelled, each for a new one, as an idle
 * timeout is when its connection speaks. At the end the living are counted, and one short timer
 * has to fire among them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { load } from "../lib/sennit.mjs";

/** Operations between two turns of the event loop. */
const BATCH = 10_000;
const SECONDS_LEAST = 10;
const SECONDS_MOST = 1000;
/** The delay of the equal ones. One of the living has it too, as on a server with idle timeouts. */
const SECONDS_EQUAL = 60;

const [kind, live, pairs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

/** Nothing of this is meant to fire. */
function unexpected() {
  throw new Error("a timer fired that was not due");
}

/** Delays and choices come from a table, made before: chance is not what is measured. */
const random = Array.from({ length: 1 << 16 }, () => Math.random());
let at = 0;
function nextRandom() {
  at = (at + 1) & 0xffff;
  return random[at];
}
function nextSeconds() {
  return SECONDS_LEAST + nextRandom() * (SECONDS_MOST - SECONDS_LEAST);
}

/** The two ways, with one shape. */
async function timersOf(what) {
  if (what === "node") {
    return {
      // oxlint-disable-next-line typescript/no-implied-eval -- f is a function, always.
      make: (seconds, f) => setTimeout(f, seconds * 1000),
      cancel: (timer) => clearTimeout(timer),
      count: () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length,
    };
  }
  const { NodeReactor } = await load("sennit/reactors");
  const reactor = new NodeReactor();
  return {
    make: (seconds, f) => reactor.callLater(seconds, f),
    cancel: (call) => call.cancel(),
    count: () => reactor.getDelayedCalls().length,
  };
}

async function repeat(count, operation) {
  for (let done = 0; done < count; done += BATCH) {
    for (let each = 0; each < BATCH; each += 1) operation(done + each);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** CPU nanoseconds of one operation. */
async function measure(count, operation) {
  const before = process.cpuUsage();
  await repeat(count, operation);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / count;
}

/** The same, of PAIRS, after a tenth of them as a warm-up. */
async function measurePairs(operation) {
  await repeat(pairs / 10, operation);
  return measure(pairs, operation);
}

assert.equal(live % BATCH, 0);
assert.equal(pairs % (10 * BATCH), 0);
const timers = await timersOf(kind);
const living = Array.from({ length: live });

const results = {
  make: await measure(live, (index) => {
    living[index] = timers.make(index === 0 ? SECONDS_EQUAL : nextSeconds(), unexpected);
  }),
  random: await measurePairs(() => timers.cancel(timers.make(nextSeconds(), unexpected))),
  equal: await measurePairs(() => timers.cancel(timers.make(SECONDS_EQUAL, unexpected))),
  replace: await measurePairs(() => {
    const index = Math.floor(nextRandom() * live);
    timers.cancel(living[index]);
    living[index] = timers.make(nextSeconds(), unexpected);
  }),
};
assert.equal(timers.count(), live);
await new Promise((resolve) => timers.make(0.01, resolve));
console.log(JSON.stringify(results));
process.exit(0);
