import { readFileSync } from "node:fs";
import { assert, it } from "vitest";
import { Deferred } from "./deferred.ts";
import { Failure } from "./failure.ts";
import { openLedger } from "./unhandled.ts";

// Goal: behave as the reference did, program by program (test/vectors/README.md has the format).
// Method: an interpreter of the programs that writes down what it sees, as the recorder did.

class ErrA extends Error {
  override readonly name = "ErrA";
}
class ErrB extends Error {
  override readonly name = "ErrB";
}
type ErrorName = "ErrA" | "ErrB";

type Fn =
  | { do: "return"; value: number }
  | { do: "pass" }
  | { do: "raise" | "failure"; error: ErrorName }
  | { do: "deferred"; d: number }
  | { do: "nest"; kind: Kind; fn: Fn };
type Kind = "callback" | "errback" | "both" | "callbacks";
type Op =
  | { op: "new"; d: number; canceller: null | "none" | "callback" | "errback" | "raise" }
  | { op: "add"; d: number; kind: Kind; fn: Fn; efn?: Fn }
  | { op: "callback"; d: number; value: number }
  | { op: "errback"; d: number; error: ErrorName }
  | { op: "cancel" | "pause" | "unpause"; d: number }
  | { op: "chain"; d: number; to: number };
interface Program {
  id: number;
  ops: Op[];
  trace: unknown[];
  final: unknown[];
}

const errorOf = (name: ErrorName): Error => (name === "ErrA" ? new ErrA() : new ErrB());

function shown(value: unknown): unknown {
  if (value instanceof Failure) return { failure: value.type };
  if (value instanceof Deferred) return { deferred: true };
  return value ?? null;
}

class Interpreter {
  readonly trace: unknown[] = [];
  readonly #deferreds: Deferred<unknown>[] = [];
  readonly #pauses: number[] = [];
  #functions = 0;

  run(program: Program): unknown[] {
    for (const op of program.ops) {
      try {
        this.#step(op);
      } catch (error) {
        this.trace.push(["raised", op.op, op.d, Failure.of(error).type]);
      }
    }
    return this.#deferreds.map((d) => ({
      called: d.called,
      paused: d.paused,
      result: d.called ? shown(d.result) : { none: true },
    }));
  }

  #at(d: number): Deferred<unknown> {
    const deferred = this.#deferreds[d];
    assert(deferred !== undefined);
    return deferred;
  }

  #step(op: Op): void {
    if (op.op === "new") {
      this.#make(op.d, op.canceller);
      return;
    }
    const d = this.#at(op.d);
    const pauses = this.#pauses[op.d] ?? 0;
    if (op.op === "add") this.#add(op);
    else if (op.op === "callback") d.callback(op.value);
    else if (op.op === "errback") d.errback(errorOf(op.error));
    else if (op.op === "cancel") d.cancel();
    else if (op.op === "chain") {
      if (op.to !== op.d) void d.chainDeferred(this.#at(op.to));
    } else if (op.op === "pause") {
      this.#pauses[op.d] = pauses + 1;
      d.pause();
    } else if (pauses > 0) {
      this.#pauses[op.d] = pauses - 1;
      d.unpause();
    }
  }

  #make(number: number, kind: null | "none" | "callback" | "errback" | "raise"): void {
    const canceller = (d: Deferred<unknown>): void => {
      this.trace.push(["canceller", number]);
      if (kind === "callback") d.callback("cancelled");
      if (kind === "errback") d.errback(new ErrB());
      if (kind === "raise") throw new ErrA();
    };
    this.#deferreds[number] = kind === null ? new Deferred() : new Deferred(canceller);
  }

  #add(op: { d: number; kind: Kind; fn: Fn; efn?: Fn }): void {
    const d = this.#at(op.d);
    if (op.kind === "callback") void d.addCallback(this.#function(op.d, "callback", op.fn));
    else if (op.kind === "errback") void d.addErrback(this.#function(op.d, "errback", op.fn));
    else if (op.kind === "both") void d.addBoth(this.#function(op.d, "both", op.fn));
    else {
      const callback = this.#function(op.d, "callbacks:cb", op.fn);
      void d.addCallbacks(callback, this.#function(op.d, "callbacks:eb", op.efn ?? op.fn));
    }
  }

  #function(owner: number, label: string, fn: Fn): (argument: unknown) => unknown {
    this.#functions += 1;
    const number = this.#functions;
    return (argument) => {
      this.trace.push([number, owner, label, shown(argument)]);
      if (fn.do === "return") return fn.value;
      if (fn.do === "raise") throw errorOf(fn.error);
      if (fn.do === "failure") return new Failure(errorOf(fn.error));
      if (fn.do === "deferred" && fn.d !== owner) return this.#at(fn.d);
      if (fn.do === "nest") this.#nest(owner, fn);
      return argument;
    };
  }

  #nest(owner: number, { kind, fn }: { kind: Kind; fn: Fn }): void {
    const nested = this.#function(owner, "nested", fn);
    const d = this.#at(owner);
    if (kind === "callback") void d.addCallback(nested);
    else if (kind === "errback") void d.addErrback(nested);
    else void d.addBoth(nested);
  }
}

const file = new URL("../../test/vectors/deferred.jsonl", import.meta.url);
const programs: Program[] = readFileSync(file, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

it("Deferred behaves as recorded, in each of 400 programs", () => {
  using ledger = openLedger();
  assert.equal(programs.length, 400);
  for (const program of programs) {
    const interpreter = new Interpreter();
    const final = interpreter.run(program);
    assert.deepEqual(interpreter.trace, program.trace, `trace of program ${String(program.id)}`);
    assert.deepEqual(final, program.final, `end of program ${String(program.id)}`);
  }
  ledger.flush();
});
