import * as fc from "fast-check";
import { assert, it } from "vitest";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import { Clock } from "../../testing/clock.ts";
import type { CooperativeTask } from "./cooperative-task.ts";
import { Cooperator } from "./cooperator.ts";

// Goal: whatever is done with its tasks, a Cooperator takes their steps in the order of a queue,
// and each task comes to one end. Method: random programs, run on it and on a list.

type Piece = "work" | "wait" | "throw";
type Op =
  | { op: "add"; script: Piece[] }
  | { op: "pause" | "resume" | "stop" | "fire" | "fail"; task: number }
  | { op: "slice"; steps: number }
  | { op: "stopAll" }
  | { op: "startAll" };

const piece = fc.constantFrom<Piece>("work", "work", "work", "wait", "throw");
const taskOp = fc.constantFrom("pause", "resume", "resume", "stop", "fire", "fire", "fail");
const program: fc.Arbitrary<Op[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ op: fc.constant("add"), script: fc.array(piece) }) },
    { weight: 6, arbitrary: fc.record({ op: taskOp, task: fc.nat(20) }) },
    {
      weight: 6,
      arbitrary: fc.record({ op: fc.constant("slice"), steps: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constantFrom("stopAll", "startAll", "startAll") }) },
  ),
  { maxLength: 60 },
);

class Broken extends Error {
  override readonly name = "Broken";
}

/** What both sides tell. */
interface Side {
  readonly seen: string[];
  /** @returns The name of the error it was refused with. */
  run(op: Op): string | undefined;
  /** Is a slice called for? */
  isBusy(): boolean;
}

// -- The real one

class Real implements Side {
  readonly seen: string[] = [];
  readonly #clock = new Clock();
  readonly #tasks: CooperativeTask<string>[] = [];
  readonly #waits: (Deferred<void> | undefined)[] = [];
  #steps = 0;
  readonly #cooperator = new Cooperator({
    clock: this.#clock,
    terminationPredicateFactory: () => () => (this.#steps -= 1) <= 0,
  });

  run(op: Op): string | undefined {
    try {
      this.#do(op);
      return undefined;
    } catch (error) {
      return Failure.of(error).type;
    }
  }

  isBusy(): boolean {
    return this.#clock.getDelayedCalls().length > 0;
  }

  #do(op: Op): void {
    if (op.op === "add") this.#add(op.script);
    else if (op.op === "stopAll") this.#cooperator.stop();
    else if (op.op === "startAll") this.#cooperator.start();
    else if (op.op === "slice") {
      this.#steps = op.steps;
      this.#clock.advance(0);
    } else if (op.op === "fire" || op.op === "fail") this.#answer(op.op, op.task);
    else this.#tasks[op.task % this.#tasks.length]?.[op.op]();
  }

  #answer(how: "fire" | "fail", task: number): void {
    const wait = this.#waits[task % this.#tasks.length];
    if (wait?.called !== false) return;
    if (how === "fire") wait.callback();
    else wait.errback(new Broken());
  }

  #add(script: readonly Piece[]): void {
    const id = this.#tasks.length;
    const task = this.#cooperator.cooperate(this.#work(id, script));
    this.#tasks.push(task);
    void task.whenDone().addCallbacks(
      (result) => this.seen.push(`${String(id)} ${result}`),
      (failure) => this.seen.push(`${String(id)} ${failure.type}`),
    );
  }

  *#work(id: number, script: readonly Piece[]): Generator<unknown, string> {
    for (const one of script) {
      this.seen.push(`${String(id)} ${one}`);
      if (one === "throw") throw new Broken();
      this.#waits[id] = one === "wait" ? new Deferred<void>() : undefined;
      yield this.#waits[id];
    }
    return "done";
  }
}

// -- The model

interface ModelTask {
  readonly id: number;
  readonly script: Piece[];
  pauses: number;
  isWaiting: boolean;
  /** The error that pause and stop are refused with. */
  end: string | undefined;
}

class Model implements Side {
  readonly seen: string[] = [];
  readonly #tasks: ModelTask[] = [];
  #queue: ModelTask[] = [];
  #isStopped = false;

  isBusy(): boolean {
    return this.#queue.length > 0;
  }

  run(op: Op): string | undefined {
    if (op.op === "add") this.#add(op.script);
    else if (op.op === "slice") this.#slice(op.steps);
    else if (op.op === "startAll") this.#isStopped = false;
    else if (op.op === "stopAll") this.#stopAll();
    else {
      const task = this.#tasks[op.task % this.#tasks.length];
      return task === undefined ? undefined : this.#runOn(task, op.op);
    }
    return undefined;
  }

  #add(script: readonly Piece[]): void {
    const id = this.#tasks.length;
    const task = { id, script: [...script], pauses: 0, isWaiting: false, end: undefined };
    this.#tasks.push(task);
    if (this.#isStopped) this.#finish(task, "SchedulerStopped", "SchedulerStopped");
    else this.#queue.push(task);
  }

  #stopAll(): void {
    this.#isStopped = true;
    for (const task of this.#tasks) {
      if (task.end === undefined) this.#finish(task, "SchedulerStopped", "SchedulerStopped");
    }
  }

  #runOn(task: ModelTask, what: "pause" | "resume" | "stop" | "fire" | "fail"): string | undefined {
    if ((what === "pause" || what === "stop") && task.end !== undefined) return task.end;
    if (what === "resume" && task.pauses === 0) return "NotPaused";
    if (what === "stop") this.#finish(task, "TaskStopped", "TaskStopped");
    if (what === "fail" && task.isWaiting) this.#finish(task, "TaskFailed", "Broken");
    if (what === "fire") task.isWaiting = false;
    if (what === "pause") task.pauses += 1;
    if (what === "resume") task.pauses -= 1;
    this.#line(task);
    return undefined;
  }

  /** Put it where it belongs: in the queue, or out of it. */
  #line(task: ModelTask): void {
    const isReady = task.end === undefined && task.pauses === 0 && !task.isWaiting;
    if (!isReady) this.#queue = this.#queue.filter((one) => one !== task);
    else if (!this.#queue.includes(task)) this.#queue.push(task);
  }

  #finish(task: ModelTask, end: string, told: string): void {
    task.end = end;
    task.isWaiting = false;
    this.seen.push(`${String(task.id)} ${told}`);
    this.#line(task);
  }

  #slice(steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const task = this.#queue.shift();
      if (task === undefined) return;
      this.#step(task);
    }
  }

  #step(task: ModelTask): void {
    const one = task.script.shift();
    if (one === undefined) {
      this.#finish(task, "TaskDone", "done");
      return;
    }
    this.seen.push(`${String(task.id)} ${one}`);
    if (one === "throw") this.#finish(task, "TaskFailed", "Broken");
    task.isWaiting = one === "wait";
    this.#line(task);
  }
}

it("Cooperator does as a queue does, whatever the program", () => {
  fc.assert(
    fc.property(program, (ops) => {
      const [real, model] = [new Real(), new Model()];
      for (const op of ops) {
        assert.equal(real.run(op), model.run(op), `refused: ${JSON.stringify(op)}`);
        assert.deepEqual(real.seen, model.seen);
        assert.equal(real.isBusy(), model.isBusy());
      }
    }),
    { numRuns: 500 },
  );
});
