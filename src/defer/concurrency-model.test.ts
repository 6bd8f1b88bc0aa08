import * as fc from "fast-check";
import { assert, it } from "vitest";
import type { Deferred } from "./deferred.ts";
import { DeferredLock } from "./deferred-lock.ts";
import { DeferredQueue, QueueOverflow, QueueUnderflow } from "./deferred-queue.ts";
import { DeferredSemaphore } from "./deferred-semaphore.ts";
import { NotAcquiredError } from "./hold.ts";
import { openLedger } from "./unhandled.ts";

// Goal: whatever programs do with locks, semaphores and queues, also from inside the callbacks that
// those run, each does what its description says.
// Method: run random programs on the real thing and on a model made of arrays, and compare what was
// seen after each step. What a callback does ends with its release, if it has one: then a hand-over
// inside a release (the model) and one after it (the real thing) look the same.

const COMMANDS_MAX = 40;
const RUNS = { numRuns: 1500 };

/** What one who is served does: ask again, give up on others, then end. */
interface Reaction {
  readonly asks: number;
  readonly cancels: readonly number[];
  readonly end: "nothing" | "give" | "throw";
}
const NOTHING: Reaction = { asks: 0, cancels: [], end: "nothing" };

const reaction: fc.Arbitrary<Reaction> = fc.record({
  asks: fc.nat({ max: 2 }),
  cancels: fc.array(fc.nat({ max: 30 }), { maxLength: 2 }),
  end: fc.constantFrom("nothing", "give", "throw"),
});

/** The real thing or its model. `ask` is acquire or get, `give` is release or put. */
interface Machine {
  readonly seen: unknown[];
  ask(reaction: Reaction): void;
  give(): void;
  cancel(which: number): void;
  state(): unknown;
}

class Ask implements fc.Command<Machine, Machine> {
  readonly #reaction: Reaction;
  constructor(reaction: Reaction) {
    this.#reaction = reaction;
  }
  check(): boolean {
    return true;
  }
  run(model: Machine, real: Machine): void {
    for (const machine of [model, real]) machine.ask(this.#reaction);
    same(model, real);
  }
  toString(): string {
    return `ask(${JSON.stringify(this.#reaction)})`;
  }
}

class Give implements fc.Command<Machine, Machine> {
  check(): boolean {
    return true;
  }
  run(model: Machine, real: Machine): void {
    for (const machine of [model, real]) machine.give();
    same(model, real);
  }
  toString(): string {
    return "give()";
  }
}

class Cancel implements fc.Command<Machine, Machine> {
  readonly #which: number;
  constructor(which: number) {
    this.#which = which;
  }
  check(): boolean {
    return true;
  }
  run(model: Machine, real: Machine): void {
    for (const machine of [model, real]) machine.cancel(this.#which);
    same(model, real);
  }
  toString(): string {
    return `cancel(${String(this.#which)})`;
  }
}

function same(model: Machine, real: Machine): void {
  assert.deepEqual(real.seen, model.seen);
  assert.deepEqual(real.state(), model.state());
}

const commands = fc.commands(
  [
    reaction.map((one) => new Ask(one)),
    fc.constant(new Ask(NOTHING)),
    fc.constant(new Give()),
    fc.nat({ max: 30 }).map((which) => new Cancel(which)),
  ],
  { maxCommands: COMMANDS_MAX },
);

/** React, on either machine. Both count what they are asked for from 0. */
function react(machine: Machine, { asks, cancels, end }: Reaction): void {
  for (let times = 0; times < asks; times += 1) machine.ask(NOTHING);
  for (const which of cancels) machine.cancel(which);
  if (end === "give") machine.give();
}

/** What the real machines have in common: Deferreds by number. */
class Real<T> implements Machine {
  readonly seen: unknown[] = [];
  readonly #asked: Deferred<T>[] = [];
  readonly #thing: Thing<T>;

  constructor(thing: Thing<T>) {
    this.#thing = thing;
  }

  ask(reaction: Reaction): void {
    let deferred: Deferred<T>;
    try {
      deferred = this.#thing.ask();
    } catch (error) {
      assert.instanceOf(error, QueueUnderflow);
      this.seen.push("underflow");
      return;
    }
    const number = this.#asked.push(deferred) - 1;
    void deferred
      .addCallbacks(
        (item) => {
          this.seen.push([number, this.#thing.shown(item)]);
          react(this, reaction);
          if (reaction.end === "throw") throw new RangeError("thrown");
        },
        () => {
          this.seen.push([number, "cancelled"]);
        },
      )
      .addErrback((failure) => {
        failure.trap(RangeError);
      });
  }

  give(): void {
    try {
      this.#thing.give();
    } catch (error) {
      assert(error instanceof NotAcquiredError || error instanceof QueueOverflow, String(error));
      this.seen.push("refused");
    }
  }

  cancel(which: number): void {
    this.#asked[which]?.cancel();
  }

  state(): unknown {
    return this.#thing.state();
  }
}

interface Thing<T> {
  ask(): Deferred<T>;
  give(): void;
  shown(item: T): unknown;
  state(): unknown;
}

const semaphoreOf = (tokens: number): Thing<DeferredSemaphore> => {
  const semaphore = new DeferredSemaphore(tokens);
  return {
    ask: () => semaphore.acquire(),
    give: () => semaphore.release(),
    shown: (given) => given === semaphore,
    state: () => [semaphore.tokens, semaphore.waiting],
  };
};

const lock = (): Thing<DeferredLock> => {
  const one = new DeferredLock();
  return {
    ask: () => one.acquire(),
    give: () => one.release(),
    shown: (given) => given === one,
    state: () => [one.locked ? 0 : 1, one.waiting],
  };
};

const queueOf = (size: number, backlog: number): Thing<number> => {
  const queue = new DeferredQueue<number>(size, backlog);
  let put = 0;
  return {
    ask: () => queue.get(),
    give: () => {
      put += 1;
      queue.put(put);
    },
    shown: (item) => item,
    state: () => [queue.pending, queue.waiting],
  };
};

interface Asker {
  readonly number: number;
  readonly reaction: Reaction;
}

/** What the models have in common: a line, served from the front. */
abstract class Model implements Machine {
  readonly seen: unknown[] = [];
  protected readonly line: Asker[] = [];
  protected asked = 0;

  abstract ask(reaction: Reaction): void;
  abstract give(): void;
  abstract state(): unknown;

  cancel(which: number): void {
    const at = this.line.findIndex(({ number }) => number === which);
    if (at < 0) return;
    this.line.splice(at, 1);
    this.seen.push([which, "cancelled"]);
  }

  protected asker(reaction: Reaction): Asker {
    this.asked += 1;
    return { number: this.asked - 1, reaction };
  }

  protected serve({ number, reaction }: Asker, item: unknown): void {
    this.seen.push([number, item]);
    react(this, reaction);
  }
}

class SemaphoreModel extends Model {
  readonly #limit: number;
  #free: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
    this.#free = limit;
  }

  ask(reaction: Reaction): void {
    const asker = this.asker(reaction);
    if (this.#free === 0) {
      this.line.push(asker);
      return;
    }
    this.#free -= 1;
    this.serve(asker, true);
  }

  give(): void {
    if (this.#free === this.#limit) {
      this.seen.push("refused");
      return;
    }
    const first = this.line.shift();
    if (first === undefined) this.#free += 1;
    else this.serve(first, true);
  }

  state(): unknown {
    return [this.#free, this.line.length];
  }
}

class QueueModel extends Model {
  readonly #size: number;
  readonly #backlog: number;
  readonly #items: number[] = [];
  #put = 0;

  constructor(size: number, backlog: number) {
    super();
    this.#size = size;
    this.#backlog = backlog;
  }

  ask(reaction: Reaction): void {
    const item = this.#items.shift();
    if (item !== undefined) this.serve(this.asker(reaction), item);
    else if (this.line.length < this.#backlog) this.line.push(this.asker(reaction));
    else this.seen.push("underflow");
  }

  give(): void {
    this.#put += 1;
    const first = this.line.shift();
    if (first !== undefined) this.serve(first, this.#put);
    else if (this.#items.length < this.#size) this.#items.push(this.#put);
    else this.seen.push("refused");
  }

  state(): unknown {
    return [this.#items.length, this.line.length];
  }
}

function agree(
  model: Machine,
  real: Machine,
  program: Iterable<fc.Command<Machine, Machine>>,
): void {
  using ledger = openLedger();
  fc.modelRun(() => ({ model, real }), program);
  assert.deepEqual(ledger.failures(), []);
}

it("DeferredLock does what the model does, in any program", () => {
  fc.assert(
    fc.property(commands, (program) => {
      agree(new SemaphoreModel(1), new Real(lock()), program);
    }),
    RUNS,
  );
});

it("DeferredSemaphore does what the model does, in any program", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), commands, (tokens, program) => {
      agree(new SemaphoreModel(tokens), new Real(semaphoreOf(tokens)), program);
    }),
    RUNS,
  );
});

it("DeferredQueue does what the model does, in any program", () => {
  const limit = fc.oneof(fc.nat({ max: 4 }), fc.constant(Infinity));
  fc.assert(
    fc.property(limit, limit, commands, (size, backlog, program) => {
      agree(new QueueModel(size, backlog), new Real(queueOf(size, backlog)), program);
    }),
    RUNS,
  );
});
