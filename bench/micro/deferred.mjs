/**
 * Make one, give it three callbacks, fire it: a Deferred, or a promise.
 *
 *     node bench/micro/deferred.mjs deferred|promise OPERATIONS
 *
 * Both are awaited batch by batch, so that a promise's microtasks have really run. Every callback
 * adds one to the value and counts itself; the sum and the count are checked at the end.
 *
 * @module
 */
import assert from "node:assert/strict";
import { load } from "../lib/sennit.mjs";

/** Operations between two awaits. */
const BATCH = 1000;
const WARM_UP = 100 * BATCH;

const [kind, operations] = [process.argv[2], Number(process.argv[3])];
let calls = 0;
let sum = 0;

function addOne(value) {
  calls += 1;
  return value + 1;
}

function addToSum(value) {
  calls += 1;
  sum += value + 1;
}

function batchOfPromises() {
  let last;
  for (let each = 0; each < BATCH; each += 1) {
    let fire;
    const promise = new Promise((resolve) => {
      fire = resolve;
    });
    last = promise.then(addOne).then(addOne).then(addToSum);
    fire(each);
  }
  return last;
}

function batchOfDeferreds(Deferred) {
  let last;
  for (let each = 0; each < BATCH; each += 1) {
    const deferred = new Deferred();
    last = deferred.addCallback(addOne).addCallback(addOne).addCallback(addToSum);
    deferred.callback(each);
  }
  return last;
}

async function repeat(batch, count) {
  for (let done = 0; done < count; done += BATCH) await batch();
}

/** What batches of that kind add up to. */
function check(count) {
  assert.equal(calls, 3 * count);
  assert.equal(sum, (count / BATCH) * (3 * BATCH + (BATCH * (BATCH - 1)) / 2));
}

async function batchOf(what) {
  if (what === "promise") return batchOfPromises;
  const { Deferred } = await load("sennit/defer");
  return () => batchOfDeferreds(Deferred);
}

assert.equal(operations % BATCH, 0);
const batch = await batchOf(kind);
await repeat(batch, WARM_UP);
check(WARM_UP);
const before = process.cpuUsage();
await repeat(batch, operations);
const { user, system } = process.cpuUsage(before);
check(WARM_UP + operations);
console.log(JSON.stringify({ nanoseconds: ((user + system) * 1000) / operations }));
