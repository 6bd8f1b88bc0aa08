/**
 * What the contracts of processes are made of: programs of the shell, and those who watch them.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import type { Failure } from "../../defer/failure.ts";
import {
  type IProcessTransport,
  IReactorProcess,
  type SpawnProcessOptions,
} from "../../internet/interfaces-process.ts";
import { ProcessTerminated } from "../../internet/process-errors.ts";
import { ProcessWitness } from "./process-witness.ts";
import type { Contract, Trial } from "./trial.ts";

/** Seconds, of the reactor's. */
const A_WHILE = 0.1;

/** A program that was started. */
export interface Running {
  readonly witness: ProcessWitness;
  readonly process: IProcessTransport;
  /** Does it lead a group of its own? */
  readonly isGroup: boolean;
}

/** How a script is run. */
export type ScriptOptions = Omit<SpawnProcessOptions, "args">;

/** One contract about processes. */
export class ProcessTrial {
  readonly trial: Trial;
  readonly reactor: Trial["reactor"] & IReactorProcess;
  readonly shell: string;
  readonly #running: Running[] = [];

  constructor(trial: Trial) {
    this.trial = trial;
    this.reactor = trial.needs(IReactorProcess);
    this.shell = trial.shell;
  }

  /** Start a script of the shell. `onTold` is in place before anything can be told. */
  run(script: string, options: ScriptOptions = {}, onTold?: ProcessWitness["onTold"]): Running {
    return this.spawn(this.shell, { ...options, args: ["sh", "-c", script] }, onTold);
  }

  /** Start a program. */
  spawn(
    executable: string,
    options: SpawnProcessOptions = {},
    onTold?: ProcessWitness["onTold"],
  ): Running {
    const witness = new ProcessWitness();
    witness.onTold = onTold;
    const process = witness.request("spawnProcess", () => {
      return this.reactor.spawnProcess(witness, executable, options);
    });
    const running = { witness, process, isGroup: options.processGroup ?? false };
    this.#running.push(running);
    return running;
  }

  /** Run a script to its end. */
  async ended(script: string, options: ScriptOptions = {}): Promise<ProcessWitness> {
    const { witness, process } = this.run(script, options);
    process.closeStdin();
    await this.settle(() => witness.end !== undefined);
    return witness;
  }

  /** Let the reactor work until this holds. */
  settle(until: () => boolean): Promise<void> {
    return this.trial.settle(until);
  }

  /**
   * Let programs work for a while. Passes of the reactor, which contracts of connections count, are
   * far too short for them: how contracts see what another program does not do.
   */
  async wait(): Promise<void> {
    let isOver = false;
    this.reactor.callLater(A_WHILE, () => {
      isOver = true;
    });
    await this.settle(() => isOver);
  }

  /** Let nothing outlive the contract. */
  kill(): void {
    for (const { process, witness, isGroup } of this.#running) {
      process.loseConnection();
      if (witness.exit === undefined && process.pid !== undefined) process.signalProcess("KILL");
      if (isGroup && process.pid !== undefined) killGroup(process.pid);
    }
  }

  /** It is over. @returns What must not have happened. */
  async end(): Promise<readonly string[]> {
    this.kill();
    await this.settle(() => this.#running.every(({ witness }) => witness.end !== undefined));
    return this.#running.flatMap(({ witness }) => witness.violations);
  }
}

/** Whoever is left of it, if anybody is: not by way of the reactor, which may have lost it. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is, as it should be.
  }
}

/** A contract about processes, as a contract. */
export function processContract(contract: (trial: ProcessTrial) => Promise<void>): Contract {
  return async (trial) => {
    const processes = new ProcessTrial(trial);
    try {
      await contract(processes);
    } finally {
      processes.kill();
    }
    const violations = await processes.end();
    if (violations.length > 0) throw new AssertionError(violations.join("; "));
  };
}

/** How a process ended: `exit 3`, `SIGTERM`, or the name of the error. */
export function how(reason: Failure | undefined): string {
  const error = reason?.value;
  if (!(error instanceof ProcessTerminated)) return error?.name ?? "not yet";
  return error.signal ?? `exit ${String(error.exitCode)}`;
}
