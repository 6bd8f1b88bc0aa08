/**
 * The threads of a pool on a simulated host: there are none. A task runs here, at once, when the
 * time that it takes is over.
 *
 *     run ─▶ copies; its function is found ─(time)─▶ it runs, to its end ─▶ copies ─▶ done
 *                    └ time stands still until its module is loaded
 *
 * Differs from real threads:
 * - A task that is cancelled in time has not begun.
 * - Modules are shared by all tasks, hosts and lives: what they keep between tasks is too.
 * - `isInThread()` is false; `callFromThread` and `blockingCallFromThread` throw NotInThreadError:
 *   with one thread there is nobody to wait for, and nobody to wait.
 * - What `prepareThreads` has prepared is not called.
 * - A task that waits for more than promises (a timer of the platform, a file) is over at no
 *   particular time of the simulation, and mostly never.
 * - A task that ends its process ends the simulation's.
 *
 * @module
 */
import { ThreadResultError } from "../../../internet/interfaces-threads.ts";
import { type Callee, nameOf } from "../../node/threads/callee.ts";
import { type AnyFunction, FunctionFinder } from "../../node/threads/find-function.ts";
import { transferring } from "../../node/threads/inside.ts";
import { callsOf, type Outcome, type Work } from "../../node/threads/messages.ts";
import { takeApart } from "../../node/threads/thrown.ts";
import type { Runnable, Workers, WorkersOptions } from "../../node/threads/workers.ts";
import type { SimulatedEvent } from "../event-queue.ts";
import type { SimulatedSystem } from "../system.ts";

/** Functions are found once for the process: looking into a module takes real time. */
const finder = new FunctionFinder();

/** See the top of this file. */
export class SimulatedWorkers implements Workers {
  readonly #system: SimulatedSystem;
  readonly #options: WorkersOptions;
  /** What runs. */
  readonly #tasks = new Set<Task>();
  /** Since when the threads that have nothing to do have had nothing to do. */
  #idle: number[] = [];
  #isUsable = true;

  constructor(system: SimulatedSystem, options: WorkersOptions) {
    this.#system = system;
    this.#options = options;
  }

  get count(): number {
    this.#endIdle();
    return this.#tasks.size + this.#idle.length;
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  run(one: Runnable): void {
    this.#endIdle();
    const isFirst = this.#idle.pop() === undefined;
    const task = new Task(this.#system, one, (told) => this.#over(task, told));
    this.#tasks.add(task);
    one.stopper.addEventListener("abort", () => this.#forget(task));
    task.begin(isFirst);
  }

  #over(task: Task, told: () => void): void {
    this.#system.later(() => {
      if (!this.#tasks.delete(task)) return;
      if (this.#isUsable) this.#idle.push(this.#system.seconds());
      told();
    });
  }

  /** Its thread ends with it. */
  #forget(task: Task): void {
    task.wanted = false;
    this.#tasks.delete(task);
  }

  /** Threads that had nothing to do for so long have ended, as many as may. */
  #endIdle(): void {
    const { idleTimeout, min } = this.#options;
    const until = this.#system.seconds() - idleTimeout;
    while ((this.#idle[0] ?? Infinity) <= until && this.#idle.length + this.#tasks.size > min) {
      this.#idle.shift();
    }
  }

  retire(): void {
    this.#isUsable = false;
    this.#idle = [];
  }

  end(): Promise<void> {
    this.retire();
    for (const task of this.#tasks) this.#forget(task);
    return Promise.resolve();
  }
}

/** Something that runs. */
class Task implements SimulatedEvent {
  readonly #system: SimulatedSystem;
  readonly #one: Runnable;
  readonly #over: (told: () => void) => void;
  readonly #functions = new Map<Callee, AnyFunction>();
  #work: Work | undefined;
  wanted = true;

  constructor(system: SimulatedSystem, one: Runnable, over: (told: () => void) => void) {
    this.#system = system;
    this.#one = one;
    this.#over = over;
  }

  begin(isFirst: boolean): void {
    const { machine } = this.#system;
    const { work, transfer } = this.#one;
    try {
      this.#work = cloned(work, transfer);
    } catch (error) {
      this.#over(() => this.#one.failed(error));
      return;
    }
    for (const [callee] of callsOf(work)) this.#find(callee);
    const { world } = machine;
    world.at(world.now + machine.threads.draw(isFirst), this);
  }

  #find(callee: Callee): void {
    const known = finder.known(callee);
    if (known !== undefined) {
      this.#functions.set(callee, known);
      return;
    }
    const found = finder.find(callee).then(
      (f) => {
        this.#functions.set(callee, f);
      },
      (error: unknown) => {
        this.#functions.set(callee, () => {
          throw error;
        });
      },
    );
    this.#system.machine.hold(found);
  }

  happen(): void {
    const work = this.#work;
    const { machine, alive } = this.#system;
    if (!alive || !this.wanted || work === undefined) return;
    const { world, stalledUntil } = machine;
    if (stalledUntil > world.now) {
      world.at(stalledUntil, this);
      return;
    }
    world.currentHost = machine;
    void this.#outcome(work).then((outcome) => {
      const text = outcome.length === 1 ? "a task is done" : "a task has failed";
      world.trace.note("thread", machine, { text });
      this.#over(() => this.#one.done(outcome));
    });
  }

  async #outcome(work: Work): Promise<Outcome> {
    try {
      const values: unknown[] = [];
      const transfer: object[] = [];
      for (const [callee, args] of callsOf(work)) {
        const [value, moved] = handedOver(await this.#functions.get(callee)?.(...args));
        values.push(value);
        transfer.push(...moved);
      }
      return [copied(work.length === 2 ? values : values[0], transfer, work)];
    } catch (error) {
      return [undefined, structuredClone(takeApart(error))];
    }
  }
}

/** What `transferring` makes. */
const TRANSFERRING = Object.getPrototypeOf(transferring<object>({}, []));

/** A result, and what of it is not to be copied. */
function handedOver(result: unknown): [value: unknown, transfer: readonly object[]] {
  if (typeof result !== "object" || result === null) return [result, []];
  if (Object.getPrototypeOf(result) !== TRANSFERRING) return [result, []];
  const { value, transfer }: { value?: unknown; transfer?: readonly object[] } = result;
  return [value, transfer ?? []];
}

function copied(value: unknown, transfer: readonly object[], work: Work): unknown {
  try {
    return cloned(value, transfer);
  } catch (error) {
    const name = callsOf(work).map(([callee]) => nameOf(callee))[0] ?? "";
    const message = `Cannot send back what ${name} returned: it cannot be copied to another thread`;
    throw new ThreadResultError(message, { cause: error });
  }
}

/** Reflect.apply, because the types know of fewer kinds of objects that can be handed over. */
function cloned<T>(value: T, transfer: readonly object[]): T {
  const copy: T = Reflect.apply(structuredClone, undefined, [value, { transfer: [...transfer] }]);
  return copy;
}
