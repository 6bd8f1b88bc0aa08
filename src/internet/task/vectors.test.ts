import { readFileSync } from "node:fs";
import { assert, it } from "vitest";
import { SennitError } from "../../core/errors.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import { Clock } from "../../testing/clock.ts";
import type { IDelayedCall } from "../interfaces-reactor.ts";
import { LoopingCall } from "./looping-call.ts";

// Goal: behave as the reference did, program by program (test/vectors/README.md has the format).
// Method: an interpreter of the programs that writes down what it sees, as the recorder did.

class ErrA extends Error {
  override readonly name = "ErrA";
}

interface LoopOp {
  op: "loop";
  id: number;
  interval: number;
  now: boolean;
  fail_at: number | null;
  wait: number | null;
  count: boolean;
}
type Op =
  | { op: "later"; id: number; delay: number }
  | { op: "cancel" | "stop" | "resolve"; id: number }
  | { op: "reset" | "delay"; id: number; by: number }
  | { op: "advance"; by: number }
  | LoopOp;
interface Program {
  id: number;
  ops: Op[];
  trace: unknown[];
}

class Interpreter {
  readonly trace: unknown[] = [];
  readonly #clock = new Clock();
  readonly #calls = new Map<number, IDelayedCall>();
  readonly #loops = new Map<number, LoopingCall>();
  readonly #waits = new Map<number, Deferred<void>>();

  run(program: Program): void {
    for (const op of program.ops) {
      if (op.op === "advance") this.#clock.advance(op.by);
      else this.#step(op);
    }
  }

  #step(op: Exclude<Op, { op: "advance" }>): void {
    try {
      if (op.op === "later") this.#later(op.id, op.delay);
      else if (op.op === "loop") this.#loop(op);
      else if (op.op === "stop") this.#stop(op.id);
      else if (op.op === "resolve") this.#resolve(op.id);
      else if (op.op === "reset" || op.op === "delay") this.#calls.get(op.id)?.[op.op](op.by);
      else this.#calls.get(op.id)?.cancel();
    } catch (error) {
      const name = error instanceof SennitError ? error.name : String(error);
      this.trace.push(["raised", op.op, op.id, name]);
    }
  }

  #later(id: number, delay: number): void {
    const call = this.#clock.callLater(delay, () => {
      this.trace.push(["call", id, this.#clock.seconds()]);
    });
    this.#calls.set(id, call);
  }

  #loop(op: LoopOp): void {
    const clock = this.#clock;
    let calls = 0;
    const f = (count?: number): Deferred<void> | undefined => {
      calls += 1;
      this.trace.push(["loop", op.id, clock.seconds(), count ?? calls]);
      if (calls === op.fail_at) throw new ErrA();
      if (calls !== op.wait) return undefined;
      const wait = new Deferred<void>();
      this.#waits.set(op.id, wait);
      return wait;
    };
    const loop = op.count
      ? LoopingCall.withCount((count) => f(count), { clock })
      : new LoopingCall(() => f(), { clock });
    this.#loops.set(op.id, loop);
    void loop.start(op.interval, { now: op.now }).addBoth((result) => {
      if (!(result instanceof Failure)) this.trace.push(["done", op.id, clock.seconds()]);
      else this.trace.push(["failed", op.id, result.type, clock.seconds()]);
    });
  }

  #stop(id: number): void {
    const loop = this.#loops.get(id);
    if (loop?.running === true) loop.stop();
  }

  #resolve(id: number): void {
    const wait = this.#waits.get(id);
    if (wait?.called === false) wait.callback();
  }
}

const file = new URL("../../../test/vectors/clock.jsonl", import.meta.url);
const programs: Program[] = readFileSync(file, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

it("LoopingCall and Clock behave as recorded, in each of 400 programs", () => {
  assert.equal(programs.length, 400);
  assert.equal(programs.filter(({ ops }) => ops.some(({ op }) => op === "loop")).length, 339);
  for (const program of programs) {
    const interpreter = new Interpreter();
    interpreter.run(program);
    assert.deepEqual(interpreter.trace, program.trace, `trace of program ${String(program.id)}`);
  }
});
