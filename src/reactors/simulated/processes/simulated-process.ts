/**
 * `spawnProcess` of a simulated reactor: the program is played by the scenario.
 *
 * Differs from the Node reactor's: there is no shell, and nothing to start but what the host was
 * given (`host.programs`); working directories are not looked at; descriptors of ours cannot be
 * handed on; a terminal carries bytes as they are.
 *
 * @module
 */
import { NoAddress } from "../../../internet/addresses.ts";
import type {
  IProcessProtocol,
  IProcessTransport,
  SpawnProcessOptions,
} from "../../../internet/interfaces-process.ts";
import {
  ProcessExitedAlready,
  type ProcessTermination,
  SpawnError,
} from "../../../internet/process-errors.ts";
import type { OpenedPipe } from "../../base/child-pipe.ts";
import { ProcessTransport } from "../../base/process-transport.ts";
import { type SpawnOrder, spawnOrder } from "../../base/spawn-order.ts";
import { signalFrom } from "../signals/signal-actions.ts";
import type { SimulatedSystem } from "../system.ts";
import { SimulatedTransport } from "../tcp/transport.ts";
import { Child } from "./child.ts";

/** Bytes of one argument (MAX_ARG_STRLEN of Linux). */
const ARGUMENT_MAX = 131_071;

/** What to start, and who is told. */
export interface SimulatedSpawning {
  readonly protocol: IProcessProtocol;
  readonly executable: string;
  readonly options: SpawnProcessOptions;
}

/** See `IReactorProcess.spawnProcess`. */
export function spawnSimulated(
  system: SimulatedSystem,
  { protocol, executable, options }: SimulatedSpawning,
): IProcessTransport {
  return new SimulatedProcess(system, protocol, spawnOrder(executable, options));
}

class SimulatedProcess extends ProcessTransport {
  readonly #system: SimulatedSystem;
  readonly #order: SpawnOrder;
  #child: Child | undefined;

  constructor(system: SimulatedSystem, protocol: IProcessProtocol, order: SpawnOrder) {
    super(system, protocol, order);
    this.#system = system;
    this.#order = order;
    const { machine } = system;
    const program = machine.programs.find(order);
    const isOurs = [...order.childFDs.values()].some((use) => typeof use === "number");
    const isLong = order.args.some((arg) => Buffer.byteLength(arg) > ARGUMENT_MAX);
    if (program === undefined) this.#refuse("ENOENT", "there is no such program");
    else if (isLong) this.#refuse("E2BIG", "its arguments are too long");
    else if (isOurs) this.#refuse("EBADF", "a descriptor of ours that it should have is not open");
    else {
      const ended = (how: ProcessTermination): void => this.#ended(how);
      const child = new Child({ machine, order, program, ended });
      this.#child = child;
      this.started(child.pid, this.#pipes(child));
    }
  }

  #refuse(code: string, why: string): void {
    this.notStarted(new SpawnError(this.#order.executable, code, why));
  }

  *#pipes(child: Child): Iterable<OpenedPipe> {
    if (this.isTerminal) {
      yield this.#pipe(child, 1, "rw");
      return;
    }
    for (const [fd, use] of this.#order.childFDs) {
      if (typeof use === "string") yield this.#pipe(child, fd, use);
    }
  }

  #pipe(child: Child, fd: number, use: OpenedPipe["use"]): OpenedPipe {
    const conduit = child.open(fd, use, this.#system).parent;
    const name = `${this.#order.executable}[${String(child.pid)}],fd ${String(fd)}`;
    const transport = new SimulatedTransport({
      reactor: this.#system,
      conduit,
      peer: new NoAddress(name),
      host: new NoAddress("this process"),
      limits: this.#order,
    });
    return { fd, use, transport };
  }

  #ended(how: ProcessTermination): void {
    this.#system.later(() => this.exited(how));
  }

  protected kill(signal: string | number, isForGroup: boolean): void {
    const known = signalFrom(signal);
    const child = this.#child;
    if (child === undefined || (isForGroup && !child.alive)) {
      throw new ProcessExitedAlready(`Cannot send ${String(signal)}: nobody is there`);
    }
    if (known !== 0) child.receive(known);
  }

  protected release(): void {} // Nothing here keeps a simulation from its end.

  protected resize(columns: number, rows: number): void {
    this.#child?.resize(columns, rows);
  }
}
