import * as fc from "fast-check";
import { assert, it } from "vitest";
import { Deferred } from "./deferred.ts";
import { Failure } from "./failure.ts";
import { openLedger } from "./unhandled.ts";

// Goal: whatever a program does with a few Deferreds, also from inside their callbacks, they do
// what the words of the contract say.
// Method: run random programs on Deferreds and on a model, and compare what was seen. The model is
// recursive, slow and short: one function per sentence. Differences shrink to a few operations.

const COUNT = 3;
const NOTHING = undefined;

// -- Programs

type Canceller = "absent" | "silent" | "value" | "error" | "throws";
type Kind = "callback" | "errback" | "both" | "callbacks";
type Simple =
  | { readonly op: "callback" | "errback"; readonly d: number; readonly value: number }
  | { readonly op: "cancel" | "pause" | "unpause"; readonly d: number }
  | { readonly op: "chain"; readonly d: number; readonly to: number };
type Fn =
  | { readonly does: "pass" }
  | { readonly does: "return" | "throw" | "failure"; readonly value: number }
  /** Returns the Deferred that is `ahead` places further on: no circles, which wait for ever. */
  | { readonly does: "wait"; readonly ahead: number }
  | { readonly does: "own" }
  | { readonly does: "add"; readonly kind: Kind; readonly fn: Fn }
  | { readonly does: "act"; readonly act: Simple };
type Op =
  | Simple
  | {
      readonly op: "add";
      readonly d: number;
      readonly kind: Kind;
      readonly fn: Fn;
      readonly efn: Fn;
    };
interface Program {
  readonly cancellers: readonly Canceller[];
  readonly ops: readonly Op[];
}

const place = fc.nat({ max: COUNT - 1 });
const value = fc.nat({ max: 9 });
const kind = fc.constantFrom<Kind>("callback", "errback", "both", "callbacks");
const simple: fc.Arbitrary<Simple> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constantFrom("callback", "errback"), d: place, value }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constantFrom("pause", "unpause", "cancel"), d: place }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("chain"), d: place, to: place }) },
);
const { fn } = fc.letrec<{ fn: Fn }>((tie) => ({
  fn: fc.oneof(
    { maxDepth: 2 },
    { weight: 2, arbitrary: fc.constant<Fn>({ does: "pass" }) },
    {
      weight: 3,
      arbitrary: fc.record({ does: fc.constantFrom("return", "throw", "failure"), value }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ does: fc.constant("wait"), ahead: fc.constantFrom(1, 2) }),
    },
    { weight: 3, arbitrary: fc.record({ does: fc.constant("act"), act: simple }) },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant("add"), kind, fn: tie("fn") }),
    },
    { weight: 1, arbitrary: fc.constant<Fn>({ does: "own" }) },
  ),
}));
const add = fc.record({ op: fc.constant("add"), d: place, kind, fn, efn: fn });
const program: fc.Arbitrary<Program> = fc.record({
  cancellers: fc.array(
    fc.constantFrom<Canceller>("absent", "absent", "silent", "value", "error", "throws"),
    { minLength: COUNT, maxLength: COUNT },
  ),
  ops: fc.array(fc.oneof(add, simple), { maxLength: 24 }),
});

// -- Running them, on anything that has these methods

interface Machine<D> {
  make(canceller: ((d: D) => void) | undefined): D;
  add(d: D, kind: Kind, fn: (value: unknown) => unknown, efn: (value: unknown) => unknown): void;
  callback(d: D, value: unknown): void;
  errback(d: D, error: Error): void;
  cancel(d: D): void;
  pause(d: D): void;
  unpause(d: D): void;
  chain(d: D, to: D): void;
  failure(error: Error): unknown;
  shown(value: unknown): unknown;
  state(d: D): readonly unknown[];
}

/**
 * What the program sees: every call with its argument, every error thrown by an operation, the end.
 */
function trace<D>(machine: Machine<D>, { cancellers, ops }: Program): unknown[] {
  const seen: unknown[] = [];
  const pauses = cancellers.map(() => 0);
  const all = cancellers.map((does, d) => machine.make(cancellerOf(does, d)));
  let functions = 0;

  function cancellerOf(does: Canceller, d: number): ((one: D) => void) | undefined {
    if (does === "absent") return undefined;
    return (one) => {
      seen.push(["canceller", d]);
      if (does === "value") machine.callback(one, "cancelled");
      if (does === "error") machine.errback(one, new Error("cancelled"));
      if (does === "throws") throw new Error("canceller");
    };
  }
  function at(d: number): D {
    const one = all[d];
    assert(one !== undefined);
    return one;
  }
  function act(op: Op): void {
    if (op.op === "add") add(op.d, op.kind, op.fn, op.efn);
    else if (op.op === "callback") machine.callback(at(op.d), op.value);
    else if (op.op === "errback") machine.errback(at(op.d), new Error(String(op.value)));
    else if (op.op === "cancel") machine.cancel(at(op.d));
    else if (op.op === "chain") {
      if (op.to !== op.d) machine.chain(at(op.d), at(op.to));
    } else if (op.op === "pause") {
      pauses[op.d] = (pauses[op.d] ?? 0) + 1;
      machine.pause(at(op.d));
    } else if ((pauses[op.d] ?? 0) > 0) {
      pauses[op.d] = (pauses[op.d] ?? 0) - 1;
      machine.unpause(at(op.d));
    }
  }
  function add(d: number, kind: Kind, fn: Fn, efn: Fn): void {
    machine.add(at(d), kind, callable(d, fn), callable(d, efn));
  }
  function callable(d: number, fn: Fn): (argument: unknown) => unknown {
    functions += 1;
    const number = functions;
    return (argument) => {
      seen.push([number, d, machine.shown(argument)]);
      if (fn.does === "return") return fn.value;
      if (fn.does === "throw") throw new Error(String(fn.value));
      if (fn.does === "failure") return machine.failure(new Error(String(fn.value)));
      if (fn.does === "own") return at(d);
      if (fn.does === "wait" && d + fn.ahead < COUNT) return at(d + fn.ahead);
      if (fn.does === "add") add(d, fn.kind, fn.fn, fn.fn);
      if (fn.does === "act") act(fn.act);
      return argument;
    };
  }

  for (const op of ops) {
    try {
      act(op);
    } catch (error) {
      seen.push(["thrown", op.op, op.d, nameOf(error)]);
    }
  }
  return [...seen, ...all.map((one) => machine.state(one))];
}

function nameOf(error: unknown): string {
  return error instanceof Error && error.name !== "Error" ? error.name : String(error);
}

// -- Real Deferreds

const real: Machine<Deferred<unknown>> = {
  make: (canceller) => new Deferred(canceller),
  add(d, kind, fn, efn) {
    if (kind === "callback") void d.addCallback(fn);
    else if (kind === "errback") void d.addErrback(efn);
    else if (kind === "both") void d.addBoth(fn);
    else void d.addCallbacks(fn, efn);
  },
  callback: (d, value) => d.callback(value),
  errback: (d, error) => d.errback(error),
  cancel: (d) => d.cancel(),
  pause: (d) => d.pause(),
  unpause: (d) => d.unpause(),
  chain: (d, to) => void d.chainDeferred(to),
  failure: (error) => new Failure(error),
  shown(value) {
    if (value instanceof Failure) return { failure: nameOf(value.value) };
    return value instanceof Deferred ? "a Deferred" : value;
  },
  state: (d) => [d.called, d.paused, real.shown(d.result)],
};

// -- The model

class Bad {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}
type Side = ((value: unknown) => unknown) | undefined;
type Step = { readonly good: Side; readonly bad: Side } | { readonly giveTo: Model };

function named(name: string): Error {
  return Object.defineProperty(new Error(name), "name", { value: name });
}

class Model {
  fired = false;
  holds = 0;
  result: unknown = NOTHING;
  readonly steps: Step[] = [];
  canceller: ((d: Model) => void) | undefined;
  eatsOne = false;
  busy = false;

  fire(result: unknown): void {
    if (this.fired && !this.eatsOne) throw named("AlreadyCalledError");
    if (this.fired) {
      this.eatsOne = false;
      return;
    }
    this.fired = true;
    this.result = result;
    this.go();
  }

  add(step: Step): void {
    this.steps.push(step);
    if (this.fired) this.go();
  }

  release(): void {
    this.holds -= 1;
    if (this.holds === 0 && this.fired) this.go();
  }

  cancel(): void {
    if (this.fired) {
      if (this.result instanceof Model) this.result.cancel();
      return;
    }
    if (this.canceller === undefined) this.eatsOne = true;
    else this.canceller(this);
    if (!this.fired) this.fire(new Bad(named("CancelledError")));
  }

  /** A chain that runs a step is not started again by what that step does. */
  go(): void {
    if (!this.busy) this.walk();
  }

  /**
   * @returns Could it go on? Whoever gave its result to one that is held stops there, as recorded.
   */
  walk(): boolean {
    while (this.holds === 0) {
      const step = this.steps.shift();
      if (step === undefined) return true;
      if (!("giveTo" in step)) {
        this.take(step);
        if (this.holds > 0) return true; // Held by what the step did: an end for now.
      } else if (!this.giveTo(step.giveTo)) return false;
    }
    return false;
  }

  giveTo(waiter: Model): boolean {
    waiter.result = this.handOver();
    waiter.holds -= 1;
    return waiter.walk();
  }

  take(step: { readonly good: Side; readonly bad: Side }): void {
    const f = this.result instanceof Bad ? step.bad : step.good;
    if (f === undefined) return;
    this.busy = true;
    try {
      const result = f(this.result);
      if (result === this) throw named("TypeError");
      this.result = result instanceof Model ? this.waitFor(result) : result;
    } catch (error) {
      this.result = new Bad(error);
    }
    this.busy = false;
  }

  waitFor(inner: Model): unknown {
    if (inner.fired && inner.holds === 0) return inner.handOver();
    this.holds += 1;
    inner.steps.push({ giveTo: this });
    return inner;
  }

  handOver(): unknown {
    const { result } = this;
    this.result = NOTHING;
    return result;
  }
}

const model: Machine<Model> = {
  make(canceller) {
    const one = new Model();
    one.canceller = canceller;
    return one;
  },
  add(d, kind, fn, efn) {
    const sides = {
      callback: { good: fn, bad: NOTHING },
      errback: { good: NOTHING, bad: efn },
      both: { good: fn, bad: fn },
      callbacks: { good: fn, bad: efn },
    };
    d.add(sides[kind]);
  },
  callback: (d, value) => d.fire(value),
  errback: (d, error) => d.fire(new Bad(error)),
  cancel: (d) => d.cancel(),
  pause(d) {
    d.holds += 1;
  },
  unpause: (d) => d.release(),
  chain: (d, to) =>
    d.add({
      good: (value) => to.fire(value),
      bad: (failure) => to.fire(failure),
    }),
  failure: (error) => new Bad(error),
  shown(value) {
    if (value instanceof Bad) return { failure: nameOf(value.error) };
    return value instanceof Model ? "a Deferred" : value;
  },
  state: (d) => [d.fired, d.holds, model.shown(d.result)],
};

it("Deferreds do what the model does, in any program", () => {
  using ledger = openLedger();
  fc.assert(
    fc.property(program, (one) => {
      assert.deepEqual(trace(real, one), trace(model, one));
      ledger.flush();
    }),
    { numRuns: 3000 },
  );
});

it("the ledger holds the failure of each Deferred that ended in one, and no other", () => {
  fc.assert(
    fc.property(program, (one) => {
      using ledger = openLedger();
      const made: Deferred<unknown>[] = [];
      const watched: Machine<Deferred<unknown>> = {
        ...real,
        make(canceller) {
          const d = real.make(canceller);
          made.push(d);
          return d;
        },
      };
      trace(watched, one);
      const open = [...ledger.failures()];
      const failed = made.filter((d) => d.result instanceof Failure);
      for (const d of failed.filter(({ paused }) => paused === 0)) {
        const at = open.findIndex((failure) => failure === d.result);
        assert(at >= 0, `not in the ledger: ${d.toString()}`);
        open.splice(at, 1);
      }
      // A paused one may or may not have come to the end of its chain.
      const rest = open.filter((failure) => !failed.some(({ result }) => result === failure));
      assert.deepEqual(rest, []);
    }),
    { numRuns: 1000 },
  );
});
