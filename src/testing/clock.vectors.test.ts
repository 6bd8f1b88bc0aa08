import { readFileSync } from "node:fs";
import { assert, it } from "vitest";
import type { IDelayedCall } from "../internet/interfaces-reactor.ts";
import { Clock } from "./clock.ts";

// Goal: timers behave as the reference's did, program by program (test/vectors/README.md has the
// format). Programs with a LoopingCall are its own tests' matter.

type Op =
  | { op: "later"; id: number; delay: number }
  | { op: "cancel" | "reset" | "delay"; id: number; by: number }
  | { op: "advance"; by: number }
  | { op: "loop" | "stop" | "resolve"; id: number };
interface Program {
  id: number;
  ops: Op[];
  trace: unknown[];
}

const file = new URL("../../test/vectors/clock.jsonl", import.meta.url);
const programs: Program[] = readFileSync(file, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

function traceOf({ ops }: Program): unknown[] {
  const clock = new Clock();
  const calls: IDelayedCall[] = [];
  const seen: unknown[] = [];
  for (const op of ops) {
    if (op.op === "advance") clock.advance(op.by);
    else if (op.op === "later") {
      calls[op.id] = clock.callLater(op.delay, () => seen.push(["call", op.id, clock.seconds()]));
    } else {
      try {
        change(calls[op.id], op);
      } catch (error) {
        seen.push(["raised", op.op, op.id, error instanceof Error ? error.name : error]);
      }
    }
  }
  return seen;
}

function change(call: IDelayedCall | undefined, op: Op): void {
  assert(call !== undefined);
  if (op.op === "cancel") call.cancel();
  else if (op.op === "reset") call.reset(op.by);
  else if (op.op === "delay") call.delay(op.by);
  else assert.fail(`unexpected operation ${op.op}`);
}

it("Clock behaves as recorded, in each program without a LoopingCall", () => {
  const plain = programs.filter(({ ops }) => ops.every(({ op }) => op !== "loop"));
  assert.equal(programs.length, 400);
  assert.isAbove(plain.length, 0);
  assert.equal(plain.length, 61);
  for (const program of plain) {
    assert.deepEqual(traceOf(program), program.trace, `trace of program ${String(program.id)}`);
  }
});
