import { assert, it } from "vitest";
import { framesOf, isTheirs, withoutDrivers } from "./frames.ts";

const OURS = `    at #step (${new URL("simulate.ts", import.meta.url).href}:1:2)`;
const NODE = "    at process.runNextTicks (node:internal/process/task_queues:60:5)";
const THEIRS = "    at Bank.pay (/app/bank.ts:3:4)";

it("framesOf() are the lines of a stack that are no message", () => {
  assert.deepEqual(framesOf(`Error: at\nat night\n${THEIRS}\n${OURS}`), [THEIRS, OURS]);
});

it("isTheirs() tells the program from us and from Node", () => {
  assert.deepEqual([OURS, NODE, THEIRS].map(isTheirs), [false, false, true]);
});

it("withoutDrivers() ends with their code, if there is some", () => {
  const frames = [OURS, THEIRS, NODE, THEIRS, OURS, NODE];
  assert.deepEqual(withoutDrivers(frames), [OURS, THEIRS, NODE, THEIRS]);
  assert.deepEqual(withoutDrivers([OURS, NODE]), [OURS, NODE]);
});
