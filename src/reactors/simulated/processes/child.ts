/**
 * A child process on a simulated host, from its start to its end.
 *
 *     spawned ─(start)─▶ its program is called ─▶ exit(code) ─(all is written)─▶ ended
 *         └──────────────────┴── a signal, out of memory ───────────────────────▶ ended
 *                                                        ended ─(reaping)─▶ its parent is told
 *
 * It ends with its host's own program: `host.kill()` ends all. It stands still with it as well.
 *
 * @module
 */
import type { ProcessTermination } from "../../../internet/process-errors.ts";
import type { SpawnOrder } from "../../base/spawn-order.ts";
import type { SimulatedEvent } from "../event-queue.ts";
import type { Descriptor, Machine, MachineProgram } from "../machine.ts";
import { actionOf, isCatchable } from "../signals/signal-actions.ts";
import { ChildEnd, type ChildEndOwner } from "./child-end.ts";
import type { ChildProgram, ChildStream, SimulatedChild } from "./child-program.ts";
import { makePipe, type Pipe } from "./pipe.ts";

/** Seconds until a signal arrives. */
const SIGNAL_DELAY = 0.000_01;
const EXIT_CODES = 256;

type Handler = (signal: NodeJS.Signals) => void;

/** What a {@link Child} is made of. */
export interface ChildParts {
  readonly machine: Machine;
  readonly order: SpawnOrder;
  readonly program: ChildProgram;
  /** Told of its end, once, in an event of its own. */
  readonly ended: (how: ProcessTermination) => void;
}

/** See the top of this file. */
export class Child implements SimulatedChild, ChildEndOwner, MachineProgram, Descriptor {
  readonly machine: Machine;
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  windowSize: { readonly columns: number; readonly rows: number } | undefined;
  readonly #executable: string;
  readonly #program: ChildProgram;
  readonly #ended: (how: ProcessTermination) => void;
  readonly #ends = new Map<number, ChildEnd>();
  readonly #handlers = new Map<NodeJS.Signals, Handler[]>();
  #alive = true;
  #exitCode: number | undefined;
  #stopped = false;
  /** What would have happened while it was stopped. */
  #missed: Step[] = [];

  constructor({ machine, order, program, ended }: ChildParts) {
    this.machine = machine;
    this.pid = machine.programs.nextPid();
    this.argv = order.args;
    this.env = order.env ?? machine.programs.environment;
    this.cwd = order.path ?? "/";
    this.windowSize = order.terminal;
    this.#executable = order.executable;
    this.#program = program;
    this.#ended = ended;
    machine.descriptors.add(this);
    this.#note("started");
    this.#in(machine.programs.startDelay(), () => this.#begin());
  }

  get alive(): boolean {
    return this.#alive;
  }

  get acts(): boolean {
    return this.#alive && this.#exitCode === undefined;
  }

  #note(what: string): void {
    const text = `${this.#executable}[${String(this.pid)}] ${what}`;
    this.machine.world.trace.note("process", this.machine, { text });
  }

  #begin(): void {
    if (this.machine.programs.runsOut()) {
      this.runOut();
      return;
    }
    const result = this.#program(this);
    if (typeof result === "number") this.exit(result);
    else if (isThenable(result)) {
      result.then(
        (value) => this.exit(typeof value === "number" ? value : 0),
        (error: unknown) => {
          if (this.acts) this.machine.world.fail(error);
        },
      );
    }
  }

  // -- Its pipes

  /** Give it a pipe to its parent. @param use What the parent does with it. */
  open(fd: number, use: "r" | "w" | "rw", parent: MachineProgram): Pipe {
    const pipe = makePipe(this.machine, parent, this);
    this.#ends.set(fd, new ChildEnd(this, pipe.child, use === "r"));
    return pipe;
  }

  stream(fd: number): ChildStream {
    const isTerminal = this.windowSize !== undefined && fd >= 0 && fd <= 2;
    const end = this.#ends.get(isTerminal ? 1 : fd);
    if (end !== undefined) return end;
    throw new RangeError(`Cannot use descriptor ${String(fd)} of a child: it has no such pipe`);
  }

  #standard(fd: number): ChildStream {
    const has = this.windowSize !== undefined || this.#ends.has(fd);
    return has ? this.stream(fd) : new ChildEnd(this);
  }

  get stdin(): ChildStream {
    return this.#standard(0);
  }

  get stdout(): ChildStream {
    return this.#standard(1);
  }

  get stderr(): ChildStream {
    return this.#standard(2);
  }

  reads(): boolean {
    if (!this.machine.programs.runsOut()) return true;
    this.runOut();
    return false;
  }

  lastWords(bytes: number): number | undefined {
    const { programs } = this.machine;
    return programs.runsOut() ? bytes - programs.choices.pick(bytes + 1) : undefined;
  }

  runOut(): void {
    this.#note("is killed: out of memory");
    this.#end({ signal: "SIGKILL" });
  }

  pipeBroken(): void {
    if (!this.#alive) return;
    if (this.#handlers.has("SIGPIPE")) this.#handle("SIGPIPE");
    else this.#end({ signal: "SIGPIPE" });
  }

  // -- Time

  callLater(seconds: number, f: () => void): () => void {
    const step = this.#in(seconds, () => {
      if (this.acts) f();
    });
    return () => {
      step.wanted = false;
    };
  }

  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.callLater(seconds, resolve);
    });
  }

  #in(seconds: number, f: () => void): Step {
    const { world } = this.machine;
    const step = new Step(this, f);
    world.at(world.now + seconds, step);
    return step;
  }

  /** It is time for something. */
  perform(step: Step): void {
    const { world, stalledUntil } = this.machine;
    if (!this.#alive || !step.wanted) return;
    if (stalledUntil > world.now) world.at(stalledUntil, step);
    else if (this.#stopped) this.#missed.push(step);
    else {
      world.currentHost = this.machine;
      step.f();
    }
  }

  // -- Signals

  onSignal(signal: NodeJS.Signals, f: Handler): void {
    if (!isCatchable(signal)) throw new RangeError(`Cannot handle ${signal}: nobody can`);
    const handlers = this.#handlers.get(signal) ?? [];
    this.#handlers.set(signal, handlers);
    handlers.push(f);
  }

  /** Its parent sends it a signal. */
  receive(signal: NodeJS.Signals): void {
    this.machine.world.after(SIGNAL_DELAY, {
      happen: () => {
        if (this.#alive) this.#received(signal);
      },
    });
  }

  #received(signal: NodeJS.Signals): void {
    this.#note(`receives ${signal}`);
    if (signal === "SIGKILL") this.#end({ signal });
    else if (signal === "SIGSTOP") this.#stop(true);
    else {
      if (signal === "SIGCONT") this.#stop(false);
      this.perform(new Step(this, () => this.#act(signal)));
    }
  }

  #act(signal: NodeJS.Signals): void {
    const action = actionOf(signal);
    if (this.#handlers.has(signal)) this.#handle(signal);
    else if (action === "end") this.#end({ signal });
    else if (action === "stop") this.#stop(true);
  }

  #handle(signal: NodeJS.Signals): void {
    if (this.acts) for (const f of this.#handlers.get(signal) ?? []) f(signal);
  }

  #stop(stopped: boolean): void {
    this.#stopped = stopped;
    for (const end of this.#ends.values()) end.freeze(stopped);
    if (stopped) return;
    for (const step of this.#missed.splice(0)) this.machine.world.after(0, step);
  }

  /** Its terminal has another size. */
  resize(columns: number, rows: number): void {
    this.windowSize = { columns, rows };
    this.receive("SIGWINCH");
  }

  // -- Its end

  exit(code = 0): void {
    if (!this.acts) return;
    this.#exitCode = ((code % EXIT_CODES) + EXIT_CODES) % EXIT_CODES;
    this.taken();
  }

  taken(): void {
    const exitCode = this.#exitCode;
    if (!this.#alive || exitCode === undefined) return;
    if ([...this.#ends.values()].every((end) => end.isTaken)) this.#end({ exitCode });
  }

  #end(how: ProcessTermination): void {
    if (!this.#alive) return;
    this.closeByKernel();
    for (const end of this.#ends.values()) end.closeByKernel();
    this.#note(
      how.signal === undefined ? `exits ${String(how.exitCode)}` : `dies of ${how.signal}`,
    );
    const { world, programs } = this.machine;
    world.arriveAt(world.now + programs.reapingDelay(), { happen: () => this.#ended(how) });
  }

  /** Nobody is left who would be told. Its ends are descriptors of their own. */
  closeByKernel(): void {
    this.#alive = false;
    this.machine.descriptors.delete(this);
  }

  vanish(): void {
    this.closeByKernel();
  }
}

/** Something that a child does at a time. */
class Step implements SimulatedEvent {
  readonly f: () => void;
  readonly #child: Child;
  wanted = true;

  constructor(child: Child, f: () => void) {
    this.#child = child;
    this.f = f;
  }

  happen(): void {
    this.#child.perform(this);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
