/**
 * Child processes that try contracts: as many as there are processors, each for so many copies,
 * because the modules of a copy stay loaded as long as its process lives.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Job, Report } from "./child.ts";

const CHILDREN_MAX = 4;
const COPIES_MAX = 40;
/** Milliseconds. A child that says nothing for so long does not come to itself any more. */
const SILENCE_MAX = 20_000;

interface Order {
  readonly prepare: () => Job;
  readonly done: (report: Report) => void;
}

/** See the top of this file. */
export class Children {
  readonly #program: string;
  readonly #orders: Order[] = [];

  /** @param right The copy whose program the children run. */
  constructor(right: string) {
    this.#program = join(right, "test/conformance/mutants/child.js");
  }

  /**
   * Ask for a job to be done.
   *
   * @param prepare Called when its turn has come. What it throws is reported.
   * @returns What came of it, when {@link Children.work} has done it.
   */
  ask(prepare: () => Job): Promise<Report> {
    return new Promise((done) => {
      this.#orders.push({ prepare, done });
    });
  }

  /** Do what was asked for. */
  async work(): Promise<void> {
    const count = Math.min(availableParallelism(), CHILDREN_MAX);
    await Promise.all(Array.from({ length: count }, () => this.#oneAfterTheOther()));
  }

  async #oneAfterTheOther(): Promise<void> {
    while (this.#orders.length > 0) {
      const child = fork(this.#program, { execArgv: [] });
      const exit = once(child, "exit");
      await this.#employ(child);
      child.kill("SIGKILL");
      await exit;
    }
  }

  async #employ(child: ChildProcess): Promise<void> {
    for (let copies = 0; copies < COPIES_MAX; copies += 1) {
      const next = this.#orders.shift();
      if (next === undefined) return;
      const report = await carryOut(child, next.prepare);
      next.done(report);
      if (report.broken !== undefined) return;
    }
  }
}

async function carryOut(child: ChildProcess, prepare: () => Job): Promise<Report> {
  try {
    return await send(child, prepare());
  } catch (error) {
    return { outcomes: [], broken: String(error) };
  }
}

/** Send a child a job. @returns Its answer, or how it ended. */
function send(child: ChildProcess, job: Job): Promise<Report> {
  return new Promise((resolve) => {
    const silence = setTimeout(() => child.kill("SIGKILL"), SILENCE_MAX);
    const finish = (report: Report): void => {
      clearTimeout(silence);
      child.off("message", answered);
      child.off("exit", ended);
      resolve(report);
    };
    const answered = (report: Report): void => finish(report);
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
      finish({ outcomes: [], broken: `Its process ended with ${String(signal ?? code)}` });
    };
    child.on("message", answered);
    child.on("exit", ended);
    child.send(job);
  });
}
