/**
 * What it costs to carry contexts: make a Deferred, give it three callbacks, fire it.
 *
 *     node bench/micro/context.mjs off|on|used OPERATIONS
 *
 * `off`: trackContext() was never called. `on`: it was, and nothing is stored. `used`: it was,
 * inside `AsyncLocalStorage.run`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { load } from "../lib/sennit.mjs";

const [kind, operations] = [process.argv[2], Number(process.argv[3])];
const { Deferred, trackContext } = await load("sennit/defer");
if (kind !== "off") trackContext();

let sum = 0;
const addOne = (value) => value + 1;
const addToSum = (value) => {
  sum += value;
};

function work(count) {
  for (let each = 0; each < count; each += 1) {
    const deferred = new Deferred();
    deferred.addCallback(addOne).addCallback(addOne).addCallback(addToSum);
    deferred.callback(1);
  }
}

function measure() {
  work(operations / 10);
  const before = process.cpuUsage();
  work(operations);
  const { user, system } = process.cpuUsage(before);
  assert.equal(sum, 3 * Math.round(1.1 * operations));
  return ((user + system) * 1000) / operations;
}

const storage = new AsyncLocalStorage();
const nanoseconds = kind === "used" ? storage.run("context", measure) : measure();
console.log(JSON.stringify({ nanoseconds }));
