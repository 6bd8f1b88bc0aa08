/**
 * Whether programs are there: asked of the system, for what a reactor says of them is under trial.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IClientFactory, IConnector } from "../../internet/interfaces-factory.ts";
import {
  type ConnectProcessOptions,
  type IProcessProtocol,
  type IProcessTransport,
  IReactorProcess,
  type SpawnProcessOptions,
} from "../../internet/interfaces-process.ts";
import type { IDelayedCall, IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { Trial } from "./trial.ts";

/** Seconds, of the reactor's: a program that lives has written its number by then. */
const WRITES_WITHIN = 0.25;

/** Is the process with that number there? */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A folder for a contract, which is gone after it. */
export async function inFolder(contract: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sennit-contract-"));
  try {
    await contract(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How a script tells its number, to those who hold the folder that it works in. */
export const TELL_PID = "echo $$ >pid";

/** The number that a script has told by {@link TELL_PID}, if it has yet. */
export function toldPid(folder: string): number | undefined {
  try {
    const text = readFileSync(join(folder, "pid"), "utf8");
    return text.endsWith("\n") ? Number.parseInt(text, 10) : undefined;
  } catch {
    return undefined; // There is no such file.
  }
}

/**
 * Wait until a script is not there that tells its number, and stays. It may have been ended before
 * it said a word: so nobody can wait for its number, and it gets some time to write it.
 */
export async function expectGone(trial: Trial, folder: string): Promise<void> {
  let isLate = false;
  trial.reactor.callLater(WRITES_WITHIN, () => {
    isLate = true;
  });
  let pid: number | undefined;
  await trial.settle(() => {
    pid ??= toldPid(folder);
    return isLate || pid !== undefined;
  });
  const found = pid;
  if (found !== undefined) await trial.settle(() => !isThere(found));
}

/** A reactor that remembers what was started on it, by those who keep that to themselves. */
export class StartsWitness implements IReactorProcess, IReactorTime {
  /** In order. */
  readonly started: IProcessTransport[] = [];
  readonly #reactor: Trial["reactor"] & IReactorProcess;

  constructor(trial: Trial) {
    this.#reactor = trial.needs(IReactorProcess);
  }

  /** Is one of them there? */
  get isAnyThere(): boolean {
    return this.started.some(({ pid }) => pid !== undefined && isThere(pid));
  }

  /** Let nothing outlive the contract. */
  kill(): void {
    for (const one of this.started) {
      if (one.pid !== undefined && isThere(one.pid)) process.kill(one.pid, "SIGKILL");
    }
  }

  spawnProcess(
    processProtocol: IProcessProtocol,
    executable: string,
    options?: SpawnProcessOptions,
  ): IProcessTransport {
    const transport = this.#reactor.spawnProcess(processProtocol, executable, options);
    this.started.push(transport);
    return transport;
  }

  connectProcess(
    executable: string,
    factory: IClientFactory,
    options?: ConnectProcessOptions,
  ): IConnector {
    return this.#reactor.connectProcess(executable, factory, options);
  }

  seconds(): number {
    return this.#reactor.seconds();
  }

  callLater<Args extends unknown[]>(
    delay: number,
    f: (...args: Args) => unknown,
    ...args: Args
  ): IDelayedCall {
    return this.#reactor.callLater(delay, f, ...args);
  }

  getDelayedCalls(): readonly IDelayedCall[] {
    return this.#reactor.getDelayedCalls();
  }
}
