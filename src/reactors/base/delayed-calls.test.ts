import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { AlreadyCalled, AlreadyCancelled } from "../../internet/errors.ts";
import { type DelayedCall, DelayedCallQueue } from "./delayed-calls.ts";

/** A queue with a clock that the test moves, and an alarm as a reactor keeps it. */
class Bench {
  now = 0;
  /** When the reactor would wake up. */
  alarm: number | undefined;
  readonly queue = new DelayedCallQueue(
    () => this.now,
    () => this.arm(),
  );

  arm(): void {
    this.alarm = this.queue.head?.time;
  }

  add(delay: number, f: () => unknown = (): void => {}): DelayedCall {
    return this.queue.add(delay, f, []);
  }

  /** Move time, then one pass. */
  advance(seconds: number): void {
    this.now += seconds;
    this.queue.run((due) => Reflect.apply(due.f, undefined, due.args));
    this.arm();
  }
}

// -- Any program

type Change =
  | { readonly op: "cancel"; readonly call: number }
  | { readonly op: "reset" | "delay"; readonly call: number; readonly by: number };
type Simple = Change | { readonly op: "add"; readonly delay: number };
type Op =
  | Change
  | { readonly op: "add"; readonly delay: number; readonly inside: readonly Simple[] }
  | { readonly op: "advance"; readonly by: number };

const eighths = (count: number): number => count / 8;
/** Eighths, so that sums are exact and ties between calls that are made are frequent. */
const seconds = fc.nat({ max: 40 }).map(eighths);
const cancel = fc.record({ op: fc.constant("cancel"), call: fc.nat() });
const reset = fc.record({
  op: fc.constant("reset"),
  call: fc.nat(),
  by: fc.integer({ min: 1, max: 40 }).map(eighths),
});
const delay = fc.record({
  op: fc.constant("delay"),
  call: fc.nat(),
  by: fc.integer({ min: -40, max: 40 }).map(eighths),
});
const change: fc.Arbitrary<Change> = fc.oneof(cancel, reset, delay);
/** Nothing here makes a call due that was not: what becomes of those has tests of its own. */
const inside: fc.Arbitrary<readonly Simple[]> = fc.array(
  fc.oneof(cancel, reset, fc.record({ op: fc.constant("add"), delay: seconds })),
  { maxLength: 3 },
);
const add = fc.record({ op: fc.constant("add"), delay: seconds, inside });
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 2, arbitrary: add },
  { weight: 3, arbitrary: change },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("advance"), by: seconds }) },
);
/** A heap of some depth first, then anything. */
const program: fc.Arbitrary<readonly Op[]> = fc
  .tuple(fc.array(add, { maxLength: 24, size: "max" }), fc.array(op, { maxLength: 24 }))
  .map(([first, then]) => [first, then].flat());

/** What a program needs of a timer queue. */
interface Timers {
  readonly now: number;
  add(id: number, delay: number, f: () => void): void;
  timeOf(id: number): number;
  /** @throws With the name of the error. */
  change(id: number, change: Change): void;
  advance(by: number): void;
  /** After each operation: which calls wait, and for when. */
  waiting(): readonly (readonly [id: number, time: number])[];
}

/** So small that no two moved calls have the same time, and that sums are exact still. */
const GRAIN = 2 ** -30;

function trace(timers: Timers, ops: readonly Op[]): unknown[] {
  const seen: unknown[] = [];
  let made = 0;
  let moved = 0;
  function add(delay: number, inside: readonly Simple[]): void {
    const id = made;
    made += 1;
    timers.add(id, delay, () => {
      seen.push(["ran", id, timers.now]);
      for (const one of inside) change(one);
    });
  }
  function change(one: Simple): void {
    if (one.op === "add") add(one.delay, []);
    else if (made > 0) {
      const id = one.call % made;
      try {
        timers.change(id, one.op === "cancel" ? one : { ...one, by: one.by + unique(id, one.op) });
      } catch (error) {
        seen.push([one.op, id, error instanceof Error ? error.name : error]);
      }
    }
  }
  function unique(id: number, op: "reset" | "delay"): number {
    moved += 1;
    const from = op === "reset" ? timers.now : timers.timeOf(id);
    return eighths(Math.floor(from * 8)) - from + moved * GRAIN;
  }
  for (const one of ops) {
    if (one.op === "advance") timers.advance(one.by);
    else if (one.op === "add") add(one.delay, one.inside);
    else change(one);
    seen.push(timers.waiting().toSorted(([a], [b]) => a - b));
  }
  return seen;
}

class RealTimers implements Timers {
  readonly #bench = new Bench();
  readonly #calls: DelayedCall[] = [];

  get now(): number {
    return this.#bench.now;
  }

  add(id: number, delay: number, f: () => void): void {
    this.#calls[id] = this.#bench.add(delay, f);
  }

  timeOf(id: number): number {
    return this.#calls[id]?.getTime() ?? 0;
  }

  advance(by: number): void {
    this.#bench.advance(by);
  }

  change(id: number, one: Change): void {
    const call = this.#calls[id];
    assert(call !== undefined);
    if (one.op === "cancel") call.cancel();
    else if (one.op === "reset") call.reset(one.by);
    else call.delay(one.by);
  }

  waiting(): readonly (readonly [number, number])[] {
    this.#checkHeap();
    return this.#calls.flatMap((call, id) => (call.active ? [[id, call.getTime()] as const] : []));
  }

  #checkHeap(): void {
    const { queue, alarm } = this.#bench;
    const { head } = queue;
    const pending = queue.pending();
    const active = this.#calls.filter((call) => call.active);
    assert.equal(queue.size, active.length);
    assert.equal(new Set(pending).size, active.length);
    for (const call of active) assert.equal(pending[call.at], call, "knows its place");
    for (const call of this.#calls) if (!call.active) assert.equal(call.at, -1);
    if (active.length === 0) {
      assert.isUndefined(alarm);
      assert.isUndefined(head);
      return;
    }
    const earliest = Math.min(...active.map((call) => call.time));
    assert.equal(head?.time, earliest);
    assert(alarm !== undefined && alarm <= earliest, "the alarm comes in time");
  }
}

/** A list, searched from end to end each time. */
class NaiveTimers implements Timers {
  now = 0;
  readonly #calls: {
    readonly f: () => void;
    time: number;
    state: "waits" | "AlreadyCalled" | "AlreadyCancelled";
  }[] = [];

  add(id: number, delay: number, f: () => void): void {
    this.#calls[id] = { f, time: this.now + delay, state: "waits" };
  }

  timeOf(id: number): number {
    return this.#calls[id]?.time ?? 0;
  }

  change(id: number, one: Change): void {
    const call = this.#calls[id];
    assert(call !== undefined);
    if (call.state !== "waits") {
      throw Object.defineProperty(new Error(), "name", { value: call.state });
    }
    if (one.op === "cancel") call.state = "AlreadyCancelled";
    else call.time = one.op === "reset" ? this.now + one.by : call.time + one.by;
  }

  /** The first made of equal times first; made while the pass runs: waits for the next one. */
  advance(by: number): void {
    this.now += by;
    const before = this.#calls.length;
    for (;;) {
      const [due] = this.#calls
        .slice(0, before)
        .filter(({ state, time }) => state === "waits" && time <= this.now)
        .toSorted((a, b) => a.time - b.time);
      if (due === undefined) return;
      due.state = "AlreadyCalled";
      due.f();
    }
  }

  waiting(): readonly (readonly [number, number])[] {
    return this.#calls.flatMap(({ state, time }, id) =>
      state === "waits" ? [[id, time] as const] : [],
    );
  }
}

it("any program runs as on a list that is searched from end to end", () => {
  fc.assert(
    fc.property(program, (ops) => {
      assert.deepEqual(trace(new RealTimers(), ops), trace(new NaiveTimers(), ops));
    }),
    { numRuns: 1000 },
  );
});

// -- One thing at a time

describe("a pass", () => {
  it("runs equal times first-in first-out, in any number", () => {
    const bench = new Bench();
    const log: number[] = [];
    for (let n = 0; n < 1000; n += 1) bench.add(n % 2, () => log.push(n));
    bench.advance(1);
    const expected = Array.from({ length: 1000 }, (_, n) => (n < 500 ? 2 * n : 2 * n - 999));
    assert.deepEqual(log, expected);
  });

  it("leaves calls made on the way to the next one, even with a delay of 0 (trace 11)", () => {
    const bench = new Bench();
    const log: string[] = [];
    bench.add(1, () => {
      log.push("first");
      bench.add(0, () => log.push("made"));
    });
    bench.add(1, () => log.push("second"));
    bench.advance(1);
    assert.deepEqual(log, ["first", "second"]);
    assert.equal(bench.alarm, 1);
    bench.advance(0);
    assert.deepEqual(log, ["first", "second", "made"]);
  });

  it("does not run what a call before it has cancelled, or put off", () => {
    const bench = new Bench();
    const log: string[] = [];
    const later: DelayedCall[] = [];
    bench.add(1, () => {
      later[0]?.cancel();
      later[1]?.reset(1);
      later[2]?.delay(1);
    });
    for (const name of ["cancelled", "reset", "delayed"]) {
      later.push(bench.add(1, () => log.push(name)));
    }
    bench.advance(1);
    assert.deepEqual(log, []);
    bench.advance(1);
    assert.deepEqual(log, ["reset", "delayed"]);
  });

  it("has what it sets aside among the pending", () => {
    const bench = new Bench();
    const seen: number[] = [];
    const look = (): number => seen.push(bench.queue.pending().length);
    bench.add(1, () => bench.add(0).delay(-0.5)); // Due at once, and made in this pass.
    bench.add(1, look);
    bench.add(1, look);
    bench.advance(1);
    assert.deepEqual(seen, [2, 1]);
    assert.equal(bench.queue.size, 1);
  });

  it("removeAll() from within takes those that are set aside as well", () => {
    const bench = new Bench();
    let removed: readonly DelayedCall[] = [];
    bench.add(1, () => bench.add(0).delay(-0.5));
    bench.add(1, () => {
      removed = bench.queue.removeAll();
    });
    bench.add(1, () => assert.fail("was taken out"));
    bench.advance(1);
    assert.equal(removed.length, 2);
    assert.equal(bench.queue.size, 0);
    for (const call of removed) bench.queue.restore(call);
    assert.equal(bench.queue.size, 2);
  });

  it("inside a pass runs what is due, and the outer one goes on", () => {
    const bench = new Bench();
    const log: string[] = [];
    bench.add(1, () => {
      log.push("outer");
      bench.advance(1);
      log.push("back");
    });
    bench.add(1, () => log.push("tie"));
    bench.add(2, () => log.push("later"));
    bench.advance(1);
    assert.deepEqual(log, ["outer", "tie", "later", "back"]);
  });

  it("sees a call as called from within", () => {
    const bench = new Bench();
    const call = bench.add(1, () => {
      assert.isFalse(call.active);
      assert.throws(() => call.cancel(), AlreadyCalled);
    });
    bench.advance(1);
    assert.equal(call.state, "called");
  });
});

describe("a delayed call", () => {
  it("reset() counts from now, delay() from its time; both may make it earlier (trace 15)", () => {
    const bench = new Bench();
    const log: string[] = [];
    const reset = bench.add(10, () => log.push("reset"));
    const delayed = bench.add(10, () => log.push("delayed"));
    bench.advance(1);
    reset.reset(2);
    delayed.delay(-6);
    assert.deepEqual([reset.getTime(), delayed.getTime(), bench.alarm], [3, 4, 3]);
    bench.advance(2);
    assert.deepEqual(log, ["reset"]);
    bench.advance(1);
    assert.deepEqual(log, ["reset", "delayed"]);
  });

  it("put off many times, then earlier again, fires once at its last time", () => {
    const bench = new Bench();
    let fired = 0;
    const call = bench.add(1, () => {
      fired += 1;
    });
    for (let n = 0; n < 1000; n += 1) {
      bench.advance(0.5);
      call.reset(1);
    }
    call.reset(100);
    call.reset(0.5);
    bench.advance(0.25);
    assert.equal(fired, 0);
    bench.advance(0.25);
    bench.advance(1000);
    assert.equal(fired, 1);
  });

  it("made earlier stands behind those that have that time already", () => {
    const bench = new Bench();
    const log: string[] = [];
    const moved = bench.add(5, () => log.push("moved"));
    for (const name of ["a", "b"]) bench.add(1, () => log.push(name));
    moved.reset(1);
    bench.add(1, () => log.push("made later"));
    bench.advance(1);
    assert.deepEqual(log, ["a", "b", "moved", "made later"]);
  });

  it("cancel() is refused the second time, and after the call (trace 15)", () => {
    const bench = new Bench();
    const cancelled = bench.add(1);
    const called = bench.add(1);
    cancelled.cancel();
    bench.advance(1);
    for (const [call, error] of [
      [cancelled, AlreadyCancelled],
      [called, AlreadyCalled],
    ] as const) {
      assert.isFalse(call.active);
      assert.throws(() => call.cancel(), error, "Cannot cancel a delayed call");
      assert.throws(() => call.reset(1), error, "Cannot reset a delayed call");
      assert.throws(() => call.delay(1), error, "Cannot delay a delayed call");
    }
  });

  it("refuses times that are none, and stays as it was", () => {
    const bench = new Bench();
    const call = bench.add(1);
    for (const seconds of [-1, -1e-9, Number.NaN, Number.NEGATIVE_INFINITY]) {
      assert.throws(() => bench.add(seconds), RangeError, "Cannot call later");
      assert.throws(() => call.reset(seconds), RangeError);
    }
    assert.throws(() => call.delay(Number.NaN), RangeError);
    assert.equal(call.getTime(), 1);
    assert.equal(bench.queue.size, 1);
  });

  it("delay() refuses a time that would be none", () => {
    const call = new Bench().add(Number.POSITIVE_INFINITY);
    assert.throws(() => call.delay(Number.NEGATIVE_INFINITY), RangeError);
    assert.equal(call.getTime(), Number.POSITIVE_INFINITY);
  });

  it("may wait for ever", () => {
    const bench = new Bench();
    const call = bench.add(Number.POSITIVE_INFINITY);
    bench.advance(1e12);
    assert.isTrue(call.active);
    call.cancel();
    assert.isUndefined(bench.alarm);
  });

  it("toString() says what it is and how long it waits", () => {
    const bench = new Bench();
    function ping(): void {}
    const call = bench.add(1.5, ping);
    assert.equal(String(call), "DelayedCall(ping, in 1.500 s)");
    assert.include(bench.add(1, () => {}).toString(), "in 1.000 s");
    bench.advance(2);
    assert.equal(String(call), "DelayedCall(called)");
  });
});

describe("the queue", () => {
  it("removeAll() gives the calls in order; restore() puts them back as they are", () => {
    const bench = new Bench();
    const log: string[] = [];
    const calls = [3, 1, 2, 2].map((delay, at) => bench.add(delay, () => log.push(String(at))));
    const aside = bench.queue.removeAll();
    assert.deepEqual(
      aside.map((call) => calls.indexOf(call)),
      [1, 2, 3, 0],
    );
    assert.deepEqual([bench.queue.size, bench.queue.head], [0, undefined]);
    calls[1]?.cancel();
    calls[0]?.reset(0.5);
    bench.advance(10);
    assert.deepEqual(log, []);
    for (const call of aside) bench.queue.restore(call);
    for (const call of aside) bench.queue.restore(call); // Once is enough, twice no harm.
    assert.equal(bench.queue.size, 3);
    bench.advance(0);
    assert.deepEqual(log, ["0", "2", "3"]);
  });

  it("cancelling 100,000 calls, from either end, leaves nothing behind", () => {
    for (const reversed of [false, true]) {
      const bench = new Bench();
      const calls = Array.from({ length: 100_000 }, (_, n) => bench.add(n % 97));
      for (const call of reversed ? calls.toReversed() : calls) call.cancel();
      assert.equal(bench.queue.size, 0);
      assert.isUndefined(bench.alarm);
    }
  });
});
